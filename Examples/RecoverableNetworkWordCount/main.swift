// Counts the words of lines that come over TCP and appends the counts of each batch to a file, across restarts. Some
// words are left out: a broadcast names them, and an accumulator counts them. Start `nc -lk 9999` in another terminal,
// then
//   swift run -c release recoverable-network-wordcount localhost 9999 /tmp/checkpoint /tmp/counts
// Kill the program and start it again: lines that were received before and not yet counted are counted then, and no
// batch is in the file twice.

import ExampleSupport
import Martlet

let options = ExampleOptions("recoverable-network-wordcount HOST PORT CHECKPOINT_FOLDER OUTPUT_FILE")
let host = options.argument(0, "HOST")
let port = options.port(1)
let checkpoint = options.argument(2, "CHECKPOINT_FOLDER")
let output = options.argument(3, "OUTPUT_FILE")

let log = exitOnError { try BatchLog(output) }

let ssc = StreamingContext.getOrCreate(checkpoint) {
  let ssc = StreamingContext(
    master: options.master(), appName: "RecoverableNetworkWordCount", batchInterval: options.batchInterval)
  let excluded = ssc.sparkContext.broadcast(Set<Text>(["a", "b", "c"]))
  // Not in the checkpoint: it begins at 0 with each start.
  let dropped = ssc.sparkContext.longAccumulator("dropped words")

  let words = ssc.socketTextStream(host, port).flatMap { $0.split(separator: " ") }
  let wordCounts = words.map { ($0, 1) }.reduceByKey(+)
  wordCounts.foreachRDD { rdd, time in
    let counts = try rdd.filter { (word, count) in
      guard excluded.value.contains(word) else { return true }
      dropped.add(count)
      return false
    }.collect()
    let list = counts.map { "(\($0.0), \($0.1))" }.sorted().joined(separator: ", ")
    try log.append(time, "Counts at time \(time.localDescription) [\(list)]")
    print("Counts at time \(time.localDescription) [\(list)]\nDropped \(dropped.value) word(s) totally")
  }
  return ssc
}

await ssc.runExample(options)
