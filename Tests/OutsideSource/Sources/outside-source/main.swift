// Saves the numbers from 1 to 3,000, twenty in each batch, across restarts: outside-source FOLDER

import Martlet

func program(_ folder: String) -> StreamingContext {
  let ssc = StreamingContext(master: "local[2]", appName: "OutsideSource", batchInterval: .milliseconds(20))
  let numbers = ssc.stream(from: Numbers(count: 3_000, batchSize: 20))
  numbers.saveAsTextFiles("\(folder)/out/batch")
  numbers.foreachRDD { rdd in
    if try rdd.isEmpty() { ssc.requestStop() }
  }
  return ssc
}

let folder = CommandLine.arguments[1]
let ssc = StreamingContext.getOrCreate("\(folder)/checkpoint") { program(folder) }
try ssc.start()
try await ssc.awaitTermination()
