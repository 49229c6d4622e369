import MartletTesting
import Testing

/// Contexts that do count as the active one, so one test at a time.
@Suite(.timeLimit(.minutes(30)), .serialized) struct ActiveContextTests {
  private func context(_ sc: MartletContext? = nil, interval: Duration = .seconds(3600)) -> StreamingContext {
    let context = StreamingContext(
      sc ?? MartletContext(master: "local[2]", appName: "test"), batchInterval: interval)
    context.constantStream(context.sparkContext.parallelize([1])).foreachRDD { (_: RDD<Int>) in }
    return context
  }

  @Test func `one context is active at a time`() async throws {
    let first = context()
    let second = context()
    try first.start()
    let error = #expect(throws: MartletError.self) { try second.start() }
    #expect(error?.code == .invalidState)
    #expect(second.getState() == .initialized)
    await first.stop()
    try second.start()
    #expect(second.getState() == .active)
    await second.stop()
  }

  @Test func `the active context can be found`() async throws {
    #expect(StreamingContext.getActive() == nil)
    let first = context()
    #expect(StreamingContext.getActive() == nil)
    try first.start()
    #expect(StreamingContext.getActive() === first)
    #expect(StreamingContext.getActiveOrCreate { context() } === first)
    await first.stop()
    #expect(StreamingContext.getActive() == nil)
    let second = context()
    #expect(StreamingContext.getActiveOrCreate { second } === second)
    await second.stop()
  }

  @Test func `a context that fails to start makes room for another`() async throws {
    let broken = StreamingContext(
      MartletContext(master: "local[0]", appName: "test"), batchInterval: .seconds(1))
    broken.constantStream(broken.sparkContext.parallelize([1])).foreachRDD { (_: RDD<Int>) in }
    #expect(throws: MartletError.self) { try broken.start() }
    #expect(StreamingContext.getActive() == nil)
    let working = context()
    try working.start()
    await working.stop()
  }

  @Test func `the wall clock makes batches`() async throws {
    let context = context(interval: .milliseconds(2))
    try context.start()
    await wait(for: "The fifth batch") { context.progress.batches >= 5 }
    await context.stop(gracefully: true)
    #expect(context.progress.batches >= 5)
  }
}
