import Foundation
import Logging
import Martlet
import Testing

@Suite struct ExitOnErrorTests {
  private struct Refusal: Error {}

  /// A program whose first batch fails.
  private static func fail(_ logger: Logger) async {
    await exitOnError {
      let ssc = StreamingContext(
        master: "local[1]", appName: "test", batchInterval: .milliseconds(10), logger: logger)
      ssc.queueStream([ssc.sparkContext.parallelize([1])]).foreachRDD { _ in throw Refusal() }
      try await ssc.run(stopOnSignals: false)
    }
  }

  @Test func `an error that the log shows on the terminal is not printed again`() async throws {
    let result = try await #require(
      processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
    ) {
      await Self.fail(Logger(label: "martlet"))
    }
    let printed = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(printed.components(separatedBy: "Refusal()").count == 2, "\(printed)")
    #expect(printed.hasSuffix("The program ends with status 1 because of the logged error above.\n"))
  }

  @Test func `an error that the log does not show is printed`() async throws {
    let result = try await #require(
      processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
    ) {
      await Self.fail(Logger(label: "martlet") { _ in SwiftLogNoOpLogHandler() })
    }
    let printed = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(printed.hasPrefix("The batch of ") && printed.hasSuffix("failed: Refusal()\n"), "\(printed)")
  }

  @Test func `an error below the log's level is printed`() async throws {
    let result = try await #require(
      processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
    ) {
      var logger = Logger(label: "martlet")
      logger.logLevel = .critical
      await Self.fail(logger)
    }
    let printed = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(printed.hasPrefix("The batch of ") && printed.hasSuffix("failed: Refusal()\n"), "\(printed)")
  }

  @Test func `a program that refuses to start prints the reason and ends with status 1`() async throws {
    let result = try await #require(
      processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
    ) {
      await exitOnError {
        let ssc = StreamingContext(master: "local[1]", appName: "test", batchInterval: .seconds(1))
        ssc.socketTextStream("localhost", 9).pprint()
        try ssc.start()
        try await ssc.awaitTermination()
      }
    }
    let printed = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(printed.contains("local[2]"))
    #expect(!printed.contains("Fatal error"))
  }

  @Test func `without an error the result is returned`() async {
    #expect(
      await exitOnError {
        await Task.yield(); return 7
      } == 7)
    let sync: () -> Int = { exitOnError { 8 } }
    #expect(sync() == 8)
  }
}
