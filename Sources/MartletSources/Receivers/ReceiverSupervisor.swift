import Logging
import MartletCore
import MartletRDD
import MartletStreaming

/// Runs one receiver: starts it, restarts it after errors, stops it.
package final class ReceiverSupervisor<Element: Sendable>: @unchecked Sendable {
  // Sendable: `condition` guards the variables; `log`, `rate` and `thread` are set before or by `start`, which ends
  // before the context can be stopped.
  let streamID: Int
  package let queue: BlockQueue<Element>
  /// The log to which records are written before they are processed. Set before `start()`.
  var log: ReceiverLog<Element>?
  /// The rate limit of the receiver. Set before `start()`.
  var rate: RateControl?
  private let receiver: Receiver<Element>
  private let events: EventSource
  private let clock: any BatchClock
  /// The time without a stored record after which the context stops without a receiver that was asked to stop.
  private let stopTimeout: Duration
  private let logger: Logger
  private let condition = Condition()
  private var phase = Phase.idle
  /// True if the receiver's thread is in `onStart()`.
  private var isInOnStart = false
  /// Calls `onStop()` while `onStart()` still runs.
  private var stopper: WorkerThread?
  private var thread: WorkerThread?
  private var failures = RestartDelay()
  /// The time of the last start of the receiver, and the number of records stored until then.
  private var lastStart = (at: MonotonicTime(nanoseconds: 0), stored: 0)
  private var lastMessage = ""
  private var lastError: (any Error)?
  private var lastErrorTime: Time?
  /// The time when the context asked the receiver to stop, and the number of records stored until then.
  private var stopWanted: (at: MonotonicTime, stored: Int)?

  private enum Phase: Equatable {
    case idle
    case running
    /// Must be stopped, and restarted after the delay.
    case restarting(Duration)
    /// Must be stopped permanently.
    case stopping
    case stopped
  }

  init(
    _ receiver: Receiver<Element>, streamID: Int, queue: BlockQueue<Element>, events: EventSource,
    clock: any BatchClock,
    stopTimeout: Duration, logger: Logger
  ) {
    self.receiver = receiver
    self.streamID = streamID
    self.queue = queue
    self.events = events
    self.clock = clock
    self.stopTimeout = stopTimeout
    self.logger = logger
  }

  var isRunning: Bool { condition.withLock { phase == .running } }

  /// - Throws: `MartletError` if the system cannot create a thread for the receiver.
  func start() throws {
    receiver.attach(self)
    thread = try WorkerThread(starting: "martlet-recv-\(streamID)") { [self] in run() }
  }

  /// Asks the receiver to end, and to pass on the records that it has received.
  func requestStop() {
    let stored = queue.totalStored
    condition.withLock { stopWanted = (MonotonicTime.now, stored) }
    stop("The streaming context was stopped.", nil, fromOutside: true)
  }

  /// Waits for the receiver to end, at most until `deadline`; returns whether it has. The wait is shorter for a
  /// receiver that stores nothing, because it may wait for something that never happens, and for one that has no room
  /// to store more, because it may continue forever. Records that it stores later are discarded.
  func waitUntilStopped(before deadline: MonotonicTime) -> Bool {
    let isOver = thread.map { hasEnded($0, before: deadline) } ?? true
    if !isOver {
      logger.error(
        """
        Receiver \(streamID), \(receiver.name), was asked to stop and has not ended in time. The context stops \
        without it: a graceful stop processes the records that it has stored, but discards those that it stores from \
        now on. Make sure that onStart() returns soon after isStopped is true. If it waits, for example for data \
        from a connection, end that wait in onStop(), for example by shutting down the connection. The setting \
        \(ReceiverSetting.stopTimeoutKey), now \(stopTimeout.text), limits how long a receiver may continue without \
        storing anything.
        """)
      queue.close()
    }
    receiver.attach(nil)
    return isOver
  }

  private func hasEnded(_ thread: WorkerThread, before deadline: MonotonicTime) -> Bool {
    var (begin, stored) = condition.withLock { stopWanted } ?? (MonotonicTime.now, queue.totalStored)
    while !thread.join(before: min(deadline, begin + stopTimeout)) {
      let (now, storedNow) = (MonotonicTime.now, queue.totalStored)
      guard now < deadline && storedNow > stored && !queue.hasLateWaits else { return false }
      (begin, stored) = (now, storedNow)
    }
    return true
  }

  private func run() {
    while begin() {
      post(isActive: true) { ReceiverStarted(time: $0, info: $1) }
      do {
        try receiver.onStart()
      } catch {
        restart("onStart() failed: \(error)", error)
      }
      condition.withLock { isInOnStart = false }
      let end = waitForEnd()
      stopReceiver()
      guard case .restarting(let delay) = end else { break }
      condition.withLock {
        let deadline = MonotonicTime.now + delay
        while phase != .stopping && MonotonicTime.now < deadline { _ = condition.wait(until: deadline) }
      }
    }
    queue.close()
    condition.withLock { phase = .stopped }
    post(isActive: false) { ReceiverStopped(time: $0, info: $1) }
  }

  /// Begins another run; returns `false` if the receiver must be stopped permanently.
  private func begin() -> Bool {
    let stored = queue.totalStored
    return condition.withLock {
      guard phase != .stopping else { return false }
      lastStart = (MonotonicTime.now, stored)
      phase = .running
      isInOnStart = true
      return true
    }
  }

  /// Waits until the receiver must end this run; returns the reason.
  private func waitForEnd() -> Phase {
    condition.withLock {
      while phase == .running { condition.wait() }
      return phase
    }
  }

  /// Calls `onStop()`, or waits for the thread that does.
  private func stopReceiver() {
    let stopper = condition.withLock {
      defer { self.stopper = nil }
      return self.stopper
    }
    if let stopper { stopper.join() } else { receiver.onStop() }
  }

  /// Ends the run, if there is one. Does not call `onStop()` on the calling thread, because it may wait for that
  /// thread.
  ///
  /// - Parameters:
  ///   - fromOutside: true if the context is stopping, which no receiver waits for.
  ///   - next: returns the next phase. Called with the lock held.
  private func end(fromOutside: Bool = false, _ next: () -> Phase) -> Bool {
    let (isEnded, lacksThread) = condition.withLock {
      guard phase == .running else { return (false, false) }
      phase = next()
      if isInOnStart {
        stopper = try? WorkerThread(starting: "martlet-rstop-\(streamID)") { [receiver] in receiver.onStop() }
      }
      condition.broadcast()
      return (true, isInOnStart && stopper == nil)
    }
    // Without a thread for it, `onStop()` is called where possible: on the receiver's own thread after `onStart()` has
    // returned, and also here if the receiver might not return before.
    if lacksThread && fromOutside { receiver.onStop() }
    return isEnded
  }

  /// Stores one record, when the rate limit permits.
  func store(_ element: Element) {
    rate?.limiter.pass(1)
    queue.store(element)
  }

  /// Stores records that belong together, and waits until they are in the log, if there is one; returns whether they
  /// are stored.
  func store(contentsOf elements: [Element]) -> Bool {
    rate?.limiter.pass(elements.count)
    guard let count = queue.store(contentsOf: elements) else { return false }
    return log?.waitUntilLogged(count) ?? true
  }

  /// - Parameter delay: the time until the receiver is restarted, if it is.
  func reportError(_ message: String, _ error: (any Error)?, startingAgainIn delay: Duration? = nil) {
    condition.withLock {
      lastMessage = message
      lastError = error
      lastErrorTime = clock.now
    }
    let isSentence = message.last.map { ".!?".contains($0) } ?? false
    let next = delay.map { "\(isSentence ? "" : ".") Trying again \($0 > .zero ? "in \($0.text)" : "at once")." } ?? ""
    logger.warning("Receiver \(streamID), \(receiver.name): \(message)\(next)")
    post(isActive: isRunning) { ReceiverError(time: $0, info: $1) }
  }

  func restart(_ message: String, _ error: (any Error)?, delay: Duration? = nil) {
    let stored = queue.totalStored
    var chosen = Duration.zero
    let isEnded = end {
      let length = Duration.nanoseconds(MonotonicTime.now.nanoseconds - lastStart.at.nanoseconds)
      chosen = delay ?? failures.next(afterRunOf: length, receivedSomething: stored > lastStart.stored)
      return .restarting(chosen)
    }
    if isEnded { reportError(message, error, startingAgainIn: chosen) }
  }

  func stop(_ message: String, _ error: (any Error)?, fromOutside: Bool = false) {
    if !end(fromOutside: fromOutside, { .stopping }) {
      condition.withLock {
        if phase != .stopped { phase = .stopping }
        condition.broadcast()
      }
    }
    if let error { reportError(message, error) }
    rate?.limiter.end()
    queue.endWaits()
  }

  private func post(isActive: Bool, _ event: (Time, ReceiverInfo) -> any MartletEvent) {
    guard events.isActive else { return }
    let info = condition.withLock {
      ReceiverInfo(
        streamID: streamID, name: receiver.name, isActive: isActive, lastErrorMessage: lastMessage,
        lastError: lastError.map { "\($0)" }, lastErrorTime: lastErrorTime, rateLimit: rate?.limiter.currentRate)
    }
    events.post(event(clock.now, info))
  }
}

/// The delay before the next attempt: 100 ms, doubled after each, up to 10 s.
///
/// It is reset by a run that has received a record and has lasted longer than the next delay. A receiver that fails
/// shortly after each start, with a record or without, is therefore not restarted all the time.
package struct RestartDelay {
  private static let shortest = Duration.milliseconds(100)
  private var current = shortest

  package init() {}

  /// The delay after a run with this length.
  package mutating func next(afterRunOf length: Duration, receivedSomething: Bool) -> Duration {
    if receivedSomething && length > current { current = Self.shortest }
    defer { current = min(current * 2, .seconds(10)) }
    return current
  }
}
