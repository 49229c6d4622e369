#if ServiceLifecycle
  import Logging
  import MartletServiceLifecycle
  import MartletStreaming
  import MartletTesting
  import ServiceLifecycle
  import Synchronization
  import Testing

  @Suite(.timeLimit(.minutes(30))) struct StreamingServiceTests {
    /// A receiver that stores three numbers and signals when they are stored.
    private final class ThreeNumbers: Receiver<Int>, @unchecked Sendable {
      let isStored: AsyncStream<Void>
      private let stored: AsyncStream<Void>.Continuation

      init() {
        (isStored, stored) = AsyncStream.makeStream(of: Void.self)
        super.init()
      }

      override func onStart() throws {
        store(contentsOf: [1, 2, 3])
        stored.yield()
      }
    }

    @Test func `a service that is asked to end before it has begun ends without an error`() async throws {
      let test = TestStreamingContext()
      test.stream([[1]]).foreachRDD { (_: RDD<Int>) in }
      test.context.endRun()
      try await StreamingService(test.context).run()
      #expect(test.context.getState() == .stopped)
      #expect(test.context.progress.batches == 0)

      // A caller that has stopped it itself gets an error.
      let stopped = TestStreamingContext()
      stopped.stream([[1]]).foreachRDD { (_: RDD<Int>) in }
      await stopped.context.stop()
      await #expect(throws: MartletError.self) { try await StreamingService(stopped.context).run() }
    }

    @Test func `a group that shuts down lets the context process the received records`() async throws {
      let test = TestStreamingContext(
        MartletContext(master: "local[2]", appName: "service"), batchInterval: .seconds(3600))
      let receiver = ThreeNumbers()
      let sum = Mutex(0)
      test.context.receiverStream(receiver).foreachRDD { rdd in
        let batch = try rdd.fold(0, +)
        sum.withLock { $0 += batch }
      }
      let group = ServiceGroup(
        services: [StreamingService(test.context)], logger: Logger(label: "test"))
      async let run: Void = group.run()
      for await _ in receiver.isStored { break }
      await group.triggerGracefulShutdown()
      try await run
      #expect(sum.withLock { $0 } == 6)
      #expect(test.context.getState() == .stopped)
    }

    @Test func `a group whose context has lost batches ends with the error`() async throws {
      let conf = MartletConf().setMaster("local[2]").set(StreamingContext.gracefulStopTimeoutKey, "100ms")
      let test = TestStreamingContext(conf: conf)
      let (isReached, reached) = AsyncStream.makeStream(of: Void.self)
      let isOver = AsyncStream.makeStream(of: Void.self)
      test.stream([[1]]).foreachRDD { (_: RDD<Int>) in
        reached.yield()
        for await _ in isOver.stream { break }
      }
      let group = ServiceGroup(services: [StreamingService(test.context)], logger: Logger(label: "test"))
      let run = Task { try await group.run() }
      while test.context.getState() != .active { await Task.yield() }
      test.clock.advance(by: .seconds(1))
      for await _ in isReached { break }
      await group.triggerGracefulShutdown()
      let error = await #expect(throws: IncompleteStop.self) { try await run.value }
      isOver.continuation.yield()
      #expect(error?.report.unfinished?.batches == 1)
    }
  }
#endif
