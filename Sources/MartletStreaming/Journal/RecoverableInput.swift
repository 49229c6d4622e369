package import MartletCore

/// An input whose batches can be made again after a restart, from what the checkpoint's log holds.
///
/// Inputs that are not recoverable lose with the process what they have given to a batch.
package protocol RecoverableInput: InputNode {
  /// What tells this input from others of the program, such as `textFileStream("/data/in")`: part of its id.
  var inputIdentity: String { get }

  /// The identity as the program spells it. What is spelled alike, and is nowhere else in the program, goes on where the
  /// other was: a folder that has been moved with its checkpoint.
  var spelledIdentity: String { get }

  /// Has the input keep plans. Called before `start()`, and only if the context has a checkpoint.
  func keepPlans(_ log: InputLog) throws

  /// Takes what the input has given to batches since this was asked last: a plan for each batch that was given
  /// anything, in the order in which it was decided. The log holds them before anything of the batch is computed.
  ///
  /// Throws if a plan cannot be written; then the batch fails.
  func takePlans() throws -> [InputPlan]

  /// What the input must know to go on after all plans that have been taken with `takePlans()`, and after no other: the
  /// files it has read, the blocks it has received. A snapshot, so that older plans can be dropped from the log.
  func progress() -> ByteBuffer

  // MARK: Recovery, before `start()`

  /// Throws if the input could not go on: it is told what `restore` would be. Changes nothing, since another process may be
  /// at work with the checkpoint, and before any other call.
  func expectRecoverable(_ progress: UnsafeRawBufferPointer?, _ plans: [InputPlan], _ log: InputLog) throws

  /// Goes back to what `progress()` gave. At most once, before any plan.
  func restore(progress bytes: UnsafeRawBufferPointer) throws

  /// Takes note of a plan that was made before the restart: the batch at `plan.time` gets the same records again.
  func restore(plan: InputPlan) throws

  /// Everything that the checkpoint's log holds has been restored: the input looks for what it has kept itself.
  /// Called once, also if there was nothing to restore, before `progress()` or `start()`.
  ///
  /// What `progress()` gives from now on tells where the files of runs before this one end for good. The log must hold
  /// it before the first plan.
  func endRecovery() throws

  // MARK: Cleaning up

  /// Whether the input has files of its own, so that `forget` and a frequent, small `progress()` matter to it.
  var keepsFiles: Bool { get }

  /// The batches up to `time` will not be computed again, and a `progress()` that includes their plans is on the disk:
  /// what only they needed can be removed.
  func forget(through time: Time)
}

extension RecoverableInput {
  package var spelledIdentity: String { inputIdentity }
  package func expectRecoverable(
    _ progress: UnsafeRawBufferPointer?, _ plans: [InputPlan], _ log: InputLog
  ) throws {}
  package func endRecovery() throws {}
  package var keepsFiles: Bool { false }
  package func forget(through time: Time) {}
}

/// What an input has given to a batch.
package struct InputPlan: @unchecked Sendable {
  // Sendable: whoever makes a plan hands over its bytes, and nobody changes them any more.
  package var time: Time
  /// How many records, as far as known.
  package var records: Int
  /// What it takes to get them again. Not changed any more.
  package var bytes: ByteBuffer
  /// When restored: whether the restored progress goes beyond this plan, so that only its batch needs it.
  package var isIncludedInProgress = false

  package init(time: Time, records: Int, bytes: ByteBuffer) {
    self.time = time
    self.records = records
    self.bytes = bytes
  }
}

/// Where inputs may keep files of their own.
package struct InputLog: Sendable {
  /// A folder of the checkpoint that belongs to this input alone; made when it is needed.
  package let folder: String
  /// Tells the files of this run from those of runs before it: higher than the epochs of all of them.
  package let epoch: Int

  /// Batches up to this time were planned before a restart: they get what their plans say, and nothing else; `nil` if
  /// there was no restart.
  package let plannedThrough: Time?
  /// Whether what was given to a batch before a restart and is missing now is left out, and no failure.
  package let leavesOutMissing: Bool
  /// Whether no other process has taken the checkpoint.
  package let isOwner: @Sendable () -> Bool

  package init(
    folder: String, epoch: Int, plannedThrough: Time? = nil, leavesOutMissing: Bool = false,
    isOwner: @escaping @Sendable () -> Bool = { true }
  ) {
    self.folder = folder
    self.epoch = epoch
    self.plannedThrough = plannedThrough
    self.leavesOutMissing = leavesOutMissing
    self.isOwner = isOwner
  }
}
