import MartletTesting
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30))) struct LifecycleTests {
  private struct Refusal: Error {}

  private func counting(_ test: TestStreamingContext) -> StreamOutput<Int> {
    test.output(of: test.stream([[1], [2], [3]]).map { $0 + 1 })
  }

  @Test func `nothing runs before start`() throws {
    let test = TestStreamingContext()
    let output = counting(test)
    test.clock.advance(by: .seconds(5))
    #expect(test.context.getState() == .initialized)
    #expect(output.batches.isEmpty)
    #expect(test.events.events.isEmpty)
    #expect(throws: MartletError.self) { try test.context.waitUntilCompleted(Time(milliseconds: 1000)) }
    test.stop()
  }

  @Test func `starting twice does nothing`() throws {
    let test = TestStreamingContext()
    let output = counting(test)
    try test.start()
    try test.start()
    try test.runBatches(2)
    #expect(output.batches == [[2], [3]])
    #expect(test.context.getState() == .active)
    test.stop()
  }

  @Test func `starting from many threads starts once`() async throws {
    let test = TestStreamingContext(master: "local[3]")
    _ = counting(test)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { _ = #expect(throws: Never.self) { try test.start() } } }
    }
    try test.runBatch()
    #expect(test.events.events.filter { $0.name == "streamingStarted" }.count == 1)
    test.stop()
  }

  @Test func `a stopped context cannot be started again`() throws {
    let test = TestStreamingContext()
    _ = counting(test)
    try test.start()
    test.stop()
    let error = #expect(throws: MartletError.self) { try test.start() }
    #expect(error?.code == .invalidState)
    #expect(error?.message.contains("cannot be started again") == true)
  }

  @Test func `stopping is idempotent, also from many threads`() async throws {
    let test = TestStreamingContext()
    _ = counting(test)
    try test.start()
    try test.runBatch()
    await withTaskGroup(of: Void.self) { group in
      for n in 0..<8 { group.addTask { await test.context.stop(gracefully: n % 2 == 0) } }
    }
    await test.context.stop()
    #expect(test.context.getState() == .stopped)
    #expect(test.context.progress.batches == 1)
  }

  @Test func `stopping before starting ends the context`() async throws {
    let test = TestStreamingContext()
    _ = counting(test)
    await test.context.stop()
    #expect(test.context.getState() == .stopped)
    #expect(throws: MartletError.self) { try test.start() }
    try await test.context.awaitTermination()
  }

  @Test func `stop leaves the MartletContext alone on request`() async throws {
    let sc = MartletContext(master: "local[2]", appName: "test")
    let first = TestStreamingContext(sc)
    _ = counting(first)
    try first.start()
    try first.runBatch()
    await first.context.stop(stopContext: false)
    #expect(!sc.isStopped)
    #expect(try sc.parallelize([1, 2]).count() == 2)
    let second = TestStreamingContext(sc)
    let output = counting(second)
    try second.start()
    try second.runBatch()
    #expect(output.batches == [[2]])
    await second.context.stop()
    #expect(sc.isStopped)
    #expect(throws: MartletError.self) { try sc.parallelize([1]).count() }
  }

  @Test func `the setting decides about the MartletContext unless the stop does`() async throws {
    for (value, isStopped) in [("true", true), ("false", false)] {
      for stop in [
        { await $0.stop() }, { await $0.stop(gracefully: true) },
        { (context: StreamingContext) async in
          context.requestStop()
          await context.stop()
        },
      ] as [(StreamingContext) async -> Void] {
        let test = TestStreamingContext(
          conf: MartletConf().setMaster("local[2]").set("martlet.streaming.stopContextByDefault", value))
        _ = counting(test)
        try test.start()
        await stop(test.context)
        #expect(test.context.sparkContext.isStopped == isStopped)
        await test.context.stop(stopContext: true)
        #expect(test.context.sparkContext.isStopped)
      }
    }
    let test = TestStreamingContext(
      conf: MartletConf().setMaster("local[2]").set("martlet.streaming.stopContextByDefault", "perhaps"))
    _ = counting(test)
    let error = #expect(throws: MartletError.self) { try test.start() }
    #expect(error?.message.contains("martlet.streaming.stopContextByDefault is 'perhaps'") == true)
  }

  @Test func `run can be called once`() async throws {
    let test = TestStreamingContext()
    _ = counting(test)
    let report = try await test.context.run(for: .milliseconds(1), stopOnSignals: false)
    #expect(report.batches == 0)
    let error = await #expect(throws: MartletError.self) {
      try await test.context.run(for: .milliseconds(1), stopOnSignals: false)
    }
    #expect(error?.code == .invalidState)
    #expect(error?.message.contains("cannot be started again") == true)
  }

  @Test func `run is refused while the context is running, which continues`() async throws {
    let test = TestStreamingContext()
    let output = counting(test)
    let context = test.context
    let running = Task { try await context.run(stopOnSignals: false, file: "Program/main.swift", line: 7) }
    while context.getState() != .active { await Task.yield() }
    let error = await #expect(throws: MartletError.self) {
      try await context.run(for: .milliseconds(1), stopOnSignals: false, file: "Program/main.swift", line: 9)
    }
    #expect(error?.code == .invalidState)
    #expect(
      error?.message == """
        run at Program/main.swift:9: the streaming context is already running, since run at Program/main.swift:7. \
        Call run() only once. To wait until the context has stopped, call awaitTermination().
        """)
    try test.runBatch()
    #expect(context.getState() == .active)
    running.cancel()
    #expect(try await running.value.batches >= 1)
    #expect(output.batches.first == [2])
  }

  @Test func `run takes over a context that has been started`() async throws {
    let test = TestStreamingContext()
    _ = counting(test)
    try test.start()
    #expect(try await test.context.run(for: .milliseconds(1), stopOnSignals: false).unfinished == nil)
    #expect(test.context.getState() == .stopped)
  }

  @Test func `a second stop can stop the MartletContext too`() async throws {
    let test = TestStreamingContext()
    _ = counting(test)
    try test.start()
    await test.context.stop(stopContext: false)
    #expect(!test.context.sparkContext.isStopped)
    await test.context.stop(stopContext: true)
    #expect(test.context.sparkContext.isStopped)
  }

  @Test func `a context on a stopped MartletContext does not start`() {
    let sc = MartletContext(master: "local[2]", appName: "test")
    sc.stop()
    let test = TestStreamingContext(sc)
    _ = counting(test)
    #expect(throws: MartletError.self) { try test.start() }
  }

  @Test func `a context without output operations explains itself`() {
    let test = TestStreamingContext()
    _ = test.stream([[1]]).map { $0 }
    let error = #expect(throws: MartletError.self) { try test.start() }
    #expect(error?.message.contains("no output operation") == true)
    #expect(test.context.getState() == .stopped)
  }

  @Test func `waiting with a time limit returns true if the context has stopped`() async throws {
    let test = TestStreamingContext()
    _ = counting(test)
    try test.start()
    #expect(try await test.context.awaitTerminationOrTimeout(.milliseconds(1)) == false)
    test.stop()
    #expect(try await test.context.awaitTerminationOrTimeout(.seconds(10)) == true)
  }

  @Test func `all waiters for the end are resumed`() async throws {
    let test = TestStreamingContext()
    _ = counting(test)
    try test.start()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<5 { group.addTask { try await test.context.awaitTermination() } }
      test.stop()
      try await group.waitForAll()
    }
  }

  @Test func `remembered batches can be read again`() throws {
    let test = TestStreamingContext()
    test.context.remember(.seconds(2))
    let stream = test.stream([[1], [2], [3], [4]]).map { $0 * 10 }
    #expect(throws: MartletError.self) { try stream.slice(Time(milliseconds: 0), Time(milliseconds: 1000)) }
    _ = test.output(of: stream)
    try test.start()
    try test.runBatches(3)
    func slice(_ from: Int, _ to: Int) throws -> [[Int]] {
      try stream.slice(Time(milliseconds: from), Time(milliseconds: to)).map { try $0.collect() }
    }
    #expect(try slice(2000, 3000) == [[20], [30]])
    #expect(try slice(2500, 3999) == [[20], [30]])
    #expect(try slice(0, 10_000) == [[20], [30]])
    try test.runBatch()
    #expect(try slice(3000, 4000) == [[30], [40]])
    #expect(try slice(0, 1000) == [])
    test.stop()
  }

  @Test func `the previous batch can be read without being remembered`() throws {
    let test = TestStreamingContext()
    let sc = test.context.sparkContext
    let numbers = test.stream([[1], [2], [3], [4]])
    let queue = test.context.queueStream([10, 20, 30, 40].map { sc.parallelize([$0]) })
    let own = Countdown(test.context)
    let streams = [
      numbers, queue, own, numbers.map { $0 * 100 }.cache(),
      numbers.map { (0, $0) }.reduceByKey(+).map { $0.1 * 1000 }, numbers.union(queue), own.transformWith(queue) { $1 },
    ]
    let seen = Mutex<[[[Int]]]>(Array(repeating: [], count: streams.count))
    for (number, stream) in streams.enumerated() {
      stream.foreachRDD { [unowned stream] _, time in
        let before = try stream.slice(time - .seconds(1), time - .seconds(1)).map { try $0.collect() }
        seen.withLock { $0[number].append(before.flatMap { $0 }) }
        // The batch before that has been forgotten.
        #expect(try stream.slice(time - .seconds(2), time - .seconds(2)).isEmpty)
      }
    }
    try test.start()
    try test.runBatches(4)
    test.stop()
    let expected = [
      [[], [1], [2], [3]], [[], [10], [20], [30]], [[], [9], [8], [7]], [[], [100], [200], [300]],
      [[], [1000], [2000], [3000]], [[], [1, 10], [2, 20], [3, 30]], [[], [10], [20], [30]],
    ]
    #expect(seen.withLock { $0 } == expected)
    #expect(own.asked.withLock { $0 } == [1000, 2000, 3000, 4000])
  }

  /// A custom stream that cannot give a batch twice.
  private final class Countdown: DStream<Int>, @unchecked Sendable {
    // Sendable: a mutex, in addition to the members of every stream.
    let asked = Mutex<[Int]>([])

    init(_ context: StreamingContext) { super.init(context: context, site: OperatorSite("countdown", #fileID, #line)) }

    override func compute(_ time: Time) throws -> RDD<Int>? {
      let count = asked.withLock { asked in
        asked.append(time.milliseconds)
        return asked.count
      }
      return context.sparkContext.parallelize([10 - count])
    }
  }

  @Test func `a slice of only forgotten batches logs advice once`() throws {
    let log = RecordedLog()
    let test = TestStreamingContext(
      MartletContext(conf: MartletConf().setMaster("local[2]"), logger: log.logger))
    let receiver = HandReceiver<Int>()
    let received = test.context.receiverStream(receiver), numbers = test.stream([[1], [2], [3]])
    let totals = numbers.map { ($0, 1) }.updateStateByKey { (ones, _: Int?) in ones.count }
    let windows = numbers.window(.seconds(2))
    let streams: [(name: String, slice: @Sendable (Time) throws -> Int)] = [
      ("receiverStream", { try received.slice($0, $0).count }),
      ("updateStateByKey", { try totals.slice($0, $0).count }),
      ("window", { try windows.slice($0, $0).count }),
    ]
    for stream in [received, windows, totals.map { $0.0 }] { stream.foreachRDD { _ in } }
    let found = Mutex<[Int]>([])
    numbers.foreachRDD { _, time in
      let counts = try streams.map { try $0.slice(time - .seconds(1)) }
      found.withLock { $0 += counts }
    }
    try test.start()
    try test.runBatches(3)
    test.stop()
    #expect(found.withLock { $0 } == Array(repeating: 0, count: 9))
    for (name, _) in streams {
      let told = log.messages.filter { $0.contains("slice() of \(name) at") }
      #expect(told.count == 1 && told[0].contains("call remember(_:)"), "\(name): \(log.messages)")
    }
  }

  @Test func `a slice over all times takes no longer than one over the remembered ones`()
    throws
  {
    let test = TestStreamingContext(batchInterval: .milliseconds(1))
    test.clock.advance(by: .seconds(1_700_000_000))
    test.context.remember(.milliseconds(2))
    let stream = test.stream([[1], [2], [3], [4]]).map { $0 * 10 }
    _ = test.output(of: stream)
    try test.start()
    try test.runBatches(4)
    let end = Time(milliseconds: 1 << 42)
    #expect(try stream.slice(Time(milliseconds: 0), end).map { try $0.collect() } == [[30], [40]])
    #expect(try stream.slice(Time(milliseconds: -(1 << 42)), Time(milliseconds: 0)).isEmpty)
    #expect(try stream.slice(end, end).isEmpty)
    #expect(try stream.slice(end, Time(milliseconds: 0)).isEmpty)
    test.stop()
  }

  @Test func `an RDD that the program has cached stays cached`() throws {
    let test = TestStreamingContext()
    let table = test.context.sparkContext.parallelize([1, 2, 3]).cache()
    let output = test.output(of: test.context.constantStream(table))
    try test.start()
    try test.runBatches(3)
    #expect(output.batches == [[1, 2, 3], [1, 2, 3], [1, 2, 3]])
    #expect(table.storageLevel == .memoryOnly)
    test.stop()
  }

  @Test func `a deep graph of diamonds is walked once`() throws {
    let test = TestStreamingContext()
    var stream: DStream<Int> = test.stream([[1]])
    for _ in 0..<40 { stream = stream.transformWith(stream) { first, _ in first } }
    let output = test.output(of: stream)
    try test.start()
    try test.runBatches(2)
    #expect(output.batches == [[1], []])
    test.stop()
  }

  @Test func `a stopped context releases its streams`() throws {
    weak var stream: DStream<Int>?
    weak var context: StreamingContext?
    weak var sparkContext: MartletContext?
    try {
      let test = TestStreamingContext()
      let doubled = test.stream([[1, 2]]).map { $0 * 2 }
      stream = doubled
      context = test.context
      sparkContext = test.context.sparkContext
      _ = test.output(of: doubled.cache())
      try test.start()
      try test.runBatches(3)
      #expect(stream != nil)
      test.stop()
    }()
    #expect(stream == nil)
    #expect(context == nil)
    #expect(sparkContext == nil)
  }

  @Test func `a listener that knows the context does not keep it alive`() throws {
    final class Listener: StreamingListener {
      let context: StreamingContext
      init(_ context: StreamingContext) { self.context = context }
    }
    weak var context: StreamingContext?
    try {
      let test = TestStreamingContext()
      context = test.context
      test.context.addStreamingListener(Listener(test.context))
      _ = counting(test)
      try test.start()
      try test.runBatch()
      test.stop()
    }()
    #expect(context == nil)
  }
}
