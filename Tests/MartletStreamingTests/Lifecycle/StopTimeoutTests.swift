import MartletCore
import MartletTesting
import Synchronization
import Testing

/// Nothing that a program does keeps its context from stopping.
@Suite(.timeLimit(.minutes(15))) struct StopTimeoutTests {
  /// Does not look whether it has been stopped.
  private final class DeafReceiver: Receiver<Int>, @unchecked Sendable {
    let gate = Gate()
    override func onStart() throws {
      store(1)
      gate.pass()
      store(2)
    }
  }

  private func makeContext(_ timeout: String, _ log: RecordedLog) -> TestStreamingContext {
    let conf = MartletConf().setMaster("local[2]").set(StreamingContext.gracefulStopTimeoutKey, timeout)
    return TestStreamingContext(MartletContext(conf: conf, logger: log.logger))
  }

  @Test(arguments: [true, false])
  func `a receiver that does not end is left to itself after the time-out`(gracefully: Bool) throws {
    let log = RecordedLog()
    let test = makeContext("300ms", log)
    let receiver = DeafReceiver()
    let output = test.output(of: test.context.receiverStream(receiver))
    try test.start()
    receiver.gate.waitUntilReached()
    test.stop(gracefully: gracefully)
    receiver.gate.open()
    #expect(output.batches == (gracefully ? [[1]] : []))
    #expect(log.messages.contains { $0.contains("DeafReceiver") && $0.contains("has not ended in time") })
  }

  @Test func `a batch that does not end is given up after the time-out, and what waited is told of`() async throws {
    let log = RecordedLog()
    let test = makeContext("300ms", log)
    let gate = Gate()
    test.stream([[1], [2], [3]]).foreachRDD { (_: RDD<Int>) in gate.pass() }
    try test.start()
    test.clock.advance(by: .seconds(2))
    gate.waitUntilReached()
    #expect(test.events.wait { $0.filter { $0.name == "batchSubmitted" }.count == 2 })
    await test.context.stop(gracefully: true)
    gate.open()
    #expect(test.context.getState() == .stopped)
    #expect(test.context.progress.batches == 0)
    let message = try #require(log.messages.first { $0.contains("Not processed") })
    #expect(message.contains("300 ms (martlet.streaming.gracefulStopTimeout)"))
    #expect(message.contains("which still runs in foreachRDD at "))
    #expect(message.contains(", 1 batch that waited"))
    #expect(message.contains("It is lost"))
  }

  @Test func `a batch may wait for a detached task that stops the context`() async throws {
    let log = RecordedLog()
    let test = makeContext("300ms", log)
    test.stream([[1]]).foreachRDD(
      { (_: RDD<Int>) in await Task.detached { await test.context.stop() }.value }, file: "Program/main.swift", line: 7)
    try test.start()
    test.clock.advance(by: .seconds(1))
    try await test.context.awaitTermination()
    let message = try #require(log.messages.first { $0.contains("which still runs") })
    #expect(message.contains("the batch of \(Time(milliseconds: 1000).localDescription)"))
    for words in ["in foreachRDD at Program/main.swift:7", "called stop() and waits", "requestStop()"] {
      #expect(message.contains(words), "\(message)")
    }
  }

  @Test func `a stop that nobody waits for does not tell of one that somebody does`() async throws {
    let log = RecordedLog()
    let test = makeContext("300ms", log)
    let gate = Gate()
    test.stream([[1]]).foreachRDD { (_: RDD<Int>) in gate.pass() }
    try test.start()
    test.clock.advance(by: .seconds(1))
    gate.waitUntilReached()
    test.context.requestStop(gracefully: true)
    await #expect(throws: IncompleteStop.self) { try await test.context.awaitTermination() }
    gate.open()
    let message = try #require(log.messages.first { $0.contains("which still runs") })
    #expect(!message.contains("called stop()"), "\(message)")
  }

  @Test func `awaitTermination is refused inside a batch`() async throws {
    let test = TestStreamingContext()
    test.stream([[1]]).foreachRDD { (_: RDD<Int>) in try await test.context.awaitTermination() }
    try test.start()
    test.clock.advance(by: .seconds(1))
    let failure = await #expect(throws: BatchFailure.self) { try await test.context.awaitTermination() }
    #expect("\(failure as Any)".contains("awaitTermination() was called inside a batch"))
  }

  @Test(arguments: ["never", "0", "-1s"]) func `a time-out that cannot be is refused`(text: String) throws {
    let test = makeContext(text, RecordedLog())
    _ = test.output(of: test.stream([[1]]))
    let error = #expect(throws: MartletError.self) { try test.start() }
    #expect(error?.message.contains("martlet.streaming.gracefulStopTimeout is '\(text)'") == true)
  }
}
