package import Logging
package import MartletCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Delivers the events of a context to its subscribers, in order, on a thread of its own: a subscriber that is slow delays
/// no batch and no job. It does not grow without end either: when too many events wait, new ones are dropped, which an
/// `EventsDropped` and the log say.
///
/// Without subscribers there is no thread, and `post` makes no event.
package final class EventBus: @unchecked Sendable {
  // Sendable: `condition` guards the variables.
  /// A part of a context whose events can be had apart from those of other parts, such as one streaming context.
  package struct Scope: Sendable, Hashable {
    private let number: Int
    fileprivate init(_ number: Int) { self.number = number }
  }

  /// Names one subscriber.
  package struct Subscription: Sendable, Hashable {
    fileprivate let number: Int
  }

  private struct Subscriber {
    let subscription: Subscription
    /// Whose events it gets; `nil` if all.
    let scope: Scope?
    let receive: @Sendable ([any MartletEvent]) -> Void
    /// Called when no more events will come.
    let end: @Sendable () -> Void
  }

  private let active = Atomic<Bool>(false)
  private let condition = Condition()
  private let logger: Logger
  private let capacity: Int
  private var lastNumber = 0
  private var subscribers: [Subscriber] = []
  private var events: [(event: any MartletEvent, scope: Scope?)] = []
  private var thread: WorkerThread?
  private var isDelivering = false
  private var isIdle = false
  private var isClosed = false
  /// Since events were accepted last.
  private var dropped = 0
  /// Since the log was told.
  private var unreported = 0
  private var lastReport: MonotonicTime?

  /// The thread that delivers, which must not wait for itself. A task that a subscriber starts is not on it.
  private var delivering: pthread_t?

  /// - Parameter capacity: how many events may wait.
  package init(logger: Logger, capacity: Int = 10_000) {
    self.logger = logger
    self.capacity = capacity
  }

  /// Whether anybody listens; if not, events need not be made.
  package var isActive: Bool { active.load(ordering: .relaxed) }

  /// A scope that no other part of the context has.
  package func makeScope() -> Scope { Scope(nextNumber()) }

  private func nextNumber() -> Int {
    condition.withLock {
      lastNumber += 1
      return lastNumber
    }
  }

  // MARK: Subscribing

  /// Has `receive` called with all later events, or, with a scope, with those that are posted with it.
  ///
  /// - Parameter end: called when no more events will come: at once if the bus is closed, and not after `unsubscribe`.
  @discardableResult
  package func subscribe(
    _ scope: Scope? = nil, end: @escaping @Sendable () -> Void = {},
    receive: @escaping @Sendable ([any MartletEvent]) -> Void
  ) -> Subscription {
    let subscription = Subscription(number: nextNumber())
    let isLate = condition.withLock {
      if isClosed { return true }
      subscribers.append(Subscriber(subscription: subscription, scope: scope, receive: receive, end: end))
      active.store(true, ordering: .releasing)
      return false
    }
    if isLate { end() }
    return subscription
  }

  package func unsubscribe(_ subscription: Subscription) {
    // The subscriber may know the context, and be the last that does: it ends outside of the lock.
    let ended = condition.withLock {
      defer {
        subscribers.removeAll { $0.subscription == subscription }
        active.store(!subscribers.isEmpty, ordering: .releasing)
      }
      return subscribers.filter { $0.subscription == subscription }
    }
    withExtendedLifetime(ended) {}
  }

  // MARK: Posting

  /// Has the subscribers get `event` soon. It is not even made if there are none.
  @inline(__always)
  package func post(_ event: @autoclosure () -> any MartletEvent, _ scope: Scope? = nil) {
    if isActive { enqueue(event(), scope) }
  }

  private func enqueue(_ event: any MartletEvent, _ scope: Scope?) {
    let report: String? = condition.withLock {
      guard !subscribers.isEmpty, !isClosed else { return nil }
      guard events.count < capacity else {
        dropped += 1
        unreported += 1
        return reportOfDropped(isLast: false)
      }
      do {
        if thread == nil { thread = try WorkerThread(starting: "martlet-events") { [self] in deliver() } }
      } catch {
        // The next event tries again.
        defer { lastReport = MonotonicTime.now }
        if let lastReport, MonotonicTime.now < lastReport + .seconds(60) { return nil }
        return "No events are delivered for now: \(error)"
      }
      if dropped > 0 {
        events.append((EventsDropped(time: .now, count: dropped), nil))
        dropped = 0
      }
      events.append((event, scope))
      if isIdle { condition.broadcast() }
      return nil
    }
    if let report { logger.warning("\(report)") }
  }

  /// What the log is told of events that were dropped: at once, and then once a minute.
  private func reportOfDropped(isLast: Bool) -> String? {
    let now = MonotonicTime.now
    if let lastReport, now < lastReport + .seconds(60), !isLast { return nil }
    guard unreported > 0 else { return nil }
    defer {
      lastReport = now
      unreported = 0
    }
    return """
      A listener is too slow: \(unreported) event\(unreported == 1 ? " was" : "s were") dropped, since \(capacity) are \
      waiting already. Have the listener do slow work on a thread of its own.
      """
  }

  // MARK: Delivering

  private func deliver() {
    condition.withLock { delivering = pthread_self() }
    while let (events, subscribers) = takeEvents() {
      for subscriber in subscribers {
        let own = subscriber.scope.map { scope in events.filter { $0.scope == scope } } ?? events
        if !own.isEmpty { subscriber.receive(own.map(\.event)) }
      }
    }
    condition.withLock { delivering = nil }
  }

  /// Waits for events; nil once the bus is closed and none is left.
  private func takeEvents() -> (events: [(event: any MartletEvent, scope: Scope?)], [Subscriber])? {
    condition.withLock {
      isDelivering = false
      if events.isEmpty { condition.broadcast() }
      isIdle = true
      while events.isEmpty && !isClosed { condition.wait() }
      isIdle = false
      guard !events.isEmpty else { return nil }
      isDelivering = true
      // Few at a time: those that are taken do not count as waiting.
      let count = min(events.count, 16)
      defer { events.removeFirst(count) }
      return (Array(events[..<count]), subscribers)
    }
  }

  private var isBusy: Bool { isDelivering || !events.isEmpty }

  /// Waits until everything that was posted has been delivered, at most until `deadline`; whether it has been. Does not
  /// wait where it is called by a subscriber.
  @discardableResult
  package func waitUntilDelivered(before deadline: MonotonicTime? = nil) -> Bool {
    condition.withLock {
      if let delivering, pthread_equal(delivering, pthread_self()) != 0 { return false }
      while isBusy {
        if let deadline {
          if MonotonicTime.now >= deadline { return false }
          _ = condition.wait(until: deadline)
        } else {
          condition.wait()
        }
      }
      return true
    }
  }

  /// Waits until everything that was posted has been delivered, and lets go of the subscribers, which often know the
  /// context. Closing it again does nothing.
  ///
  /// - Parameter deadline: after this, what is left is dropped.
  package func close(before deadline: MonotonicTime) {
    waitUntilDelivered(before: deadline)
    let (ended, left, report) = condition.withLock {
      isClosed = true
      active.store(false, ordering: .releasing)
      unreported += events.count
      let left = events
      events = []
      condition.broadcast()
      defer { subscribers = [] }
      return (subscribers, left, reportOfDropped(isLast: true))
    }
    if let report { logger.warning("\(report)") }
    for subscriber in ended { subscriber.end() }
    withExtendedLifetime((ended, left)) {}
  }
}

/// Posts the events of one part of a context.
package struct EventSource: Sendable {
  package let bus: EventBus
  package let scope: EventBus.Scope

  package init(_ bus: EventBus) {
    self.bus = bus
    scope = bus.makeScope()
  }

  /// Whether anybody listens; if not, events need not be made.
  package var isActive: Bool { bus.isActive }

  /// Has the subscribers get `event` soon. It is not even made if there are none.
  @inline(__always)
  package func post(_ event: @autoclosure () -> any MartletEvent) { bus.post(event(), scope) }
}
