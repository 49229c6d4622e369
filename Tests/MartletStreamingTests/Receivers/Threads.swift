import MartletCore
import Synchronization

/// A thread of a receiver's own.
final class BackgroundThread: Sendable {
  private let body: @Sendable () -> Void
  private let thread = Mutex<WorkerThread?>(nil)

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  func begin() { thread.withLock { [body] in $0 = WorkerThread(name: "test", body) } }

  func join() { thread.withLock { $0 }?.join() }
}

/// Something that one thread waits for and another brings about.
final class Signal: @unchecked Sendable {
  private let condition = Condition()
  private var isRaised = false

  func raise() {
    condition.withLock {
      isRaised = true
      condition.broadcast()
    }
  }

  func wait() {
    condition.withLock {
      while !isRaised { condition.wait() }
    }
  }
}
