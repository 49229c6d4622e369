import MartletCore
import Synchronization

/// Writes the records of a receiver to disk before they are assigned to a batch.
///
/// Every write includes all waiting records, with one sync: the log's own thread writes once per block interval, a
/// batch when it is made, a reliable receiver when it stores. Records that cannot be written stay in memory, and
/// writing is tried again; until then they are not assigned to a batch, and their bound eventually stops the receiver.
final class ReceiverLog<Element: Sendable>: @unchecked Sendable {
  // Sendable: `condition` guards the variables, except for `thread`, which `start` sets before `stop` can be called.
  private let queue: BlockQueue<Element>
  private let writer: BlockWriter<Element>
  private let blockInterval: Duration
  /// Reports problems with the disk.
  private let report: @Sendable (String, any Error) -> Void
  /// Held while blocks are taken and written, so that they stay in order.
  private let writing = Condition()
  private let state = Mutex(State())
  /// Wakes the log's thread.
  private let condition = Condition()
  private var isWoken = false
  private var isEnding = false
  private var cutsWanted = 0
  /// True if a batch has requested a write and has not taken its result yet.
  private var isCutting = false
  private var cutsDone = 0
  private var thread: WorkerThread?

  private struct State {
    /// Blocks that were taken from the queue and are not on disk yet.
    var pending: [ReceivedBlock<Element>] = []
    /// Blocks that are on disk and not assigned to a batch yet.
    var logged: [(block: ReceivedBlock<Element>, stretch: BlockStretch)] = []
    /// The number of records that are on disk since the beginning.
    var loggedThrough = 0
    /// The time of the next attempt after the disk has failed.
    var retryAt: MonotonicTime?
    var delay = Duration.milliseconds(100)
    var lastError: (any Error)?
    /// The error of an element that cannot be encoded, until it fails a batch.
    var unencodable: (any Error)?
    /// True if there has been such an element, or records are lost: later records are not written or acknowledged.
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

  /// - Throws: `MartletError` if the system cannot create a thread for the log.
  func start(streamID: Int) throws {
    queue.onMuchWaiting { [weak self] in self?.wake() }
    thread = try WorkerThread(starting: "martlet-log-\(streamID)") { [self] in run() }
  }

  /// Writes the remaining records, after the receiver has ended.
  ///
  /// - Returns: the number of records that could not be written.
  func stop() -> Int {
    condition.withLock {
      isEnding = true
      condition.broadcast()
    }
    thread?.join()
    _ = write(evenIfBroken: true, reportsTrouble: false)
    // They are no longer written, even if the disk has room again, so that the report about them stays true.
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
      report("\(subject) received but could not be written to the receiver's log, and \(verb) lost", error)
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

  /// Waits for a block interval, or until something must be written earlier; returns `nil` at the end.
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

  /// Makes the log's thread write all records, for a batch that will take them soon.
  func beginCut() {
    condition.withLock {
      cutsWanted += 1
      isCutting = true
      condition.broadcast()
    }
  }

  /// Writes all records, or waits until the thread has, and takes those that are on disk and not assigned to a batch.
  ///
  /// - Returns: blocks, their positions in the log, and an error if some of them could not be encoded.
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

  /// True if nothing waits for a batch or for the disk.
  var isEmpty: Bool { state.withLock { $0.logged.isEmpty && $0.pending.isEmpty && $0.unencodable == nil } }

  // MARK: Writing

  /// Waits until the first `count` records since the beginning are on disk; returns `false` if the receiver ends
  /// before.
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

  /// Syncs all received records to disk, unless the first `count` records are already there.
  ///
  /// - Parameter reportsTrouble: true to report that the disk fails and is tried again.
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
    // Without the lock, because listeners are notified on this thread.
    if reportsTrouble, let problem {
      report(
        "Received records cannot be written to the receiver's log. They stay in memory, and writing is tried again",
        problem)
    }
    return isDone
  }

  /// Writes the records before the first element that cannot be encoded, and nothing from then on: the next batch fails
  /// with the error, so that no records are lost silently. Returns the number of records on disk.
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
