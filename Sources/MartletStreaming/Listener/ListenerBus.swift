import Logging
import MartletCore

/// Delivers events to listeners in order, on a thread of its own: a slow listener does not delay batches. The queue is
/// bounded: when too many events wait, new ones are dropped and the number is logged.
///
/// Without listeners there is no thread.
package final class ListenerBus: @unchecked Sendable {
  // Sendable: `condition` guards the variables.
  package typealias Event = @Sendable (any StreamingListener) -> Void

  private let condition = Condition()
  private let logger: Logger
  private let capacity: Int
  private var listeners: [any StreamingListener] = []
  private var events: [Event] = []
  private var thread: WorkerThread?
  private var isDelivering = false
  private var isClosed = false
  private var dropped = 0
  private var lastReport: MonotonicTime?

  /// - Parameter capacity: the maximum number of waiting events.
  init(logger: Logger, capacity: Int = 10_000) {
    self.logger = logger
    self.capacity = capacity
  }

  func add(_ listener: any StreamingListener) {
    condition.withLock { if !isClosed { listeners.append(listener) } }
  }

  func remove(_ listener: any StreamingListener) { condition.withLock { listeners.removeAll { $0 === listener } } }

  /// True if there are no listeners, so that no events need be created.
  package var isEmpty: Bool { condition.withLock { listeners.isEmpty } }

  /// Notifies the listeners, soon.
  package func post(_ event: @escaping Event) {
    let report: String? = condition.withLock {
      guard !listeners.isEmpty, !isClosed else { return nil }
      guard events.count < capacity else {
        dropped += 1
        return reportOfDropped(isLast: false)
      }
      do {
        if thread == nil { thread = try WorkerThread(starting: "martlet-listen") { [self] in deliver() } }
      } catch {
        // The next event tries again.
        defer { lastReport = MonotonicTime.now }
        if let lastReport, MonotonicTime.now < lastReport + .seconds(60) { return nil }
        return "Listeners get no events until a thread can be started: \(error)"
      }
      events.append(event)
      condition.broadcast()
      return nil
    }
    if let report { logger.warning("\(report)") }
  }

  /// The message about dropped events: at once, and then once per minute.
  private func reportOfDropped(isLast: Bool) -> String? {
    let now = MonotonicTime.now
    if let lastReport, now < lastReport + .seconds(60), !isLast { return nil }
    guard dropped > 0 else { return nil }
    defer {
      lastReport = now
      dropped = 0
    }
    return """
      A listener is too slow: dropped \(dropped) event\(dropped == 1 ? "" : "s"), because \(capacity) are already \
      waiting. Move slow work of the listener to another thread.
      """
  }

  private func deliver() {
    while let (events, listeners) = takeEvents() {
      for event in events { listeners.forEach(event) }
    }
  }

  /// Waits for events; returns `nil` once the bus is closed and empty.
  private func takeEvents() -> ([Event], [any StreamingListener])? {
    condition.withLock {
      isDelivering = false
      if events.isEmpty { condition.broadcast() }
      while events.isEmpty && !isClosed { condition.wait() }
      guard !events.isEmpty else { return nil }
      isDelivering = true
      // A few at a time, because those that are taken do not count as waiting.
      let count = min(events.count, 16)
      defer { events.removeFirst(count) }
      return (Array(events[..<count]), listeners)
    }
  }

  private var isBusy: Bool { isDelivering || !events.isEmpty }

  /// Waits until all posted events have been delivered.
  func waitUntilDelivered() {
    condition.withLock {
      while isBusy { condition.wait() }
    }
  }

  /// Waits until all posted events have been delivered, and releases the listeners, which often refer to the context.
  ///
  /// - Parameter deadline: the time after which the remaining events are dropped.
  func close(before deadline: MonotonicTime) {
    let (released, left, report) = condition.withLock {
      while isBusy && MonotonicTime.now < deadline { _ = condition.wait(until: deadline) }
      isClosed = true
      dropped += events.count
      let left = events
      events = []
      condition.broadcast()
      defer { listeners = [] }
      return (listeners, left, reportOfDropped(isLast: true))
    }
    if let report { logger.warning("\(report)") }
    withExtendedLifetime((released, left)) {}
  }
}
