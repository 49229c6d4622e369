import MartletTesting
import Testing

/// A task that waits for a context can be canceled.
@Suite(.timeLimit(.minutes(30))) struct CancellationTests {
  @Test func `a cancelled task does not wait for the end of the context, which continues`() async throws {
    let test = TestStreamingContext()
    let output = test.output(of: test.stream([[1], [2]]))
    try test.start()
    let context = test.context
    let waiting = [
      Task { try await context.awaitTermination() },
      Task { _ = try await context.awaitTerminationOrTimeout(.seconds(100_000)) },
    ]
    // Canceled before it has begun to wait, or after.
    for task in waiting { task.cancel() }
    for task in waiting { await #expect(throws: CancellationError.self) { try await task.value } }
    #expect(context.getState() == .active)
    try test.runBatches(2)
    let patient = Task { try await context.awaitTermination() }
    test.stop()
    try await patient.value
    #expect(output.batches == [[1], [2]])
    // The end of a stopped context is known.
    let late = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await context.awaitTermination()
    }
    try await late.value
  }

  @Test func `run stops gracefully when its task is cancelled, and returns the report`() async throws {
    let test = TestStreamingContext()
    _ = test.output(of: test.stream([[1], [2]]))
    let context = test.context
    let running = Task { try await context.run(stopOnSignals: false) }
    await wait(for: "The start") { context.getState() == .active }
    try test.runBatches(2)
    running.cancel()
    #expect(try await running.value.batches == 2)
    #expect(context.getState() == .stopped)
  }
}
