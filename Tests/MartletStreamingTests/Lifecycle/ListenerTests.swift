import MartletCore
import MartletTesting
import Synchronization
import Testing

@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct ListenerTests {
  @Test func `events come in order with their details`() throws {
    let test = TestStreamingContext()
    let numbers = test.stream([[1], [2]])
    _ = test.output(of: numbers)
    numbers.foreachRDD { (_: RDD<Int>) in }
    try test.start()
    try test.runBatches(2)
    test.stop()
    let names = test.events.events.map(\.name)
    let batch = [
      "batchSubmitted", "batchStarted", "outputOperationStarted", "outputOperationCompleted", "outputOperationStarted",
      "outputOperationCompleted", "batchCompleted",
    ]
    #expect(names == ["streamingStarted"] + batch + batch)
    let infos = test.events.completedBatches
    #expect(infos.map(\.batchTime.milliseconds) == [1000, 2000])
    for info in infos {
      #expect(info.outputOperationInfos.map(\.id) == [0, 1])
      #expect(info.outputOperationInfos[1].name.hasPrefix("foreachRDD at MartletStreamingTests/ListenerTests.swift:"))
      #expect(info.outputOperationInfos.allSatisfy { $0.duration != nil && $0.failureReason == nil })
      #expect(info.schedulingDelay != nil && info.processingDelay != nil && info.totalDelay != nil)
    }
  }

  @Test func `delays are measured by the clock of the context`() throws {
    let test = TestStreamingContext()
    test.stream([[1]]).foreachRDD { [clock = test.clock] (_: RDD<Int>) in clock.advance(by: .milliseconds(30)) }
    try test.start()
    test.clock.advance(by: .seconds(1))
    try test.context.waitUntilCompleted(Time(milliseconds: 1000))
    test.stop()
    let info = try #require(test.events.completedBatches.first)
    #expect(info.schedulingDelay == .zero)
    #expect(info.processingDelay == .milliseconds(30))
    #expect(info.totalDelay == .milliseconds(30))
    #expect(info.outputOperationInfos[0].duration == .milliseconds(30))
  }

  @Test func `the delay of a waiting batch counts from its creation, not from its time`() throws {
    let test = TestStreamingContext()
    let events = test.events, clock = test.clock
    test.stream([[1], [2]]).foreachRDD { (_: RDD<Int>, time: Time) in
      guard time == Time(milliseconds: 1000) else { return }
      // The next batch is made half a second late, while this one runs.
      clock.advance(by: .milliseconds(1500))
      #expect(events.wait { $0.count { $0.name == "batchSubmitted" } == 2 })
      clock.advance(by: .milliseconds(250))
    }
    try test.start()
    clock.advance(by: .seconds(1))
    try test.context.waitUntilCompleted(Time(milliseconds: 2000))
    test.stop()
    let info = try #require(events.completedBatches.last)
    #expect(info.batchTime == Time(milliseconds: 2000))
    #expect(info.submissionTime == Time(milliseconds: 2500))
    #expect(info.processingStartTime == Time(milliseconds: 2750))
    #expect(info.schedulingDelay == .milliseconds(250))
    #expect(info.processingDelay == .zero)
    #expect(info.totalDelay == .milliseconds(250))
  }

  @Test func `pushed elements count as records`() throws {
    let test = TestStreamingContext()
    let numbers = test.stream([[1, 2], [3]]), words = test.stream([["a"]])
    _ = test.output(of: numbers.window(.seconds(2), .seconds(2)))
    _ = test.output(of: words)
    try test.start()
    try test.runBatches(3)
    test.stop()
    #expect(test.events.completedBatches.map(\.numRecords) == [3, 1, 0])
    let inputs = test.events.completedBatches.map { info in info.streamIDToInputInfo.mapValues(\.numRecords) }
    #expect(inputs == [[0: 2, 1: 1], [0: 1, 1: 0], [0: 0, 1: 0]])
    #expect(test.context.progress.records == 4)
  }

  @Test func `empty batches are reported, and operations have the numbers of the program`() throws {
    let test = TestStreamingContext()
    let numbers = test.stream([[1], [2]])
    _ = test.output(of: numbers.window(.seconds(2), .seconds(2)))
    _ = test.output(of: numbers.window(.seconds(3), .seconds(3)))
    try test.start()
    try test.runBatches(3)
    test.stop()
    let infos = test.events.completedBatches
    #expect(infos.map(\.batchTime.milliseconds) == [1000, 2000, 3000])
    #expect(infos.map { $0.outputOperationInfos.map(\.id) } == [[], [0], [1]])
    #expect(
      Array(test.events.events.map(\.name).prefix(4)) == [
        "streamingStarted", "batchSubmitted", "batchStarted", "batchCompleted",
      ])
  }

  @Test func `a removed listener gets no more events`() throws {
    let test = TestStreamingContext()
    let other = StreamingEventRecorder()
    test.context.addStreamingListener(other)
    _ = test.output(of: test.stream([[1], [2]]))
    try test.start()
    try test.runBatch()
    #expect(test.events.wait { $0.last?.name == "batchCompleted" })
    test.context.removeStreamingListener(other)
    try test.runBatch()
    test.stop()
    // Exactly the events of the first batch.
    #expect(
      other.events.map(\.name) == [
        "streamingStarted", "batchSubmitted", "batchStarted", "outputOperationStarted", "outputOperationCompleted",
        "batchCompleted",
      ])
    #expect(test.events.completedBatches.count == 2)
  }

  @Test func `a listener may stop the context`() async throws {
    final class Stopper: StreamingListener {
      let context: StreamingContext
      init(_ context: StreamingContext) { self.context = context }
      func onBatchCompleted(_ info: BatchInfo) { context.requestStop(gracefully: true) }
    }
    let test = TestStreamingContext()
    let output = test.output(of: test.stream([[1], [2], [3]]))
    test.context.addStreamingListener(Stopper(test.context))
    try test.start()
    test.clock.advance(by: .seconds(1))
    try await test.context.awaitTermination()
    #expect(output.batches == [[1]])
    #expect(test.context.getState() == .stopped)
  }

  @Test func `a listener may stop the context as soon as it starts`() async throws {
    final class Stopper: StreamingListener {
      let context: StreamingContext
      init(_ context: StreamingContext) { self.context = context }
      func onStreamingStarted(time: Time) { context.requestStop() }
    }
    let test = TestStreamingContext()
    _ = test.output(of: test.stream([[1]]))
    test.context.addStreamingListener(Stopper(test.context))
    try test.start()
    try await test.context.awaitTermination()
    #expect(test.context.getState() == .stopped)
  }

  /// Blocks the caller that reports a completed batch, until it is released.
  private final class Blocker: StreamingListener, @unchecked Sendable {
    // Sendable: `condition` guards the variables.
    private let condition = Condition()
    private var isOpen = false
    private var isCalled = false
    private var seen: [Int] = []

    var batches: [Int] { condition.withLock { seen } }

    func open() {
      condition.withLock {
        isOpen = true
        condition.broadcast()
      }
    }

    /// Returns when a caller is blocked.
    func waitUntilCalled() {
      condition.withLock {
        while !isCalled { condition.wait() }
      }
    }

    func onBatchCompleted(_ info: BatchInfo) {
      condition.withLock {
        isCalled = true
        condition.broadcast()
        while !isOpen { condition.wait() }
        seen.append(info.batchTime.milliseconds / 1000)
      }
    }
  }

  @Test func `a slow listener delays no batch, and gets all events before the context has stopped`()
    throws
  {
    let blocker = Blocker()
    let done = StreamProbe()
    let test = TestStreamingContext()
    test.context.addStreamingListener(blocker)
    test.stream([[1], [2], [3]]).foreachRDD { (_: RDD<Int>) in done.add() }
    try test.start()
    test.clock.advance(by: .seconds(3))
    let came = done.wait(for: 3)
    blocker.open()
    #expect(came, "batches wait for a listener")
    test.stop(gracefully: true)
    #expect(blocker.batches == [1, 2, 3])
  }
}

/// A counter that a test can wait for.
private final class StreamProbe: @unchecked Sendable {
  // Sendable: `condition` guards `count`.
  private let condition = Condition()
  private var count = 0

  func add() {
    condition.withLock {
      count += 1
      condition.broadcast()
    }
  }

  func wait(for wanted: Int) -> Bool {
    let deadline = MonotonicTime.now + .seconds(30)
    return condition.withLock {
      while count < wanted {
        if !condition.wait(until: deadline) && MonotonicTime.now >= deadline { return false }
      }
      return true
    }
  }
}
