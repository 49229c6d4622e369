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
  private let bus: ListenerBus
  private let receivers: [any ReceiverNode]
  private let describedInputs: [any DescribedInput]
  /// In the order of the program: state that is computed from other state comes after it.
  private let statefulNodes: [any StatefulNode]
  private let checkpoint: Checkpoint?
  /// The output operations and their names, in the order of the program.
  private let outputs: [(node: any OutputNode, name: String)]
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
  private var failure: (any Error)?
  private var threads: [WorkerThread] = []
  private var threadsAtWork = 2

  /// Batches that may wait; then no more are made until one is done.
  private static let maximumWaiting = 1000

  init(
    _ graph: StreamGraph, clock: any BatchClock, interval: Duration, zeroTime: Time, resumeFrom: Time,
    checkpoint: Checkpoint?, bus: ListenerBus, stopFile: StopFile,
    onFailure: @escaping @Sendable (any Error) -> Void
  ) {
    self.graph = graph
    self.clock = clock
    systemClock = clock as? SystemClock
    self.interval = interval.nanoseconds
    receivers = graph.inputs.compactMap { $0 as? any ReceiverNode }
    describedInputs = graph.inputs.compactMap { $0 as? any DescribedInput }
    outputs = graph.outputs.map { ($0, "\($0.site.name) at \($0.site.callSite)") }
    statefulNodes = graph.statefulNodes
    self.checkpoint = checkpoint
    pending = (checkpoint?.pending ?? [])[...]
    self.bus = bus
    self.stopFile = stopFile
    self.onFailure = onFailure
    generatedThrough = resumeFrom
    completedThrough = checkpoint?.completedThrough ?? zeroTime
  }

  func start() {
    threads = (0..<threadsAtWork).map { n in WorkerThread(name: "martlet-batch-\(n)") { [self] in work() } }
  }

  // MARK: Taking turns

  /// What a thread does next.
  private enum Turn {
    /// Makes the next batch, when its time has come.
    case make(Time, isRerun: Bool)
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
      case .run(let batch):
        run(batch)
        condition.withLock { isRunning = false }
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
        if isClockFree { alarm.ring(at: alarmTime) }
        condition.broadcast()
        return .run(waiting.removeFirst())
      }
      if isLastBatchMade { break }
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

  // MARK: Making batches

  private func make(_ time: Time, isRerun: Bool) {
    if !isRerun {
      guard clock.wait(until: time) else { return condition.withLock { isClockInterrupted = true } }
      if condition.withLock({ isEnding }) { return }
      stopFile.look()
    }
    generate(time, isRerun: isRerun)
  }

  /// Makes the batch of `time`.
  private func generate(_ time: Time, isRerun: Bool = false) {
    do {
      var inputs = [Int: StreamInputInfo]()
      // A batch that is run again has its records already.
      if receivers.count > 1 && !isRerun { receivers.forEach { $0.beginAllocation() } }
      for input in receivers {
        inputs[input.streamID] = StreamInputInfo(
          inputStreamID: input.streamID, numRecords: input.allocate(time), rateLimit: input.rateLimit)
      }
      var jobs: [@Sendable () throws -> Void] = []
      var operations: [OutputOperationInfo] = []
      jobs.reserveCapacity(outputs.count)
      operations.reserveCapacity(outputs.count)
      for id in outputs.indices {
        guard let run = try outputs[id].node.job(time) else { continue }
        jobs.append(run)
        operations.append(OutputOperationInfo(batchTime: time, id: id, name: outputs[id].name))
      }
      for input in describedInputs {
        if let info = input.info(time) { inputs[input.streamID] = info }
      }
      try checkpoint?.plan(time, isRerun: isRerun)
      let info = BatchInfo(
        batchTime: time, streamIDToInputInfo: inputs, submissionTime: clock.now, outputOperationInfos: operations)
      if !bus.isEmpty { bus.post { $0.onBatchSubmitted(info) } }
      condition.withLock {
        while waiting.count >= Self.maximumWaiting && !isEnding { condition.wait() }
        generatedThrough = max(generatedThrough, time)
        graph.noteGenerated(time)
        waiting.append(Batch(time: time, jobs: jobs, info: info))
      }
    } catch {
      fail(BatchFailure(batchTime: time, outputOperation: nil, underlying: error))
    }
  }

  // MARK: Running batches

  private func run(_ batch: Batch) {
    let listens = !bus.isEmpty
    batch.info.processingStartTime = clock.now
    if listens { bus.post { [info = batch.info] in $0.onBatchStarted(info) } }
    var failure: (any Error)?
    let isRerun = checkpoint?.isRerun(batch.time) ?? false
    checkpoint?.note(.outputsBegun)
    for (index, job) in batch.jobs.enumerated() {
      if listens {
        batch.info.outputOperationInfos[index].startTime = clock.now
        bus.post { [info = batch.info] in $0.onOutputOperationStarted(info.outputOperationInfos[index]) }
      }
      do {
        try StreamingContext.$isInsideBatch.withValue(true) {
          guard isRerun else { return try job() }
          // What the closures save themselves may be there when the batch is run again.
          try FolderPublication.$isReplacingByDefault.withValue(true) { try job() }
        }
      } catch {
        // Whoever has taken over has removed what this process was about to publish.
        let error = checkpoint?.fence ?? error
        batch.info.outputOperationInfos[index].failureReason = "\(error)"
        failure = BatchFailure(
          batchTime: batch.time, outputOperation: batch.info.outputOperationInfos[index].name, underlying: error)
      }
      if listens {
        batch.info.outputOperationInfos[index].endTime = clock.now
        bus.post { [info = batch.info] in $0.onOutputOperationCompleted(info.outputOperationInfos[index]) }
      }
      if failure != nil { break }
    }
    if failure == nil {
      do { try commit(batch.time) } catch {
        failure = BatchFailure(batchTime: batch.time, outputOperation: nil, underlying: error)
      }
    }
    batch.info.processingEndTime = clock.now
    for input in describedInputs {
      if let count = input.recordsRead(batch.time) {
        batch.info.streamIDToInputInfo[input.streamID]?.numRecords = count
      }
    }
    graph.clearMetadata(batch.time)
    for input in receivers { input.batchCompleted(batch.info) }
    if listens { bus.post { [info = batch.info] in $0.onBatchCompleted(info) } }
    if let failure { return fail(failure) }
    let records = batch.info.numRecords
    condition.withLock {
      completedThrough = batch.time
      completedBatches += 1
      processedRecords += records
      condition.broadcast()
    }
  }

  /// Has all state brought up to date, and notes that the batch is done.
  private func commit(_ time: Time) throws {
    checkpoint?.note(.outputsEnded)
    for node in statefulNodes { try StreamingContext.$isInsideBatch.withValue(true) { try node.settle(time) } }
    try checkpoint?.commit(time)
  }

  private func fail(_ error: any Error) {
    let isFirst = condition.withLock {
      guard failure == nil else { return false }
      failure = error
      condition.broadcast()
      return true
    }
    if isFirst { onFailure(error) }
  }

  // MARK: Ending

  /// Ends making batches and waits for the running one, and, if `draining`, for all that wait.
  ///
  /// When draining, batches that had begun before a restart are run again first, and what has been received and belongs
  /// to no batch yet becomes one last batch.
  func stop(draining: Bool) {
    condition.withLock {
      isEnding = true
      drains = draining
      if !draining { waiting = [] }
      condition.broadcast()
    }
    clock.interrupt()
    condition.withLock {
      while isClockKept { condition.wait() }
    }
    if draining {
      while let time = condition.withLock({ failure == nil ? pending.popFirst() : nil }) {
        generate(time, isRerun: true)
      }
      if condition.withLock({ failure == nil }) && receivers.contains(where: \.hasUnallocated) {
        generate(condition.withLock { nextTick })
      }
    }
    condition.withLock {
      isLastBatchMade = true
      alarm.ring()
    }
    for thread in threads { thread.join() }
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

/// An input that tells what it gave to a batch.
package protocol DescribedInput: InputNode {
  /// What the batch at `time` got; forgotten afterwards.
  func info(_ time: Time) -> StreamInputInfo?
  /// How many records the batch at `time`, which is done, has read of it; forgotten afterwards.
  func recordsRead(_ time: Time) -> Int?
}
