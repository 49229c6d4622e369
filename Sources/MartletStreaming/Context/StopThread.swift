import MartletCore

/// The thread that stops a context. It is started with the context, because the system may have no threads left when
/// the context must stop.
final class StopThread: @unchecked Sendable {
  // Sendable: `condition` guards the variables.
  private let condition = Condition()
  private var work: [@Sendable () -> Void] = []
  /// Work to do at a given time.
  private var appointment: (time: MonotonicTime, work: @Sendable () -> Void)?
  private var hasEnded = false

  /// - Throws: `MartletError` if the system cannot create the thread.
  init() throws { _ = try WorkerThread(starting: "martlet-stop") { [self] in run() } }

  /// Adds `body` to the work of the thread; returns `false` if the thread has ended.
  func add(_ body: @escaping @Sendable () -> Void) -> Bool {
    condition.withLock {
      guard !hasEnded else { return false }
      work.append(body)
      condition.broadcast()
      return true
    }
  }

  /// For tests: the amount of work that has not begun.
  var waitingCount: Int { condition.withLock { work.count } }

  /// Adds `body` to the work of the thread at `time`, unless it ends before.
  func add(at time: MonotonicTime, _ body: @escaping @Sendable () -> Void) {
    condition.withLock {
      guard !hasEnded else { return }
      appointment = (time, body)
      condition.broadcast()
    }
  }

  /// Ends the thread after its remaining work.
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
