// Counts the words of lines that come over TCP, batch by batch. Start `nc -lk 9999` in another terminal, then
//   swift run -c release network-wordcount localhost 9999
// and type lines into nc. With --demo, the program starts its own sender.

import ExampleSupport
import Martlet

let options = ExampleOptions(
  """
  network-wordcount HOST PORT
    --demo                  replay a text that comes with the program, in place of HOST PORT
    --output PREFIX         also write the counts of each batch to a folder PREFIX-TIME_IN_MS
  """, options: ["--output"], flags: ["--demo"])
let host = options.has("--demo") ? "127.0.0.1" : options.argument(0, "HOST")
let port = options.has("--demo") ? try LoopbackServer.demo().port : options.port(1)

let ssc = StreamingContext(
  master: options.master(), appName: "NetworkWordCount", batchInterval: options.batchInterval)
let lines = ssc.socketTextStream(host, port)
let words = lines.flatMap { $0.split(separator: " ") }
let pairs = words.map { ($0, 1) }
let wordCounts = pairs.reduceByKey(+)
wordCounts.pprint()
if let prefix = options.value("--output") { wordCounts.saveAsTextFiles(prefix) }

await ssc.runExample(options)
