import ArgumentParser
import Martlet
import Measuring

/// Empty batches through five operators: the cost of a batch before its first record.
struct IdleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "idle", abstract: "Runs empty batches through five operators.")

  @Option(help: "The batch interval, in milliseconds.") var interval = 10.0
  @Option(help: "The duration of the run; the later half counts.") var seconds = 6
  @Option(help: "Worker threads.") var threads = 2

  func run() async throws {
    let ssc = StreamingContext(
      master: "local[\(threads)]", appName: "idle", batchInterval: .microseconds(Int(interval * 1000)))
    let log = BatchLog()
    let nothing = ssc.sparkContext.parallelize([Text](), 2)
    ssc.queueStream([], oneAtATime: true, defaultRDD: nothing)
      .filter { !$0.isEmpty }
      .flatMap { $0.split(separator: " ") }
      .map { ($0, 1) }
      .reduceByKey(+)
      .map { $0.1 }
      .foreachRDD { rdd, time in
        _ = try rdd.collect()
        log.completed(time)
      }
    try ssc.start()

    try await Task.sleep(for: .seconds(seconds) / 2)
    let stopwatch = Stopwatch()
    let before = log.count
    try await Task.sleep(for: .seconds(seconds) / 2)
    let cpu = stopwatch.cpuSeconds
    let batches = log.count - before
    await ssc.stop()

    printResult(
      "idle",
      [
        "interval_ms": interval, "batches": batches, "cpu_ms": Decimal(cpu * 1e3 / Double(batches), places: 4),
      ])
    log.printBatches(intervalMilliseconds: interval)
    printProcess()
  }
}
