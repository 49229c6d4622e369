import Logging
import MartletCore
import MartletRDD
import Synchronization

extension StreamingContext {
  /// Waits until the context is stopped.
  ///
  /// Canceling the task ends the wait, but does not stop the context, unlike in `run()`.
  /// - Throws: the `BatchFailure` or other error that stopped it, if any; `IncompleteStop` if a graceful stop has lost
  ///   records that it could not process in time; `CancellationError` if the task is canceled; `MartletError` inside a
  ///   batch, which would wait for itself.
  public func awaitTermination() async throws {
    if Self.isInsideBatch || BlockingCall.isInside {
      throw MartletError(
        .invalidState,
        """
        awaitTermination() was called inside a batch, which would wait for its own end. Call it after start(). \
        Inside a batch, call requestStop() to stop the context.
        """)
    }
    try await lifecycle.awaitStopped()
    try throwFailure()
  }

  /// Waits until the context is stopped, at most for `timeout`; returns whether it is.
  ///
  /// - Throws: the error that stopped it, if any; `CancellationError` if the task is canceled.
  public func awaitTerminationOrTimeout(_ timeout: Duration) async throws -> Bool {
    let isCancelled = CancellationFlag()
    let isStopped = try await withTaskCancellationHandler {
      try await waitForStop(atMost: timeout) { isCancelled.isSet.load(ordering: .acquiring) }
    } onCancel: {
      isCancelled.isSet.store(true, ordering: .releasing)
      lifecycle.wakeWaiters()
    }
    if !isStopped { try Task.checkCancellation() }
    return isStopped
  }

  private func waitForStop(
    atMost timeout: Duration, unless isCancelled: @escaping @Sendable () -> Bool
  ) async throws
    -> Bool
  {
    let isStopped = try await runOnThread { [lifecycle] in
      lifecycle.waitUntilStopped(before: MonotonicTime.now + timeout, unless: isCancelled)
    }
    if isStopped { try throwFailure() }
    return isStopped
  }

  private func throwFailure() throws {
    if let failure = lifecycle.failure { throw failure }
  }

  /// Stops the context and waits until it has stopped. Stopping a stopped context does nothing.
  ///
  /// Called inside a batch, it returns at once, and the context stops when the batch is done. A batch that waits for a
  /// detached task or an actor that calls `stop` blocks it until the timeout: use `requestStop` there.
  ///
  /// It takes no longer than `MartletConf.Setting.gracefulStopTimeout` says. The context stops without receivers,
  /// batches and listeners that have not ended by then; the log and `progress.unfinished` say so. What they would
  /// still have done is lost, or, with a checkpoint, done after a restart, except for records that could not be
  /// written to the receiver's log. If a graceful stop has lost something, `awaitTermination` throws
  /// `IncompleteStop`.
  /// - Parameters:
  ///   - stopContext: also stops the `MartletContext`; otherwise it can be used on. If it is not given, the setting
  ///     `MartletConf.Setting.stopsContextByDefault` decides.
  ///   - gracefully: stops receiving, then processes everything that has come: what has been received, files that are
  ///     complete, and the next RDD of a queue. Otherwise the batch that runs is the last, and what waits is dropped.
  public func stop(stopContext: Bool? = nil, gracefully: Bool = false) async {
    if Self.isInsideBatch || BlockingCall.isInside {
      return requestStop(stopContext: stopContext, gracefully: gracefully)
    }
    lifecycle.noteStopAwaited()
    await withCheckedContinuation { continuation in
      onStopThread { [self] in
        let end: @Sendable () -> Void = { [self] in
          stopContextIfWanted(stopContext)
          continuation.resume()
        }
        guard lifecycle.beginStopping(orAfterwards: end) else { return }
        shutDown(stopContext: stopContext, gracefully: gracefully, isMine: true)
        continuation.resume()
      }
    }
  }

  /// Stops the context, as `stop` does, but returns at once.
  public func requestStop(stopContext: Bool? = nil, gracefully: Bool = false) {
    // At once if possible, so that no other batch runs after the one that calls this.
    let isMine = lifecycle.beginStoppingAtOnce() == true
    if isMine && !gracefully { dropWaitingBatches() }
    onStopThread { [self] in
      let end: @Sendable () -> Void = { [self] in stopContextIfWanted(stopContext) }
      guard isMine || lifecycle.beginStopping(orAfterwards: end) else { return }
      shutDown(stopContext: stopContext, gracefully: gracefully, isMine: true)
    }
  }

  /// Runs `body`, which stops the context, on another thread; on this one if the context does not run and the system
  /// has no more threads. A body must not wait for one that was given after it.
  private func onStopThread(_ body: @escaping @Sendable () -> Void) {
    if stopThread.withLock({ $0 })?.add(body) == true { return }
    do { _ = try WorkerThread(starting: "martlet-stop", body) } catch { body() }
  }

  /// For tests: stops the context as `stop` does, and blocks the calling thread until it has stopped.
  package func stopAndWait(stopContext: Bool, gracefully: Bool) {
    shutDown(stopContext: stopContext, gracefully: gracefully)
  }

  /// Stops everything, once; later callers wait for the first.
  func shutDown(stopContext: Bool?, gracefully: Bool) {
    shutDown(stopContext: stopContext, gracefully: gracefully, isMine: lifecycle.beginStopping())
  }

  private func shutDown(stopContext: Bool?, gracefully: Bool, isMine: Bool) {
    if isMine { end(gracefully: gracefully) }
    stopContextIfWanted(stopContext)
    guard isMine else { return }
    lifecycle.endStopping()
    stopThread.withLock { $0 }?.end()
  }

  private func stopContextIfWanted(_ stopContext: Bool?) {
    if stopContext ?? (try? stopsContextByDefault()) ?? true { sparkContext.stop() }
  }

  private func end(gracefully: Bool) {
    if !gracefully { dropWaitingBatches() }
    let timeout = (try? stopTimeout()) ?? .seconds(10)
    let begin = MonotonicTime.now
    if !gracefully { clock.interrupt() }
    // Records that a receiver stores at its end are also processed.
    let forReceivers = begin + (timeout - max(timeout / 10, min(timeout / 2, .seconds(1))))
    let program = graph.program ?? graph.seal { _ in }
    for input in program.inputs { input.stop() }
    let receiverEnds = program.receivers.map { $0.waitUntilStopped(before: forReceivers) }
    let isKept = journal != nil && program.inputs.allSatisfy(\.isKeptByCheckpoint)
    let scheduler = scheduling.withLock { $0.scheduler }
    if let scheduler { stop(scheduler, draining: gracefully, before: begin + timeout, timeout, isKept: isKept) }
    closeCheckpoint()
    for input in program.folders { input.stopWatching() }
    sparkContext.pool.reserve(0)
    graph.removeAll()
    listeners.end(before: max(begin + timeout, MonotonicTime.now + .seconds(1)), sparkContext.logger)
    ActiveContext.leave(self)
    guard let scheduler else { return }
    var unfinished = scheduler.unfinished
    unfinished.isKept = isKept
    unfinished.runningReceivers = receiverEnds.compactMap(\.running)
    unfinished.unloggedRecords = receiverEnds.reduce(0) { $0 + $1.unloggedRecords }
    let report = StreamingReport(scheduler.progress, unfinished: unfinished.isEmpty ? nil : unfinished)
    scheduling.withLock { scheduling in
      scheduling.report = report
      scheduling.mark = scheduler.currentMark
      scheduling.scheduler = nil
    }
    // Other stops do not ask for more work to be done; after a failure, that failure is thrown.
    if gracefully && unfinished.isLost { lifecycle.note(IncompleteStop(report: report, timeout: timeout)) }
  }

  private func dropWaitingBatches() { scheduling.withLock { $0.scheduler }?.dropWaiting() }

  /// Stops making batches, and waits until those that should run are done. At `deadline` the rest is abandoned: a
  /// thread that runs a batch cannot be ended, and does not prevent the context from ending.
  private func stop(
    _ scheduler: BatchScheduler, draining: Bool, before deadline: MonotonicTime, _ timeout: Duration, isKept: Bool
  ) {
    if scheduler.stop(draining: draining, before: deadline) { return }
    let isLeft = scheduler.giveUp()
    if !isLeft && scheduler.join(before: MonotonicTime.now + .seconds(1)) { return }
    var left = scheduler.unfinished
    left.isKept = isKept
    let advice =
      left.runningBatch != nil && lifecycle.isStopAwaited
      ? """
      A call of stop() waits for the batch to end. If the batch waits for that call, for example in a detached task \
      or an actor, neither can continue. Call requestStop() there, which does not wait.
      """ : ""
    sparkContext.logger.error(
      """
      The context had not stopped after \(timeout.text) (martlet.streaming.gracefulStopTimeout). Not \
      processed: \(isLeft ? "\(left)" : "a batch that is being made").\(advice)
      """)
  }

  private func closeCheckpoint() {
    do {
      try journal?.close()
    } catch {
      lifecycle.note(error)
      log(error)
    }
    openJournal.withLock { $0 = nil }
  }

  private func log(_ error: any Error) {
    let logger = sparkContext.logger
    logger.error("\(error)")
    // For other handlers, it is unknown whether their output is read.
    if logger.handler is StreamLogHandler && logger.logLevel <= .error { LoggedError.note(error) }
  }

  /// Stops the context because of `error`, which `awaitTermination` throws.
  func fail(_ error: any Error) {
    guard lifecycle.note(error) else { return }
    log(error)
    requestStop(stopContext: false, gracefully: false)
  }
}

private final class CancellationFlag: Sendable {
  let isSet = Atomic(false)
}
