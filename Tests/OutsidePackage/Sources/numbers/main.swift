// Writes the numbers from 1 to 3,000, twenty a batch, to a table of files, each once, over restarts: numbers FOLDER

import Martlet

func program(_ folder: String) -> StreamingContext {
  let ssc = StreamingContext(master: "local[2]", appName: "Numbers", batchInterval: .milliseconds(20))
  let numbers = ssc.stream(from: Numbers(count: 3_000, batchSize: 20))
  numbers.write(to: FileTable(folder: "\(folder)/table"))
  numbers.foreachRDD { rdd in
    if try rdd.isEmpty() { ssc.requestStop() }
  }
  return ssc
}

let folder = CommandLine.arguments[1]
let ssc = StreamingContext.getOrCreate("\(folder)/checkpoint") { program(folder) }
try await ssc.run()
