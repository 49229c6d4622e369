import MartletCore
import Synchronization

/// Writes what a receiver stores to the disk before any batch is given it.
///
/// Whoever wants something written writes everything that there is, with one sync: the log's own thread once in a block
/// interval, a batch when it is cut, a reliable receiver when it stores. What cannot be written stays in memory and is
/// tried again; until then it is given to no batch, and keeps the receiver from going on for ever.
final class ReceiverLog<Element: Sendable>: @unchecked Sendable {
  // Sendable: `condition` guards the variables, but for `thread`, which `start` sets before anybody can call `stop`.
  private let queue: BlockQueue<Element>
  private let writer: BlockWriter<Element>
  private let blockInterval: Duration
  /// Told of trouble with the disk.
  private let report: @Sendable (String, any Error) -> Void
  /// Held while blocks are taken and written, so that they keep their order.
  private let writing = Condition()
  private let state = Mutex(State())
  /// For the log's thread.
  private let condition = Condition()
  private var isWoken = false
  private var isEnding = false
  private var cutsWanted = 0
  /// Whether a batch has asked for a cut and not taken it yet.
  private var isCutting = false
  private var cutsDone = 0
  private var thread: WorkerThread?

  private struct State {
    /// Taken from the queue and not on the disk yet.
    var pending: [ReceivedBlock<Element>] = []
    /// On the disk and not given to a batch yet.
    var logged: [(block: ReceivedBlock<Element>, stretch: BlockStretch)] = []
    /// So many records since the beginning are on the disk.
    var loggedThrough = 0
    /// When a disk that has failed is tried again.
    var retryAt: MonotonicTime?
    var delay = Duration.milliseconds(100)
    var lastError: (any Error)?
    /// Why an element cannot be encoded, until the batch is told that fails with it.
    var unencodable: (any Error)?
    /// Whether there has been such an element, or records are lost: nothing that comes after that is written, or
    /// acknowledged.
    var hasEnded = false
  }

  init(
    _ queue: BlockQueue<Element>, _ writer: BlockWriter<Element>, blockInterval: Duration,
    report: @escaping @Sendable (String, any Error) -> Void
  ) {
    self.queue = queue
    self.writer = writer
    self.blockInterval = blockInterval
    self.report = report
  }

  /// - Throws: `MartletError` if there is no thread for the log.
  func start(streamID: Int) throws {
    queue.onManyBytesWaiting { [weak self] in self?.wake() }
    thread = try WorkerThread(starting: "martlet-log-\(streamID)") { [self] in run() }
  }

  /// Writes what is left; the receiver has ended.
  ///
  /// - Returns: how many records could not be written.
  func stop() -> Int {
    condition.withLock {
      isEnding = true
      condition.broadcast()
    }
    thread?.join()
    _ = write(evenIfBroken: true, reportsTrouble: false)
    // They are written no more, even if the disk has room again: what is said of them stays true.
    let (lost, error) = writing.withLock {
      state.withLock { state in
        let lost = state.pending.reduce(0) { $0 + $1.records }
        if lost > 0 { state.hasEnded = true }
        state.pending = []
        return (lost, state.lastError)
      }
    }
    if lost > 0, let error {
      let (subject, verb) = lost == 1 ? ("1 record was", "it is") : ("\(lost) records were", "they are")
      report("\(subject) received and could not be written to the receiver's log: \(verb) lost", error)
    }
    return lost
  }

  // MARK: The thread

  private func wake() {
    condition.withLock {
      isWoken = true
      condition.broadcast()
    }
  }

  private func run() {
    while let cuts = waitForWork() {
      _ = write()
      condition.withLock {
        cutsDone = cuts
        condition.broadcast()
      }
    }
    condition.withLock {
      cutsDone = .max
      condition.broadcast()
    }
  }

  /// Waits for a block interval, or until something is wanted earlier; nil at the end.
  private func waitForWork() -> Int? {
    condition.withLock {
      let deadline = MonotonicTime.now + blockInterval
      while !isEnding && !isWoken && cutsWanted <= cutsDone && MonotonicTime.now < deadline {
        _ = condition.wait(until: deadline)
      }
      isWoken = false
      return isEnding ? nil : cutsWanted
    }
  }

  // MARK: Batches

  /// Has the log's thread write what there is, for a batch that will take it soon.
  func beginCut() {
    condition.withLock {
      cutsWanted += 1
      isCutting = true
      condition.broadcast()
    }
  }

  /// Writes what there is, or waits until the thread has, and takes what is on the disk and belongs to no batch.
  ///
  /// - Returns: blocks, where they are in the log, and why a part of them could not be encoded, if so.
  func takeLogged() -> (blocks: [ReceivedBlock<Element>], stretches: [BlockStretch], failure: (any Error)?) {
    let isCut = condition.withLock {
      guard isCutting else { return false }
      isCutting = false
      while cutsDone < cutsWanted { condition.wait() }
      return cutsDone < .max
    }
    if !isCut { _ = write() }
    return state.withLock { state in
      defer {
        state.logged = []
        state.unencodable = nil
      }
      return (state.logged.map(\.block), BlockStretch.joined(state.logged.map(\.stretch)), state.unencodable)
    }
  }

  /// Whether something waits for a batch or for the disk.
  var isEmpty: Bool { state.withLock { $0.logged.isEmpty && $0.pending.isEmpty && $0.unencodable == nil } }

  // MARK: Writing

  /// Waits until the first `count` records since the beginning are on the disk; false if the receiver ends before.
  func waitUntilLogged(_ count: Int) -> Bool {
    while true {
      let isLast = queue.hasEndedWaits
      if write(through: count, evenIfBroken: isLast) { return true }
      if isLast || state.withLock(\.hasEnded) { return false }
      let now = MonotonicTime.now
      let deadline = Swift.min(state.withLock { $0.retryAt } ?? now, now + .milliseconds(100))
      condition.withLock { _ = condition.wait(until: Swift.max(deadline, now + .milliseconds(1))) }
    }
  }

  /// Brings everything that has been received to the disk, unless the first `count` records are there already.
  ///
  /// - Parameter reportsTrouble: whether to say that the disk fails and is tried again.
  private func write(through count: Int? = nil, evenIfBroken: Bool = false, reportsTrouble: Bool = true) -> Bool {
    var problem: (any Error)?
    let isDone = writing.withLock { () -> Bool in
      let (loggedThrough, retryAt) = state.withLock { ($0.loggedThrough, $0.retryAt) }
      if let count, loggedThrough >= count { return true }
      if state.withLock(\.hasEnded) { return false }
      if let retryAt, MonotonicTime.now < retryAt, !evenIfBroken { return false }
      let (taken, through) = queue.takeCounted()
      let blocks = state.withLock { state in
        state.pending += taken
        return state.pending
      }
      guard !blocks.isEmpty else {
        state.withLock { $0.loggedThrough = through }
        return true
      }
      do {
        noteLogged(blocks, try writer.append(blocks), through: through)
        return true
      } catch let error as BlockWriter<Element>.Unencodable {
        let loggedThrough = end(behind: blocks, error.underlying)
        return count.map { loggedThrough >= $0 } ?? false
      } catch {
        state.withLock { state in
          state.retryAt = MonotonicTime.now + state.delay
          state.delay = Swift.min(state.delay * 2, .seconds(2))
          state.lastError = error
        }
        problem = error
        return false
      }
    }
    // Without the lock: listeners are told on this thread.
    if reportsTrouble, let problem {
      report(
        "What was received cannot be written to the receiver's log; it is tried again, and kept until then", problem)
    }
    return isDone
  }

  /// Writes what stands before the first element that cannot be encoded, and nothing any more from then on: the next
  /// batch fails with the reason, so that nothing is left out silently. Returns how many records are on the disk.
  private func end(behind blocks: [ReceivedBlock<Element>], _ reason: any Error) -> Int {
    for block in blocks {
      let part = writer.encodablePart(of: block)
      guard let part, let stretches = try? writer.append([part]) else { break }
      noteLogged([part], stretches, through: state.withLock { $0.loggedThrough } + part.records)
      if part.records < block.records { break }
    }
    return state.withLock { state in
      state.unencodable = reason
      state.hasEnded = true
      state.pending = []
      return state.loggedThrough
    }
  }

  private func noteLogged(_ blocks: [ReceivedBlock<Element>], _ stretches: [BlockStretch], through: Int) {
    state.withLock { state in
      state.logged += zip(blocks, stretches).map { ($0, $1) }
      state.pending = []
      state.loggedThrough = through
      state.retryAt = nil
      state.delay = .milliseconds(100)
    }
  }
}
