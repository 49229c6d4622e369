import MartletCore
import MartletTesting
import Synchronization
import Testing

/// Starts and stops at every possible moment: nothing hangs, and a graceful stop loses nothing.
@Suite(.timeLimit(.minutes(30))) struct StressTests {
  /// Stores numbers until it is stopped, and counts them.
  private final class Counter: Receiver<Int>, @unchecked Sendable {
    let stored = Atomic<Int>(0)

    override func onStart() {
      while !isStopped {
        store(1)
        stored.wrappingAdd(1, ordering: .sequentiallyConsistent)
      }
    }
  }

  @Test func `a graceful stop at any moment loses no stored record`() async throws {
    var storedInAll = 0
    for round in 0..<60 {
      let conf = MartletConf().setMaster("local[3]").set(StreamingContext.receiverBufferKey, "16000")
      let test = TestStreamingContext(conf: conf)
      let counters = [Counter(), Counter()]
      let output = test.output(of: test.context.union(counters.map { test.context.receiverStream($0) }))
      try test.start()
      let clock = WorkerThread(name: "test-clock") { [clock = test.clock] in
        for _ in 0..<200 { clock.advance(by: .milliseconds(100 + round * 30)) }
      }
      if round % 3 == 0 { #expect(test.events.wait { $0.contains { $0.name == "batchStarted" } }) }
      await test.context.stop(gracefully: true)
      clock.join()
      let stored = counters.reduce(0) { $0 + $1.stored.load(ordering: .sequentiallyConsistent) }
      #expect(output.batches.reduce(0) { $0 + $1.count } == stored)
      #expect(test.context.progress.records == stored)
      storedInAll += stored
    }
    #expect(storedInAll > 0, "no round stored anything before it was stopped")
  }

  @Test func `contexts are started and stopped from many threads at once`() async throws {
    await withTaskGroup(of: Void.self) { group in
      for n in 0..<200 {
        group.addTask {
          let test = TestStreamingContext(master: "local[2]")
          _ = test.output(of: test.context.receiverStream(Counter()))
          async let started: Void? = try? test.start()
          async let stopped: Void = test.context.stop(gracefully: n % 2 == 0)
          test.clock.advance(by: .seconds(n % 5))
          _ = await (started, stopped)
          await test.context.stop()
          #expect(test.context.getState() == .stopped)
        }
      }
    }
  }

  @Test func `batches that fail while others are made end the context once`() async throws {
    struct Refusal: Error {}
    for round in 0..<40 {
      let test = TestStreamingContext()
      let numbers = test.stream((0..<20).map { [$0] })
      _ = test.output(of: numbers.map { if $0 == round % 20 { throw Refusal() } else { $0 } })
      try test.start()
      test.clock.advance(by: .seconds(20))
      let failure = await #expect(throws: BatchFailure.self) { try await test.context.awaitTermination() }
      #expect(failure?.batchTime == Time(milliseconds: (round % 20 + 1) * 1000))
      #expect(test.context.progress.batches == round % 20)
      test.stop()
    }
  }
}
