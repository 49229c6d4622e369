// Counts the words of lines that come over TCP with SQL, batch by batch. Start `nc -lk 9999` in another terminal, then
//   swift run -c release sql-network-wordcount localhost 9999
// and type lines into nc. With --demo, the program starts its own sender. `make duckdb` installs the library that runs SQL.

import ExampleSupport
import MartletSQL

let options = ExampleOptions(
  """
  sql-network-wordcount HOST PORT
    --demo                  replay a text that comes with the program, in place of HOST PORT
  """, flags: ["--demo"])
let host = options.has("--demo") ? "127.0.0.1" : options.argument(0, "HOST")
let port = options.has("--demo") ? try LoopbackServer.demo().port : options.port(1)

let ssc = StreamingContext(
  master: options.master(), appName: "SQLNetworkWordCount", batchInterval: options.batchInterval)
let words = ssc.socketTextStream(host, port).flatMap { $0.split(separator: " ") }
words.foreachRDD { rdd, time in
  print("========= \(time.localDescription) =========")
  let spark = try SparkSession(rdd.context)
  try rdd.toDF("word").createOrReplaceTempView("words")
  try spark.sql("SELECT word, count(*) AS total FROM words GROUP BY word").show()
}

await ssc.runExample(options)
