// wordcount-bench FILE [THREADS]
//
// Counts the words of a file as one batch, and prints the same as the C word count. The time is that of the program
// itself: from the creation of the context until the counts are in an array.

import Martlet
import Measuring

@main struct WordCountBench {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard (2...3).contains(arguments.count), let threads = arguments.count == 3 ? Int(arguments[2]) : 1 else {
      throw Usage()
    }
    let bytes = try fileSize(arguments[1])

    let stopwatch = Stopwatch()
    let context = MartletContext(master: "local[\(threads)]", appName: "wordcount-bench")
    let counts = try context.textFile(arguments[1])
      .flatMap { $0.split(separator: " ") }
      .map { ($0, 1) }
      .reduceByKey(+)
      .collect()
    let seconds = stopwatch.seconds

    printResult([
      "threads": threads, "words": counts.reduce(0) { $0 + $1.1 }, "distinct": counts.count,
      "sec": Decimal(seconds, places: 4), "MB/s": Decimal(Double(bytes) / 1e6 / seconds, places: 0),
    ])
  }

  struct Usage: Error, CustomStringConvertible {
    var description: String { "usage: wordcount-bench FILE [THREADS]" }
  }
}
