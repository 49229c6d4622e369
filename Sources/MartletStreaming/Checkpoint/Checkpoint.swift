import Logging
import MartletCore
import MartletRDD
import Synchronization

/// Keeps the checkpoint of a context that runs: what each batch is given, what it changes, and that it is done.
///
/// One log takes everything, so one wait for the disk a batch is enough. The plan of a batch is on the disk before its
/// output operations begin; with it, whatever batches before it have written. State and the note that a batch is done
/// are written without waiting: a kill does not lose them, and if the power fails before the next plan, the batch is run
/// again with the same records, and its outputs replace what they wrote before.
///
/// The log is cut when each key of the state has been written again since: see `StatefulNode`.
package final class Checkpoint: @unchecked Sendable {
  private let folder: CheckpointFolder
  private let ids: OperatorIDs
  private let inputs: [(number: Int, input: any RecoverableInput)]
  private let program: ProgramFingerprint
  private let interval: Duration
  private let onStep: (@Sendable (BatchStep) -> Void)?
  private let leavesOutMissing: Bool
  private let forgotten: Set<String>
  /// Parents before children.
  private let windows: [any WindowNode]
  /// How far back the batches of each stream are asked for after a restart.
  private let history: [Int: Duration]
  private let stagingFolders: [String]
  private let checkpointID: UInt64
  /// A segment is followed by another when it has more bytes, and the state has been written anew.
  private let segmentBytes: Int
  private let lock = Condition()

  // Guarded by `lock`.
  private var file: SystemFile?
  private var name: SegmentName
  private var length = 0
  private var syncedLength = 0
  private var baseLength = 0
  private var before: [SegmentPart]
  private var zeroTime: Time
  private var doneThrough: Time
  private var plannedThrough: Time
  /// Plans that a window, or a batch that is not done, may need once more.
  private var retained: [(input: Int, plan: InputPlan)] = []
  /// Batches that have been planned and are not done, in order.
  private var unfinished: [Time]
  /// Inputs whose plans are newer than their progress in the log.
  private var inputsWithNewPlans: Set<Int> = []
  /// What inputs may forget when the log is on the disk.
  private var forgettable: [(input: any RecoverableInput, through: Time)] = []
  private var isInCycle = false
  private var cycleBegan: Time
  private var cleaner: WorkerThread?
  private var problem: (any Error)?

  // What was found.

  /// Batches that were begun and are not done: to be run again, in order.
  package let pending: [Time]
  /// Whether there was a checkpoint to go on with.
  package let isRecovered: Bool
  package var resumeFrom: Time { lock.withLock { plannedThrough } }
  package var startTime: Time { lock.withLock { zeroTime } }
  package var completedThrough: Time { lock.withLock { doneThrough } }

  /// Takes the folder, reads what it holds, and refuses what the program cannot go on with.
  init(
    _ settings: CheckpointSettings, graph: StreamGraph, interval: Duration, now: Time, logger: Logger
  ) throws {
    self.interval = interval
    onStep = settings.onStep
    leavesOutMissing = settings.options.leavingOutMissingFiles
    forgotten = settings.options.forgettingState
    segmentBytes = settings.segmentBytes
    ids = try OperatorIDs(roots: graph.outputs.map(\.root), inputs: graph.inputs, areDemanded: true)
    inputs = ids.inputs.enumerated().compactMap { number, entry in
      (entry.input as? any RecoverableInput).map { (number, $0) }
    }
    let restarting = RestartingProgram(ids, settings.options, interval: interval, outputs: graph.outputs)
    program = restarting.fingerprint
    if let refusal = restarting.refusalsOfAny.first { throw MartletError(.invalidConfiguration, refusal) }
    windows = ids.windows
    history = graph.historyDurations()
    folder = try CheckpointFolder(settings.directory, takingOver: settings.options.takeOver)
    onStep?(.recoveryClaimed)
    let parents = Set(graph.outputs.compactMap(\.stagingParent))
    // First what former owners have staged, then their log: what they have published by then is in it.
    let former = try? RecoveredLog(try CheckpointFolder.observe(folder.path))
    if let former { try revoke(former.header.stagingFolders, epoch: folder.epoch) }
    onStep?(.recoveryRevoked)
    let found: RecoveredLog?
    do { found = try RecoveredLog(try CheckpointFolder.observe(folder.path)) } catch {
      // An owner that has taken over meanwhile removes files.
      try folder.refuseIfFenced()
      throw error
    }
    checkpointID = found?.header.checkpointID ?? UInt64.random(in: 1 ... .max)
    let tag = String(checkpointID, radix: 16)
    let epoch = folder.epoch
    stagingFolders = parents.sorted().map { "\($0)/.martlet-\(tag)-\(epoch)" }
    name = SegmentName(epoch: folder.epoch, number: 0)
    isRecovered = found != nil
    zeroTime = found?.zeroTime ?? now.floor(interval)
    doneThrough = found?.doneThrough ?? zeroTime
    plannedThrough = found?.plannedThrough ?? zeroTime
    pending = found?.pending ?? []
    unfinished = pending
    cycleBegan = doneThrough
    before = found?.parts ?? []
    recovered = found
    try accept(restarting, logger)
  }

  /// Until it is restored.
  private var recovered: RecoveredLog?

  private func accept(_ restarting: RestartingProgram, _ logger: Logger) throws {
    guard let recovered else {
      for notice in restarting.noticesOfNew { logger.warning("\(notice)") }
      return
    }
    let comparison = restarting.compare(with: recovered)
    guard comparison.refusals.isEmpty else {
      throw MartletError(
        .invalidConfiguration,
        """
        The program cannot go on with the checkpoint '\(folder.path)':
        \(comparison.refusals.map { "- " + $0 }.joined(separator: "\n"))
        """)
    }
    for notice in comparison.notices { logger.notice("Checkpoint '\(folder.path)': \(notice)") }
  }

  // MARK: Beginning

  /// Gives inputs and operators back what they had. The graph knows its zero time by now.
  func restore(_ logger: Logger) throws {
    for (number, input) in inputs {
      try input.keepPlans(
        InputLog(
          folder: inputFolder(ids.inputs[number].id), epoch: folder.epoch,
          plannedThrough: recovered == nil ? nil : plannedThrough, leavesOutMissing: leavesOutMissing))
    }
    for (_, node) in ids.operators { node.keepRecords() }
    defer { recovered = nil }
    guard let recovered else {
      for (_, input) in inputs { try input.endRecovery() }
      return
    }
    let began = MonotonicTime.now
    do {
      for (number, input) in inputs {
        guard let known = recovered.inputs[ids.inputs[number].id] else { continue }
        if let progress = known.progress { try input.restore(progress: progress.bytes) }
        let horizon = horizon(of: input)
        for plan in known.plans where !plan.isIncludedInProgress || plan.time > horizon {
          try input.restore(plan: plan)
          retained.append((number, plan))
        }
      }
      let records = recovered.stateRecords()
      for (id, node) in ids.operators {
        // Also one whose keys have all been removed is restored: it does not begin.
        guard let known = recovered.header.program.operators.first(where: { $0.id == id }),
          !forgotten.contains(id) && !forgotten.contains(known.name)
        else { continue }
        try node.restore(records[id] ?? [], through: doneThrough)
      }
      for (_, input) in inputs { try input.endRecovery() }
      for window in windows { try window.recall(doneThrough) }
    } catch let error as ByteReader.Malformed {
      throw damaged("\(folder.path)/\(recovered.parts.last?.name.description ?? "log")", error.reason)
    }
    let keys = ids.operators.reduce(0) { $0 + $1.node.keyCount }
    let milliseconds = (MonotonicTime.now.nanoseconds - began.nanoseconds) / 1_000_000
    logger.notice(
      """
      Going on with the checkpoint '\(folder.path)': unfinished batches: \(pending.count), keys of state: \(keys), \
      read in \(milliseconds) ms.
      """)
    onStep?(.recoveryRestored)
  }

  private func inputFolder(_ id: String) -> String { CheckpointFolder.inputFolder(id, in: folder.path) }

  /// Begins this owner's log. The inputs that look for files have begun to look.
  package func begin() throws {
    try folder.refuseIfFenced()
    try lock.withLock {
      // The new segment says how much of the last one counts: so much must be on the disk.
      if let last = before.last { try folder.synchronize(last.name) }
      try beginSegment(number: 1)
      try folder.noteLogHasBegun()
      // Behind the segment that names them, so that the next owner finds them; before the first plan, which is refused if
      // another owner has looked for them before they were there.
      for folder in stagingFolders { try Folder.create(folder) }
      try folder.removeFormerClaims()
      try folder.removeKept(except: Set(before.map(\.name)))
      try folder.removeFormerSegments(except: Set(before.map(\.name)))
      // Many short runs must not leave a segment each for ever.
      if before.count > 8 {
        beginCycle()
        allowSnapshots(bytes: .max / 4)
      }
    }
    onStep?(.recoveryBegun)
  }

  /// Makes a segment, with all that is needed besides those in `before`, and goes on writing there.
  private func beginSegment(number: Int) throws {
    let next = SegmentName(epoch: folder.epoch, number: number)
    var header = LogHeader(
      checkpointID: checkpointID, segment: next, program: program, zeroTime: zeroTime, doneThrough: doneThrough,
      plannedThrough: plannedThrough, before: before, stagingFolders: stagingFolders)
    dropOldPlans()
    let progress = inputs.map { ($0.number, $0.input.progress()) }
    // Its length does not depend on what it says of its length.
    header.beginning = beginning(header, progress).count
    let out = beginning(header, progress)
    let path = "\(folder.path)/\(next)"
    let temporary = hiddenSibling(of: path)
    let file = try SystemFile.create(temporary)
    do {
      try file.write(out.bytes)
      try file.synchronize()
      try Folder.rename(temporary, to: path)
      try Folder.synchronize(folder.path)
    } catch {
      try? Folder.remove(temporary)
      throw error
    }
    self.file = file
    name = next
    length = out.count
    baseLength = out.count
    syncedLength = out.count
  }

  /// What a segment begins with.
  private func beginning(_ header: LogHeader, _ progress: [(Int, ByteBuffer)]) -> ByteBuffer {
    let out = ByteBuffer()
    LogFrame.append(.header, in: header.segment, at: 0, to: out) { header.write($0) }
    // The segments that these batches were planned in may be removed before they are done.
    for time in unfinished {
      let plan = BatchPlan(time: time, inputs: [], syncedThrough: 0)
      LogFrame.append(.plan, in: header.segment, at: out.count, to: out) { plan.write($0) }
    }
    // Progress includes plans that are not in the log yet: they must not be taken before them.
    for (input, plan) in retained {
      let copy = BatchPlan(time: plan.time, inputs: [(input, plan)], syncedThrough: 0, isCopy: true)
      LogFrame.append(.plan, in: header.segment, at: out.count, to: out) { copy.write($0) }
    }
    for (number, progress) in progress { append(progress, of: number, in: header.segment, at: out.count, to: out) }
    return out
  }

  private func append(
    _ progress: ByteBuffer, of number: Int, in segment: SegmentName, at position: Int, to out: ByteBuffer
  ) {
    LogFrame.append(.progress, in: segment, at: position, to: out) { out in
      out.append(variable: UInt64(number))
      out.append(progress.base, count: progress.count)
    }
  }

  /// The batches of an input up to this time will not be computed again.
  private func horizon(of input: any RecoverableInput) -> Time {
    // What windows have added up outlives the RDDs that it was made of, but not the process.
    doneThrough - max(input.rememberDuration, history[input.id] ?? .zero) - interval
  }

  private func dropOldPlans() {
    let horizons = Dictionary(uniqueKeysWithValues: inputs.map { ($0.number, horizon(of: $0.input)) })
    retained.removeAll { input, plan in horizons[input].map { plan.time <= $0 } ?? true }
  }

  // MARK: Batches

  /// Brings to the disk what the batch at `time` is given. Called before anything of it is computed.
  package func plan(_ time: Time, isRerun: Bool) throws {
    try failing {
      try folder.refuseIfFenced()
      let (file, written, isNew) = try lock.withLock {
        if let problem { throw problem }
        // Under the lock: the progress that a new segment begins with is that after the plans taken so far.
        var plans: [(input: Int, plan: InputPlan)] = []
        for (number, input) in inputs { plans += input.takePlans().map { (number, $0) } }
        let out = ByteBuffer()
        let plan = BatchPlan(time: time, inputs: plans, syncedThrough: syncedLength)
        LogFrame.append(.plan, in: name, at: length, to: out) { plan.write($0) }
        try write(out)
        retained += plans
        inputsWithNewPlans.formUnion(plans.map(\.input))
        plannedThrough = max(plannedThrough, time)
        if !unfinished.contains(time) { unfinished.append(time) }
        return (self.file, length, !isRerun || !plans.isEmpty)
      }
      onStep?(.planWritten)
      // What is run again is on the disk already.
      guard isNew else { return }
      try file?.synchronizeData()
      let forgettable = lock.withLock {
        if file === self.file { syncedLength = max(syncedLength, written) }
        defer { self.forgettable = [] }
        return self.forgettable
      }
      onStep?(.planLogged)
      for (input, time) in forgettable { input.forget(through: time) }
    }
  }

  /// Notes that the batch at `time` is done, and what it has changed.
  package func commit(_ time: Time) throws {
    try failing {
      try folder.refuseIfFenced()
      let records = ids.operators.enumerated().flatMap { number, entry in
        entry.node.takeRecords(time).map { (number, $0) }
      }
      try lock.withLock {
        if let problem { throw problem }
        let start = length
        try append(records.filter { $0.1.kind == .changes }, time, then: .stateWritten)
        let changed = length - start
        try append(records.filter { $0.1.kind == .snapshot }, time, then: .snapshotWritten)
        let out = ByteBuffer()
        LogFrame.append(.done, in: name, at: length, to: out) { $0.append(time) }
        doneThrough = time
        unfinished.removeAll { $0 <= time }
        // Once this is on the disk, which it is with the next plan, the files of older batches are not needed any more.
        for (number, input) in inputs where input.keepsFiles && inputsWithNewPlans.remove(number) != nil {
          append(input.progress(), of: number, in: name, at: length + out.count, to: out)
          forgettable.append((input, horizon(of: input)))
        }
        try write(out)
        onStep?(.committed)
        try pace(bytes: changed)
      }
    }
  }

  private func append(_ records: [(Int, StateRecord)], _ time: Time, then step: BatchStep) throws {
    guard !records.isEmpty else { return }
    let out = ByteBuffer()
    for (number, record) in records {
      LogFrame.append(.state, in: name, at: length + out.count, to: out) { out in
        LoggedState.write(record, of: number, at: time, to: out)
      }
      if out.count >= 256 << 10 {
        try write(out)
        out.removeAll()
      }
    }
    if out.count > 0 { try write(out) }
    onStep?(step)
  }

  private func write(_ out: ByteBuffer) throws {
    guard let file else { throw MartletError(.invalidState, "The checkpoint '\(folder.path)' has been closed.") }
    try file.write(out.bytes)
    length += out.count
  }

  /// Runs `body`. After a failure of the log nothing is written to it any more: what is in the file is not known.
  private func failing<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch {
      lock.withLock { if problem == nil { problem = error } }
      throw error
    }
  }

  // MARK: Cutting the log

  /// Writes the state anew, a part with every batch; then cuts the log. `bytes` are those of what the batch has changed.
  private func pace(bytes: Int) throws {
    if retained.count > 64 { dropOldPlans() }
    if !isInCycle {
      // What every segment begins with may be large: it is not to be most of what is written.
      guard length > max(segmentBytes, min(4 * baseLength, 1024 * segmentBytes)) || isCycleDue else { return }
      beginCycle()
    }
    guard ids.operators.allSatisfy({ $0.node.isSnapshotCycleComplete }) else {
      return allowSnapshots(bytes: bytes)
    }
    try roll()
  }

  /// Whether an operator wants its state to be written anew by now.
  private var isCycleDue: Bool {
    ids.operators.contains { _, node in node.checkpointInterval.map { doneThrough - cycleBegan >= $0 } ?? false }
  }

  private func beginCycle() {
    isInCycle = true
    cycleBegan = doneThrough
    for (_, node) in ids.operators { node.beginSnapshotCycle() }
  }

  /// Twice as much as the batch has changed: so the log grows by the state, and half as much of changes, until it is cut.
  /// What has been written anew does not count, or every batch would have to write more than the one before.
  private func allowSnapshots(bytes: Int) {
    let bytes = max(2 * bytes, 128 << 10)
    let open = ids.operators.filter { !$0.node.isSnapshotCycleComplete }
    for (_, node) in open { node.allowSnapshots(bytes: bytes / open.count) }
  }

  /// Goes on in a new segment, which needs only the one before it.
  private func roll() throws {
    guard let old = file else { return }
    try old.synchronizeData()
    let obsolete = before
    before = [SegmentPart(name: name, length: length)]
    let oldName = name
    let oldLength = length
    try beginSegment(number: name.number + 1)
    onStep?(.segmentBegun)
    let out = ByteBuffer()
    LogFrame.append(.sealed, in: oldName, at: oldLength, to: out) { _ in }
    try old.write(out.bytes)
    try old.synchronizeData()
    onStep?(.segmentSealed)
    isInCycle = false
    if let onStep {
      // Who watches wants to know where it happens.
      for part in obsolete {
        try folder.remove(part.name)
        onStep(.segmentRemoved)
      }
    } else {
      removeAside(obsolete)
    }
  }

  /// Removes segments on a thread of its own, since it takes the system milliseconds to remove a large file. One that
  /// cannot be removed now is removed by the next start.
  private func removeAside(_ obsolete: [SegmentPart]) {
    cleaner?.join()
    cleaner = WorkerThread(name: "martlet-clean") { [folder] in
      for part in obsolete { try? folder.removeGradually(part.name) }
    }
  }

  // MARK: Ending

  /// Ends the log in good order, if it is in order, and gives the folder back.
  package func close() throws {
    defer { folder.release() }
    try lock.withLock {
      cleaner?.join()
      guard let file else { return }
      defer { self.file = nil }
      guard problem == nil else { return }
      try folder.refuseIfFenced()
      let out = ByteBuffer()
      LogFrame.append(.stopped, in: name, at: length, to: out) { _ in }
      try write(out)
      try file.synchronizeData()
    }
    for folder in stagingFolders { try Folder.remove(folder) }
  }

  /// Whether the batch at `time` was begun before the restart: what it has published already is to be replaced.
  package func isRerun(_ time: Time) -> Bool { pending.contains(time) }

  /// Where what appears in `folder` is staged.
  package func stagingFolder(in folder: String) -> String? {
    stagingFolders.first { parentFolder($0) == folder }
  }

  /// What has become of the owner, if another process has taken the checkpoint: why whatever it does fails.
  var fence: (any Error)? {
    do { try folder.refuseIfFenced() } catch { return error }
    return nil
  }

  /// Tells tests of a step.
  package func note(_ step: BatchStep) { onStep?(step) }
}

/// Removes the staging folders of former owners, in one step each: they cannot publish anything any more.
private func revoke(_ folders: [String], epoch: Int) throws {
  for folder in folders {
    let parent = parentFolder(folder)
    // Owners that did not come so far as to write a header may have left one too.
    let stem = lastComponent(folder).split(separator: "-").dropLast().joined(separator: "-")
    for name in (try? Folder.names(parent)) ?? [] where name.hasPrefix(stem + "-") {
      guard let former = Int(name.dropFirst(stem.count + 1)), former < epoch else {
        if name.hasSuffix(".revoked") { try Folder.remove("\(parent)/\(name)") }
        continue
      }
      let aside = "\(parent)/\(name).revoked"
      try Folder.remove(aside)
      try Folder.rename("\(parent)/\(name)", to: aside)
      try Folder.remove(aside)
    }
  }
}

/// What the program has said of its checkpoint.
package struct CheckpointSettings: Sendable {
  package var directory: String
  package var options = CheckpointOptions()
  package var segmentBytes = 4 << 20
  package var onStep: (@Sendable (BatchStep) -> Void)?

  package init(directory: String) { self.directory = directory }
}
