import MartletCore

/// Where a context stands between its beginning and its end, and who waits for it.
final class ContextLifecycle: @unchecked Sendable {
  // Sendable: `condition` guards the variables.
  private let condition = Condition()
  private var current = StreamingContextState.initialized
  private var isStarting = false
  private var isStopping = false
  private var stopIsAwaited = false
  private var firstFailure: (any Error)?
  private var waiters: [CheckedContinuation<Void, Never>] = []

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
      while isStarting { condition.wait() }
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

  /// Whether somebody has stopped the context and waits until it has stopped.
  var isStopAwaited: Bool { condition.withLock { stopIsAwaited } }

  func noteStopAwaited() { condition.withLock { stopIsAwaited = true } }

  /// Lets all go on who wait for the context's end.
  func endStopping() {
    let waiters = condition.withLock {
      current = .stopped
      isStopping = false
      condition.broadcast()
      defer { self.waiters = [] }
      return self.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Returns when the context has been stopped.
  func awaitStopped() async {
    await withCheckedContinuation { continuation in
      let hasEnded = condition.withLock {
        if self.isOver { return true }
        waiters.append(continuation)
        return false
      }
      if hasEnded { continuation.resume() }
    }
  }

  /// Blocks the calling thread until the context has been stopped or the time has come; true if it has been stopped.
  func waitUntilStopped(before deadline: MonotonicTime) -> Bool {
    condition.withLock {
      while !isOver {
        if !condition.wait(until: deadline) && MonotonicTime.now >= deadline { return false }
      }
      return true
    }
  }

  private var isOver: Bool { current == .stopped && !isStopping }
}
