import MartletCore
import MartletRDD
import Synchronization

/// Runs the work of a batch, updates all state, and records that the batch is done.
///
/// For one thread at a time.
final class BatchRunner: Sendable {
  private let clock: any BatchClock
  private let events: EventSource
  private let program: StreamProgram
  private let checkpoint: (any BatchJournal)?
  /// The running output operation, to report why a batch does not end.
  private let running = Mutex<String?>(nil)
  /// True if the context has stopped while a batch was running: no other output operation begins.
  private let isAbandoned = Atomic(false)

  init(
    _ program: StreamProgram, clock: any BatchClock, checkpoint: (any BatchJournal)?, events: EventSource
  ) {
    self.program = program
    self.clock = clock
    self.events = events
    self.checkpoint = checkpoint
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
    let listens = events.isActive
    batch.info.processingStartTime = clock.now
    events.post(BatchStarted(info: batch.info))
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
        events.post(OutputOperationStarted(info: batch.info.outputOperationInfos[index]))
      }
      running.withLock { [name = batch.info.outputOperationInfos[index].name] in $0 = name }
      defer { running.withLock { $0 = nil } }
      do {
        try withProperties(batch.time, batch.info.outputOperationInfos[index].id) { try run(job, republished) }
      } catch {
        // The new owner has removed the outputs that this process was about to publish.
        let fence = checkpoint?.fence
        isOver = fence.map { "\($0)" }
        batch.info.outputOperationInfos[index].failureReason = "\(fence ?? error)"
        note(fence ?? error, of: index, in: batch, &failure)
      }
      if listens {
        batch.info.outputOperationInfos[index].endTime = clock.now
        events.post(OutputOperationCompleted(info: batch.info.outputOperationInfos[index]))
      }
    }
    batch.jobs = []
    if failure == nil {
      do { try withProperties(batch.time, nil) { try commit(batch.time) } } catch {
        failure = BatchFailure(batchTime: batch.time, outputOperation: nil, underlying: error)
      }
    }
    batch.info.processingEndTime = clock.now
    for input in program.described {
      if let count = input.recordsRead(batch.time) {
        batch.info.streamIDToInputInfo[input.streamID]?.numRecords = count
      }
    }
    for stream in program.streams { stream.clearMetadata(batch.time) }
    for input in program.receivers { input.batchCompleted(batch.info) }
    events.post(BatchCompleted(info: batch.info, failureReason: failure.map { "\($0)" }))
    if let failure { throw failure }
  }

  /// Runs `body` so that the events of its jobs say what they belong to.
  private func withProperties<Result>(_ time: Time, _ operation: Int?, _ body: () throws -> Result) rethrows -> Result {
    guard events.isActive else { return try body() }
    var properties = ["batchTime": "\(time.nanoseconds)"]
    if let operation { properties["outputOperation"] = "\(operation)" }
    return try JobProperties.$current.withValue(properties, operation: body)
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
      try OutputFolder.$replacement.withValue(republished) { try job() }
    }
  }

  /// Updates all state, computes the data that later batches need, and records that the batch is done.
  private func commit(_ time: Time) throws {
    checkpoint?.note(.outputsEnded)
    for node in program.stateful { try StreamingContext.$isInsideBatch.withValue(true) { try node.settle(time) } }
    if !program.windows.isEmpty {
      try StreamingContext.$isInsideBatch.withValue(true) {
        for window in program.windows { try window.endBatch(time) }
      }
    }
    if !program.keeping.isEmpty {
      try StreamingContext.$isInsideBatch.withValue(true) {
        for node in program.keeping { try node.keepBatches(time) }
      }
    }
    for complete in program.completions { try complete(time) }
    try checkpoint?.commit(time)
    guard events.isActive else { return }
    for node in program.stateful {
      events.post(
        StateUpdated(
          time: clock.now, batchTime: time, name: node.name ?? node.site.name, callSite: node.site.callSite,
          keys: node.keyCount, bytes: node.entryBytes))
    }
  }
}
