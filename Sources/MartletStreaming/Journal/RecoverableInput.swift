package import MartletCore

/// An input whose batches can be made again after a restart, from the checkpoint's log.
///
/// Other inputs lose the records of their batches with the process.
package protocol RecoverableInput: InputNode {
  /// The identity of the input among those of the program, such as `textFileStream("/data/in")`: a part of its id.
  var inputIdentity: String { get }

  /// The identity as the program spells it. An input with the same spelling, if it is unique in the program, continues
  /// the previous one: for example, a folder that has been moved with its checkpoint.
  var spelledIdentity: String { get }

  /// Makes the input keep plans. Called before `start()`, and only if the context has a checkpoint.
  func keepPlans(_ log: InputLog) throws

  /// Takes the plans since the last call, one for each batch with records, in order. The log stores them before
  /// anything of the batch is computed.
  ///
  /// Throws if a plan cannot be written; the batch fails then.
  func takePlans() throws -> [InputPlan]

  /// The progress that the input needs to continue after all plans that have been taken with `takePlans()`, and no
  /// others: the files it has read, the blocks it has received. A snapshot, so that older plans can be dropped from the
  /// log.
  func progress() -> ByteBuffer

  // MARK: Recovery, before `start()`

  /// Throws if the input could not continue, given the arguments of `restore`. Changes nothing, because another process
  /// may be using the checkpoint. Called before all other methods.
  func expectRecoverable(_ progress: UnsafeRawBufferPointer?, _ plans: [InputPlan], _ log: InputLog) throws

  /// Restores the result of `progress()`. Called at most once, before any plan.
  func restore(progress bytes: UnsafeRawBufferPointer) throws

  /// Restores a plan from before the restart: the batch at `plan.time` gets the same records again.
  func restore(plan: InputPlan) throws

  /// Ends the recovery, when everything in the checkpoint's log has been restored: the input looks for its own files.
  /// Called once, even if there was nothing to restore, before `progress()` or `start()`.
  ///
  /// From now on, the result of `progress()` determines where the files of earlier runs end. The log must contain it
  /// before the first plan.
  func endRecovery() throws

  // MARK: Cleaning up

  /// True if the input has its own files, so that `forget` and a frequent, small `progress()` are useful.
  var keepsFiles: Bool { get }

  /// Removes data that only the batches up to `time` needed: they will not be computed again, and a `progress()` that
  /// includes their plans is on disk.
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

/// The records of a batch from one input.
package struct InputPlan: @unchecked Sendable {
  // Sendable: the creator of a plan passes its bytes on, and nothing changes them any more.
  package var time: Time
  /// The number of records, as far as it is known.
  package var records: Int
  /// The data needed to get them again. Immutable from now on.
  package var bytes: ByteBuffer
  /// For a restored plan, whether the restored progress includes it, so that only its batch needs it.
  package var isIncludedInProgress = false

  package init(time: Time, records: Int, bytes: ByteBuffer) {
    self.time = time
    self.records = records
    self.bytes = bytes
  }
}

/// The place where inputs may store their own files.
package struct InputLog: Sendable {
  /// A folder of the checkpoint for this input alone; created when it is needed.
  package let folder: String
  /// Distinguishes the files of this run from those of earlier runs: higher than all of their epochs.
  package let epoch: Int

  /// The last batch that was planned before a restart: batches up to it get exactly the records in their plans; `nil`
  /// if there was no restart.
  package let plannedThrough: Time?
  /// True if records of a batch before a restart that are missing now are skipped, and do not fail the batch.
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
