import MartletCore

/// Runs one receiver: starts it, starts it again after trouble, stops it.
package final class ReceiverSupervisor<Element: Sendable>: @unchecked Sendable {
  let streamID: Int
  package let queue: BlockQueue<Element>
  private let receiver: Receiver<Element>
  private let bus: ListenerBus
  private let clock: any BatchClock
  private let condition = Condition()
  private var phase = Phase.idle
  private var thread: WorkerThread?
  private var failures = RestartDelay()
  private var lastMessage = ""
  private var lastError: (any Error)?
  private var lastErrorTime: Time?

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
    _ receiver: Receiver<Element>, streamID: Int, queue: BlockQueue<Element>, bus: ListenerBus, clock: any BatchClock
  ) {
    self.receiver = receiver
    self.streamID = streamID
    self.queue = queue
    self.bus = bus
    self.clock = clock
  }

  var isRunning: Bool { condition.withLock { phase == .running } }

  func start() {
    receiver.attach(self)
    thread = WorkerThread(name: "martlet-recv-\(streamID)") { [self] in run() }
  }

  /// Stops the receiver and waits for its thread, which hands over what it has received.
  func stopAndWait() {
    stop("The streaming context was stopped.", nil)
    thread?.join()
    receiver.attach(nil)
  }

  private func run() {
    while true {
      let isOn = condition.withLock {
        guard phase != .stopping else { return false }
        phase = .running
        return true
      }
      guard isOn else { break }
      let received = queue.totalStored
      post(isActive: true) { $0.onReceiverStarted($1) }
      do {
        try receiver.onStart()
      } catch {
        restart("\(receiver.name) failed: \(error)", error)
      }
      let delay = waitForEnd()
      guard let delay else { break }
      if queue.totalStored > received { failures.reset() }
      condition.withLock {
        let deadline = MonotonicTime.now + delay
        while phase != .stopping && MonotonicTime.now < deadline { _ = condition.wait(until: deadline) }
      }
    }
    condition.withLock { phase = .stopped }
    post(isActive: false) { $0.onReceiverStopped($1) }
  }

  /// Waits until the receiver is to be stopped; the delay before its next start, or nil if there is none.
  private func waitForEnd() -> Duration? {
    condition.withLock {
      while true {
        switch phase {
        case .restarting(let delay): return delay
        case .stopping, .stopped: return nil
        case .idle, .running: condition.wait()
        }
      }
    }
  }

  func reportError(_ message: String, _ error: (any Error)?) {
    condition.withLock {
      lastMessage = message
      lastError = error
      lastErrorTime = clock.now
    }
    post(isActive: isRunning) { $0.onReceiverError($1) }
  }

  func restart(_ message: String, _ error: (any Error)?, delay: Duration? = nil) {
    let isNew = condition.withLock {
      guard phase == .running else { return false }
      phase = .restarting(delay ?? failures.next())
      condition.broadcast()
      return true
    }
    guard isNew else { return }
    reportError(message, error)
    receiver.onStop()
  }

  func stop(_ message: String, _ error: (any Error)?) {
    let wasRunning = condition.withLock {
      let wasRunning = phase == .running
      if phase != .stopped { phase = .stopping }
      condition.broadcast()
      return wasRunning
    }
    if let error { reportError(message, error) }
    queue.endWaits()
    if wasRunning { receiver.onStop() }
  }

  private func post(isActive: Bool, _ event: @escaping @Sendable (any StreamingListener, ReceiverInfo) -> Void) {
    guard !bus.isEmpty else { return }
    let info = condition.withLock {
      ReceiverInfo(
        streamID: streamID, name: receiver.name, isActive: isActive, lastErrorMessage: lastMessage,
        lastError: lastError.map { "\($0)" }, lastErrorTime: lastErrorTime)
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
