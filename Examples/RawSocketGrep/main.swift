// Counts the lines that contain a word, in blocks of text that senders have framed: the fastest input.
//   swift run -c release raw-socket-grep --serve 9999 some-file.txt
//   swift run -c release raw-socket-grep localhost 9999 the --streams 2

import ExampleSupport
import Martlet

let options = ExampleOptions(
  """
  raw-socket-grep HOST PORT WORD
     or: raw-socket-grep --serve PORT FILE
    --streams N             connections to read from at the same time
    --serve PORT            send FILE, over and over, to everybody who connects
  """, options: ["--streams", "--serve"])
if let port = options.value("--serve") { serveBlocks(port, options.argument(0, "FILE")) }

let (host, port, word) = (options.argument(0, "HOST"), options.port(1), Text(options.argument(2, "WORD")))
let streams = options.count("--streams") ?? 1

let ssc = StreamingContext(
  master: options.master(default: "local[\(streams + 1)]"), appName: "RawSocketGrep",
  batchInterval: options.batchInterval)
let lines = ssc.union((1...streams).map { _ in ssc.rawSocketStream(host, port) })
let matches = lines.filter { $0.contains(word) }
matches.foreachRDD { rdd in print("Grep count: \(try rdd.count())") }

await ssc.runExample(options)
