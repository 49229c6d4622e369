// Joins the word counts of every batch with a table of the happiness of words, and shows the words that weigh most.
//   swift run -c release wordcount-sentiments --demo

import ExampleSupport
import Martlet

let options = ExampleOptions(
  """
  wordcount-sentiments HOST PORT
    --demo                  replay a text that comes with the program, in place of HOST PORT
  """, flags: ["--demo"])
let host = options.has("--demo") ? "127.0.0.1" : options.argument(0, "HOST")
let port = options.has("--demo") ? try LoopbackServer.demo().port : options.port(1)

let ssc = StreamingContext(
  master: options.master(), appName: "WordCountSentiments", batchInterval: options.batchInterval)
let sentiments = ssc.sparkContext.parallelize(wordSentiments).cache()

let words = ssc.socketTextStream(host, port).flatMap { $0.lowercased().words() }
let wordCounts = words.map { ($0, 1) }.reduceByKey(+)
let weights = wordCounts.transform { counts in
  counts.join(sentiments).map { (word, pair) in (word, count: pair.0, weight: pair.0 * pair.1) }
}
weights.foreachRDD { rdd, time in
  print("Words that made the batch of \(time.localDescription) happy, or not:")
  for (word, count, weight) in try rdd.collect().sorted(by: { abs($0.weight) > abs($1.weight) }).prefix(8) {
    print("  \(weight > 0 ? "+" : "")\(weight)  \(word) (\(count) times)")
  }
}

await ssc.runExample(options)
