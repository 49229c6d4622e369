import MartletCore
import MartletRDD

/// The state of a context between its beginning and its end, and the callers that wait for it.
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

  /// The error that stopped the context, if any.
  var failure: (any Error)? { condition.withLock { firstFailure } }

  /// Stores `error` if it is the first before the context has been stopped; returns whether it is.
  @discardableResult
  func note(_ error: any Error) -> Bool {
    condition.withLock {
      guard firstFailure == nil && current != .stopped else { return false }
      firstFailure = error
      return true
    }
  }

  // MARK: Starting

  /// Returns true if the caller must start the context; `false` if it has already been started. Waits for other callers
  /// that start or stop it.
  func beginStarting() throws -> Bool {
    try condition.withLock {
      // A stop waits for the batches of a running context, and this may be called in one of them.
      while isStarting || isStopping && current == .initialized { condition.wait() }
      switch current {
      case .active: return false
      case .stopped:
        throw MartletError(
          .invalidState, "The streaming context has been stopped and cannot be started again. Create a new one.")
      case .initialized:
        isStarting = true
        return true
      }
    }
  }

  func noteActive() { condition.withLock { current = .active } }

  /// Wakes callers that wait to start or stop the context.
  func endStarting() {
    condition.withLock {
      isStarting = false
      condition.broadcast()
    }
  }

  // MARK: Stopping

  /// Returns true if the caller must stop the context; `false` if it has already been stopped. Waits for other callers
  /// that start or stop it.
  func beginStopping() -> Bool {
    condition.withLock {
      while isStopping || isStarting { condition.wait() }
      guard current != .stopped else { return false }
      isStopping = true
      return true
    }
  }

  /// The same as `beginStopping`, but returns `false` at once if others are stopping the context, and calls `body` when
  /// they have finished.
  ///
  /// The stop thread calls this, because those who stop the context may wait for it. If the context has already been
  /// stopped, `body` is called before this returns.
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

  /// The same as `beginStopping`, but returns `nil` instead of waiting.
  func beginStoppingAtOnce() -> Bool? {
    condition.withLock {
      if isStopping || isStarting { return nil }
      guard current != .stopped else { return false }
      isStopping = true
      return true
    }
  }

  /// True if a caller has stopped the context and waits until it has stopped.
  var isStopAwaited: Bool { condition.withLock { stopIsAwaited } }

  func noteStopAwaited() { condition.withLock { stopIsAwaited = true } }

  /// Records a call of `run`; returns whether it is the first.
  ///
  /// - Throws: `MartletError` while an earlier call runs the context. For a stopped context, the start throws.
  func beginRun(_ site: OperatorSite) throws -> Bool {
    try condition.withLock {
      if let error = refusal(ofRun: site) { throw error }
      guard firstRun == nil else { return false }
      firstRun = site
      return true
    }
  }

  /// Throws the error that `beginRun` would, and records nothing.
  func refuseSecondRun(_ site: OperatorSite) throws {
    if let error = condition.withLock({ refusal(ofRun: site) }) { throw error }
  }

  private func refusal(ofRun site: OperatorSite) -> MartletError? {
    guard let firstRun, current != .stopped else { return nil }
    return MartletError(
      .invalidState,
      """
      \(site): the streaming context is already running, since run at \(firstRun.callSite). \
      Call run() only once. To wait until the context has stopped, call awaitTermination().
      """)
  }

  /// True if `run` has been asked to end.
  var isRunEnded: Bool { condition.withLock { runIsEnded } }

  func noteRunEnded() { condition.withLock { runIsEnded = true } }

  /// Wakes all callers that wait for the context's end.
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
  /// - Throws: `CancellationError` as soon as the task is canceled.
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
            // The handler below may already have run, and found no waiter.
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

  /// Blocks the calling thread until the context has been stopped, the deadline has passed, or `isCancelled` returns
  /// `true`; returns whether the context has been stopped. Call `wakeWaiters()` when `isCancelled` changes.
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
