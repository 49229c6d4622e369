package import Logging
package import MartletCore
import MartletLog
import MartletRDD
package import MartletStreaming

/// Writes the checkpoint of a running context: the input of each batch, its changes, and its end.
///
/// There is one log for everything, so one wait for the disk per batch is sufficient. The plan of a batch is on disk
/// before its output operations begin, together with everything that earlier batches have written. State and the record
/// that a batch is done are written without waiting: a kill does not lose them, and if the power fails before the next
/// plan, the batch runs again with the same records, and its outputs replace the previous ones.
///
/// The log is truncated when each key of the state has been written again: see `SnapshotCycle`.
package final class Checkpoint: BatchJournal, @unchecked Sendable {
  // Sendable: `lock` guards the variables once batches are made. `init` and `restore` change them without it, on the
  // thread that starts the context.
  private let folder: LogFolder
  private let ids: OperatorIDs
  /// Complete after everything is restored.
  private var program: ProgramFingerprint
  private let checkpointID: UInt64
  private let staging: StagingFolders
  private let zeroTime: Time
  package let leavesOutMissedBatches: Bool
  private let onStep: (@Sendable (BatchStep) -> Void)?
  private let events: EventSource
  private let lock = Condition()

  // Guarded by `lock`.
  private let log: LogWriter
  /// The segments before the newest one, as far as they are needed.
  private var chain: SegmentChain
  private var inputs: PlannedInputs
  private var snapshots: SnapshotCycle
  private let history: StateHistory
  private let cleaner: SegmentCleaner
  private var doneThrough: Time
  private var plannedThrough: Time
  /// The batches that have been planned but are not done, in order.
  private var unfinished: [Time]
  private var problem: (any Error)?
  /// Set until it is restored.
  private var recovery: CheckpointRecovery?

  // MARK: Recovered state

  /// The batches that were begun but are not done, and will run again, in order.
  package let pending: [Time]
  package var resumeFrom: Time { lock.withLock { plannedThrough } }
  package var id: UInt64 { checkpointID }
  package var startTime: Time { zeroTime }
  package var completedThrough: Time { lock.withLock { doneThrough } }

  /// Takes ownership of the folder, unless the program cannot continue from its contents: see `CheckpointRecovery`.
  init(
    _ settings: CheckpointSettings, graph: StreamGraph, interval: Duration, now: Time, events: EventSource,
    logger: Logger
  ) throws {
    let recovery = try CheckpointRecovery(settings, graph, interval: interval, now: now, logger)
    let found = recovery.found
    self.recovery = recovery
    self.events = events
    folder = recovery.folder
    ids = recovery.ids
    program = recovery.program
    leavesOutMissedBatches = settings.options.missedBatches == .skip
    onStep = settings.onStep
    checkpointID = found?.header.checkpointID ?? UInt64.random(in: 1 ... .max)
    staging = StagingFolders(
      Set(graph.outputs.compactMap(\.folders?.parent).map { FilePath($0) }), checkpointID: checkpointID,
      epoch: folder.epoch)
    zeroTime = found?.zeroTime ?? now.floor(interval)
    doneThrough = found?.doneThrough ?? zeroTime
    plannedThrough = found?.plannedThrough ?? zeroTime
    pending = found?.pending ?? []
    unfinished = pending
    log = LogWriter(folder.path, epoch: folder.epoch, vocabulary: CheckpointHeader.vocabulary) { [folder] in
      (try? folder.refuseIfFenced()) != nil
    }
    chain = found?.chain ?? SegmentChain()
    let durations = graph.historyDurations()
    inputs = PlannedInputs(ids, history: durations, interval: interval)
    history = StateHistory(ids, history: durations)
    snapshots = SnapshotCycle(
      ids.operators.map(\.node), segmentBytes: settings.segmentBytes, doneThrough: doneThrough)
    cleaner = SegmentCleaner(folder, isAwaited: settings.awaitsRemoval) { [onStep] in onStep?(.segmentRemoved) }
  }

  // MARK: Beginning

  /// Restores inputs and operators. The graph knows its zero time by now.
  package func restore(_ logger: Logger) throws {
    defer { recovery = nil }
    history.keepResults(&program)
    snapshots.history = history.longest
    try recovery?.restore(&inputs, history, logger)
  }

  /// Begins this owner's log. The inputs that look for files have begun to look.
  package func begin() throws {
    try folder.refuseIfFenced()
    try lock.withLock {
      let before = chain.parts
      // The new segment states how much of the last one counts, which must be on disk.
      if let last = before.last { try folder.synchronize(last.name) }
      try beginSegment()
      try folder.noteLogHasBegun()
      // After the segment that names them, so that the next owner finds them; before the first plan, which is refused
      // if another owner has looked for them before they existed.
      try staging.create()
      try folder.removeFormerClaims()
      try folder.removeKept(except: Set(before.map(\.name)))
      try folder.removeFormerSegments(except: Set(before.map(\.name)))
      // Many short runs must not leave one segment each forever.
      if chain.countForState > 8 { snapshots.beginAtOnce(doneThrough: doneThrough) }
    }
    onStep?(.recoveryBegun)
  }

  /// Begins a segment with everything that is needed from the time before it.
  private func beginSegment() throws {
    inputs.dropOldPlans(doneThrough: doneThrough)
    let header = CheckpointHeader(
      checkpointID: checkpointID, program: program, zeroTime: zeroTime, doneThrough: doneThrough,
      plannedThrough: plannedThrough, stagingFolders: staging.paths)
    let beginning = CheckpointBeginning(
      header: header, unfinished: unfinished, retained: inputs.retained, progress: inputs.progress())
    try log.publish(before: chain.parts, header.write, records: beginning.write)
  }

  // MARK: Batches

  /// Syncs the plan of the batch at `time` to disk. Called before anything of it is computed.
  package func plan(_ time: Time, isRerun: Bool) throws {
    try failing {
      try folder.refuseIfFenced()
      let (end, isNew) = try lock.withLock {
        if let problem { throw problem }
        // Under the lock: a new segment begins with the progress after the plans taken so far.
        let plans = try inputs.takePlans()
        try log.append(.plan) { BatchPlan(time: time, inputs: plans).write($0) }
        let end = try log.flush()
        plannedThrough = max(plannedThrough, time)
        if !unfinished.contains(time) { unfinished.append(time) }
        return (end, !isRerun || !plans.isEmpty)
      }
      onStep?(.planWritten)
      // The plan of a batch that runs again is already on disk.
      guard isNew else { return }
      do { try end.synchronize() } catch {
        lock.withLock { log.cutToSynced() }
        throw error
      }
      let forgettable = lock.withLock {
        log.noteSynced(end)
        return inputs.takeForgettable()
      }
      onStep?(.planLogged)
      for (input, time) in forgettable { input.forget(through: time) }
    }
  }

  /// Records that the batch at `time` is done, and its changes.
  package func commit(_ time: Time) throws {
    try failing {
      try folder.refuseIfFenced()
      let records = ids.operators.enumerated().flatMap { number, entry in
        entry.node.takeRecords(time).map { (number, $0) }
      }
      try lock.withLock {
        if let problem { throw problem }
        let start = log.length
        try append(records.filter { $0.1.kind == .changes }, time, then: .stateWritten)
        let changed = log.length - start
        try append(records.filter { $0.1.kind == .results }, time, then: .resultsWritten)
        try append(records.filter { $0.1.kind == .snapshot }, time, then: .snapshotWritten)
        doneThrough = time
        unfinished.removeAll { $0 <= time }
        // Once this is on disk, after the sync of the next plan, the files of older batches are no longer needed.
        let progress = inputs.takeProgress(doneThrough: time)
        try log.append(.done) { $0.append(time) }
        for (input, bytes) in progress {
          try log.append(.progress) { CheckpointRecord.write(progress: bytes, of: input, to: $0) }
        }
        try log.flush()
        events.post(
          CheckpointWritten(time: .now, batchTime: time, bytes: log.length - start, segmentBytes: log.length))
        onStep?(.committed)
        if inputs.retained.count > 64 { inputs.dropOldPlans(doneThrough: doneThrough) }
        if snapshots.advance(
          bytes: changed, length: log.length, beginningLength: log.beginningLength, doneThrough: doneThrough)
        {
          try cut()
        }
      }
    }
  }

  private func append(_ records: [(Int, StateRecord)], _ time: Time, then step: BatchStep) throws {
    guard !records.isEmpty else { return }
    for (number, record) in records {
      try log.append(.state) { LoggedState.write(record, of: number, at: time, to: $0) }
    }
    try log.flush()
    onStep?(step)
  }

  /// Cuts the log: the state is in the newest segment, so the next one builds on that one, and on those that windows
  /// look back at. With this order of steps, a kill between any two of them loses nothing.
  private func cut() throws {
    // 1. All of the segment is on disk, because the next one states how much of it counts.
    try log.synchronize()
    // 2. Older segments are removed from the list of those that the next one builds on.
    if let part = log.part { chain.append(part, doneThrough: doneThrough, holdsState: true) }
    let obsolete = chain.dropOld(before: doneThrough - history.longest)
    // 3. The next segment appears when all of its beginning is on disk.
    try beginSegment()
    onStep?(.segmentBegun)
    // 4. The old segment states that there is a next one: if that is missing from now on, the checkpoint is refused.
    try log.sealPrevious()
    onStep?(.segmentSealed)
    // 5. The removed segments are deleted, now that nothing names them.
    cleaner.remove(obsolete)
    events.post(
      CheckpointCut(
        time: .now, segment: log.part.map { "\($0.name)" } ?? "", obsolete: obsolete.map { "\($0.name)" }))
  }

  /// Runs `body`. After a failure nothing more is written to the log, because the content of the file is unknown.
  private func failing(_ body: () throws -> Void) throws {
    do { try body() } catch {
      lock.withLock { if problem == nil { problem = error } }
      throw error
    }
  }

  /// Returns true if the batch at `time` was begun before the restart: it replaces its earlier outputs.
  package func isRerun(_ time: Time) -> Bool { pending.contains(time) }

  /// The folder in which outputs for `folder` are staged.
  package func stagingFolder(in folder: String) -> String? { staging.folder(in: folder) }

  /// The error of every later operation, if another process has taken over the checkpoint.
  package var fence: (any Error)? {
    do { try folder.refuseIfFenced() } catch { return error }
    return nil
  }

  /// Notifies tests of a step.
  package func note(_ step: BatchStep) { onStep?(step) }

  // MARK: Ending

  /// Ends the log properly, if it is in order, and releases the folder.
  package func close() throws {
    defer { folder.release() }
    try lock.withLock {
      cleaner.wait()
      defer { log.close() }
      guard log.isOpen, problem == nil else { return }
      try folder.refuseIfFenced()
      try log.append(.stopped)
      try log.synchronize()
    }
    try staging.remove()
  }
}
