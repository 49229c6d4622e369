import MartletCore

/// The thread that stops a context. It is started with the context: when the context is to stop, the system may have no
/// more threads to give.
final class StopThread: @unchecked Sendable {
  // Sendable: `condition` guards the variables.
  private let condition = Condition()
  private var work: [@Sendable () -> Void] = []
  /// What is to be done at a given time.
  private var appointment: (time: MonotonicTime, work: @Sendable () -> Void)?
  private var hasEnded = false

  /// - Throws: `MartletError` if the thread cannot be started.
  init() throws { _ = try WorkerThread(starting: "martlet-stop") { [self] in run() } }

  /// Has the thread do `body` when it has done what it was given before; false if the thread has ended.
  func add(_ body: @escaping @Sendable () -> Void) -> Bool {
    condition.withLock {
      guard !hasEnded else { return false }
      work.append(body)
      condition.broadcast()
      return true
    }
  }

  /// For tests: how much it has been given that it has not begun.
  var waitingCount: Int { condition.withLock { work.count } }

  /// Has the thread do `body` at `time`, unless it ends before.
  func add(at time: MonotonicTime, _ body: @escaping @Sendable () -> Void) {
    condition.withLock {
      guard !hasEnded else { return }
      appointment = (time, body)
      condition.broadcast()
    }
  }

  /// Ends the thread once it has done what it was given.
  func end() {
    condition.withLock {
      hasEnded = true
      appointment = nil
      condition.broadcast()
    }
  }

  private func run() {
    while let body = next() { body() }
  }

  private func next() -> (@Sendable () -> Void)? {
    condition.withLock {
      while work.isEmpty && !hasEnded {
        guard let (time, body) = appointment else {
          condition.wait()
          continue
        }
        guard MonotonicTime.now < time else {
          appointment = nil
          return body
        }
        _ = condition.wait(until: time)
      }
      return work.isEmpty ? nil : work.removeFirst()
    }
  }
}
