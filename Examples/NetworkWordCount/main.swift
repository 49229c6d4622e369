import Martlet

let ssc = StreamingContext(master: "local[2]", appName: "NetworkWordCount", batchInterval: .milliseconds(500))
let lines = ssc.socketTextStream("localhost", Int(CommandLine.arguments[2]) ?? 9999)
let words = lines.flatMap { $0.split(separator: " ") }
let pairs = words.map { ($0, 1) }
let wordCounts = pairs.reduceByKey(+)
wordCounts.pprint()
try ssc.start()
try await ssc.awaitTermination()
