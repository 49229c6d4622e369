import ArgumentParser
import MartletSQL
import Measuring

/// The cost of a function that the program registers, beside an operator of the engine that does the same.
struct FunctionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "function", abstract: "Calls a closure for 10 million numbers from SQL, and a built-in operator.")

  @Option(help: "The number of rows.") var rows = 10_000_000
  @Option(help: "The number of threads.") var threads = 2
  @Option(help: "The number of times.") var rounds = 7

  func run() throws {
    let spark = try SparkSession.builder.master("local[\(threads)]").appName("function").getOrCreate()
    defer { spark.stop() }
    try spark.range(rows).cache().createOrReplaceTempView("numbers")
    try spark.udf.register("next") { (number: Int) in number + 1 }
    let sum = rows * (rows - 1) / 2 + rows
    for _ in 0..<rounds {
      for (name, call) in [("built-in", "id + 1"), ("closure", "next(id)")] {
        let stopwatch = Stopwatch()
        let row: Row = try spark.sql("SELECT sum(\(call)) FROM numbers").first()
        precondition("\(row[0])" == "\(sum)", "a row was lost or changed")
        printResult(
          name,
          [
            "rows": rows, "ms": Decimal(stopwatch.seconds * 1000, places: 2),
            "cpu_ms": Decimal(stopwatch.cpuSeconds * 1000, places: 2),
          ])
      }
    }
    printProcess()
  }
}
