import MartletCore

/// Delivers events to listeners, one at a time and in order, without a thread of its own: whoever posts while nobody
/// delivers, delivers.
final class ListenerBus: @unchecked Sendable {
  // Sendable: `condition` guards the variables.
  private let condition = Condition()
  private var listeners: [any StreamingListener] = []
  private var events: [@Sendable (any StreamingListener) -> Void] = []
  private var isDelivering = false
  private var isClosed = false

  func add(_ listener: any StreamingListener) {
    condition.withLock { if !isClosed { listeners.append(listener) } }
  }

  func remove(_ listener: any StreamingListener) { condition.withLock { listeners.removeAll { $0 === listener } } }

  /// Whether anybody listens; if not, events need not be made.
  var isEmpty: Bool { condition.withLock { listeners.isEmpty } }

  func post(_ event: @escaping @Sendable (any StreamingListener) -> Void) {
    let isMine = condition.withLock {
      guard !listeners.isEmpty else { return false }
      events.append(event)
      if isDelivering { return false }
      isDelivering = true
      return true
    }
    guard isMine else { return }
    while let (events, listeners) = takeEvents() {
      for event in events { listeners.forEach(event) }
    }
  }

  /// The events that wait, and who is told; nil, and nobody delivers any more, if none wait.
  private func takeEvents() -> ([@Sendable (any StreamingListener) -> Void], [any StreamingListener])? {
    condition.withLock {
      guard !events.isEmpty else {
        isDelivering = false
        condition.broadcast()
        return nil
      }
      defer { events = [] }
      return (events, listeners)
    }
  }

  /// Waits until everything that was posted has been delivered.
  func waitUntilDelivered() {
    condition.withLock {
      while isDelivering { condition.wait() }
    }
  }

  /// Waits until everything that was posted has been delivered, and lets go of the listeners, which often know the
  /// context.
  func close() {
    let released = condition.withLock {
      while isDelivering { condition.wait() }
      isClosed = true
      defer { listeners = [] }
      return listeners
    }
    withExtendedLifetime(released) {}
  }
}
