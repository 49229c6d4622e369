import MartletCore
import Synchronization
import Testing

/// A thread of a receiver's own.
final class BackgroundThread: Sendable {
  private let body: @Sendable () -> Void
  private let thread = Mutex<WorkerThread?>(nil)

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  func begin() { thread.withLock { [body] in $0 = WorkerThread(name: "test", body) } }

  func join() { thread.withLock { $0 }?.join() }
}

/// An event that one thread waits for and another signals.
final class Signal: @unchecked Sendable {
  private let condition = Condition()
  private var isRaised = false

  func raise() {
    condition.withLock {
      isRaised = true
      condition.broadcast()
    }
  }

  /// Waits until it is signalled; records an issue if it never is.
  func wait(sourceLocation: SourceLocation = #_sourceLocation) {
    let deadline = MonotonicTime.now + .seconds(120)
    let came = condition.withLock {
      while !isRaised && MonotonicTime.now < deadline { _ = condition.wait(until: deadline) }
      return isRaised
    }
    if !came { Issue.record("What was waited for has not come.", sourceLocation: sourceLocation) }
  }
}
