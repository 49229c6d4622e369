import ArgumentParser
import MartletSQL
import Measuring

/// The path of a small batch: rows become a view, are joined with two tables, and are collected.
struct BatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch", abstract: "Makes a view of a small batch, joins it with two tables and collects the result.")

  @Option(help: "The number of rows of a batch.") var rows = 1000
  @Option(help: "The number of batches.") var batches = 400
  @Option(help: "The number of threads.") var threads = 2

  func run() throws {
    let spark = try SparkSession.builder.master("local[\(threads)]").appName("batch").getOrCreate()
    defer { spark.stop() }
    let context = spark.sparkContext
    let pumps = 50
    try context.parallelize((0..<pumps).map { ("pump-\($0)", "vendor-\($0 % 7)") }).toDF("pump", "vendor")
      .cache().createOrReplaceTempView("vendors")
    try context.parallelize((0..<pumps).map { ("pump-\($0)", "2026-01-\(10 + $0 % 20)") }).toDF("pump", "serviced")
      .cache().createOrReplaceTempView("maintenance")
    let readings = (0..<rows).map { (Text("pump-\($0 % pumps)"), Double($0 % 97) / 9) }

    var times: [Double] = [], cpu: [Double] = []
    for _ in 0..<batches {
      let stopwatch = Stopwatch()
      try context.parallelize(readings).toDF("pump", "psi").createOrReplaceTempView("readings")
      let alerts: [Row] = try spark.sql(
        """
        SELECT readings.pump, vendor, serviced, min(psi) AS psi, count(*) AS readings
        FROM readings JOIN vendors ON readings.pump = vendors.pump JOIN maintenance ON readings.pump = maintenance.pump
        WHERE psi < 5 GROUP BY ALL ORDER BY psi, readings.pump
        """
      ).collect()
      times.append(stopwatch.seconds * 1000)
      cpu.append(stopwatch.cpuSeconds * 1000)
      precondition(alerts.count == pumps, "an alert was lost")
    }
    printResult(
      "batch",
      [
        "rows": rows, "threads": threads, "p50_ms": Decimal(Array(times.laterHalf).median, places: 3),
        "p99_ms": Decimal(Array(times.laterHalf).quantile(0.99), places: 3),
        "cpu_ms": Decimal(Array(cpu.laterHalf).median, places: 3),
      ])
    printProcess()
  }
}
