import MartletCore
import MartletLog
import MartletStreaming

/// A trial of a start before the process that uses the checkpoint is fenced off: if the new program could not continue,
/// none would be running.
struct Rehearsal {
  let ids: OperatorIDs
  let program: ProgramFingerprint
  let options: CheckpointOptions
  let folder: String
  /// Determines the plans that inputs may need.
  let inputs: PlannedInputs

  /// Throws if inputs or states could not be read. Nothing is changed, neither on disk nor in the program.
  ///
  /// The running process may remove files meanwhile that `found` needs: the log has then also changed.
  func read(_ found: RecoveredCheckpoint) throws {
    let before = found.header.program
    let program = program.succeeding(before, epoch: .max, forgetting: options.forgettingState)
    let formerInputs = before.inputSuccession(to: program)
    for input in inputs.all {
      guard let known = found.inputs[formerInputs[input.id] ?? input.id] else { continue }
      let horizon = inputs.horizon(of: input.input, doneThrough: found.doneThrough)
      let log = InputLog(
        folder: LogFolder.inputFolder(program.inputs[input.number].filesID, in: folder), epoch: .max,
        plannedThrough: found.plannedThrough,
        leavesOutMissing: options.leavingOutMissingFiles)
      try input.input.expectRecoverable(
        known.progress?.bytes, known.plans.filter { !$0.isIncludedInProgress || $0.time > horizon }, log)
    }
    let records = found.stateRecords()
    for ((id, node), described) in zip(ids.operators, program.operators) {
      let id = described.formerID ?? id
      guard let known = before.operators.first(where: { $0.id == id }),
        options.forgettingState.isDisjoint(with: [id, known.name])
      else { continue }
      try node.expectReadable(records[id] ?? [])
    }
  }
}
