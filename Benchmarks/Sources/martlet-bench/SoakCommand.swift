#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import ArgumentParser
import Martlet
import MartletTesting
import Measuring

/// Very many batches on a manual clock: anything that grows with their number shows.
struct SoakCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "soak",
    abstract: "Runs empty and small batches as fast as possible, and measures what they leave behind.")

  @Option(help: "The number of batches; every second one is empty.") var batches = 1_000_000
  @Option(help: "Worker threads.") var threads = 2

  func run() throws {
    let test = TestStreamingContext(
      MartletContext(master: "local[\(threads)]", appName: "soak"), batchInterval: .milliseconds(1))
    let stream = test.stream(of: Text.self)
    stream.flatMap { $0.split(separator: " ") }.map { ($0, 1) }.reduceByKey(+).filter { $0.1 > 0 }.map { $0.0 }
      .foreachRDD { rdd in _ = try rdd.count() }
    // The recorder retains every event.
    test.context.removeStreamingListener(test.events)
    try test.start()
    let line = Text("a few words of a line that is longer than fifteen bytes")
    let steps = 10
    for step in 1...steps {
      let stopwatch = Stopwatch()
      for batch in 0..<batches / steps {
        stream.push(batch % 2 == 0 ? [] : [line, line])
        try test.runBatch()
      }
      printResult(
        "soak",
        [
          "batches": batches / steps * step,
          "cpu_us": Decimal(stopwatch.cpuSeconds * 1e6 / Double(batches / steps), places: 1),
          "resident_mb": Decimal(Readings.residentMegabytes, places: 1), "descriptors": try Readings.openDescriptors(),
        ])
    }
    test.stop()
    printProcess()
  }
}
