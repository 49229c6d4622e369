import MartletTesting
import Synchronization
import TestSupport
import Testing

/// Errors that stop a context, and their reports.
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

  @Test func `batches after a failed one do not run`() async throws {
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

  @Test func `all output operations of a batch are called although some fail, and each failure is reported`()
    async throws
  {
    struct OtherRefusal: Error {}
    let test = TestStreamingContext()
    let stream = test.stream([[1], [2]])
    let called = Mutex<[String]>([])
    func output(_ name: String, line: UInt, _ failure: (any Error)? = nil) {
      stream.foreachRDD(
        { (_: RDD<Int>) in
          called.withLock { $0.append(name) }
          if let failure { throw failure }
        }, file: "Program/main.swift", line: line)
    }
    output("first", line: 1, Refusal())
    output("second", line: 2, OtherRefusal())
    output("third", line: 3)
    try test.start()
    test.clock.advance(by: .seconds(2))
    let failure = try #require(await awaitFailure(test.context) as? BatchFailure)
    #expect(called.withLock { $0 } == ["first", "second", "third"])
    #expect(failure.outputOperation == "foreachRDD at Program/main.swift:1" && failure.underlying is Refusal)
    #expect(failure.others.map(\.outputOperation) == ["foreachRDD at Program/main.swift:2"])
    #expect(failure.others.first?.underlying is OtherRefusal)
    #expect("\(failure)".hasSuffix("failed: Refusal(); foreachRDD at Program/main.swift:2 also failed: OtherRefusal()"))
    let info = try #require(test.events.completedBatches.first)
    #expect(info.outputOperationInfos.map(\.failureReason) == ["Refusal()", "OtherRefusal()", nil])
    #expect(test.context.progress.batches == 0)
    test.stop()
  }

  @Test func `a batch in which one output operation fails runs again as a whole`() async throws {
    try await withAsyncTemporaryFolder { folder in
      func program(fails: Bool) -> (TestStreamingContext, StreamOutput<Int>) {
        let test = TestStreamingContext()
        test.context.checkpoint("\(folder)/checkpoint")
        let stream = test.stream([[1], [2]])
        stream.foreachRDD { (_: RDD<Int>) in if fails { throw Refusal() } }
        return (test, test.output(of: stream))
      }
      let (test, output) = program(fails: true)
      try test.start()
      test.clock.advance(by: .seconds(1))
      _ = await awaitFailure(test.context)
      #expect(output.batches == [[1]])
      test.stop()
      let (again, restored) = program(fails: false)
      again.clock.advance(by: .seconds(1))
      try again.start()
      try again.context.waitUntilCompleted(Time(milliseconds: 1000))
      #expect(restored.batches == [[1]])
      again.stop()
    }
  }

  @Test func `a batch that asks for a stop calls its other output operations`() async throws {
    for gracefully in [true, false] {
      let test = TestStreamingContext()
      let stream = test.stream([[1]])
      stream.foreachRDD { (_: RDD<Int>) in
        test.context.requestStop(gracefully: gracefully)
        throw Refusal()
      }
      let output = test.output(of: stream)
      try test.start()
      test.clock.advance(by: .seconds(1))
      _ = await awaitFailure(test.context)
      #expect(output.batches == [[1]])
    }
  }

  @Test func `setting up after start has no effect, and the log names the line`() async throws {
    let attempts: [(String, @Sendable (TestStreamingContext, DStream<Int>) -> Void, UInt)] = [
      ("map", { _, stream in _ = stream.map { $0 } }, #line),
      ("foreachRDD", { _, stream in stream.foreachRDD { (_: RDD<Int>) in } }, #line),
      ("queueStream", { test, _ in _ = test.context.queueStream(RDDQueue<Int>()) }, #line),
      ("receiverStream", { test, _ in _ = test.context.receiverStream(Receiver<Int>()) }, #line),
      ("persist", { _, stream in stream.persist() }, 0),
    ]
    for (name, attempt, line) in attempts {
      let log = RecordedLog()
      let test = TestStreamingContext(MartletContext(master: "local[2]", logger: log.logger))
      let stream = test.stream([[1], [2]])
      let output = test.output(of: stream)
      try test.start()
      try test.runBatch()
      attempt(test, stream)
      #expect(log.messages.count == 1, "\(name)")
      #expect(log.messages.first?.hasPrefix("error \(name) at ") == true, "\(name)")
      if line > 0 {
        #expect(log.messages.first?.contains("FailingContextTests.swift:\(line) ") == true, "\(name)")
      }
      #expect(test.context.getState() == .active)
      try test.runBatch()
      #expect(output.batches == [[1], [2]])
      test.stop()
      try await test.context.awaitTermination()
      attempt(test, stream)
      #expect(log.messages.count == 2, "\(name)")
    }
  }

  @Test func `a stream that was made too late reports so when it is used`() throws {
    let test = TestStreamingContext(MartletContext(master: "local[2]", logger: RecordedLog().logger))
    test.context.remember(.seconds(9))
    let stream = test.stream([[1], [2]])
    _ = test.output(of: stream)
    try test.start()
    let late = stream.map({ $0 }, file: "Program/main.swift", line: 8)
    try test.runBatch()
    let time = Time(milliseconds: 1000)
    for look in [{ _ = try late.slice(time, time) }, { _ = try late.rdd(at: time) }] {
      let error = #expect(throws: MartletError.self) { try look() }
      #expect(error?.message.hasPrefix("map at Program/main.swift:8 was called after") == true)
    }
    test.stop()
  }

  @Test func `setting up inside a batch is reported`() async throws {
    let test = TestStreamingContext()
    let stream = test.stream([[1]])
    stream.foreachRDD { (_: RDD<Int>) in _ = stream.map { $0 } }
    try test.start()
    test.clock.advance(by: .seconds(1))
    let error = await awaitFailure(test.context) as? MartletError
    #expect(error?.message.contains("Inside foreachRDD") == true)
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

  @Test func `memory and threads of a failed context are released`() async throws {
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
