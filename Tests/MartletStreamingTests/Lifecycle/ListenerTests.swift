import MartletTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(15))) struct ListenerTests {
  @Test func `events come in order with what they are about`() throws {
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

  @Test func `a removed listener is told no more`() throws {
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
    #expect(other.events.count <= 6)
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
}
