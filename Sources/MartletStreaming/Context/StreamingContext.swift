public import Logging
import MartletCore
public import MartletRDD
package import Synchronization

/// The way into streaming: makes streams and runs them in batches. Spark's StreamingContext.
///
/// ```swift
/// let ssc = StreamingContext(master: "local[2]", appName: "NetworkWordCount", batchInterval: .seconds(1))
/// let lines = ssc.socketTextStream("localhost", 9999)
/// lines.flatMap { $0.split(separator: " ") }.map { ($0, 1) }.reduceByKey(+).pprint()
/// try ssc.start()
/// try await ssc.awaitTermination()
/// ```
/// Nothing runs before `start()`; nothing can be added after it; a stopped context cannot be started again. One context
/// can be active in a process at a time. Mistakes of setting up are thrown by `start()`, with the line that made them.
public final class StreamingContext: Sendable {
  /// The context whose threads do the work. Spark calls it so too.
  public let sparkContext: MartletContext
  /// The time between two batches.
  public let batchInterval: Duration
  package let graph = StreamGraph()
  let bus: ListenerBus
  package let clock: any BatchClock
  /// Whether the context takes the place of the one active context of the process.
  let countsAsActive: Bool
  let lifecycle = ContextLifecycle()
  let stopFile = StopFile()
  package let checkpointSettings = Mutex<CheckpointSettings?>(nil)
  let runningCheckpoint = Mutex<Checkpoint?>(nil)
  let scheduling = Mutex(Scheduling())
  /// The memory that all receivers share, once there are any.
  let sharedMemory = Mutex<ReceiverMemory?>(nil)
  /// Stops the context, while it runs.
  let stopThread = Mutex<StopThread?>(nil)

  /// Set while a batch of a context runs, so that `stop()` knows not to wait for it.
  @TaskLocal static var isInsideBatch = false

  // MARK: Making one

  /// A context on `master` (`local[N]`, `local[*]`). Every receiver takes one of its threads, so there must be at least
  /// one more.
  ///
  /// - Parameter logger: gets messages about trouble that does not stop the program, such as a lost connection. By
  ///   default, loggers write to standard error.
  public convenience init(
    master: String = "local[*]", appName: String = "martlet", batchInterval: Duration,
    logger: Logger = Logger(label: "martlet")
  ) {
    self.init(MartletContext(master: master, appName: appName, logger: logger), batchInterval: batchInterval)
  }

  /// A context with the settings of `conf`.
  public convenience init(
    conf: MartletConf, batchInterval: Duration, logger: Logger = Logger(label: "martlet")
  ) {
    self.init(MartletContext(conf: conf, logger: logger), batchInterval: batchInterval)
  }

  /// A context that uses the threads of one that is there already.
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
    bus = ListenerBus(logger: sparkContext.logger)
    if !(.microseconds(1) ... .seconds(100 * 366 * 86400) ~= batchInterval) {
      graph.fail(
        MartletError(
          .invalidConfiguration,
          """
          The batch interval is \(batchInterval); it must be at least 0.001 ms and at most a hundred years, such as \
          .milliseconds(500).
          """))
    }
  }

  deinit { stopThread.withLock { $0 }?.end() }

  // MARK: Setting up

  /// Whether the context has been started or stopped.
  public var state: StreamingContextState { lifecycle.state }

  /// `state`, as Spark spells it.
  public func getState() -> StreamingContextState { lifecycle.state }

  /// Keeps the RDDs of all streams for at least so long after their batch, for `slice`. Called before `start()`.
  ///
  /// So what receivers have stored is kept as long. It counts against `martlet.memory.bytes`, and goes to disk
  /// (`martlet.local.dir`) beyond that. What streams make of it is computed again when a slice is read, as far as it is not
  /// persisted. Windows need no `remember`: they keep what they read.
  public func remember(_ duration: Duration, file: StaticString = #fileID, line: UInt = #line) {
    let site = OperatorSite("remember", file, line)
    guard graph.mayChange(site) else { return }
    guard duration >= .zero else {
      return graph.fail(
        site.invalidArgument("the duration is \(duration.text); it must not be negative."))
    }
    graph.remember(duration)
  }

  /// Sends the events of this context to `listener`.
  public func addStreamingListener(_ listener: any StreamingListener) { bus.add(listener) }

  /// Sends no more events to `listener`.
  public func removeStreamingListener(_ listener: any StreamingListener) { bus.remove(listener) }

  /// Stops the context, gracefully, when a file of this name appears: the way to stop it from another process. The file
  /// is looked for at every batch, and removed once it is found.
  public func stopWhenFileExists(_ path: String, file: StaticString = #fileID, line: UInt = #line) {
    let site = OperatorSite("stopWhenFileExists", file, line)
    do {
      guard !path.isEmpty else { throw site.invalidArgument("the path is empty.") }
      stopFile.lookFor(try site.localPath(path))
    } catch {
      // It may be called while the context runs.
      if graph.isSealed { fail(error) } else { graph.fail(error) }
    }
  }

  /// Bytes that one receiver may hold in memory: what it can take in 0.1 s at full speed, or one batch interval if
  /// that is more.
  var receiverBufferLimit: Int {
    do {
      if let limit = try sparkContext.conf.get(.receiverBufferBytes) { return limit }
    } catch { graph.fail(error) }
    let seconds = Double(batchInterval.nanoseconds) / 1e9
    return min(512 << 20, max(56 << 20, Int(seconds * 480e6)))
  }

  func stopsContextByDefault() throws -> Bool {
    try sparkContext.conf.get(.stopsContextByDefault) ?? true
  }

  func stopTimeout() throws -> Duration {
    try sparkContext.conf.get(.gracefulStopTimeout) ?? max(batchInterval * 10, .seconds(60))
  }

  // MARK: Looking

  /// What has been processed so far, or in all once the context is stopped.
  public var progress: StreamingReport {
    scheduling.withLock { scheduling in scheduling.scheduler.map { StreamingReport($0.progress) } ?? scheduling.report }
  }

  /// For tests: waits until the batch at `time` is done and listeners know of it.
  package func waitUntilCompleted(_ time: Time) throws {
    let (scheduler, last) = scheduling.withLock { ($0.scheduler, $0.completedThrough) }
    defer { bus.waitUntilDelivered() }
    if let failure = lifecycle.failure { throw failure }
    if let scheduler { return try scheduler.waitUntilCompleted(time) }
    if let last, last >= time { return }
    throw MartletError(.invalidState, "The context does not run, so there is no batch of \(time).")
  }

  /// The checkpoint of the context while it runs.
  var activeCheckpoint: Checkpoint? { runningCheckpoint.withLock { $0 } }

  /// What makes the batches, and what is left of it.
  struct Scheduling {
    var scheduler: BatchScheduler?
    /// What had been processed when the context was stopped.
    var report = StreamingReport()
    /// The last batch that was done before the context was stopped.
    var completedThrough: Time?
  }

  /// The context that is active in this process, if there is one.
  public static var active: StreamingContext? { ActiveContext.current }

  /// `active`, as Spark spells it.
  public static func getActive() -> StreamingContext? { active }

  /// The active context; if there is none, the one that the closure makes.
  public static func getActiveOrCreate(_ create: () throws -> StreamingContext) rethrows -> StreamingContext {
    try active ?? create()
  }
}
