import MartletCore
import MartletRDD

/// Where a context stands between its beginning and its end, and who waits for it.
final class ContextLifecycle: @unchecked Sendable {
  // Sendable: `condition` guards the variables.
  private let condition = Condition()
  private var current = StreamingContextState.initialized
  private var isStarting = false
  private var isStopping = false
  private var stopIsAwaited = false
  private var runIsEnded = false
  /// The first call of `run`.
  private var firstRun: OperatorSite?
  private var firstFailure: (any Error)?
  /// Called when the context has been stopped.
  private var afterStop: [@Sendable () -> Void] = []
  private var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
  private var lastWaiter = 0

  var state: StreamingContextState { condition.withLock { current } }

  /// Why the context has been stopped, if an error did it.
  var failure: (any Error)? { condition.withLock { firstFailure } }

  /// Keeps `error` if it is the first before the context has been stopped; whether it is.
  @discardableResult
  func note(_ error: any Error) -> Bool {
    condition.withLock {
      guard firstFailure == nil && current != .stopped else { return false }
      firstFailure = error
      return true
    }
  }

  // MARK: Starting

  /// Whether the caller is to start the context; false if it has been started. Waits for others who do either.
  func beginStarting() throws -> Bool {
    try condition.withLock {
      // A stop waits for the batches of a context that runs, of which this may be a call.
      while isStarting || isStopping && current == .initialized { condition.wait() }
      switch current {
      case .active: return false
      case .stopped:
        throw MartletError(
          .invalidState, "The streaming context has been stopped and cannot be started again. Make a new one.")
      case .initialized:
        isStarting = true
        return true
      }
    }
  }

  func noteActive() { condition.withLock { current = .active } }

  /// Lets those go on who wait to start or to stop the context.
  func endStarting() {
    condition.withLock {
      isStarting = false
      condition.broadcast()
    }
  }

  // MARK: Stopping

  /// Whether the caller is to stop the context; false if it has been stopped. Waits for others who start or stop it.
  func beginStopping() -> Bool {
    condition.withLock {
      while isStopping || isStarting { condition.wait() }
      guard current != .stopped else { return false }
      isStopping = true
      return true
    }
  }

  /// As `beginStopping`, but returns false at once if others stop the context, and has `body` called when they have.
  ///
  /// The stop thread calls this: those who stop the context may wait for it. If the context has been stopped, `body` is
  /// called before this returns.
  func beginStopping(orAfterwards body: @escaping @Sendable () -> Void) -> Bool {
    let (isMine, isStopped) = condition.withLock {
      while isStarting { condition.wait() }
      if isStopping {
        afterStop.append(body)
        return (false, false)
      }
      if current == .stopped { return (false, true) }
      isStopping = true
      return (true, false)
    }
    if isStopped { body() }
    return isMine
  }

  /// As `beginStopping`, but `nil` where that would wait.
  func beginStoppingAtOnce() -> Bool? {
    condition.withLock {
      if isStopping || isStarting { return nil }
      guard current != .stopped else { return false }
      isStopping = true
      return true
    }
  }

  /// Whether somebody has stopped the context and waits until it has stopped.
  var isStopAwaited: Bool { condition.withLock { stopIsAwaited } }

  func noteStopAwaited() { condition.withLock { stopIsAwaited = true } }

  /// Notes that `run` has been called; whether that is the first call.
  ///
  /// - Throws: `MartletError` while an earlier call runs the context. Of one that has been stopped, the start says so.
  func beginRun(_ site: OperatorSite) throws -> Bool {
    try condition.withLock {
      if let error = refusal(ofRun: site) { throw error }
      guard firstRun == nil else { return false }
      firstRun = site
      return true
    }
  }

  /// Throws what `beginRun` would, and notes nothing.
  func refuseSecondRun(_ site: OperatorSite) throws {
    if let error = condition.withLock({ refusal(ofRun: site) }) { throw error }
  }

  private func refusal(ofRun site: OperatorSite) -> MartletError? {
    guard let firstRun, current != .stopped else { return nil }
    return MartletError(
      .invalidState,
      """
      \(site): the streaming context runs already, since run at \(firstRun.callSite). Call run() \
      once. To wait until the context has stopped, call awaitTermination().
      """)
  }

  /// Whether `run` has been told to end.
  var isRunEnded: Bool { condition.withLock { runIsEnded } }

  func noteRunEnded() { condition.withLock { runIsEnded = true } }

  /// Lets all go on who wait for the context's end.
  func endStopping() {
    let (waiters, bodies) = condition.withLock {
      current = .stopped
      isStopping = false
      condition.broadcast()
      defer { (self.waiters, afterStop) = ([:], []) }
      return (self.waiters, afterStop)
    }
    for waiter in waiters.values { waiter.resume() }
    for body in bodies { body() }
  }

  /// Returns when the context has been stopped.
  ///
  /// - Throws: `CancellationError` as soon as the task is cancelled.
  func awaitStopped() async throws {
    let number = condition.withLock {
      lastWaiter += 1
      return lastWaiter
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        condition.withLock {
          if self.isOver {
            continuation.resume()
          } else if Task.isCancelled {
            // The handler below may have run already, and found nobody.
            continuation.resume(throwing: CancellationError())
          } else {
            waiters[number] = continuation
          }
        }
      }
    } onCancel: {
      let waiter = condition.withLock { waiters.removeValue(forKey: number) }
      waiter?.resume(throwing: CancellationError())
    }
  }

  /// Blocks the calling thread until the context has been stopped, the time has come, or `isCancelled` is true; true if
  /// the context has been stopped. Call `wakeWaiters()` when `isCancelled` changes.
  func waitUntilStopped(before deadline: MonotonicTime, unless isCancelled: () -> Bool = { false }) -> Bool {
    condition.withLock {
      while !isOver {
        if isCancelled() { return false }
        if !condition.wait(until: deadline) && MonotonicTime.now >= deadline { return false }
      }
      return true
    }
  }

  func wakeWaiters() { condition.withLock { condition.broadcast() } }

  private var isOver: Bool { current == .stopped && !isStopping }
}
