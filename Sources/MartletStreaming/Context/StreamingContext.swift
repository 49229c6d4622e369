public import Logging
package import MartletCore
public import MartletRDD
package import Synchronization

/// The entry point of streaming: creates streams and runs them in batches. Spark's StreamingContext.
///
/// ```swift
/// let ssc = StreamingContext(master: "local[2]", appName: "NetworkWordCount", batchInterval: .seconds(1))
/// let lines = ssc.socketTextStream("localhost", 9999)
/// lines.flatMap { $0.split(separator: " ") }.map { ($0, 1) }.reduceByKey(+).pprint()
/// try ssc.start()
/// try await ssc.awaitTermination()
/// ```
/// Nothing runs before `start()`; nothing can be added after it; a stopped context cannot be started again. One context
/// can be active in a process at a time. `start()` throws the errors made in setting up, with their lines in the
/// program.
public final class StreamingContext: Sendable {
  /// The context whose threads do the work, under Spark's name.
  public let sparkContext: MartletContext
  /// The time between two batches.
  public let batchInterval: Duration
  package let graph = StreamGraph()
  let listeners: ContextListeners
  package let clock: any BatchClock
  /// True if the context is the one active context of the process.
  let countsAsActive: Bool
  let lifecycle = ContextLifecycle()
  let stopFile = StopFile()
  /// What `checkpoint(_:)` has set.
  package let journalSetting = Mutex<(any JournalSetting)?>(nil)
  /// The checkpoint, while the context runs.
  let openJournal = Mutex<(any BatchJournal)?>(nil)
  let scheduling = Mutex(Scheduling())
  /// What the sources of the context share, by its type.
  private let shared = Mutex<[ObjectIdentifier: any AnyObject & Sendable]>([:])
  /// Stops the context while it runs.
  let stopThread = Mutex<StopThread?>(nil)

  /// Set while a batch of a context runs, so that `stop()` does not wait for it.
  @TaskLocal static var isInsideBatch = false

  // MARK: Making one

  /// Creates a context on `master` (`local[N]`, `local[*]`). Every receiver occupies one of its threads, so there must
  /// be at least one more.
  ///
  /// - Parameter logger: gets messages about problems that do not stop the program, such as a lost connection. By
  ///   default, loggers write to standard error.
  public convenience init(
    master: String = "local[*]", appName: String = "martlet", batchInterval: Duration,
    logger: Logger = Logger(label: "martlet")
  ) {
    self.init(MartletContext(master: master, appName: appName, logger: logger), batchInterval: batchInterval)
  }

  /// Creates a context with the settings of `conf`.
  public convenience init(
    conf: MartletConf, batchInterval: Duration, logger: Logger = Logger(label: "martlet")
  ) {
    self.init(MartletContext(conf: conf, logger: logger), batchInterval: batchInterval)
  }

  /// Creates a context that uses the threads of an existing one.
  public convenience init(_ sparkContext: MartletContext, batchInterval: Duration) {
    self.init(sparkContext, batchInterval: batchInterval, clock: SystemClock(), countsAsActive: true)
  }

  package init(
    _ sparkContext: MartletContext, batchInterval: Duration, clock: any BatchClock, countsAsActive: Bool
  ) {
    self.sparkContext = sparkContext
    self.batchInterval = batchInterval
    self.clock = clock
    self.countsAsActive = countsAsActive
    listeners = ContextListeners(sparkContext.eventBus)
    if !(.microseconds(1) ... .seconds(100 * 366 * 86400) ~= batchInterval) {
      graph.fail(
        MartletError(
          .invalidConfiguration,
          """
          The batch interval is \(batchInterval); it must be at least 0.001 ms and at most a hundred years, for \
          example .milliseconds(500).
          """))
    }
  }

  deinit { stopThread.withLock { $0 }?.end() }

  // MARK: Setting up

  /// The state of the context: initialized, active or stopped.
  public var state: StreamingContextState { lifecycle.state }

  /// The same as `state`, with Spark's name.
  public func getState() -> StreamingContextState { lifecycle.state }

  /// Retains the RDDs of all streams for at least this time after their batch, for `slice`. Must be called before
  /// `start()`.
  ///
  /// Received records are retained for the same time. They count against `martlet.memory.bytes`, and go to disk
  /// (`martlet.local.dir`) beyond that. Streams computed from them are computed again when a slice is read, unless they
  /// are persisted. Windows need no `remember`: they retain their input.
  public func remember(_ duration: Duration, file: StaticString = #fileID, line: UInt = #line) {
    let site = OperatorSite("remember", file, line)
    guard graph.mayChange(site) else { return }
    guard duration >= .zero else {
      return graph.fail(
        site.refuses("the duration is \(duration.text); it must not be negative."))
    }
    graph.remember(duration)
  }

  /// Sends the events of this context to `listener`.
  public func addStreamingListener(_ listener: any StreamingListener) { listeners.add(listener) }

  /// Stops sending events to `listener`.
  public func removeStreamingListener(_ listener: any StreamingListener) { listeners.remove(listener) }

  /// Stops the context gracefully when a file with this name appears, so that another process can stop it. The file is
  /// looked for at every batch, and removed once it is found.
  public func stopWhenFileExists(_ path: String, file: StaticString = #fileID, line: UInt = #line) {
    let site = OperatorSite("stopWhenFileExists", file, line)
    do {
      guard !path.isEmpty else { throw site.refuses("the path is empty. Pass the path of a file.") }
      stopFile.lookFor(try site.localPath(path))
    } catch {
      // It may be called while the context runs.
      if graph.isSealed { fail(error) } else { graph.fail(error) }
    }
  }

  /// The setting for the time that `stop`, `run` and signals wait for receivers to end and, in a graceful stop, for
  /// received records to be processed: `30s`, `500ms`, or a number of milliseconds. Default: ten batch intervals, and
  /// at least a minute. Receivers have all of it except for the last tenth, or the last second if that is longer, as
  /// long as they store records (`ReceiverSetting.stopTimeoutKey`). The context stops after this time in any case: the
  /// log and `StreamingReport.unfinished` report unprocessed records. With a checkpoint, they are processed after a
  /// restart. Otherwise they are lost, and `run` and `awaitTermination` throw `IncompleteStop`.
  public static let gracefulStopTimeoutKey = "martlet.streaming.gracefulStopTimeout"

  /// The setting for whether a stop also stops the `MartletContext` by default: `true`, the default, or `false`.
  public static let stopContextByDefaultKey = "martlet.streaming.stopContextByDefault"

  func stopsContextByDefault() throws -> Bool {
    try sparkContext.conf.flag(Self.stopContextByDefaultKey, default: true)
  }

  func stopTimeout() throws -> Duration {
    try sparkContext.conf.duration(Self.gracefulStopTimeoutKey, default: max(batchInterval * 10, .seconds(60)))
  }

  /// The one object of its type that the sources of the context share; `make` makes it when the first of them asks.
  package func shared<Object: AnyObject & Sendable>(_ make: () throws -> Object) rethrows -> Object {
    try shared.withLock { shared in
      // Only objects of this type are put there.
      if let known = shared[ObjectIdentifier(Object.self)] { return unsafeDowncast(known, to: Object.self) }
      let made = try make()
      shared[ObjectIdentifier(Object.self)] = made
      return made
    }
  }

  // MARK: Looking

  /// How far the batches are; `nil` before the start.
  var mark: BatchMark? { scheduling.withLock { $0.scheduler?.currentMark ?? $0.mark } }

  /// Posts the events of this context.
  package var eventSource: EventSource { listeners.events }

  /// The batches and records processed so far, or in total once the context is stopped.
  public var progress: StreamingReport {
    scheduling.withLock { scheduling in scheduling.scheduler.map { StreamingReport($0.progress) } ?? scheduling.report }
  }

  /// For tests: waits until the batch at `time` is done and listeners have been notified.
  package func waitUntilCompleted(_ time: Time) throws {
    let (scheduler, last) = scheduling.withLock { ($0.scheduler, $0.mark?.done) }
    defer { eventSource.bus.waitUntilDelivered() }
    if let failure = lifecycle.failure { throw failure }
    if let scheduler { return try scheduler.waitUntilCompleted(time) }
    if let last, last >= time { return }
    throw MartletError(.invalidState, "The context is not running, so there is no batch of \(time).")
  }

  /// The checkpoint of the context while it runs.
  package var journal: (any BatchJournal)? { openJournal.withLock { $0 } }

  /// The folder of the context's checkpoint, if it has one.
  public var checkpointDirectory: String? { journalSetting.withLock { $0?.directory } }

  /// The scheduler, and its final state after the stop.
  struct Scheduling {
    var scheduler: BatchScheduler?
    /// The report when the context was stopped.
    var report = StreamingReport()
    /// How far the batches were when the context was stopped.
    var mark: BatchMark?
  }

  /// The context that is active in this process, if there is one.
  public static func getActive() -> StreamingContext? { ActiveContext.current }

  /// The active context, or the one that the closure creates if there is none.
  public static func getActiveOrCreate(_ create: () throws -> StreamingContext) rethrows -> StreamingContext {
    try getActive() ?? create()
  }
}
