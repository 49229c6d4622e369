#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import MartletTesting
import Synchronization
import TestSupport
import Testing

/// A batch may stop its own context without waiting for itself.
@Suite(.timeLimit(.minutes(30))) struct StoppingInsideBatchTests {
  private func run(_ body: (TestStreamingContext, DStream<Int>) -> Void) async throws -> [[Int]] {
    let test = TestStreamingContext()
    let stream = test.stream([[1], [2], [3], [4]])
    body(test, stream)
    let after = test.output(of: stream)
    try test.start()
    test.clock.advance(by: .seconds(1))
    try await test.context.awaitTermination()
    #expect(test.context.getState() == .stopped)
    #expect(test.context.progress.batches >= 1)
    return after.batches
  }

  @Test func `an async closure may stop the context, and its batch is finished`() async throws {
    let batches = try await run { test, stream in
      stream.foreachRDD { (_: RDD<Int>) in await test.context.stop() }
    }
    #expect(batches == [[1]])
  }

  @Test func `an async closure may stop the context gracefully`() async throws {
    let batches = try await run { test, stream in
      stream.foreachRDD { (_: RDD<Int>, _: Time) in await test.context.stop(gracefully: true) }
    }
    #expect(batches == [[1]])
  }

  @Test func `a sync closure may ask for a stop`() async throws {
    let batches = try await run { test, stream in
      stream.foreachRDD { (_: RDD<Int>) in test.context.requestStop() }
    }
    #expect(batches == [[1]])
  }

  /// A receiver that ends slowly.
  private final class SlowToStop: Receiver<Int>, @unchecked Sendable {
    private let hasRunOn: @Sendable () -> Bool

    init(_ hasRunOn: @escaping @Sendable () -> Bool) {
      self.hasRunOn = hasRunOn
      super.init()
    }

    override func onStop() {
      let end = ContinuousClock.now + .milliseconds(100)
      while ContinuousClock.now < end && !hasRunOn() { sched_yield() }
    }
  }

  @Test func `a batch that stops the context is the last, whatever waits after it`() async throws {
    let test = TestStreamingContext(conf: MartletConf().setMaster("local[4]"))
    let stream = test.stream([[1], [2], [3], [4], [5]])
    let othersWait = Mutex(false)
    stream.foreachRDD { (rdd: RDD<Int>) in
      guard try rdd.first() == 1 else { return }
      test.clock.advance(by: .seconds(3))
      let came = test.events.wait { events in events.count { $0.name == "batchSubmitted" } >= 4 }
      othersWait.withLock { $0 = came }
      test.context.requestStop()
    }
    let after = test.output(of: stream)
    test.context.receiverStream(SlowToStop { after.batches.count > 1 }).foreachRDD { (_: RDD<Int>) in }
    try test.start()
    test.clock.advance(by: .seconds(1))
    try await test.context.awaitTermination()
    #expect(othersWait.withLock { $0 }, "no batch waits after the one that stops the context")
    #expect(after.batches == [[1]])
  }

  @Test func `a task's closure may ask for a stop`() async throws {
    let batches = try await run { test, stream in
      _ = test.output(
        of: stream.map { number in
          test.context.requestStop(gracefully: true)
          return number
        })
    }
    #expect(batches == [[1]])
  }

  @Test func `a transform closure may ask for a stop`() async throws {
    let batches = try await run { test, stream in
      _ = test.output(
        of: stream.transform { rdd in
          test.context.requestStop(gracefully: true)
          return rdd
        })
    }
    #expect(batches == [[1]])
  }

  @Test func `a task started by a closure may stop the context`() async throws {
    let batches = try await run { test, stream in
      stream.foreachRDD { (_: RDD<Int>) in
        async let stopped: Void = test.context.stop()
        await stopped
      }
    }
    #expect(batches == [[1]])
  }

  @Test func `async closures continue although all of Swift's threads are blocked`() async throws {
    try await withThrowingTaskGroup(of: [Int].self) { group in
      for n in 0..<32 {
        group.addTask {
          let test = TestStreamingContext()
          defer { test.stop() }
          let seen = Mutex<[Int]>([])
          test.stream([[n], [n + 1]]).foreachRDD { (rdd: RDD<Int>) in
            await Task.yield()
            let numbers = try rdd.collect()
            seen.withLock { $0 += numbers }
          }
          try test.start()
          try test.runBatches(2)
          return seen.withLock { $0 }
        }
      }
      for try await numbers in group { #expect(numbers.count == 2 && numbers[1] == numbers[0] + 1) }
    }
  }

  @Test func `a file stops the context gracefully`() async throws {
    try await withAsyncTemporaryFolder { folder in
      let path = folder + "/stop"
      let test = TestStreamingContext()
      test.context.stopWhenFileExists(path)
      let output = test.output(of: test.stream([[1], [2], [3]]))
      try test.start()
      try test.runBatch()
      #expect(test.context.getState() == .active)
      try SystemFile.create(path).write([])
      test.clock.advance(by: .seconds(1))
      try await test.context.awaitTermination()
      #expect(output.batches == [[1], [2]])
      #expect(access(path, F_OK) != 0)
    }
  }
}
