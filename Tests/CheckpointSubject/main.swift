import Martlet

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// A program that keeps totals of the words in a folder's files. Arguments: its folder, and the variation of this run.

let arguments = CommandLine.arguments
guard arguments.count > 1 else { throw MartletError(.invalidArgument, "Name a folder.") }
let folder = arguments[1]
let variant = arguments.count > 2 ? arguments[2] : "same"

func makeContext() -> StreamingContext {
  let ssc = StreamingContext(
    master: "local[2]", appName: "subject",
    batchInterval: variant == "slower" ? .milliseconds(200) : .milliseconds(100))
  let words = ssc.textFileStream("\(folder)/in").flatMap { $0.split(separator: " ") }
  if variant == "queue" { ssc.queueStream([ssc.sparkContext.parallelize([1])]).print() }
  if variant == "average" {
    words.map { ($0, 1.0) }.updateStateByKey { values, sum in (sum ?? 0) + values.reduce(0, +) }.print()
  } else if variant != "stateless" {
    words.filter { $0 != "and" || variant != "filtered" }.map { ($0, 1) }
      .updateStateByKey { values, sum in (sum ?? 0) + values.reduce(0, +) }
      .saveAsTextFiles("\(folder)/out/totals")
  } else {
    words.print()
  }
  return ssc
}

switch variant {
case "idle": print("nothing is started")
case "crash": abort()
case "endless": while true { sleep(60) }
default:
  let ssc: StreamingContext
  if variant == "unchecked" {
    ssc = makeContext()
  } else {
    let id = "updateStateByKey(textFileStream(\"\(folder)/in\"))"
    let options = CheckpointOptions(missedBatches: .skip, forgettingState: variant == "stateless" ? [id] : [])
    ssc = StreamingContext.getOrCreate("\(folder)/checkpoint", options: options, makeContext)
  }
  ssc.stopWhenFileExists("\(folder)/stop")
  try ssc.start()
  try await ssc.awaitTermination()
}
