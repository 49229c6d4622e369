import MartletCore
import MartletLog
import MartletTesting
import Synchronization
import TestSupport
import Testing

@testable import MartletSources
@testable import MartletStreaming

/// A stop that could not process everything reports the remainder, and is a success only if nothing is lost.
@Suite(.timeLimit(.minutes(30))) struct UnfinishedWorkTests {
  private func makeContext(_ timeout: String = "300ms") -> TestStreamingContext {
    let conf = MartletConf().setMaster("local[2]").set("martlet.streaming.gracefulStopTimeout", timeout)
    return TestStreamingContext(MartletContext(conf: conf, logger: RecordedLog().logger))
  }

  private func submitted(_ test: TestStreamingContext, _ count: Int) -> Bool {
    test.events.wait { $0.filter { $0.name == "batchSubmitted" }.count == count }
  }

  @Test func `run throws when a graceful stop has lost batches, and lists them`() async throws {
    let test = makeContext()
    let gate = Gate()
    let output = test.output(of: test.stream([[1], [2]]).filter { $0 < 2 })
    test.stream([[1], [2], [3]]).foreachRDD(
      { (rdd: RDD<Int>) in if try rdd.first() == 2 { gate.pass() } }, file: "Program/main.swift", line: 5)
    let context = test.context
    let running = Task { try await context.run(stopOnSignals: false) }
    while context.getState() != .active { await Task.yield() }
    try test.runBatch()
    test.clock.advance(by: .seconds(2))
    gate.waitUntilReached()
    #expect(submitted(test, 3))
    running.cancel()
    let error = await #expect(throws: IncompleteStop.self) { try await running.value }
    gate.open()
    let report = try #require(error?.report)
    #expect(report.batches == 1)
    let left = try #require(report.unfinished)
    #expect(left.runningBatch == Time(milliseconds: 2000))
    #expect(left.runningOutputOperation == "foreachRDD at Program/main.swift:5")
    #expect(left.waitingBatches == 1 && left.batches == 2 && left.isLost && !left.isKept)
    #expect(context.progress == report)
    #expect("\(report)".contains("in 1 batch; not processed: the batch of "), "\(report)")
    #expect(
      "\(error as Any)".contains("foreachRDD at Program/main.swift:5, 1 batch that waited, with at least 3 records"))
    #expect("\(error as Any)".contains("It is lost"))
    #expect(output.batches == [[1], []])
  }

  @Test func `hundreds of waiting batches are all counted, with their records`() async throws {
    let test = makeContext()
    let gate = Gate()
    let receiver = PacedReceiver()
    test.context.receiverStream(receiver).foreachRDD { (_: RDD<Int>) in gate.pass() }
    try test.start()
    for batch in 1...300 {
      receiver.give()
      test.clock.advance(by: .seconds(1))
      #expect(submitted(test, batch))
    }
    await test.context.stop(gracefully: true)
    gate.open()
    let left = try #require(test.context.progress.unfinished)
    #expect(left.batches == 300 && left.waitingBatches == 299)
    #expect(left.records == 300)
    await #expect(throws: IncompleteStop.self) { try await test.context.awaitTermination() }
  }

  /// Stores a number at the test's request, and returns when it is stored.
  private final class PacedReceiver: Receiver<Int>, @unchecked Sendable {
    override func onStart() throws {}
    func give() { store(contentsOf: [1]) }
  }

  @Test func `a stop in time leaves nothing, and is a success`() async throws {
    let test = makeContext("60s")
    let output = test.output(of: test.stream([[1], [2]]))
    let context = test.context
    let running = Task { try await context.run(stopOnSignals: false) }
    while context.getState() != .active { await Task.yield() }
    try test.runBatches(2)
    running.cancel()
    let report = try await running.value
    #expect(report.batches == 2 && report.unfinished == nil)
    #expect(!"\(report)".contains("not processed"))
    #expect(output.batches == [[1], [2]])
  }

  @Test func `an ordinary stop reports the batches that it drops, and is not a failure`() async throws {
    let test = makeContext("60s")
    let gate = Gate()
    test.stream([[1], [2], [3]]).foreachRDD { (_: RDD<Int>) in gate.pass() }
    try test.start()
    test.clock.advance(by: .seconds(3))
    gate.waitUntilReached()
    #expect(submitted(test, 3))
    test.context.requestStop()
    gate.open()
    try await test.context.awaitTermination()
    #expect(test.context.progress.batches == 1)
    let left = try #require(test.context.progress.unfinished)
    #expect(left.waitingBatches == 2 && left.runningBatch == nil)
  }

  /// Stores a record, and another one at the test's request.
  private final class PairReceiver: Receiver<Int>, @unchecked Sendable {
    let first = Signal()
    let gate = Gate()
    let second = Signal()

    override func onStart() {
      store(1)
      first.raise()
      gate.pass()
      store(2)
      second.raise()
    }
  }

  @Test func `a stop that leaves a batch running reports further received records`() async throws {
    let test = makeContext()
    let gate = Gate()
    defer { gate.open() }
    let receiver = PairReceiver()
    test.context.receiverStream(receiver).foreachRDD { rdd in
      if try rdd.count() > 0 { gate.pass() }
    }
    try test.start()
    receiver.first.wait()
    test.clock.advance(by: .seconds(1))
    gate.waitUntilReached()
    receiver.gate.open()
    receiver.second.wait()
    await test.context.stop()
    let left = try #require(test.context.progress.unfinished)
    #expect(left.runningBatch != nil && left.hasUnassignedInput)
  }

  @Test func `the report of a context with a failed batch counts the batches that waited after it`() async throws {
    struct Refusal: Error {}
    let test = makeContext("60s")
    let gate = Gate()
    test.stream([[1], [2], [3]]).foreachRDD { (_: RDD<Int>) in
      gate.pass()
      throw Refusal()
    }
    try test.start()
    test.clock.advance(by: .seconds(3))
    gate.waitUntilReached()
    #expect(submitted(test, 3))
    gate.open()
    await #expect(throws: BatchFailure.self) { try await test.context.awaitTermination() }
    #expect(test.context.progress.batches == 0)
    #expect(test.context.progress.unfinished?.waitingBatches == 2)
  }

  /// Stays in `onStart` until the test releases it.
  private final class DeafReceiver: Receiver<Int>, @unchecked Sendable {
    let gate = Gate()
    override func onStart() throws {
      store(contentsOf: [1])
      gate.pass()
    }
  }

  @Test func `a receiver that has not ended is in the report, and loses no stored records`() async throws {
    let test = makeContext()
    let receiver = DeafReceiver()
    let output = test.output(
      of: test.context.receiverStream(receiver, file: "Program/main.swift", line: 3))
    try test.start()
    receiver.gate.waitUntilReached()
    test.stop(gracefully: true)
    receiver.gate.open()
    #expect(output.batches == [[1]])
    let left = try #require(test.context.progress.unfinished)
    #expect(left.runningReceivers == ["DeafReceiver of receiverStream at Program/main.swift:3"])
    #expect(!left.isLost && left.batches == 0)
    try await test.context.awaitTermination()
  }

  @Test func `with a checkpoint, the remainder of a graceful stop is pending and not a failure`() async throws {
    try await withAsyncTemporaryFolder { folder in
      func program(_ gate: Gate?) -> (TestStreamingContext, TestStream<Int>, StreamOutput<Int>) {
        let test = makeContext()
        test.context.checkpoint("\(folder)/checkpoint")
        let stream = test.stream(of: Int.self)
        if let gate { stream.foreachRDD { (_: RDD<Int>) in gate.pass() } }
        return (test, stream, test.output(of: stream))
      }
      let gate = Gate()
      let (test, stream, output) = program(gate)
      for number in 1...3 { stream.push([number]) }
      let context = test.context
      let running = Task { try await context.run(stopOnSignals: false) }
      while context.getState() != .active { await Task.yield() }
      test.clock.advance(by: .seconds(3))
      gate.waitUntilReached()
      #expect(submitted(test, 3))
      running.cancel()
      let report = try await running.value
      #expect(report.batches == 0)
      let left = try #require(report.unfinished)
      #expect(left.batches == 3 && left.isKept && !left.isLost)
      #expect("\(report)".hasSuffix("The checkpoint stores this for the next start"), "\(report)")
      gate.open()

      let (again, _, restored) = program(nil)
      again.clock.set(Time(milliseconds: 3000))
      try again.start()
      try again.context.waitUntilCompleted(Time(milliseconds: 3000))
      #expect(restored.batches == [[1], [2], [3]])
      #expect(output.batches == [])
      again.stop()
    }
  }

  /// A context with a checkpoint whose receiver's log cannot be written once `isFull` is true.
  private func makeContext(
    _ folder: String, _ receiver: Receiver<Int>, _ isFull: FullDisk
  ) throws -> (TestStreamingContext, DStream<Int>) {
    let test = makeContext()
    test.context.checkpoint("\(folder)/checkpoint")
    let stream = test.context.receiverStream(receiver)
    let input = try #require(stream as? ReceiverInput<Int>)
    input.logSegmentSize = 1
    input.makeLogFile = isFull.create
    return (test, stream)
  }

  private final class FullDisk: Sendable {
    let isFull = Mutex(false)

    func create(_ path: String) throws -> any LogFile {
      if isFull.withLock({ $0 }) { throw MartletError.system("Cannot create '\(path)'", errno: 28) }
      return try SystemFile.create(path)
    }
  }

  @Test func `records that could not be written to the log are lost, and the report does not call them kept`()
    async throws
  {
    try await withAsyncTemporaryFolder { folder in
      let (receiver, disk, gate) = (PacedReceiver(), FullDisk(), Gate())
      let (test, stream) = try makeContext(folder, receiver, disk)
      stream.foreachRDD({ (_: RDD<Int>) in gate.pass() }, file: "Program/main.swift", line: 5)
      try test.start()
      receiver.give()
      test.clock.advance(by: .seconds(1))
      gate.waitUntilReached()
      disk.isFull.withLock { $0 = true }
      receiver.store(2)
      receiver.store(3)
      await test.context.stop(gracefully: true)
      gate.open()
      let left = try #require(test.context.progress.unfinished)
      #expect(left.batches == 1 && left.isKept && left.unloggedRecords == 2 && left.isLost)
      #expect(!left.hasUnassignedInput)
      #expect(
        "\(left)".hasSuffix(
          """
          in foreachRDD at Program/main.swift:5, with at least 1 record. The checkpoint stores this for the next start. 2 \
          received records could not be written to the receiver's log and are lost
          """), "\(left)")
      let error = await #expect(throws: IncompleteStop.self) { try await test.context.awaitTermination() }
      let text = "\(error as Any)"
      #expect(text.contains("Make sure that the disk of the checkpoint works"), "\(text)")
      #expect(!text.contains("use a checkpoint"), "\(text)")
    }
  }

  @Test func `a stop that has lost only unwritten records reports only these`() async throws {
    try await withAsyncTemporaryFolder { folder in
      let (receiver, disk) = (PacedReceiver(), FullDisk())
      let (test, stream) = try makeContext(folder, receiver, disk)
      let output = test.output(of: stream)
      try test.start()
      receiver.give()
      disk.isFull.withLock { $0 = true }
      receiver.store(2)
      await test.context.stop(gracefully: true)
      // The record on the disk is processed.
      #expect(output.all == [1])
      let error = await #expect(throws: IncompleteStop.self) { try await test.context.awaitTermination() }
      #expect(
        error?.description == """
          The context stopped gracefully, but has lost records: 1 received record could not be written to the \
          receiver's log and is lost. The log gives the reason. Make sure that the disk of the checkpoint works and \
          has free space.
          """)
      // Not even when the disk has space again.
      disk.isFull.withLock { $0 = false }
      let again = TestStreamingContext()
      again.context.checkpoint("\(folder)/checkpoint")
      let rest = again.output(of: again.context.receiverStream(PacedReceiver()))
      again.clock.set(Time(milliseconds: 10_000))
      try again.start()
      again.stop(gracefully: true)
      #expect(rest.all == [])
    }
  }

  @Test func `records outside the checkpoint are lost`() async throws {
    try await withAsyncTemporaryFolder { folder in
      let test = makeContext()
      test.context.checkpoint("\(folder)/checkpoint")
      let gate = Gate()
      test.context.queueStream([test.context.sparkContext.parallelize([1])])
        .foreachRDD { (_: RDD<Int>) in gate.pass() }
      try test.start()
      test.clock.advance(by: .seconds(1))
      gate.waitUntilReached()
      await test.context.stop(gracefully: true)
      gate.open()
      #expect(test.context.progress.unfinished?.isLost == true)
      await #expect(throws: IncompleteStop.self) { try await test.context.awaitTermination() }
    }
  }

  @Test func `no further output operation begins after the context has stopped without the batch`() async throws {
    let test = makeContext()
    let gate = Gate()
    test.stream([[1]]).foreachRDD { (_: RDD<Int>) in gate.pass() }
    let output = test.output(of: test.stream([[1]]))
    try test.start()
    test.clock.advance(by: .seconds(1))
    gate.waitUntilReached()
    let scheduler = try #require(test.context.scheduling.withLock { $0.scheduler })
    await test.context.stop(gracefully: true)
    gate.open()
    #expect(scheduler.join(before: .now + .seconds(600)))
    #expect(output.batches == [])
  }
}
