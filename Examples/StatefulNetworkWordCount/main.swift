// Counts the words of lines that come over TCP since the program was started. Start `nc -lk 9999` in another terminal,
// then
//   swift run -c release stateful-network-wordcount localhost 9999
// and type lines into nc. With --demo, the program starts its own sender.

import ExampleSupport
import Martlet

let options = ExampleOptions(
  """
  stateful-network-wordcount HOST PORT
    --demo                  replay a text that comes with the program, in place of HOST PORT
  """, flags: ["--demo"])
let host = options.has("--demo") ? "127.0.0.1" : options.argument(0, "HOST")
let port = options.has("--demo") ? try LoopbackServer.demo().port : options.port(1)

let ssc = StreamingContext(
  master: options.master(), appName: "StatefulNetworkWordCount", batchInterval: options.batchInterval)
// Totals from before the first batch.
let initialTotals = ssc.sparkContext.parallelize([("hello", 1), ("world", 1)] as [(Text, Int)])
let runningCounts = ssc.socketTextStream(host, port)
  .flatMap { $0.split(separator: " ") }
  .map { ($0, 1) }
  .updateStateByKey({ (ones, total: Int?) in (total ?? 0) + ones.reduce(0, +) }, initialRDD: initialTotals)
runningCounts.pprint()

await ssc.runExample(options)
