import Logging
import MartletCore
import MartletRDD
import Synchronization

extension StreamingContext {
  /// Waits until the context is stopped.
  ///
  /// - Throws: the `BatchFailure` or other error that stopped it, if one did.
  public func awaitTermination() async throws {
    await lifecycle.awaitStopped()
    try throwFailure()
  }

  /// Waits until the context is stopped, at most for `timeout`; true if it is.
  ///
  /// - Throws: the error that stopped it, if one did.
  public func awaitTerminationOrTimeout(_ timeout: Duration) async throws -> Bool {
    let isStopped = try await runOnThread { [lifecycle] in
      lifecycle.waitUntilStopped(before: MonotonicTime.now + timeout)
    }
    if isStopped { try throwFailure() }
    return isStopped
  }

  private func throwFailure() throws {
    if let failure = lifecycle.failure { throw failure }
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
  func shutDown(stopContext: Bool, gracefully: Bool) {
    let isMine = lifecycle.beginStopping()
    if isMine {
      if !gracefully { clock.interrupt() }
      for input in graph.inputs { input.stop() }
      scheduling.withLock { $0.scheduler }?.stop(draining: gracefully)
      closeCheckpoint()
      sparkContext.pool.reserve(0)
      if graph.isSealed == false { graph.seal { _ in } }
      graph.removeAll()
      bus.close(before: MonotonicTime.now + .seconds(10))
      ActiveContext.leave(self)
    }
    if stopContext { sparkContext.stop() }
    guard isMine else { return }
    scheduling.withLock { scheduling in
      if let scheduler = scheduling.scheduler {
        scheduling.report = StreamingReport(scheduler.progress)
        scheduling.completedThrough = scheduler.lastCompleted
      }
      scheduling.scheduler = nil
    }
    lifecycle.endStopping()
  }

  private func closeCheckpoint() {
    do {
      try runningCheckpoint.withLock { $0 }?.close()
    } catch {
      lifecycle.note(error)
      sparkContext.logger.error("\(error)")
    }
    runningCheckpoint.withLock { $0 = nil }
  }

  /// Stops the context because of `error`, which `awaitTermination` throws.
  func fail(_ error: any Error) {
    guard lifecycle.note(error) else { return }
    sparkContext.logger.error("\(error)")
    requestStop(stopContext: false, gracefully: false)
  }
}
