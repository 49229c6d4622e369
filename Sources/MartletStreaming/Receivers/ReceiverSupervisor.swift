import Logging
import MartletCore

/// Runs one receiver: starts it, starts it again after trouble, stops it.
package final class ReceiverSupervisor<Element: Sendable>: @unchecked Sendable {
  // Sendable: `condition` guards the variables; `log`, `rate` and `thread` are set before or by `start`, which is over
  // before anybody stops the context. Only the receiver's thread uses `failures`.
  let streamID: Int
  package let queue: BlockQueue<Element>
  /// What is stored is written here before it is processed. Set before `start()`.
  var log: ReceiverLog<Element>?
  /// Slows the receiver down. Set before `start()`.
  var rate: RateControl?
  private let receiver: Receiver<Element>
  private let bus: ListenerBus
  private let clock: any BatchClock
  /// How long the receiver, once it is to stop, may store nothing until it is left to itself.
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
  private var lastMessage = ""
  private var lastError: (any Error)?
  private var lastErrorTime: Time?
  /// When the context had the receiver stop, and how many records had been stored then.
  private var stopWanted: (at: MonotonicTime, stored: Int)?

  private enum Phase: Equatable {
    case idle
    case running
    /// To be stopped, and started again after the delay.
    case restarting(Duration?)
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

  /// Waits for the receiver to end, at most until `deadline`; whether it has. One that does not, and stores nothing either,
  /// is left to itself earlier: it waits for something that may never come. Records that it stores later are not taken.
  func waitUntilStopped(before deadline: MonotonicTime) -> Bool {
    let isOver = thread.map { hasEnded($0, before: deadline) } ?? true
    if !isOver {
      logger.error(
        """
        Receiver \(streamID), \(receiver.name), was told to stop and has not ended in time. It is left to itself: the \
        records that it has stored are processed, and those it stores from now on are dropped. onStart() should return \
        soon once isStopped is true; if it waits for something, such as data from a connection, have onStop() end that wait, for example by \
        shutting the connection down. \(ReceiverSetting.stopTimeoutKey), now \(stopTimeout.text), is how long a receiver \
        may go on without storing anything.
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
      guard now < deadline && storedNow > stored else { return false }
      (begin, stored) = (now, storedNow)
    }
    return true
  }

  private func run() {
    while begin() {
      let received = queue.totalStored
      post(isActive: true) { $0.onReceiverStarted($1) }
      do {
        try receiver.onStart()
      } catch {
        restart("\(receiver.name) failed: \(error)", error)
      }
      condition.withLock { isInOnStart = false }
      let end = waitForEnd()
      stopReceiver()
      guard case .restarting(let wanted) = end else { break }
      if queue.totalStored > received { failures.reset() }
      let delay = wanted ?? failures.next()
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
    condition.withLock {
      guard phase != .stopping else { return false }
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
  /// - Parameter fromOutside: whether the caller is the stop of the context, for which no receiver waits.
  private func end(_ next: Phase, fromOutside: Bool = false) -> Bool {
    let (isEnded, lacksThread) = condition.withLock {
      guard phase == .running else { return (false, false) }
      phase = next
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

  func reportError(_ message: String, _ error: (any Error)?) {
    condition.withLock {
      lastMessage = message
      lastError = error
      lastErrorTime = clock.now
    }
    logger.warning("Receiver \(streamID), \(receiver.name): \(message)")
    post(isActive: isRunning) { $0.onReceiverError($1) }
  }

  func restart(_ message: String, _ error: (any Error)?, delay: Duration? = nil) {
    if end(.restarting(delay)) { reportError(message, error) }
  }

  func stop(_ message: String, _ error: (any Error)?, fromOutside: Bool = false) {
    if !end(.stopping, fromOutside: fromOutside) {
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

/// How long to wait before the next try: twice as long after each, up to a limit.
package struct RestartDelay {
  private var current: Duration = .milliseconds(100)

  package init() {}

  package mutating func next() -> Duration {
    defer { current = min(current * 2, .seconds(10)) }
    return current
  }

  package mutating func reset() { current = .milliseconds(100) }
}
