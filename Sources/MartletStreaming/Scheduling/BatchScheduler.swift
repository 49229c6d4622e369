import MartletCore
import MartletRDD

/// Makes a batch at every tick of the clock and runs the batches one after the other.
///
/// Two threads: one keeps time and cuts the input, so that a slow batch never shifts the borders of the next ones; the
/// other runs jobs, and takes part in their tasks.
package final class BatchScheduler: @unchecked Sendable {
  private let graph: StreamGraph
  private let clock: any BatchClock
  private let interval: Duration
  private let bus: ListenerBus
  private let receivers: [any ReceiverNode]
  private let describedInputs: [any DescribedInput]
  /// In the order of the program: state that is computed from other state comes after it.
  private let statefulNodes: [any StatefulNode]
  private let checkpoint: Checkpoint?
  /// The output operations and their names, in the order of the program.
  private let outputs: [(any OutputNode, name: String)]
  /// Told the first failure.
  private let onFailure: @Sendable (any Error) -> Void
  /// Asked once in a while whether somebody wants the context to stop.
  private let onTick: @Sendable () -> Void

  private let condition = Condition()
  private var waiting: [Batch] = []
  private var generatedThrough: Time
  private var completedThrough: Time
  private var completedBatches = 0
  private var processedRecords = 0
  /// Whether no batch is made at the ticks of the clock any more.
  private var isEnding = false
  /// Whether the batches that wait are run although it ends.
  private var drains = true
  /// Whether `waiting` stays as it is: nobody makes batches any more.
  private var isLastBatchMade = false
  private var runnerHasEnded = false
  private var failure: (any Error)?
  private var generator: WorkerThread?
  private var runner: WorkerThread?

  /// Batches that may wait; then no more are made until one is done.
  private static let maximumWaiting = 1000

  init(
    _ graph: StreamGraph, clock: any BatchClock, interval: Duration, zeroTime: Time, resumeFrom: Time,
    checkpoint: Checkpoint?, bus: ListenerBus, onTick: @escaping @Sendable () -> Void,
    onFailure: @escaping @Sendable (any Error) -> Void
  ) {
    self.graph = graph
    self.clock = clock
    self.interval = interval
    receivers = graph.inputs.compactMap { $0 as? any ReceiverNode }
    describedInputs = graph.inputs.compactMap { $0 as? any DescribedInput }
    outputs = graph.outputs.map { ($0, "\($0.site.name) at \($0.site.callSite)") }
    statefulNodes = graph.statefulNodes
    self.checkpoint = checkpoint
    self.bus = bus
    self.onTick = onTick
    self.onFailure = onFailure
    generatedThrough = resumeFrom
    completedThrough = checkpoint?.completedThrough ?? zeroTime
  }

  func start() {
    generator = WorkerThread(name: "martlet-clock") { [self] in generateBatches() }
    runner = WorkerThread(name: "martlet-batches") { [self] in runBatches() }
  }

  // MARK: Making batches

  private func generateBatches() {
    // Batches that had begun before a restart come first, with the records that they had then.
    for time in checkpoint?.pending ?? [] {
      if condition.withLock({ isEnding }) { return }
      guard generate(time, isRerun: true) else { return }
    }
    while true {
      let next = condition.withLock { generatedThrough } + interval
      guard clock.wait(until: next) else { break }
      if condition.withLock({ isEnding }) { break }
      onTick()
      guard generate(next) else { break }
    }
  }

  /// Makes the batch of `time`; false if that is the end.
  private func generate(_ time: Time, isRerun: Bool = false) -> Bool {
    do {
      var inputs: [Int: StreamInputInfo] = [:]
      // A batch that is run again has its records already.
      if receivers.count > 1 && !isRerun { receivers.forEach { $0.beginAllocation() } }
      for input in receivers where !isRerun {
        inputs[input.streamID] = StreamInputInfo(
          inputStreamID: input.streamID, numRecords: input.allocate(time), rateLimit: input.rateLimit)
      }
      var jobs: [OutputJob] = []
      var operations: [OutputOperationInfo] = []
      for (id, (output, name)) in outputs.enumerated() {
        guard let run = try output.job(time) else { continue }
        jobs.append(OutputJob(id: id, site: output.site, run: run))
        operations.append(OutputOperationInfo(batchTime: time, id: id, name: name))
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
        condition.broadcast()
      }
      return true
    } catch {
      fail(BatchFailure(batchTime: time, outputOperation: nil, underlying: error))
      return false
    }
  }

  // MARK: Running batches

  private func runBatches() {
    while let batch = nextBatch() { run(batch) }
    condition.withLock {
      runnerHasEnded = true
      condition.broadcast()
    }
  }

  /// Waits for a batch; nil when none is to be run any more.
  private func nextBatch() -> Batch? {
    condition.withLock {
      while waiting.isEmpty && !isLastBatchMade && failure == nil { condition.wait() }
      if waiting.isEmpty || failure != nil || (isEnding && !drains) { return nil }
      condition.broadcast()
      return waiting.removeFirst()
    }
  }

  private func run(_ batch: Batch) {
    let listens = !bus.isEmpty
    var info = batch.info
    info.processingStartTime = clock.now
    if listens { bus.post { [info] in $0.onBatchStarted(info) } }
    var failure: (any Error)?
    let isRerun = checkpoint?.isRerun(batch.time) ?? false
    checkpoint?.note(.outputsBegun)
    for (index, job) in batch.jobs.enumerated() {
      info.outputOperationInfos[index].startTime = clock.now
      if listens { bus.post { [info] in $0.onOutputOperationStarted(info.outputOperationInfos[index]) } }
      do {
        try StreamingContext.$isInsideBatch.withValue(true) {
          // What the closures save themselves may be there, too, when the batch is run again.
          try FolderPublication.$isReplacingByDefault.withValue(isRerun) { try job.run() }
        }
      } catch {
        info.outputOperationInfos[index].failureReason = "\(error)"
        failure = BatchFailure(
          batchTime: batch.time, outputOperation: info.outputOperationInfos[index].name, underlying: error)
      }
      info.outputOperationInfos[index].endTime = clock.now
      if listens { bus.post { [info] in $0.onOutputOperationCompleted(info.outputOperationInfos[index]) } }
      if failure != nil { break }
    }
    if failure == nil {
      do { try commit(batch.time) } catch {
        failure = BatchFailure(batchTime: batch.time, outputOperation: nil, underlying: error)
      }
    }
    info.processingEndTime = clock.now
    for input in describedInputs {
      if let count = input.recordsRead(batch.time) { info.streamIDToInputInfo[input.streamID]?.numRecords = count }
    }
    graph.clearMetadata(batch.time)
    for input in receivers { input.batchCompleted(info) }
    if listens { bus.post { [info] in $0.onBatchCompleted(info) } }
    if let failure { return fail(failure) }
    condition.withLock {
      completedThrough = batch.time
      completedBatches += 1
      processedRecords += info.numRecords
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
  /// What has been received and belongs to no batch yet becomes one last batch when draining.
  func stop(draining: Bool) {
    condition.withLock {
      isEnding = true
      drains = draining
      if !draining { waiting = [] }
      condition.broadcast()
    }
    clock.interrupt()
    generator?.join()
    if draining && condition.withLock({ failure == nil }) && receivers.contains(where: \.hasUnallocated) {
      _ = generate(condition.withLock { generatedThrough } + interval)
    }
    condition.withLock {
      isLastBatchMade = true
      condition.broadcast()
    }
    runner?.join()
  }

  // MARK: Looking

  /// Waits until every batch up to `time` is done; throws if one has failed.
  package func waitUntilCompleted(_ time: Time) throws {
    try condition.withLock {
      while completedThrough < time {
        if let failure { throw failure }
        if runnerHasEnded { throw MartletError(.cancelled, "The context was stopped before the batch of \(time).") }
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
