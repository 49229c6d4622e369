package import MartletCore
import MartletRDD

/// Makes a batch at every tick of the clock and runs the batches in order.
///
/// Two threads take turns. The one that watches the clock makes the batch at each tick and, if none is running, runs it
/// at once: under low load, one thread is woken for a batch, and the other sleeps. A batch that is still running at the
/// next tick does not shift it: an alarm wakes the other thread, which watches the clock from then on.
package final class BatchScheduler: @unchecked Sendable {
  // Sendable: `condition` guards the variables, except for `threads`, which `start` sets before `stop` can be called.
  private let clock: any BatchClock
  private let systemClock: SystemClock?
  /// The time between two ticks, in nanoseconds.
  private let interval: Int64
  private let maker: BatchMaker
  private let runner: BatchRunner
  /// Called with the first failure.
  private let onFailure: @Sendable (any Error) -> Void
  /// Checked at every tick.
  private let stopFile: StopFile

  /// Wakes an idle thread. Set with the lock of `condition` held.
  private let alarm = Alarm()
  private let condition = Condition()
  /// True if a thread makes a batch, or waits for the tick at which it will.
  private var isClockKept = false
  /// True if a thread runs a batch.
  private var isRunning = false
  /// The running batch, with the number of its records when it was made.
  private var running: (time: Time, records: Int)?
  /// Batches that had begun before a restart and have not been made yet.
  private var pending: ArraySlice<Time>
  private var waiting: [Batch] = []
  private var mark: BatchMark
  private var completedBatches = 0
  private var processedRecords = 0
  /// True if no more batches are made at the ticks of the clock.
  private var isEnding = false
  private var isClockInterrupted = false
  /// True if waiting batches run although the scheduler is ending.
  private var drains = true
  /// True if `waiting` no longer grows, because no more batches are made.
  private var isLastBatchMade = false
  /// The work that will not be done.
  private var undone = UnfinishedWork()
  /// True if the context has stopped without waiting any longer.
  private var isGivenUp = false
  private var failure: (any Error)?
  private var threads: [WorkerThread] = []
  private var threadsAtWork = 2

  /// The maximum number of waiting batches; then no more are made until one is done.
  private static let maximumWaiting = 1000

  init(
    _ graph: StreamGraph, _ program: StreamProgram, clock: any BatchClock, interval: Duration, zeroTime: Time,
    resumeFrom: Time,
    checkpoint: (any BatchJournal)?, events: EventSource, stopFile: StopFile,
    onFailure: @escaping @Sendable (any Error) -> Void
  ) {
    self.clock = clock
    systemClock = clock as? SystemClock
    self.interval = interval.nanoseconds
    maker = BatchMaker(graph, program, clock: clock, checkpoint: checkpoint, events: events)
    runner = BatchRunner(program, clock: clock, checkpoint: checkpoint, events: events)
    pending = (checkpoint?.pending ?? [])[...]
    self.stopFile = stopFile
    self.onFailure = onFailure
    mark = BatchMark(made: resumeFrom, done: checkpoint?.completedThrough ?? zeroTime)
  }

  /// - Throws: `MartletError` if the system cannot create the threads; `stop` ends those that exist.
  func start() throws {
    let wanted = threadsAtWork
    for n in 0..<wanted {
      do {
        threads.append(try WorkerThread(starting: "martlet-batch-\(n)") { [self] in work() })
      } catch {
        condition.withLock { threadsAtWork -= wanted - n }
        throw error
      }
    }
  }

  // MARK: Taking turns

  /// The next action of a thread.
  private enum Turn {
    /// Makes the next batch, when its time has come.
    case make(Time, isRerun: Bool)
    /// Makes the last batch, if there is data for one.
    case makeLast
    case run(Batch)
  }

  private func work() {
    while let turn = nextTurn() {
      switch turn {
      case .make(let time, let isRerun):
        make(time, isRerun: isRerun)
        condition.withLock {
          isClockKept = false
          condition.broadcast()
        }
      case .makeLast:
        makeLast()
        condition.withLock {
          isClockKept = false
          isLastBatchMade = true
        }
      case .run(let batch):
        run(batch)
        condition.withLock {
          isRunning = false
          running = nil
        }
      }
    }
    condition.withLock {
      threadsAtWork -= 1
      condition.broadcast()
      alarm.ring()
    }
  }

  /// Waits for something to do; returns `nil` when nothing is left.
  private func nextTurn() -> Turn? {
    condition.lock()
    defer { condition.unlock() }
    while failure == nil {
      if !isRunning, !waiting.isEmpty, drains {
        isRunning = true
        let batch = waiting.removeFirst()
        running = (batch.time, batch.info.numRecords)
        if isClockFree {
          alarm.ring(at: alarmTime)
        } else if isEnding && !isLastBatchMade {
          // The other thread makes the last batch meanwhile.
          alarm.ring()
        }
        condition.broadcast()
        return .run(batch)
      }
      if isLastBatchMade { break }
      if isEnding && !isClockKept {
        guard drains else { break }
        isClockKept = true
        if let time = pending.popFirst() { return .make(time, isRerun: true) }
        return .makeLast
      }
      if isClockFree {
        isClockKept = true
        // Batches that had begun before a restart come first, with the records that they had then.
        if let time = pending.popFirst() { return .make(time, isRerun: true) }
        return .make(nextTick, isRerun: false)
      }
      condition.unlock()
      alarm.wait()
      condition.lock()
    }
    return nil
  }

  /// True if a thread should watch the clock and none does.
  private var isClockFree: Bool { !isClockKept && !isEnding && !isClockInterrupted }

  private var nextTick: Time { Time(nanoseconds: mark.made.nanoseconds + interval) }

  /// The time at which the idle thread checks whether the clock is watched: a little after the next tick, so that the
  /// alarm of a batch that ends in time is postponed by the next one, and need not be canceled.
  private var alarmTime: MonotonicTime {
    // For other clocks, the time of their next tick is unknown.
    guard let systemClock, pending.isEmpty else { return MonotonicTime(nanoseconds: 1) }
    return MonotonicTime(nanoseconds: systemClock.monotonic(nextTick).nanoseconds + min(interval / 2, 500_000))
  }

  // MARK: Making and running

  private func make(_ time: Time, isRerun: Bool) {
    if !isRerun {
      guard clock.wait(until: time) else { return condition.withLock { isClockInterrupted = true } }
      if condition.withLock({ isEnding }) { return }
      stopFile.look()
    }
    generate(time, isRerun: isRerun)
  }

  /// Makes a batch of the data since the last tick.
  private func makeLast() {
    if maker.hasMore { generate(condition.withLock { nextTick }) }
  }

  /// Makes the batch of `time`, which then waits to be run.
  private func generate(_ time: Time, isRerun: Bool = false) {
    do {
      let batch = try maker.make(time, isRerun: isRerun)
      condition.withLock {
        while waiting.count >= Self.maximumWaiting && !isEnding { condition.wait() }
        mark.made = max(mark.made, time)
        waiting.append(batch)
      }
    } catch {
      fail(BatchFailure(batchTime: time, outputOperation: nil, underlying: error))
    }
  }

  private func run(_ batch: Batch) {
    do { try runner.run(batch) } catch { return fail(error) }
    let records = batch.info.numRecords
    condition.withLock {
      // The context has already reported that it is not done.
      guard !isGivenUp else { return }
      mark.done = batch.time
      completedBatches += 1
      processedRecords += records
      condition.broadcast()
    }
  }

  private func fail(_ error: any Error) {
    let isFirst = condition.withLock {
      guard failure == nil else { return false }
      failure = error
      condition.broadcast()
      return !isGivenUp
    }
    if isFirst { onFailure(error) }
  }

  // MARK: Ending

  /// Prevents other batches from beginning, until `stop` has been called.
  func dropWaiting() {
    condition.withLock {
      isEnding = true
      drains = false
      drop()
      condition.broadcast()
    }
  }

  /// Abandons the waiting batches. Called with the lock held.
  private func drop() {
    undone.waitingBatches += waiting.count + pending.count
    undone.records += waiting.reduce(0) { $0 + $1.info.numRecords }
    waiting = []
    pending = []
  }

  /// Stops making batches and waits for the running one, and, if `draining`, for all that wait.
  ///
  /// When draining, batches that had begun before a restart run again first, and unassigned data becomes one last
  /// batch.
  /// - Returns: true if everything had ended at `deadline`.
  func stop(draining: Bool, before deadline: MonotonicTime) -> Bool {
    condition.withLock {
      isEnding = true
      drains = draining
      if !draining { drop() }
      condition.broadcast()
      alarm.ring()
    }
    clock.interrupt()
    return join(before: deadline)
  }

  /// For tests: true if it has been asked to stop.
  var isStopping: Bool { condition.withLock { isEnding } }

  /// Waits for the threads to end, at most until `deadline`; returns whether they have.
  func join(before deadline: MonotonicTime) -> Bool { threads.allSatisfy { $0.join(before: deadline) } }

  /// Abandons the waiting batches and the running one: its thread need not end.
  ///
  /// - Returns: true if there was any work left.
  func giveUp() -> Bool {
    condition.withLock {
      if let running {
        undone.runningBatch = running.time
        undone.runningOutputOperation = runner.runningOperation
        undone.records += running.records
      }
      undone.isMakingBatch = isClockKept
      if !isLastBatchMade && maker.hasUnallocated { undone.hasUnassignedInput = true }
      drop()
      isEnding = true
      drains = false
      isLastBatchMade = true
      isGivenUp = true
      runner.abandon()
      alarm.ring()
      condition.broadcast()
      return undone.batches > 0 || undone.hasUnassignedInput
    }
  }

  /// The work that will not be done, once the context has stopped.
  var unfinished: UnfinishedWork {
    condition.withLock {
      // A batch that was being made when waiting ones were dropped, and after a failed one.
      drop()
      if !isGivenUp && maker.hasUnallocated { undone.hasUnassignedInput = true }
      return undone
    }
  }

  // MARK: Looking

  /// Waits until every batch up to `time` is done; throws if one has failed.
  package func waitUntilCompleted(_ time: Time) throws {
    try condition.withLock {
      while mark.done < time {
        if let failure { throw failure }
        if threadsAtWork == 0 { throw MartletError(.cancelled, "The context was stopped before the batch of \(time).") }
        condition.wait()
      }
      if let failure { throw failure }
    }
  }

  /// How far the batches are.
  var currentMark: BatchMark { condition.withLock { mark } }

  /// The numbers of completed batches and of records in them.
  package var progress: (batches: Int, records: Int) {
    condition.withLock { (completedBatches, processedRecords) }
  }
}
