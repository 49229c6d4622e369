#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
@testable import MartletSources
@testable import MartletStreaming
import MartletTesting
import Synchronization
import TestSupport
import Testing

/// Nothing that a program does prevents its context from stopping.
@Suite(.timeLimit(.minutes(30))) struct StopTimeoutTests {
  /// Does not check whether it has been stopped.
  private final class DeafReceiver: Receiver<Int>, @unchecked Sendable {
    let gate = Gate()
    override func onStart() throws {
      store(1)
      gate.pass()
      store(2)
    }
  }

  /// Stores a record, and waits for bytes that never come.
  private final class ReadingReceiver: Receiver<Int>, @unchecked Sendable {
    let reads = Signal()
    private let ends: [Int32]

    init(_ pipe: [Int32]) {
      ends = pipe
      super.init()
    }

    override func onStart() throws {
      store(1)
      reads.raise()
      var byte: UInt8 = 0
      _ = read(ends[0], &byte, 1)
      store(2)
    }
  }

  /// Once it is stopped, stores a record every tenth of a second.
  private final class LingeringReceiver: Receiver<Int>, @unchecked Sendable {
    let begins = Signal()

    override func onStart() {
      begins.raise()
      while !isStopped { usleep(1000) }
      for number in 1...30 {
        store(number)
        usleep(100_000)
      }
    }
  }

  /// Stores numbers for as long as possible, and does not check whether it has been stopped.
  private final class RelentlessReceiver: Receiver<Int>, @unchecked Sendable {
    // Sendable: atomics, and a signal.
    let stored = Atomic<Int>(0)
    let mostBytes = Atomic<Int>(0)
    let fillsUp = Signal()

    override func onStart() {
      for number in 0..<2_000_000 {
        guard let queue = supervisor?.queue else { return }
        store(number)
        stored.store(number + 1, ordering: .sequentiallyConsistent)
        mostBytes.max(queue.heldBytes, ordering: .sequentiallyConsistent)
        if number == 999 { fillsUp.raise() }
      }
    }
  }

  private func makeContext(_ timeout: String, _ log: RecordedLog) -> TestStreamingContext {
    let conf = MartletConf().setMaster("local[2]").set("martlet.streaming.gracefulStopTimeout", timeout)
    return TestStreamingContext(MartletContext(conf: conf, logger: log.logger))
  }

  @Test(arguments: [true, false])
  func `the context stops after the timeout without a receiver that does not end`(gracefully: Bool) throws {
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

  @Test func `receivers that wait in a read do not hold up a graceful stop, nor one after the other`() throws {
    let log = RecordedLog()
    let conf = MartletConf().setMaster("local[9]").set(.receiverStopTimeout, to: .seconds(2))
    let test = TestStreamingContext(MartletContext(conf: conf, logger: log.logger))
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let receivers = (0..<8).map { [ends] _ in ReadingReceiver(ends) }
    let output = test.output(of: test.context.union(receivers.map { test.context.receiverStream($0) }))
    try test.start()
    for receiver in receivers { receiver.reads.wait() }
    let time = ContinuousClock().measure { test.stop(gracefully: true) }
    #expect(output.all == Array(repeating: 1, count: 8))
    // Each alone is waited for 2 s; the timeout of the whole stop is a minute.
    #expect(time < .seconds(14))
    let messages = log.messages.filter { $0.contains("ReadingReceiver, was asked to stop and has not ended in time") }
    #expect(messages.count == 8)
    #expect(messages.first?.contains("end that wait in onStop(), for example by shutting down the connection") == true)
    #expect(messages.first?.contains("martlet.streaming.receiver.stopTimeout, now 2 s") == true)
    // Releases the threads.
    close(ends[1])
  }

  @Test func `a receiver that stores without end uses little memory during a stop, and delays it little`()
    throws
  {
    let log = RecordedLog()
    let conf = MartletConf().setMaster("local[2]").set(.receiverStopTimeout, to: .milliseconds(500))
      .set(.receiverBufferBytes, to: 8000)
    let test = TestStreamingContext(MartletContext(conf: conf, logger: log.logger))
    let receiver = RelentlessReceiver()
    let stream = test.context.receiverStream(receiver)
    let output = test.output(of: stream)
    // A slow batch, so that the receiver waits for space most of the time.
    stream.foreachRDD { rdd in if try !rdd.isEmpty() { usleep(20_000) } }
    try test.start()
    receiver.fillsUp.wait()
    let stored = receiver.stored.load(ordering: .sequentiallyConsistent)
    #expect(stored >= 1000)
    // Batches continue while the context stops.
    test.clock.advance(by: .seconds(10_000_000))
    let time = ContinuousClock().measure { test.stop(gracefully: true) }
    // The timeout of the whole stop is a minute.
    #expect(time < .seconds(30))
    #expect(receiver.mostBytes.load(ordering: .sequentiallyConsistent) <= 16_000)
    #expect(output.all.count >= stored)
    #expect(output.all == Array(0..<output.all.count))
    #expect(log.messages.contains { $0.contains("RelentlessReceiver, was asked to stop and has not ended in time") })
  }

  @Test func `a stop waits for a receiver that continues to store`() throws {
    let log = RecordedLog()
    let conf = MartletConf().setMaster("local[2]").set(.receiverStopTimeout, to: .seconds(2))
    let test = TestStreamingContext(MartletContext(conf: conf, logger: log.logger))
    let receiver = LingeringReceiver()
    let output = test.output(of: test.context.receiverStream(receiver))
    try test.start()
    receiver.begins.wait()
    test.stop(gracefully: true)
    #expect(output.all == Array(1...30))
    #expect(log.messages == [])
  }

  @Test func `a batch that does not end is abandoned after the timeout, and waiting ones are reported`() async throws {
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
    for words in ["in foreachRDD at Program/main.swift:7", "A call of stop() waits", "requestStop()"] {
      #expect(message.contains(words), "\(message)")
    }
  }

  @Test func `an asynchronous stop does not report a waiting call of stop()`() async throws {
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
    #expect(!message.contains("A call of stop()"), "\(message)")
  }

  @Test func `awaitTermination is refused inside a batch`() async throws {
    let test = TestStreamingContext()
    test.stream([[1]]).foreachRDD { (_: RDD<Int>) in try await test.context.awaitTermination() }
    try test.start()
    test.clock.advance(by: .seconds(1))
    let failure = await #expect(throws: BatchFailure.self) { try await test.context.awaitTermination() }
    #expect("\(failure as Any)".contains("awaitTermination() was called inside a batch"))
  }

  @Test(arguments: ["never", "0", "-1s"]) func `an invalid timeout is refused`(text: String) throws {
    let test = makeContext(text, RecordedLog())
    _ = test.output(of: test.stream([[1]]))
    let error = #expect(throws: MartletError.self) { try test.start() }
    #expect(error?.message.contains("martlet.streaming.gracefulStopTimeout is '\(text)'") == true)
  }

  @Test func `a stop that is overtaken by another before it begins does not wait for it without end`() async throws {
    for isFailure in [false, true] {
      let test = TestStreamingContext()
      test.stream([[1]]).foreachRDD { (_: RDD<Int>) in }
      try test.start()
      let thread = try #require(test.context.stopThread.withLock { $0 })
      let gate = Gate()
      #expect(thread.add { gate.pass() })
      gate.waitUntilReached()
      async let first: Void = test.context.stop()
      await wait(for: "the first stop") { thread.waitingCount == 1 }
      if isFailure { test.context.fail(Refusal()) } else { test.context.requestStop() }
      async let last: Void = test.context.stop(gracefully: true)
      await wait(for: "the last stop") { thread.waitingCount == 3 }
      gate.open()
      await first
      await last
      #expect(test.context.getState() == .stopped)
    }
  }

  private struct Refusal: Error {}
}
