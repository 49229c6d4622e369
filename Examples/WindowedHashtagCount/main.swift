// Shows the ten most frequent hashtags of the last 30 batches, every 5 batches.
//   swift run -c release windowed-hashtag-count --demo

import ExampleSupport
import Martlet

let options = ExampleOptions(
  """
  windowed-hashtag-count HOST PORT
    --folder FOLDER         read the files that appear in a folder, in place of HOST PORT
    --demo                  make up messages, in place of HOST PORT
  """, options: ["--folder"], flags: ["--demo"])

let ssc = StreamingContext(
  master: options.master(), appName: "WindowedHashtagCount", batchInterval: options.batchInterval)
let messages: DStream<Text>
if let folder = options.value("--folder") {
  messages = ssc.textFileStream(folder)
} else if options.has("--demo") {
  messages = ssc.socketTextStream("127.0.0.1", try LoopbackServer.demoMessages().port)
} else {
  messages = ssc.socketTextStream(options.argument(0, "HOST"), options.port(1))
}

let tags = messages.flatMap { $0.splitOnWhitespace() }.filter { $0.hasPrefix("#") }.map { ($0.lowercased(), 1) }
// Batches that leave the window are subtracted, and tags whose count falls to zero are dropped.
let counts = tags.reduceByKeyAndWindow(+, -, options.batchInterval * 30, options.batchInterval * 5) { $0.1 > 0 }
counts.foreachRDD { rdd, time in
  print("Hashtags until \(time.localDescription):")
  for (tag, count) in try rdd.takeOrdered(10, by: { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }) {
    print("  \(count)  \(tag)")
  }
}

await ssc.runExample(options)
