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
public final class StreamingContext: @unchecked Sendable {
  // Sendable: `condition` guards the variables.
  /// The context whose threads do the work. Spark calls it so too.
  public let sparkContext: MartletContext
  /// The time between two batches.
  public let batchInterval: Duration
  package let graph = StreamGraph()
  let bus = ListenerBus()
  package let clock: any BatchClock
  /// Whether the context takes the place of the one active context of the process.
  private let countsAsActive: Bool
  private let condition = Condition()
  private var state = StreamingContextState.initialized
  private var isStarting = false
  private var isStopping = false
  private var failure: (any Error)?
  private var scheduler: BatchScheduler?
  private var waiters: [CheckedContinuation<Void, Never>] = []
  private let stopFile = StopFile()
  package let checkpointSettings = Mutex<CheckpointSettings?>(nil)
  private let runningCheckpoint = Mutex<Checkpoint?>(nil)
  private var report = StreamingReport()
  /// The last batch that was done before the context was stopped.
  private var completedThrough: Time?

  /// Set while a batch of a context runs, so that `stop()` knows not to wait for it.
  @TaskLocal static var isInsideBatch = false

  // MARK: Making one

  /// A context on `master` (`local[N]`, `local[*]`). Every receiver takes one of its threads, so there must be at least
  /// one more.
  ///
  /// - Parameter logger: told of trouble that stops nothing, such as a receiver that has lost its connection. Without
  ///   any set-up, loggers write to standard error.
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
    if batchInterval < .microseconds(1) {
      graph.fail(
        MartletError(
          .invalidConfiguration,
          "The batch interval is \(batchInterval.text); it must be at least 0.001 ms, such as .milliseconds(500)."))
    }
  }

  // MARK: Setting up

  /// Whether the context has been started or stopped.
  public func getState() -> StreamingContextState { condition.withLock { state } }

  /// Keeps the RDDs of all streams for at least so long after their batch, for `slice`.
  public func remember(_ duration: Duration) { graph.remember(duration) }

  /// Has `listener` told of what happens.
  public func addStreamingListener(_ listener: any StreamingListener) { bus.add(listener) }

  /// Tells `listener` no more.
  public func removeStreamingListener(_ listener: any StreamingListener) { bus.remove(listener) }

  /// Stops the context, gracefully, when a file of this name appears: the way to stop it from another process. The file
  /// is looked for at every batch, and removed once it is found.
  public func stopWhenFileExists(_ path: String) { stopFile.lookFor(path) }

  /// Bytes that one receiver may hold in memory: what it can take in 0.1 s at full speed, or one batch interval if
  /// that is more.
  var receiverBufferLimit: Int {
    let conf = try? sparkContext.conf.integer(Self.receiverBufferKey, default: 0, minimum: 0)
    if let conf, conf > 0 { return conf }
    let seconds = Double(batchInterval.nanoseconds) / 1e9
    return min(512 << 20, max(56 << 20, Int(seconds * 480e6)))
  }

  /// The setting for the bytes that one receiver may hold in memory.
  public static let receiverBufferKey = "martlet.streaming.receiver.buffer.bytes"

  // MARK: Starting

  /// Starts the receivers and the batches and returns at once. Starting a started context does nothing.
  ///
  /// - Throws: `MartletError` if something about the context or its streams cannot work; then it is stopped.
  public func start() throws {
    let isFirst = try condition.withLock {
      while isStarting { condition.wait() }
      switch state {
      case .active: return false
      case .stopped:
        throw MartletError(
          .invalidState, "The streaming context has been stopped and cannot be started again. Make a new one.")
      case .initialized:
        isStarting = true
        return true
      }
    }
    guard isFirst else { return }
    defer { endStarting() }
    if countsAsActive { try ActiveContext.take(self) }
    do {
      try begin()
    } catch {
      if CheckpointQuestion.isAsked { CheckpointQuestion.answer(.cannotStart("\(error)")) }
      condition.withLock { failure = failure ?? error }
      endStarting()
      shutDown(stopContext: false, gracefully: false)
      throw error
    }
  }

  /// Lets those go on who wait to start or to stop the context.
  private func endStarting() {
    condition.withLock {
      isStarting = false
      condition.broadcast()
    }
  }

  private func begin() throws {
    let settings = try sparkContext.settings.get()
    if let problem = graph.problem { throw problem }
    guard !sparkContext.isStopped else {
      throw MartletError(.invalidState, "The MartletContext of this streaming context has been stopped.")
    }
    let inputs = graph.inputs
    guard !graph.outputs.isEmpty else {
      throw MartletError(
        .invalidState,
        """
        There is nothing to do: no output operation has been set up. Call pprint(), foreachRDD { … } or \
        saveAsTextFiles(…) on a stream before start().
        """)
    }
    let receivers = inputs.filter { $0 is any ReceiverNode }.count
    guard settings.master.threads > receivers else {
      throw MartletError(
        .invalidConfiguration,
        """
        The master has \(settings.master.threads) thread\(settings.master.threads == 1 ? "" : "s"), and \
        \(receivers) receiver\(receivers == 1 ? " takes" : "s take") one each: none is left to process what is \
        received. Use local[\(receivers + 1)] or more.
        """)
    }
    graph.seal { [weak self] error in self?.fail(error) }
    let logger = sparkContext.logger
    if CheckpointQuestion.isAsked { CheckpointQuestion.answer(try checkpointAnswer()) }
    let checkpoint = try checkpointSettings.withLock { $0 }.map {
      try Checkpoint($0, graph: graph, interval: batchInterval, now: clock.now, logger: logger)
    }
    runningCheckpoint.withLock { $0 = checkpoint }
    sparkContext.pool.reserve(receivers)
    let zeroTime = checkpoint?.startTime ?? clock.now.floor(batchInterval)
    graph.initialize(zeroTime: zeroTime)
    try checkpoint?.restore(logger)
    var resumeFrom = checkpoint?.resumeFrom ?? zeroTime
    if checkpointSettings.withLock({ $0?.options.missedBatches == .skip }) {
      let now = clock.now.floor(batchInterval, zeroTime)
      if now > resumeFrom {
        graph.skip(after: resumeFrom, through: now)
        resumeFrom = now
      }
    }
    let scheduler = BatchScheduler(
      graph, clock: clock, interval: batchInterval, zeroTime: zeroTime, resumeFrom: resumeFrom,
      checkpoint: checkpoint, bus: bus, stopFile: stopFile, onFailure: { [weak self] in self?.fail($0) })
    stopFile.onFound { [weak self] in self?.requestStop(gracefully: true) }
    condition.withLock {
      self.scheduler = scheduler
      state = .active
    }
    for input in inputs where !(input is any ReceiverNode) { try input.start() }
    try checkpoint?.begin()
    let now = clock.now
    bus.post { $0.onStreamingStarted(time: now) }
    for input in inputs where input is any ReceiverNode { try input.start() }
    scheduler.start()
  }

  // MARK: Ending

  /// Waits until the context is stopped.
  ///
  /// - Throws: the `BatchFailure` or other error that stopped it, if one did.
  public func awaitTermination() async throws {
    await withCheckedContinuation { continuation in
      let isOver = condition.withLock {
        if state == .stopped && !isStopping { return true }
        waiters.append(continuation)
        return false
      }
      if isOver { continuation.resume() }
    }
    try throwFailure()
  }

  /// Waits until the context is stopped, at most for `timeout`; true if it is.
  ///
  /// - Throws: the error that stopped it, if one did.
  public func awaitTerminationOrTimeout(_ timeout: Duration) async throws -> Bool {
    try await runOnThread { [self] in
      let deadline = MonotonicTime.now + timeout
      return condition.withLock {
        while state != .stopped || isStopping {
          if !condition.wait(until: deadline) && MonotonicTime.now >= deadline { return false }
        }
        return true
      }
    }
      && {
        try throwFailure(); return true
      }()
  }

  private func throwFailure() throws {
    if let failure = condition.withLock({ failure }) { throw failure }
  }

  /// Stops the context and waits until it has stopped. Stopping a stopped context does nothing.
  ///
  /// Called inside a batch, it returns at once, and the context stops when the batch is done.
  /// - Parameters:
  ///   - stopContext: also stops the `MartletContext`; otherwise it can be used on.
  ///   - gracefully: stops receiving, then processes everything that has been received. Otherwise the batch that runs
  ///     is the last, and what waits is dropped.
  public func stop(stopContext: Bool = true, gracefully: Bool = false) async {
    if Self.isInsideBatch || BlockingCall.isInside {
      return requestStop(stopContext: stopContext, gracefully: gracefully)
    }
    _ = try? await runOnThread { [self] in shutDown(stopContext: stopContext, gracefully: gracefully) }
  }

  /// Has the context stop, as `stop` does, and returns at once.
  public func requestStop(stopContext: Bool = true, gracefully: Bool = false) {
    _ = WorkerThread(name: "martlet-stop") { [self] in shutDown(stopContext: stopContext, gracefully: gracefully) }
  }

  /// For tests: stops the context as `stop` does, and blocks the calling thread until it has stopped.
  package func stopAndWait(stopContext: Bool, gracefully: Bool) {
    shutDown(stopContext: stopContext, gracefully: gracefully)
  }

  /// Stops everything, once; later callers wait for the first.
  private func shutDown(stopContext: Bool, gracefully: Bool) {
    let isMine = condition.withLock {
      while isStopping || isStarting { condition.wait() }
      guard state != .stopped else { return false }
      isStopping = true
      return true
    }
    if isMine {
      let scheduler = condition.withLock { self.scheduler }
      let inputs = graph.inputs
      if !gracefully { clock.interrupt() }
      for input in inputs { input.stop() }
      scheduler?.stop(draining: gracefully)
      closeCheckpoint()
      sparkContext.pool.reserve(0)
      if graph.isSealed == false { graph.seal { _ in } }
      graph.removeAll()
      bus.close()
      ActiveContext.leave(self)
    }
    if stopContext { sparkContext.stop() }
    guard isMine else { return }
    let waiters = condition.withLock {
      if let scheduler {
        report = StreamingReport(scheduler.progress)
        completedThrough = scheduler.lastCompleted
      }
      scheduler = nil
      state = .stopped
      isStopping = false
      condition.broadcast()
      defer { self.waiters = [] }
      return self.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// The checkpoint of the context while it runs.
  var activeCheckpoint: Checkpoint? { runningCheckpoint.withLock { $0 } }

  private func closeCheckpoint() {
    do {
      try runningCheckpoint.withLock { $0 }?.close()
    } catch {
      condition.withLock { failure = failure ?? error }
      sparkContext.logger.error("\(error)")
    }
    runningCheckpoint.withLock { $0 = nil }
  }

  /// Stops the context because of `error`, which `awaitTermination` throws.
  private func fail(_ error: any Error) {
    let isFirst = condition.withLock {
      guard failure == nil && state != .stopped else { return false }
      failure = error
      return true
    }
    guard isFirst else { return }
    sparkContext.logger.error("\(error)")
    requestStop(stopContext: false, gracefully: false)
  }

  // MARK: Looking

  /// What has been processed so far, or in all once the context is stopped.
  public var progress: StreamingReport {
    condition.withLock { scheduler.map { StreamingReport($0.progress) } ?? report }
  }

  /// For tests: waits until the batch at `time` is done and listeners know of it.
  package func waitUntilCompleted(_ time: Time) throws {
    let (scheduler, failure, last) = condition.withLock { (self.scheduler, self.failure, completedThrough) }
    if let failure { throw failure }
    if let scheduler {
      try scheduler.waitUntilCompleted(time)
      return bus.waitUntilDelivered()
    }
    if let last, last >= time { return }
    throw MartletError(.invalidState, "The context does not run, so there is no batch of \(time).")
  }

  /// The context that is active in this process, if there is one.
  public static func getActive() -> StreamingContext? { ActiveContext.current }

  /// The active context; if there is none, the one that the closure makes.
  public static func getActiveOrCreate(_ create: () throws -> StreamingContext) rethrows -> StreamingContext {
    try getActive() ?? create()
  }
}
