// Counts the words of the lines that are appended to a file, such as a log. A custom receiver reads the lines.
//   swift run -c release custom-receiver /var/log/syslog

import ExampleSupport
import Martlet

let options = ExampleOptions("custom-receiver FILE")
let path = options.argument(0, "FILE")

let ssc = StreamingContext(
  master: options.master(), appName: "CustomReceiver", batchInterval: options.batchInterval)
let lines = ssc.receiverStream(FileTail(path: path))
let words = lines.flatMap { $0.split(separator: " ") }
words.map { ($0, 1) }.reduceByKey(+).pprint()

await ssc.runExample(options)
