import MartletCore

/// A gate at which a thread waits until the test opens it.
final class Gate: @unchecked Sendable {
  // Sendable: `condition` guards both variables.
  private let condition = Condition()
  private var isOpen = false
  private var isReached = false

  func pass() {
    condition.withLock {
      isReached = true
      condition.broadcast()
      while !isOpen { condition.wait() }
    }
  }

  func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }

  func waitUntilReached() {
    condition.withLock {
      while !isReached { condition.wait() }
    }
  }
}
