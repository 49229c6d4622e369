import Logging
import MartletCore

/// Runs one receiver: starts it, starts it again after trouble, stops it.
package final class ReceiverSupervisor<Element: Sendable>: @unchecked Sendable {
  // Sendable: `condition` guards the variables; `log`, `rate` and `thread` are set before or by `start`, which is over
  // before anybody stops the context.
  let streamID: Int
  package let queue: BlockQueue<Element>
  /// What is stored is written here before it is processed. Set before `start()`.
  var log: ReceiverLog<Element>?
  /// Slows the receiver down. Set before `start()`.
  var rate: RateControl?
  private let receiver: Receiver<Element>
  private let bus: ListenerBus
  private let clock: any BatchClock
  /// How long the receiver, once it is to stop, may store nothing until the context stops without it.
  private let stopTimeout: Duration
  private let logger: Logger
  private let condition = Condition()
  private var phase = Phase.idle
  /// Whether the receiver's thread is in `onStart()`.
  private var isInOnStart = false
  /// Calls `onStop()` while `onStart()` still runs.
  private var stopper: WorkerThread?
  private var thread: WorkerThread?
  private var failures = RestartDelay()
  /// When the receiver was started last, and how many records had been stored then.
  private var lastStart = (at: MonotonicTime(nanoseconds: 0), stored: 0)
  private var lastMessage = ""
  private var lastError: (any Error)?
  private var lastErrorTime: Time?
  /// When the context had the receiver stop, and how many records had been stored then.
  private var stopWanted: (at: MonotonicTime, stored: Int)?

  private enum Phase: Equatable {
    case idle
    case running
    /// To be stopped, and started again after the delay.
    case restarting(Duration)
    /// To be stopped for good.
    case stopping
    case stopped
  }

  init(
    _ receiver: Receiver<Element>, streamID: Int, queue: BlockQueue<Element>, bus: ListenerBus, clock: any BatchClock,
    stopTimeout: Duration, logger: Logger
  ) {
    self.receiver = receiver
    self.streamID = streamID
    self.queue = queue
    self.bus = bus
    self.clock = clock
    self.stopTimeout = stopTimeout
    self.logger = logger
  }

  var isRunning: Bool { condition.withLock { phase == .running } }

  /// - Throws: `MartletError` if there is no thread for the receiver.
  func start() throws {
    receiver.attach(self)
    thread = try WorkerThread(starting: "martlet-recv-\(streamID)") { [self] in run() }
  }

  /// Has the receiver end, and hand over what it has received.
  func requestStop() {
    let stored = queue.totalStored
    condition.withLock { stopWanted = (MonotonicTime.now, stored) }
    stop("The streaming context was stopped.", nil, fromOutside: true)
  }

  /// Waits for the receiver to end, at most until `deadline`; whether it has. The wait is shorter for one that stores
  /// nothing: it waits for something that may never come. It is also shorter for one that has no room to store more: it
  /// may go on for ever. Records that it stores later are discarded.
  func waitUntilStopped(before deadline: MonotonicTime) -> Bool {
    let isOver = thread.map { hasEnded($0, before: deadline) } ?? true
    if !isOver {
      logger.error(
        """
        Receiver \(streamID), \(receiver.name), was asked to stop and has not ended in time. The context stops without \
        it: a graceful stop still processes the records that it has stored, but those that it stores from now on are \
        discarded. Make sure that onStart() returns soon after isStopped has become true. If it waits for something, \
        such as data from a connection, end that wait in onStop(), for example by shutting down the connection. The \
        setting martlet.streaming.receiver.stopTimeout, now \(stopTimeout.text), limits how long a receiver may go on \
        without storing anything.
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
      post(isActive: true) { $0.onReceiverStarted($1) }
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
    post(isActive: false) { $0.onReceiverStopped($1) }
  }

  /// Begins another run; false if the receiver is to be stopped for good.
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

  /// Waits until the receiver is to end this run; why.
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

  /// Ends the run, if there is one. Does not call `onStop()` on the calling thread, for which it may wait.
  ///
  /// - Parameters:
  ///   - fromOutside: whether the caller is the stop of the context, for which no receiver waits.
  ///   - next: what comes after the run. Called with the lock held.
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
    // Without a thread for it, `onStop()` is called by whoever can: by the receiver's own thread when `onStart()` has
    // returned, and here too if it may not do so before.
    if lacksThread && fromOutside { receiver.onStop() }
    return isEnded
  }

  /// Stores one record, when its turn comes.
  func store(_ element: Element) {
    rate?.limiter.pass(1)
    queue.store(element)
  }

  /// Stores records that belong together, and waits until they are in the log, if there is one; whether they are kept.
  func store(contentsOf elements: [Element]) -> Bool {
    rate?.limiter.pass(elements.count)
    guard let count = queue.store(contentsOf: elements) else { return false }
    return log?.waitUntilLogged(count) ?? true
  }

  /// - Parameter delay: how long it takes until the receiver is started again, if it is.
  func reportError(_ message: String, _ error: (any Error)?, startingAgainIn delay: Duration? = nil) {
    condition.withLock {
      lastMessage = message
      lastError = error
      lastErrorTime = clock.now
    }
    let isSentence = message.last.map { ".!?".contains($0) } ?? false
    let next = delay.map { "\(isSentence ? "" : ".") Trying again \($0 > .zero ? "in \($0.text)" : "at once")." } ?? ""
    logger.warning("Receiver \(streamID), \(receiver.name): \(message)\(next)")
    post(isActive: isRunning) { $0.onReceiverError($1) }
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

  private func post(isActive: Bool, _ event: @escaping @Sendable (any StreamingListener, ReceiverInfo) -> Void) {
    guard !bus.isEmpty else { return }
    let info = condition.withLock {
      ReceiverInfo(
        streamID: streamID, name: receiver.name, isActive: isActive, lastErrorMessage: lastMessage,
        lastError: lastError.map { "\($0)" }, lastErrorTime: lastErrorTime, rateLimit: rate?.limiter.currentRate)
    }
    bus.post { event($0, info) }
  }
}

/// How long to wait before the next try: 100 ms, and twice as long after each, up to 10 s.
///
/// A run that has received something and has lasted longer than the next wait would be begins that again. A receiver that
/// fails shortly after each start, with a record or without, so does not start all the time.
package struct RestartDelay {
  private static let shortest = Duration.milliseconds(100)
  private var current = shortest

  package init() {}

  /// The wait after a run of that length.
  package mutating func next(afterRunOf length: Duration, receivedSomething: Bool) -> Duration {
    if receivedSomething && length > current { current = Self.shortest }
    defer { current = min(current * 2, .seconds(10)) }
    return current
  }
}
