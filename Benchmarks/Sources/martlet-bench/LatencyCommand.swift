import ArgumentParser
import Martlet
import Measuring
import Synchronization

/// The time from sending a line, whose first word is the time, to the count of that word.
struct LatencyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latency", abstract: "Measures how long a line on a socket takes to become a result.")

  @OptionGroup var feeder: Feeder
  @Option(help: "The batch interval, in milliseconds.") var interval = 10
  @Option(help: "The duration of the run; the later half of the lines counts.") var seconds = 8
  @Option(help: "The number of threads, of which the receiver takes one.") var threads = 2

  func run() async throws {
    let ssc = StreamingContext(
      master: "local[\(threads)]", appName: "latency", batchInterval: .milliseconds(interval))
    let latencies = Mutex<[Double]>([])
    let log = BatchLog()
    ssc.socketTextStream("127.0.0.1", try feeder.requiredPort())
      .flatMap { $0.split(separator: " ") }
      .map { ($0, 1) }
      .reduceByKey(+)
      .foreachRDD { counts, time in
        let words = try counts.collect()
        let now = Readings.microsecondsSince1970
        log.completed(time)
        let stamps = words.compactMap { word, _ in word.hasPrefix("@") ? Int(String(word).dropFirst()) : nil }
        let isFirst = latencies.withLock { latencies in
          defer { latencies += stamps.map { Double(now - $0) / 1e3 } }
          return latencies.isEmpty && !stamps.isEmpty
        }
        if isFirst { printResult("first-result", ["interval_ms": interval]) }
      }
    try ssc.start()
    try await Task.sleep(for: .seconds(seconds))
    await ssc.stop()

    let steady = latencies.withLock { $0.laterHalf }
    printResult(
      "latency",
      [
        "interval_ms": interval, "lines": steady.count, "p50_ms": Decimal(steady.median, places: 3),
        "p90_ms": Decimal(steady.quantile(0.9), places: 3), "p99_ms": Decimal(steady.quantile(0.99), places: 3),
        "max_ms": Decimal(steady.quantile(1), places: 3),
      ])
    log.printBatches(intervalMilliseconds: Double(interval))
    printProcess()
  }
}
