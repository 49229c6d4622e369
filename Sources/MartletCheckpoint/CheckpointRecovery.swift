import Logging
import MartletCore
import MartletLog
import MartletRDD
import MartletStreaming

/// The steps in which a program takes ownership of its checkpoint, and the recovered contents.
struct CheckpointRecovery {
  let ids: OperatorIDs
  private(set) var program: ProgramFingerprint
  let folder: LogFolder
  /// The contents of the log; `nil` if there is none yet.
  let found: RecoveredCheckpoint?
  private let options: CheckpointOptions
  private let onStep: (@Sendable (BatchStep) -> Void)?

  /// Reads the folder, checks that the program can continue from it, and takes ownership.
  ///
  /// A program that is refused leaves everything unchanged, even if it may take over.
  init(
    _ settings: CheckpointSettings, _ graph: StreamGraph, interval: Duration, now: Time, _ logger: Logger
  ) throws {
    var settings = settings
    // The program may change its working directory while it runs.
    settings.directory = absolutePath(settings.directory)
    options = settings.options
    onStep = settings.onStep
    ids = try OperatorIDs(graph)
    let restarting = RestartingProgram(ids, settings.options, interval: interval, graph)
    program = restarting.fingerprint
    if let refusal = restarting.refusalsOfAny.first { throw MartletError(.invalidConfiguration, refusal) }
    func downtime(_ found: RecoveredCheckpoint?) -> Downtime? {
      found.map {
        Downtime(last: $0.plannedThrough, now: now, interval: interval, policy: settings.options.missedBatches)
      }
    }
    for output in graph.outputs {
      guard let parent = output.folders?.parent else { continue }
      do { try Folder.refuseIfNotCreatable(parent) } catch let error as MartletError {
        throw error.worded("\(output.site.name) at \(output.site.callSite): \(error.message)")
      }
    }
    let rehearsal = Rehearsal(
      ids: ids, program: program, options: options, folder: settings.directory,
      inputs: PlannedInputs(ids, history: graph.historyDurations(), interval: interval))
    var found: RecoveredCheckpoint?
    func compare(isInUse: Bool) throws {
      var problems: [String] = []
      while true {
        found = try LogFolder.readCheckpoint(settings.directory).log
        _ = try restarting.accepted(found, isInUse: isInUse, settings.directory)
        try downtime(found)?.refuseTooLong(settings.directory)
        // A checkpoint that turns out to be damaged later cannot be put aside, because the program has already read a
        // part of it.
        guard isInUse || settings.createsOnError, let found else { break }
        do {
          try rehearsal.read(found)
          break
        } catch {
          // The running process removes files that it no longer needs. If that was the reason, the log states it by
          // now.
          if problems.contains("\(error)") || problems.count == 8 { throw error }
          problems.append("\(error)")
        }
      }
    }
    folder = try LogFolder(checkpoint: settings.directory, takingOver: settings.options.takeOver) { isInUse in
      do { try compare(isInUse: isInUse) } catch  where settings.createsOnError && !isInUse {
        throw UnusableCheckpoint(error) ?? error
      }
      settings.onStep?(.recoveryCompared)
    }
    onStep?(.recoveryClaimed)
    self.found = try Self.revokeAndRead(folder, found, onStep)
    let told = try restarting.accepted(self.found, isInUse: false, folder.path)
    if let before = self.found?.header.program {
      program = program.succeeding(before, epoch: folder.epoch, forgetting: options.forgettingState)
    }
    for warning in told.warnings { logger.warning("\(warning)") }
    for notice in told.notices { logger.notice("\(notice)") }
    if let warning = downtime(self.found)?.warning(folder.path) { logger.warning("\(warning)") }
  }

  /// Prevents former owners from publishing anything, and reads what they have added to the log until then.
  ///
  /// - Parameter found: the log before the folder was claimed.
  private static func revokeAndRead(
    _ folder: LogFolder, _ found: RecoveredCheckpoint?, _ onStep: (@Sendable (BatchStep) -> Void)?
  ) throws -> RecoveredCheckpoint? {
    var found = found
    while true {
      // First their staged outputs, then their log, so that it includes everything that they have published.
      let staging = found?.header.stagingFolders
      try StagingFolders.revoke(staging ?? [], before: folder.epoch)
      onStep?(.recoveryRevoked)
      do { found = try folder.readCheckpoint(since: found) } catch {
        // An owner that has taken over meanwhile removes files.
        try folder.refuseIfFenced()
        throw error
      }
      // An owner that had not begun its log may have done so before it was fenced off.
      if found?.header.stagingFolders == staging { return found }
    }
  }

  /// The id of the state in the log from which an operator of the program continues, if there is one.
  private func stateBefore(_ node: ProgramFingerprint.Operator) -> String? {
    let id = node.formerID ?? node.id
    guard let known = found?.header.program.operators.first(where: { $0.id == id }),
      options.forgettingState.isDisjoint(with: [id, known.name])
    else { return nil }
    return id
  }

  /// Restores inputs and operators. The graph knows its zero time by now.
  func restore(_ inputs: inout PlannedInputs, _ history: StateHistory, _ logger: Logger) throws {
    for (number, _, input) in inputs.all {
      try input.keepPlans(
        InputLog(
          folder: LogFolder.inputFolder(program.inputs[number].filesID, in: folder.path), epoch: folder.epoch,
          plannedThrough: found?.plannedThrough, leavesOutMissing: options.leavingOutMissingFiles,
          isOwner: { [folder] in (try? folder.refuseIfFenced()) != nil }))
    }
    for (_, node) in ids.operators { node.keepRecords() }
    guard let found else {
      for (_, _, input) in inputs.all { try input.endRecovery() }
      return
    }
    let began = MonotonicTime.now
    do { try restore(&inputs, history, found) } catch let error as ByteReader.Malformed {
      throw MartletError.damagedCheckpoint(
        "\(folder.path)/\(found.parts.last?.name.description ?? "log")", error.reason)
    }
    let keys = ids.operators.reduce(0) { $0 + $1.node.keyCount }
    let milliseconds = (MonotonicTime.now.nanoseconds - began.nanoseconds) / 1_000_000
    logger.notice(
      """
      Continuing from the checkpoint '\(folder.path)': unfinished batches: \(found.pending.count), keys of state: \
      \(keys), read in \(milliseconds) ms.
      """)
    onStep?(.recoveryRestored)
  }

  private func restore(_ inputs: inout PlannedInputs, _ history: StateHistory, _ found: RecoveredCheckpoint) throws {
    let formerInputs = found.header.program.inputSuccession(to: program)
    for input in inputs.all {
      guard let known = found.inputs[formerInputs[input.id] ?? input.id] else { continue }
      if let progress = known.progress { try input.input.restore(progress: progress.bytes) }
      let horizon = inputs.horizon(of: input.input, doneThrough: found.doneThrough)
      for plan in known.plans where !plan.isIncludedInProgress || plan.time > horizon {
        try inputs.restore(plan, input)
      }
    }
    let states = found.states()
    for (number, (entry, described)) in zip(ids.operators, program.operators).enumerated() {
      // Also restores one whose keys have all been removed, because it does not begin.
      if let id = stateBefore(described) {
        try history.restore(entry.node, number, states[id], found)
      } else {
        entry.node.begin(after: found.doneThrough)
      }
    }
    for (_, _, input) in inputs.all { try input.endRecovery() }
    for window in ids.windows { try window.recall(found.doneThrough) }
  }
}
