import MartletCore
import MartletRDD
import Synchronization

/// Runs the work of a batch, updates all state, and records that the batch is done.
///
/// For one thread at a time.
final class BatchRunner: Sendable {
  private let graph: StreamGraph
  private let clock: any BatchClock
  private let bus: ListenerBus
  private let receivers: [any ReceiverNode]
  private let describedInputs: [any DescribedInput]
  /// In the order of the program: state that is computed from other state comes after it.
  private let statefulNodes: [any StatefulNode]
  /// The streams that later batches will read.
  private let keepingNodes: [any KeepingNode]
  private let windows: [any WindowNode]
  private let completions: [@Sendable (Time) throws -> Void]
  private let checkpoint: (any BatchJournal)?
  /// The running output operation, to report why a batch does not end.
  private let running = Mutex<String?>(nil)
  /// True if the context has stopped while a batch was running: no other output operation begins.
  private let isAbandoned = Atomic(false)

  init(
    _ graph: StreamGraph, _ statefulNodes: [any StatefulNode], clock: any BatchClock, checkpoint: (any BatchJournal)?,
    bus: ListenerBus
  ) {
    self.graph = graph
    self.clock = clock
    self.bus = bus
    self.checkpoint = checkpoint
    receivers = graph.inputs.compactMap { $0 as? any ReceiverNode }
    describedInputs = graph.inputs.compactMap { $0 as? any DescribedInput }
    self.statefulNodes = statefulNodes
    keepingNodes = graph.keepingNodes
    windows = graph.windows
    completions = graph.completions
  }

  var runningOperation: String? { running.withLock { $0 } }

  /// Prevents other output operations from beginning.
  func abandon() { isAbandoned.store(true, ordering: .releasing) }

  /// Runs `batch`, and updates its `info`.
  ///
  /// If an output operation fails, the others are still called, because each has its own effects. The batch fails as a
  /// whole.
  /// - Throws: the `BatchFailure` of the first output operation that failed, or of the steps after them.
  func run(_ batch: Batch) throws {
    let listens = !bus.isEmpty
    batch.info.processingStartTime = clock.now
    if listens { bus.post { [info = batch.info] in $0.onBatchStarted(info) } }
    var failure: BatchFailure?
    /// The reason why the remaining output operations are not called.
    var isOver: String?
    let republished = checkpoint?.isRerun(batch.time) ?? false ? RepublishedFolders() : nil
    checkpoint?.note(.outputsBegun)
    for (index, job) in batch.jobs.enumerated() {
      if isAbandoned.load(ordering: .acquiring) { isOver = "The context has stopped." }
      if let isOver {
        let reason = "It was not called. \(isOver)"
        batch.info.outputOperationInfos[index].failureReason = reason
        if failure == nil { note(MartletError(.cancelled, reason), of: index, in: batch, &failure) }
        continue
      }
      if listens {
        batch.info.outputOperationInfos[index].startTime = clock.now
        bus.post { [info = batch.info] in $0.onOutputOperationStarted(info.outputOperationInfos[index]) }
      }
      running.withLock { [name = batch.info.outputOperationInfos[index].name] in $0 = name }
      defer { running.withLock { $0 = nil } }
      do { try run(job, republished) } catch {
        // The new owner has removed the outputs that this process was about to publish.
        let fence = checkpoint?.fence
        isOver = fence.map { "\($0)" }
        batch.info.outputOperationInfos[index].failureReason = "\(fence ?? error)"
        note(fence ?? error, of: index, in: batch, &failure)
      }
      if listens {
        batch.info.outputOperationInfos[index].endTime = clock.now
        bus.post { [info = batch.info] in $0.onOutputOperationCompleted(info.outputOperationInfos[index]) }
      }
    }
    batch.jobs = []
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
    if let failure { throw failure }
  }

  private func note(_ error: any Error, of index: Int, in batch: Batch, _ failure: inout BatchFailure?) {
    let new = BatchFailure(
      batchTime: batch.time, outputOperation: batch.info.outputOperationInfos[index].name, underlying: error)
    if failure == nil { failure = new } else { failure?.others.append(new) }
  }

  /// - Parameter republished: for a batch that runs again, the folders that it has saved in this run.
  private func run(_ job: @Sendable () throws -> Void, _ republished: RepublishedFolders?) throws {
    try StreamingContext.$isInsideBatch.withValue(true) {
      guard let republished else { return try job() }
      // Folders that the closures save themselves may exist when the batch runs again.
      try FolderPublication.$replacement.withValue(republished) { try job() }
    }
  }

  /// Updates all state, computes the data that later batches need, and records that the batch is done.
  private func commit(_ time: Time) throws {
    checkpoint?.note(.outputsEnded)
    for node in statefulNodes { try StreamingContext.$isInsideBatch.withValue(true) { try node.settle(time) } }
    if !windows.isEmpty {
      try StreamingContext.$isInsideBatch.withValue(true) {
        for window in windows { try window.endBatch(time) }
      }
    }
    if !keepingNodes.isEmpty {
      try StreamingContext.$isInsideBatch.withValue(true) {
        for node in keepingNodes { try node.keepBatches(time) }
      }
    }
    for complete in completions { try complete(time) }
    try checkpoint?.commit(time)
  }
}
