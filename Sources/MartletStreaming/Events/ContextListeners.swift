import Logging
import MartletCore
import MartletRDD
import Synchronization

/// The listeners of a streaming context, each a subscriber of the bus.
final class ContextListeners: Sendable {
  let events: EventSource
  private let subscriptions = Mutex<[(listener: ObjectIdentifier, subscription: EventBus.Subscription)]>([])

  init(_ bus: EventBus) { events = EventSource(bus) }

  func add(_ listener: any StreamingListener) {
    let subscription = events.bus.subscribe(events.scope) { for event in $0 { listener.receive(event) } }
    subscriptions.withLock { $0.append((ObjectIdentifier(listener), subscription)) }
  }

  func remove(_ listener: any StreamingListener) {
    let removed = subscriptions.withLock { all in
      defer { all.removeAll { $0.listener == ObjectIdentifier(listener) } }
      return all.filter { $0.listener == ObjectIdentifier(listener) }
    }
    for (_, subscription) in removed { events.bus.unsubscribe(subscription) }
  }

  /// Waits until the listeners have got everything, and lets go of them: they often know the context.
  ///
  /// - Parameter deadline: after this, the listeners get no more.
  func end(before deadline: MonotonicTime, _ logger: Logger) {
    let isDelivered = events.bus.waitUntilDelivered(before: deadline)
    let all = subscriptions.withLock { all in
      defer { all = [] }
      return all
    }
    for (_, subscription) in all { events.bus.unsubscribe(subscription) }
    if !isDelivered && !all.isEmpty {
      logger.warning(
        "A listener has not returned in time: the streaming context stops, and its listeners get no more events.")
    }
  }
}
