import MartletCore
import MartletRDD
import MartletStreaming
import MartletTesting
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The signals that end `run()`. The process has one action for each, whatever contexts there are.
@Suite(.serialized, .timeLimit(.minutes(30))) struct SignalTests {
  @Test func `A run that is refused leaves the signals to the context that runs`() async throws {
    let first = TestStreamingContext()
    _ = first.output(of: first.stream([[1]]))
    async let report = first.context.run()
    while first.context.getState() != .active { try await Task.sleep(for: .milliseconds(5)) }
    // It has no output operation.
    let second = TestStreamingContext()
    await #expect(throws: MartletError.self) { try await second.context.run() }
    kill(getpid(), SIGTERM)
    _ = try await report
    #expect(first.context.getState() == .stopped)
  }
}
