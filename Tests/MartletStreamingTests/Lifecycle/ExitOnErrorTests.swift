import Martlet
import Testing

@Suite struct ExitOnErrorTests {
  @Test func `a program that refuses to start prints why and ends with status 1`() async throws {
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

  @Test func `without an error the result is passed on`() async {
    #expect(
      await exitOnError {
        await Task.yield(); return 7
      } == 7)
    let sync: () -> Int = { exitOnError { 8 } }
    #expect(sync() == 8)
  }
}
