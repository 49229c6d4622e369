import MartletTesting
import Synchronization
import Testing

/// How errors stop a context, and who is told.
@Suite(.timeLimit(.minutes(30))) struct FailingContextTests {
  private struct Refusal: Error {}

  private func awaitFailure(_ context: StreamingContext) async -> (any Error)? {
    await #expect(throws: (any Error).self) { try await context.awaitTermination() }
  }

  @Test func `an error in a job is thrown by awaitTermination`() async throws {
    let test = TestStreamingContext()
    _ = test.output(of: test.stream([[1]]).map { (_: Int) -> Int in throw Refusal() })
    try test.start()
    test.clock.advance(by: .seconds(1))
    let failure = await awaitFailure(test.context) as? BatchFailure
    #expect(failure?.batchTime == Time(milliseconds: 1000))
    #expect((failure?.underlying as? OperatorFailure)?.underlying is Refusal)
    #expect(test.context.getState() == .stopped)
    #expect(test.context.progress.batches == 0)
    #expect(!test.context.sparkContext.isStopped)
    await #expect(throws: BatchFailure.self) { try await test.context.awaitTerminationOrTimeout(.seconds(10)) }
    test.stop()
  }

  @Test func `an error while a batch is made is thrown by awaitTermination`() async throws {
    let test = TestStreamingContext()
    _ = test.output(of: test.stream([[1]]).transform { (_: RDD<Int>) -> RDD<Int> in throw Refusal() })
    try test.start()
    test.clock.advance(by: .seconds(1))
    let failure = await awaitFailure(test.context) as? BatchFailure
    #expect((failure?.underlying as? OperatorFailure)?.operatorName == "transform")
    #expect(failure?.outputOperation == nil)
    test.stop()
  }

  @Test func `batches behind a failed one are not run`() async throws {
    let test = TestStreamingContext()
    let seen = Mutex<[Int]>([])
    test.stream([[1], [2], [3]]).foreachRDD { (rdd: RDD<Int>) in
      let number = try rdd.collect()[0]
      seen.withLock { $0.append(number) }
      if number == 2 { throw Refusal() }
    }
    try test.start()
    test.clock.advance(by: .seconds(3))
    let failure = await awaitFailure(test.context) as? BatchFailure
    #expect(failure?.batchTime == Time(milliseconds: 2000))
    #expect(seen.withLock { $0 } == [1, 2])
    #expect(test.context.progress.batches == 1)
    test.stop()
  }

  @Test func `setting up after start is reported with its line`() async throws {
    let attempts: [(String, @Sendable (TestStreamingContext, DStream<Int>) -> Void, UInt)] = [
      ("map", { _, stream in _ = stream.map { $0 } }, #line),
      ("foreachRDD", { _, stream in stream.foreachRDD { (_: RDD<Int>) in } }, #line),
      ("queueStream", { test, _ in _ = test.context.queueStream(RDDQueue<Int>()) }, #line),
      ("receiverStream", { test, _ in _ = test.context.receiverStream(Receiver<Int>()) }, #line),
      ("persist", { _, stream in stream.persist() }, 0),
    ]
    for (name, attempt, line) in attempts {
      let test = TestStreamingContext()
      let stream = test.stream(of: Int.self)
      _ = test.output(of: stream)
      try test.start()
      attempt(test, stream)
      let error = await awaitFailure(test.context) as? MartletError
      #expect(error?.code == .invalidState, "\(name)")
      #expect(error?.message.hasPrefix("\(name) at ") == true, "\(name)")
      if line > 0 { #expect(error?.message.contains("FailingContextTests.swift:\(line) ") == true, "\(name)") }
      test.stop()
    }
  }

  @Test func `setting up inside a batch is reported`() async throws {
    let test = TestStreamingContext()
    let stream = test.stream([[1]])
    stream.foreachRDD { (_: RDD<Int>) in _ = stream.map { $0 } }
    try test.start()
    test.clock.advance(by: .seconds(1))
    let error = await awaitFailure(test.context) as? MartletError
    #expect(error?.message.contains("inside foreachRDD") == true)
    test.stop()
  }

  @Test func `a graceful stop after a failure ends`() async throws {
    let test = TestStreamingContext()
    _ = test.output(of: test.stream([[1]]).map { (_: Int) -> Int in throw Refusal() })
    try test.start()
    test.clock.advance(by: .seconds(100))
    #expect(test.events.wait { !$0.filter { $0.name == "batchStarted" }.isEmpty })
    await test.context.stop(gracefully: true)
    _ = await awaitFailure(test.context)
    #expect(test.context.getState() == .stopped)
  }

  @Test func `memory and threads of a failed context are given back`() async throws {
    weak var context: StreamingContext?
    do {
      let test = TestStreamingContext()
      context = test.context
      _ = test.output(of: test.stream([[1]]).map { (_: Int) -> Int in throw Refusal() })
      try test.start()
      test.clock.advance(by: .seconds(1))
      _ = await awaitFailure(test.context)
      test.stop()
    }
    for _ in 0..<1000 where context != nil { await Task.yield() }
    #expect(context == nil)
  }
}
