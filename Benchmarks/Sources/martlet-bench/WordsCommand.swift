import ArgumentParser
import Martlet
import Measuring

/// The word count of a file, in variations that occur in real programs.
struct WordsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "words", abstract: "Counts the words of a file repeatedly in one process.")

  enum Variant: String, CaseIterable, ExpressibleByArgument {
    /// As in the guide.
    case plain
    /// With each word in lower case.
    case lowercased
    /// With `String` keys instead of `Text`.
    case strings
    /// Through a closure that captures a variable.
    case capturing
  }

  @Argument(help: "The file to count.") var file: String
  @Option(help: "Worker threads.") var threads = 1
  @Option(help: "The number of times that the file is counted.") var batches = 3
  @Option(help: "The form of the program.") var variant = Variant.plain

  func run() throws {
    let bytes = try fileSize(file)
    let context = MartletContext(master: "local[\(threads)]", appName: "words")
    for batch in 1...batches {
      let stopwatch = Stopwatch()
      let (words, distinct) = try count(context)
      let seconds = stopwatch.seconds
      printResult(
        "words",
        [
          "variant": variant.rawValue, "threads": threads, "batch": batch, "words": words, "distinct": distinct,
          "sec": Decimal(seconds, places: 4), "cpu": Decimal(stopwatch.cpuSeconds, places: 4),
          "MB/s": Decimal(Double(bytes) / 1e6 / seconds, places: 1),
        ])
    }
    printProcess()
  }

  private func count(_ context: MartletContext) throws -> (words: Int, distinct: Int) {
    let words = context.textFile(file).flatMap { $0.split(separator: " ") }
    switch variant {
    case .plain:
      return totals(try words.map { ($0, 1) }.reduceByKey(+).collect())
    case .lowercased:
      return totals(try words.map { ($0.lowercased(), 1) }.reduceByKey(+).collect())
    case .strings:
      return totals(try words.map { (String($0), 1) }.reduceByKey(+).collect())
    case .capturing:
      let weight = batches > 0 ? 1 : 2
      return totals(try words.map { ($0, weight) }.reduceByKey(+).collect())
    }
  }

  private func totals<Key>(_ counts: [(Key, Int)]) -> (words: Int, distinct: Int) {
    (counts.reduce(0) { $0 + $1.1 }, counts.count)
  }
}
