import ArgumentParser
import MartletSQL
import Measuring

/// The speed at which the elements of an RDD become a temporary view.
struct FrameCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "frame", abstract: "Makes temporary views of an RDD of pairs of a text and a number.")

  @Option(help: "The number of rows.") var rows = 1_000_000
  @Option(help: "The number of threads.") var threads = 1
  @Option(help: "The number of times.") var rounds = 9
  @Option(help: "The number of bytes of a text.") var length = 17

  func run() throws {
    let spark = try SparkSession.builder.master("local[\(threads)]").appName("frame").getOrCreate()
    defer { spark.stop() }
    let padding = String(repeating: "x", count: length)
    let pairs = (0..<rows).map { (Text(String((padding + "\($0)").suffix(length))), $0) }
    let rdd = spark.sparkContext.parallelize(pairs)
    let sum = rows * (rows - 1) / 2
    for _ in 0..<rounds {
      let stopwatch = Stopwatch()
      try rdd.toDF("tag", "count").createOrReplaceTempView("pairs")
      let (seconds, cpu) = (stopwatch.seconds, stopwatch.cpuSeconds)
      let row: Row = try spark.sql("SELECT sum(count), min(length(tag)) FROM pairs").first()
      precondition("\(row[0])" == "\(sum)" && "\(row[1])" == "\(length)", "a row was lost or changed")
      printResult(
        "frame",
        [
          "rows": rows, "threads": threads, "sec": Decimal(seconds, places: 4), "cpu": Decimal(cpu, places: 4),
          "Mrows/s": Decimal(Double(rows) / seconds / 1e6, places: 1),
          "query_ms": Decimal((stopwatch.seconds - seconds) * 1000, places: 2),
        ])
    }
    printProcess()
  }
}
