// Streams RDDs from a queue, one a batch, and counts their numbers by the last digit.
//   swift run -c release queue-stream

import ExampleSupport
import Martlet

let options = ExampleOptions("queue-stream")

let ssc = StreamingContext(master: options.master(), appName: "QueueStream", batchInterval: options.batchInterval)
let queue = RDDQueue<Int>()
for _ in 1...5 { queue.append(ssc.sparkContext.parallelize(1...1000, 10)) }

let numbers = ssc.queueStream(queue)
let lastDigits = numbers.map { ($0 % 10, 1) }
lastDigits.reduceByKey(+).pprint()

await ssc.runExample(options)
