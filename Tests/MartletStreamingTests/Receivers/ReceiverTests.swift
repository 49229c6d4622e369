import MartletTesting
import Synchronization
import TestSupport
import Testing

/// A receiver whose behavior is defined in the test.
private final class ScriptedReceiver: Receiver<Int>, @unchecked Sendable {
  private let start: @Sendable (ScriptedReceiver, Int) throws -> Void
  private let end: @Sendable (ScriptedReceiver) -> Void
  private let starts = Atomic<Int>(0)

  init(
    _ start: @escaping @Sendable (ScriptedReceiver, Int) throws -> Void,
    end: @escaping @Sendable (ScriptedReceiver) -> Void = { _ in }
  ) {
    self.start = start
    self.end = end
    super.init()
  }

  /// Calls the script with the number of the start, from 1.
  override func onStart() throws { try start(self, starts.wrappingAdd(1, ordering: .relaxed).newValue) }
  override func onStop() { end(self) }
  override var name: String { "Scripted" }
}

@Suite(.timeLimit(.minutes(30))) struct ReceiverTests {
  private struct Refusal: Error {}

  private func started(
    _ receiver: Receiver<Int>, conf: MartletConf = MartletConf()
  ) throws -> (TestStreamingContext, StreamOutput<Int>) {
    let test = TestStreamingContext(conf: conf.setMaster("local[2]"))
    let output = test.output(of: test.context.receiverStream(receiver))
    try test.start()
    return (test, output)
  }

  private final class Token: Sendable {}

  private final class WeakToken: @unchecked Sendable {
    // Sendable: set once, before other threads see it.
    weak var token: Token?
  }

  @Test func `the records of a batch are released when it completes, before the next one`() throws {
    let test = TestStreamingContext()
    let receiver = HandReceiver<Token>()
    let kept = WeakToken()
    test.context.receiverStream(receiver).foreachRDD { rdd, time in
      let count = try rdd.count()
      #expect(count == (time == Time(milliseconds: 1000) ? 1 : 0))
      if time == Time(milliseconds: 1000) { return #expect(kept.token != nil) }
      // The thread that ran the batch before may be about to release it.
      let deadline = MonotonicTime.now + .seconds(20)
      while kept.token != nil && MonotonicTime.now < deadline {}
      #expect(kept.token == nil)
    }
    try test.start()
    func store() {
      let token = Token()
      kept.token = token
      receiver.store(token)
    }
    store()
    try test.runBatches(2)
    test.stop()
  }

  @Test(arguments: [(Duration.milliseconds(50), true), (.zero, true), (.zero, false), (.seconds(3600), false)])
  func `a receiver that fails repeatedly is restarted at growing intervals`(
    run: Duration, receivedSomething: Bool
  ) {
    var delay = RestartDelay()
    let delays = (0..<9).map { _ in delay.next(afterRunOf: run, receivedSomething: receivedSomething) }
    #expect(delays == [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000].map { .milliseconds($0) })
  }

  @Test func `a receiver that has worked for longer than the next wait is restarted soon`() {
    var delay = RestartDelay()
    for _ in 0..<3 { _ = delay.next(afterRunOf: .zero, receivedSomething: true) }
    #expect(delay.next(afterRunOf: .milliseconds(799), receivedSomething: true) == .milliseconds(800))
    #expect(delay.next(afterRunOf: .milliseconds(1601), receivedSomething: true) == .milliseconds(100))
    #expect(delay.next(afterRunOf: .zero, receivedSomething: true) == .milliseconds(200))
  }

  @Test func `a receiver that stores something and fails is restarted at growing intervals, which are logged`()
    throws
  {
    let log = RecordedLog()
    let test = TestStreamingContext(MartletContext(master: "local[2]", logger: log.logger))
    let output = test.output(
      of: test.context.receiverStream(
        ScriptedReceiver { receiver, start in
          receiver.store(start)
          if start < 4 { throw Refusal() }
          if start == 4 { receiver.restart("The last time.", delay: .zero) }
        }))
    try test.start()
    try test.runBatches { output.all.count >= 5 }
    test.stop()
    #expect(output.all == [1, 2, 3, 4, 5])
    let failure = "warning Receiver 0, Scripted: onStart() failed: Refusal(). Trying again in"
    #expect(log.messages.first == "\(failure) 100 ms.")
    #expect(log.messages.contains("\(failure) 200 ms."), "\(log.messages)")
    #expect(log.messages.last == "warning Receiver 0, Scripted: The last time. Trying again at once.")
    #expect(log.messages.count == 4)
  }

  @Test func `the thread of a receiver returns to the context when it is stopped`() throws {
    let test = TestStreamingContext(master: "local[3]")
    let sc = test.context.sparkContext
    test.context.receiverStream(HandReceiver<Int>()).foreachRDD { _ in }
    #expect(sc.pool.threads == 3)
    try test.start()
    #expect(sc.pool.threads == 2)
    test.stop(stopContext: false)
    #expect(sc.pool.threads == 3)
    #expect(try sc.parallelize(0..<10, 4).count() == 10)
    test.stop()
    sc.stop()
  }

  @Test func `a receiver stores until it is stopped`() throws {
    let (test, output) = try started(
      ScriptedReceiver { receiver, _ in
        var n = 0
        while !receiver.isStopped {
          receiver.store(n)
          n += 1
        }
      })
    try test.runBatches { output.all.count >= 1000 }
    test.stop()
    #expect(output.all == Array(0..<output.all.count))
    #expect(test.events.events.last?.name == "receiverStopped")
  }

  @Test func `a receiver belongs to one stream of one context at a time`() throws {
    let receiver = ScriptedReceiver { receiver, start in receiver.store(start) }
    let both = TestStreamingContext(conf: MartletConf().setMaster("local[3]"))
    for _ in 1...2 { _ = both.output(of: both.context.receiverStream(receiver)) }
    let error = #expect(throws: MartletError.self) { try both.start() }
    #expect(error?.message.contains("Give each stream its own receiver") == true)

    let (test, output) = try started(receiver)
    try test.runBatches { output.all == [1] }
    #expect(throws: MartletError.self) { _ = try started(receiver) }
    receiver.store(2)
    try test.runBatches { output.all == [1, 2] }
    test.stop()
    // It has ended there, and may begin again.
    let (next, again) = try started(receiver)
    try next.runBatches { again.all == [2] }
    next.stop()
  }

  @Test func `records that are stored together come in one batch`() throws {
    let (test, output) = try started(
      ScriptedReceiver { receiver, _ in
        while !receiver.isStopped { receiver.store(contentsOf: 0..<100) }
      })
    try test.runBatches { output.all.count >= 2000 }
    test.stop()
    #expect(output.batches.allSatisfy { $0.count % 100 == 0 })
  }

  @Test func `a receiver that cannot start is reported and restarted`() throws {
    let (test, output) = try started(
      ScriptedReceiver { receiver, start in
        if start < 3 { throw Refusal() }
        receiver.store(start)
      })
    try test.runBatches { !output.all.isEmpty }
    #expect(output.all == [3])
    #expect(test.events.receiverErrors.count == 2)
    #expect(test.events.receiverErrors.first?.lastErrorMessage == "onStart() failed: Refusal()")
    test.stop()
  }

  @Test func `a receiver may stop itself, and the stream continues without it`() throws {
    let (test, output) = try started(
      ScriptedReceiver { receiver, _ in
        receiver.store(contentsOf: [1, 2])
        receiver.stop("no more", Refusal())
      })
    #expect(test.events.wait { $0.contains { $0.name == "receiverStopped" } })
    try test.runBatches(2)
    #expect(output.batches == [[1, 2], []])
    #expect(test.events.receiverErrors.map(\.lastErrorMessage) == ["no more"])
    #expect(test.events.events.filter { $0.name == "receiverStopped" }.count == 1)
    test.stop()
    #expect(test.events.events.filter { $0.name == "receiverStopped" }.count == 1)
  }

  @Test func `a receiver may restart itself`() throws {
    let stops = Mutex(0)
    let (test, output) = try started(
      ScriptedReceiver(
        { receiver, start in
          receiver.store(start)
          if start < 4 { receiver.restart("again", delay: .zero) }
        }, end: { _ in stops.withLock { $0 += 1 } }))
    try test.runBatches { output.all.count >= 4 }
    #expect(output.all == [1, 2, 3, 4])
    #expect(stops.withLock { $0 } == 3)
    test.stop()
    #expect(stops.withLock { $0 } == 4)
  }

  @Test func `a receiver's own thread may restart it although onStop waits for that thread`() throws {
    let thread = Mutex<BackgroundThread?>(nil)
    let receiver = ScriptedReceiver(
      { receiver, start in
        let body = BackgroundThread {
          receiver.store(start)
          if start < 3 { receiver.restart("again", delay: .zero) }
        }
        thread.withLock { $0 = body }
        body.begin()
      }, end: { _ in thread.withLock { $0 }?.join() })
    let (test, output) = try started(receiver)
    try test.runBatches { output.all.count >= 3 }
    #expect(output.all == [1, 2, 3])
    test.stop()
  }

  @Test func `records that a slow receiver stores during a graceful stop are processed`() async throws {
    let hasBegun = Signal()
    let isStopping = Signal()
    let thread = Mutex<BackgroundThread?>(nil)
    let receiver = ScriptedReceiver(
      { receiver, _ in
        let body = BackgroundThread {
          receiver.store(1)
          hasBegun.raise()
          isStopping.wait()
          for n in 2...5 { receiver.store(n) }
        }
        thread.withLock { $0 = body }
        body.begin()
      },
      end: { _ in
        isStopping.raise()
        thread.withLock { $0 }?.join()
      })
    let (test, output) = try started(receiver)
    hasBegun.wait()
    await test.context.stop(gracefully: true)
    #expect(output.all == [1, 2, 3, 4, 5])
  }

  @Test func `storing waits at the limit, and a stop ends the wait`() throws {
    let stored = Atomic<Int>(0)
    let conf = MartletConf().set(.receiverBufferBytes, to: 8000)
    let receiver = ScriptedReceiver { receiver, _ in
      while !receiver.isStopped {
        receiver.store(1)
        stored.wrappingAdd(1, ordering: .sequentiallyConsistent)
      }
    }
    let (test, output) = try started(receiver, conf: conf)
    try test.runBatches { output.all.count >= 5000 }
    #expect(output.batches.allSatisfy { $0.count <= 1001 })
    test.stop()
    #expect(stored.load(ordering: .sequentiallyConsistent) - output.all.count <= 3000)
  }

  @Test func `blocks that a slow stream remembers do not block the receiver`() throws {
    let conf = MartletConf().set(.receiverBufferBytes, to: 800).setMaster("local[2]")
    let test = TestStreamingContext(conf: conf)
    test.context.remember(.seconds(3600))
    let numbers = test.context.receiverStream(
      ScriptedReceiver { receiver, _ in while !receiver.isStopped { receiver.store(1) } })
    let output = test.output(of: numbers)
    try test.start()
    try test.runBatches { output.all.count >= 1000 }
    test.stop()
  }

  @Test func `a receiver continues although its stream is never read`() throws {
    let conf = MartletConf().set(.receiverBufferBytes, to: 800).setMaster("local[2]")
    let test = TestStreamingContext(conf: conf)
    let stored = Atomic<Int>(0)
    _ = test.context.receiverStream(
      ScriptedReceiver { receiver, _ in
        while !receiver.isStopped {
          receiver.store(1)
          stored.wrappingAdd(1, ordering: .relaxed)
        }
      })
    _ = test.output(of: test.stream(of: Int.self))
    try test.start()
    try test.runBatches { stored.load(ordering: .relaxed) >= 1000 }
    test.stop()
  }

  @Test func `a slow batch does not shift the boundaries of the next ones`() throws {
    let turns = (0..<3).map { _ in Signal() }
    let stored = (0..<3).map { _ in Signal() }
    let receiver = ScriptedReceiver { receiver, _ in
      for n in 0..<3 {
        turns[n].wait()
        receiver.store(n)
        stored[n].raise()
      }
    }
    let test = TestStreamingContext()
    let stream = test.context.receiverStream(receiver)
    let isInBatch = Signal()
    let goOn = Signal()
    stream.foreachRDD { (_: RDD<Int>, time: Time) in
      guard time == Time(milliseconds: 1000) else { return }
      isInBatch.raise()
      goOn.wait()
    }
    let output = test.output(of: stream)
    try test.start()
    for n in 0..<3 {
      turns[n].raise()
      stored[n].wait()
      test.clock.advance(by: .seconds(1))
      // From the second on, batches are made while the first one runs.
      #expect(test.events.wait { submitted($0).count == n + 1 })
      if n == 0 { isInBatch.wait() }
    }
    #expect(output.batches.isEmpty)
    goOn.raise()
    try test.context.waitUntilCompleted(Time(milliseconds: 3000))
    #expect(output.batches == [[0], [1], [2]])
    #expect(submitted(test.events.events).map(\.numRecords) == [1, 1, 1])
    #expect(output.times.map(\.milliseconds) == [1000, 2000, 3000])
    test.stop()
  }

  @Test func `a storage level that has no effect is logged`() {
    let log = RecordedLog()
    let context = TestStreamingContext(MartletContext(master: "local[2]", logger: log.logger)).context
    _ = context.socketTextStream("localhost", 1)
    _ = context.receiverStream(Receiver<Int>(storageLevel: .memoryOnly))
    #expect(log.messages == [])
    _ = context.socketTextStream("localhost", 1, .memoryAndDisk)
    #expect(log.messages.count == 1)
    #expect(log.messages.first?.hasPrefix("warning socketTextStream at MartletStreamingTests/ReceiverTests") == true)
    #expect(log.messages.first?.contains("storage level .memoryAndDisk") == true)
  }

  private func submitted(_ events: [StreamingEvent]) -> [BatchInfo] {
    events.compactMap { if case .batchSubmitted(let info) = $0 { info } else { nil } }
  }
}
