public import MartletCore
public import MartletRDD
public import MartletStreaming

/// A streaming context on a manual clock: a test pushes batches, runs them one by one and checks the output. Nothing
/// sleeps, and many contexts can run in a process at the same time.
///
/// ```swift
/// let test = TestStreamingContext()
/// let numbers = test.stream(of: Int.self)
/// let doubled = test.output(of: numbers.map { $0 * 2 })
/// try test.start()
/// numbers.push([1, 2])
/// try test.runBatch()
/// #expect(doubled.batches == [[2, 4]])
/// test.stop()
/// ```
public final class TestStreamingContext: Sendable {
  /// The context, with the full API of a streaming context.
  public let context: StreamingContext
  /// The clock of the context. It shows 0 at the beginning, so the time of the first batch is one batch interval.
  public let clock: ManualClock
  /// All events of listeners.
  public let events: StreamingEventRecorder

  /// Creates a context on `master` with this batch interval.
  public convenience init(master: String = "local[2]", batchInterval: Duration = .seconds(1)) {
    self.init(conf: MartletConf().setMaster(master).setAppName("test"), batchInterval: batchInterval)
  }

  /// Creates a context with the settings of `conf`.
  public convenience init(conf: MartletConf, batchInterval: Duration = .seconds(1)) {
    self.init(MartletContext(conf: conf), batchInterval: batchInterval)
  }

  /// Creates a context that uses the threads of an existing one.
  public init(_ sparkContext: MartletContext, batchInterval: Duration = .seconds(1)) {
    clock = ManualClock()
    context = StreamingContext(sparkContext, batchInterval: batchInterval, clock: clock, countsAsActive: false)
    events = StreamingEventRecorder()
    context.addStreamingListener(events)
  }

  // MARK: Setting up

  /// A stream into which the test pushes its batches.
  ///
  /// - Parameter numPartitions: the number of partitions of each batch.
  public func stream<Element: Sendable>(
    of type: Element.Type = Element.self, numPartitions: Int = 2, file: StaticString = #fileID, line: UInt = #line
  ) -> TestStream<Element> {
    TestStream(context, numPartitions: numPartitions, OperatorSite("testStream", file, line))
  }

  /// A stream of these batches, followed by empty ones.
  public func stream<Element: Sendable>(
    _ batches: [[Element]], numPartitions: Int = 2, file: StaticString = #fileID, line: UInt = #line
  ) -> TestStream<Element> {
    let stream = stream(of: Element.self, numPartitions: numPartitions, file: file, line: line)
    for batch in batches { stream.push(batch) }
    return stream
  }

  /// Collects the output of `stream`, as an output operation.
  public func output<Element: Sendable>(
    of stream: DStream<Element>, file: StaticString = #fileID, line: UInt = #line
  ) -> StreamOutput<Element> {
    let output = StreamOutput<Element>()
    stream.output(OperatorSite("testOutput", file, line)) { rdd, time in output.add(try rdd.collect(), time) }
    return output
  }

  // MARK: Running

  /// Starts the context; throws the errors of `StreamingContext.start()`.
  public func start() throws { try context.start() }

  /// Advances the clock by one batch interval and waits until that batch is done.
  ///
  /// - Returns: the time of the batch.
  /// - Throws: the `BatchFailure` of the first failed batch.
  @discardableResult
  public func runBatch() throws -> Time {
    clock.advance(by: context.batchInterval)
    let time = clock.now.floor(context.batchInterval)
    try context.waitUntilCompleted(time)
    return time
  }

  /// Runs `count` batches.
  ///
  /// - Throws: `MartletError` if `count` is negative; otherwise as `runBatch()`.
  public func runBatches(_ count: Int) throws {
    guard count >= 0 else {
      throw MartletError(.invalidArgument, "runBatches(\(count)): the number of batches must not be negative.")
    }
    for _ in 0..<count { try runBatch() }
  }

  /// Stops the context and waits until it has stopped. Stopping it again does nothing.
  public func stop(stopContext: Bool = true, gracefully: Bool = false) {
    context.stopAndWait(stopContext: stopContext, gracefully: gracefully)
  }
}
