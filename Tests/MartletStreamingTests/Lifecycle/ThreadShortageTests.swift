import MartletCore
import MartletRDD
import MartletTesting
import Synchronization
import TestSupport
import Testing

@testable import MartletSources
@testable import MartletStreaming

/// If the system starts no more threads, the result is an error that can be caught, or a delay; the process never ends.
@Suite(.timeLimit(.minutes(30))) struct ThreadShortageTests {
  private final class Waiting: Receiver<Int>, @unchecked Sendable {
    override func onStart() throws {}
  }

  @Test(arguments: ["martlet-batch-0", "martlet-batch-1", "martlet-recv", "martlet-stop"])
  func `start throws when one of its threads cannot be started, and leaves nothing behind`(name: String) async throws {
    let test = TestStreamingContext()
    _ = test.output(of: test.context.receiverStream(Waiting()))
    let context = test.context
    let error = RefusedThreads.$names.withValue([name]) { #expect(throws: MartletError.self) { try context.start() } }
    #expect(error?.code == .resourcesExhausted)
    #expect(error?.message.contains("Cannot start the thread '\(name)") == true, "\(error as Any)")
    #expect(error?.message.contains("ulimit -u") == true)
    #expect(context.getState() == .stopped)
    await #expect(throws: MartletError.self) { try await context.awaitTermination() }
  }

  @Test func `start throws when a receiver's log has no thread`() throws {
    try withTemporaryFolder { folder in
      let test = TestStreamingContext()
      test.context.checkpoint("\(folder)/checkpoint")
      _ = test.output(of: test.context.receiverStream(Waiting()))
      let error = RefusedThreads.$names.withValue(["martlet-log"]) {
        #expect(throws: MartletError.self) { try test.start() }
      }
      #expect(error?.code == .resourcesExhausted)
    }
  }

  @Test func `run throws when there is no thread for signals, and leaves them as they were`() async throws {
    let test = TestStreamingContext()
    _ = test.output(of: test.stream([[1]]))
    let error = await RefusedThreads.$names.withValue(["martlet-signals"]) {
      await #expect(throws: MartletError.self) { try await test.context.run() }
    }
    #expect(error?.code == .resourcesExhausted)
    #expect(test.context.getState() == .initialized)
    test.stop()
  }

  @Test(arguments: [true, false]) func `a context stops although the system starts no more threads`(
    gracefully: Bool
  )
    async throws
  {
    let test = TestStreamingContext()
    let queue = RDDQueue<Int>()
    let output = test.output(of: test.context.queueStream(queue))
    try test.start()
    try test.runBatch()
    queue.append(test.context.sparkContext.parallelize([7]))
    await RefusedThreads.$names.withValue(["martlet"]) { await test.context.stop(gracefully: gracefully) }
    #expect(test.context.getState() == .stopped)
    #expect(output.batches == (gracefully ? [[], [7]] : [[]]))
    // No thread is left that could do it.
    await RefusedThreads.$names.withValue(["martlet"]) { await test.context.stop() }
  }

  @Test func `a context that does not run stops on the calling thread`() async throws {
    let test = TestStreamingContext()
    _ = test.output(of: test.stream([[1]]))
    RefusedThreads.$names.withValue(["martlet"]) { test.context.requestStop() }
    #expect(test.context.getState() == .stopped)
  }

  @Test func `run ends after its time without another thread`() async throws {
    let test = TestStreamingContext()
    _ = test.output(of: test.stream([[1]]))
    let report = try await RefusedThreads.$names.withValue(["martlet-wait", "martlet-drain"]) {
      try await test.context.run(for: .milliseconds(10), stopOnSignals: false)
    }
    #expect(report.batches == 0)
    #expect(test.context.getState() == .stopped)
  }

  @Test func `waiting with a time limit throws when there is no thread to wait on`() async throws {
    let test = TestStreamingContext()
    _ = test.output(of: test.stream([[1]]))
    try test.start()
    let error = await RefusedThreads.$names.withValue(["martlet-wait"]) {
      await #expect(throws: MartletError.self) { try await test.context.awaitTerminationOrTimeout(.seconds(1)) }
    }
    #expect(error?.code == .resourcesExhausted)
    try test.runBatch()
    test.stop()
  }

  @Test func `jobs run on the available threads`() throws {
    let log = RecordedLog()
    let sc = MartletContext(master: "local[4]", appName: "few", logger: log.logger)
    let sums = try RefusedThreads.$names.withValue(["martlet-task-2"]) {
      try (0..<3).map { _ in try sc.parallelize(0..<1000, 16).sum() }
    }
    #expect(sums == [499_500, 499_500, 499_500])
    #expect(log.messages.count == 1 && log.messages[0].contains("Tasks run on 3 of 4 threads."), "\(log.messages)")

    let none = MartletContext(master: "local[4]", appName: "none", logger: log.logger)
    let sum = try RefusedThreads.$names.withValue(["martlet-task"]) { try none.parallelize(0..<1000, 16).sum() }
    #expect(sum == 499_500)
    #expect(log.messages.count == 2 && log.messages[1].contains("Tasks run on 1 of 4 threads."), "\(log.messages)")
    sc.stop()
    none.stop()
  }

  @Test func `events are not delivered while there is no thread for it, which the log says`() throws {
    struct Second: MartletEvent { var time: Time }
    let log = RecordedLog()
    let bus = EventBus(logger: log.logger)
    let received = Mutex<[Int]>([])
    bus.subscribe { events in
      received.withLock { $0 += events.map { $0.time.milliseconds } }
    }
    RefusedThreads.$names.withValue(["martlet-events"]) {
      for second in 1...3 { bus.post(Second(time: Time(milliseconds: second))) }
    }
    #expect(log.messages.count == 1 && log.messages[0].contains("No events are delivered"), "\(log.messages)")
    bus.post(Second(time: Time(milliseconds: 4)))
    bus.waitUntilDelivered()
    #expect(received.withLock { $0 } == [4])
    bus.close(before: .now + .seconds(1))
  }

  /// Returns from `onStart` when `onStop` is called.
  private final class Blocking: Receiver<Int>, @unchecked Sendable {
    let gate = Gate()
    override func onStart() throws { gate.pass() }
    override func onStop() { gate.open() }
  }

  @Test func `a receiver is stopped although there is no thread to call onStop`() throws {
    let test = TestStreamingContext()
    let receiver = Blocking()
    _ = test.output(of: test.context.receiverStream(receiver))
    try test.start()
    receiver.gate.waitUntilReached()
    RefusedThreads.$names.withValue(["martlet"]) { test.stop() }
    #expect(test.context.getState() == .stopped)
    #expect(test.context.progress.unfinished == nil)
  }
}
