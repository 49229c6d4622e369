import MartletCore
import MartletRDD

/// Makes a batch at every tick of the clock and runs the batches one after the other.
///
/// Two threads take turns. The one that keeps the clock makes the batch at each tick and, if none runs, runs it at once:
/// where there is little to do, one thread is woken for a batch, and the other sleeps on. A batch that is still running
/// when the next tick comes does not shift it: an alarm wakes the other thread, which keeps the clock from then on.
package final class BatchScheduler: @unchecked Sendable {
  // Sendable: `condition` guards the variables, but for `threads`, which `start` sets before anybody can call `stop`.
  private let graph: StreamGraph
  private let clock: any BatchClock
  private let systemClock: SystemClock?
  /// The time between two ticks, in nanoseconds.
  private let interval: Int64
  private let maker: BatchMaker
  private let runner: BatchRunner
  /// Told the first failure.
  private let onFailure: @Sendable (any Error) -> Void
  /// Looked for at every tick.
  private let stopFile: StopFile

  /// Wakes a thread that has nothing to do. Set with the lock of `condition` held.
  private let alarm = Alarm()
  private let condition = Condition()
  /// Whether a thread makes a batch, or waits for the tick at which it will.
  private var isClockKept = false
  /// Whether a thread runs a batch.
  private var isRunning = false
  /// The batch that runs, with its records as they were known when it was made.
  private var running: (time: Time, records: Int)?
  /// Batches that had begun before a restart, not made yet.
  private var pending: ArraySlice<Time>
  private var waiting: [Batch] = []
  private var generatedThrough: Time
  private var completedThrough: Time
  private var completedBatches = 0
  private var processedRecords = 0
  /// Whether no batch is made at the ticks of the clock any more.
  private var isEnding = false
  private var isClockInterrupted = false
  /// Whether the batches that wait are run although it ends.
  private var drains = true
  /// Whether `waiting` stays as it is: nobody makes batches any more.
  private var isLastBatchMade = false
  /// What will not be done any more.
  private var undone = UnfinishedWork()
  /// Whether the context has stopped without waiting any longer.
  private var isGivenUp = false
  private var failure: (any Error)?
  private var threads: [WorkerThread] = []
  private var threadsAtWork = 2

  /// Batches that may wait; then no more are made until one is done.
  private static let maximumWaiting = 1000

  init(
    _ graph: StreamGraph, clock: any BatchClock, interval: Duration, zeroTime: Time, resumeFrom: Time,
    checkpoint: (any BatchJournal)?, bus: ListenerBus, stopFile: StopFile,
    onFailure: @escaping @Sendable (any Error) -> Void
  ) {
    self.graph = graph
    self.clock = clock
    systemClock = clock as? SystemClock
    self.interval = interval.nanoseconds
    let (statefulNodes, stateOutputs) = graph.stateNodes
    maker = BatchMaker(graph, statefulNodes, stateOutputs, clock: clock, checkpoint: checkpoint, bus: bus)
    runner = BatchRunner(graph, statefulNodes, clock: clock, checkpoint: checkpoint, bus: bus)
    pending = (checkpoint?.pending ?? [])[...]
    self.stopFile = stopFile
    self.onFailure = onFailure
    generatedThrough = resumeFrom
    completedThrough = checkpoint?.completedThrough ?? zeroTime
  }

  /// - Throws: `MartletError` if the threads cannot be started; `stop` ends those that are there.
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

  /// What a thread does next.
  private enum Turn {
    /// Makes the next batch, when its time has come.
    case make(Time, isRerun: Bool)
    /// Makes the last batch, if something has come for one.
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

  /// Waits for something to do; nil when nothing is left.
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

  /// Whether a thread ought to keep the clock and none does.
  private var isClockFree: Bool { !isClockKept && !isEnding && !isClockInterrupted }

  private var nextTick: Time { Time(nanoseconds: generatedThrough.nanoseconds + interval) }

  /// When the thread that has nothing to do is to look whether the clock is kept: a little after the next tick, so that
  /// the alarm of a batch that ends in time is put off by the next one, and need not be cancelled.
  private var alarmTime: MonotonicTime {
    // Of other clocks nobody knows when their time comes.
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

  /// Makes a batch of what has come since the last tick.
  private func makeLast() {
    if maker.hasMore { generate(condition.withLock { nextTick }) }
  }

  /// Makes the batch of `time`, which waits to be run.
  private func generate(_ time: Time, isRerun: Bool = false) {
    do {
      let batch = try maker.make(time, isRerun: isRerun)
      condition.withLock {
        while waiting.count >= Self.maximumWaiting && !isEnding { condition.wait() }
        generatedThrough = max(generatedThrough, time)
        graph.noteGenerated(time)
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
      // The context has said already that it is not done.
      guard !isGivenUp else { return }
      completedThrough = batch.time
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

  /// Has no other batch begin, until `stop` has been called.
  func dropWaiting() {
    condition.withLock {
      isEnding = true
      drains = false
      drop()
      condition.broadcast()
    }
  }

  /// Leaves undone what waits. Called with the lock held.
  private func drop() {
    undone.waitingBatches += waiting.count + pending.count
    undone.records += waiting.reduce(0) { $0 + $1.info.numRecords }
    waiting = []
    pending = []
  }

  /// Ends making batches and waits for the running one, and, if `draining`, for all that wait.
  ///
  /// When draining, batches that had begun before a restart are run again first, and what has come and belongs to no
  /// batch yet becomes one last batch.
  /// - Returns: whether all that had ended at `deadline`.
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

  /// For tests: whether it has been told to stop.
  var isStopping: Bool { condition.withLock { isEnding } }

  /// Waits for the threads to end, at most until `deadline`; whether they have.
  func join(before deadline: MonotonicTime) -> Bool { threads.allSatisfy { $0.join(before: deadline) } }

  /// Gives up what waits, and the batch that runs: its thread need not end.
  ///
  /// - Returns: whether anything was left to do.
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

  /// What will not be done, once the context has stopped.
  var unfinished: UnfinishedWork {
    condition.withLock {
      // Of a batch that was being made when it was told to drop those that wait, and behind one that has failed.
      drop()
      if !isGivenUp && maker.hasUnallocated { undone.hasUnassignedInput = true }
      return undone
    }
  }

  // MARK: Looking

  /// Waits until every batch up to `time` is done; throws if one has failed.
  package func waitUntilCompleted(_ time: Time) throws {
    try condition.withLock {
      while completedThrough < time {
        if let failure { throw failure }
        if threadsAtWork == 0 { throw MartletError(.cancelled, "The context was stopped before the batch of \(time).") }
        condition.wait()
      }
      if let failure { throw failure }
    }
  }

  /// The time of the last batch that was done.
  var lastCompleted: Time { condition.withLock { completedThrough } }

  /// Batches done and records in them.
  package var progress: (batches: Int, records: Int) {
    condition.withLock { (completedBatches, processedRecords) }
  }
}
