import MartletCore
import Synchronization

/// Delivers events to listeners, one at a time and in order, without a thread of its own: whoever posts while nobody
/// delivers, delivers.
final class ListenerBus: Sendable {
  private let state = Mutex(State())

  private struct State {
    var listeners: [any StreamingListener] = []
    var events: [@Sendable (any StreamingListener) -> Void] = []
    var isDelivering = false
  }

  func add(_ listener: any StreamingListener) { state.withLock { $0.listeners.append(listener) } }

  func remove(_ listener: any StreamingListener) { state.withLock { $0.listeners.removeAll { $0 === listener } } }

  /// Whether anybody listens; if not, events need not be made.
  var isEmpty: Bool { state.withLock { $0.listeners.isEmpty } }

  func post(_ event: @escaping @Sendable (any StreamingListener) -> Void) {
    let isMine = state.withLock { state in
      guard !state.listeners.isEmpty else { return false }
      state.events.append(event)
      if state.isDelivering { return false }
      state.isDelivering = true
      return true
    }
    guard isMine else { return }
    while true {
      let (events, listeners) = state.withLock { state in
        let events = state.events
        state.events = []
        if events.isEmpty { state.isDelivering = false }
        return (events, state.listeners)
      }
      if events.isEmpty { return }
      for event in events { listeners.forEach(event) }
    }
  }
}
