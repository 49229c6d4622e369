import MartletCore
import MartletLog
import MartletStreaming

/// Tries what a start needs before the process that works with the checkpoint is fenced off: if the new program could not
/// go on, nobody would.
struct Rehearsal {
  let ids: OperatorIDs
  let program: ProgramFingerprint
  let options: CheckpointOptions
  let folder: String
  /// Knows which plans inputs may need.
  let inputs: PlannedInputs

  /// Throws if inputs or states could not be read. Nothing is changed: not what is on the disk, and not the program.
  ///
  /// The process at work may remove files meanwhile that `found` says are needed: then the log has been written to, too.
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
