import ArgumentParser
import MartletSQL
import Measuring

/// The memory of a long stream of batches that replace a view.
struct ViewsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "views", abstract: "Replaces a view by a new batch and asks it, many times.")

  @Option(help: "The number of batches.") var batches = 10_000
  @Option(help: "The number of rows of a batch.") var rows = 1000
  @Option(help: "The number of threads.") var threads = 2

  func run() throws {
    let spark = try SparkSession.builder.master("local[\(threads)]").appName("views").getOrCreate()
    defer { spark.stop() }
    var stopwatch = Stopwatch()
    let step = max(1, batches / 10)
    for batch in 1...batches {
      let pairs = (0..<rows).map { (Text("tag-\(($0 + batch) % 100)"), $0) }
      try spark.sparkContext.parallelize(pairs).toDF("tag", "count").createOrReplaceTempView("tags")
      let top: [Row] = try spark.sql(
        "SELECT tag, sum(count) AS total FROM tags GROUP BY tag ORDER BY total DESC LIMIT 10"
      )
      .collect()
      precondition(top.count == 10, "a tag was lost")
      if batch % step == 0 {
        printResult(
          "views",
          [
            "batches": batch, "ms": Decimal(stopwatch.seconds * 1000 / Double(step), places: 3),
            "resident_mb": Decimal(Readings.residentMegabytes, places: 1),
          ])
        stopwatch = Stopwatch()
      }
    }
    printProcess()
  }
}
