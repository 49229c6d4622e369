/// A moment of a batch, of the log, or of a recovery, at which tests may end the process.
package enum BatchStep: String, Sendable, CaseIterable {
  /// The plan of the batch has been written to the log, but may not be on disk.
  case planWritten
  /// The plan of the batch is on disk.
  case planLogged
  /// The output operations of the batch begin.
  case outputsBegun
  /// A sink has got all elements of a part of a batch, and has not committed them yet.
  case outputPartWritten
  /// A sink has committed a part of a batch, such as one file.
  case outputFileWritten
  /// A sink has committed all parts of a batch, but not the batch.
  case outputStaged
  /// A sink has committed a batch.
  case outputPublished
  /// All output operations of the batch have ended.
  case outputsEnded
  /// The changes of the state have been written to the log.
  case stateWritten
  /// The results of an operator with state, which windows look back at, have been written to the log.
  case resultsWritten
  /// A snapshot of a part of the state has been written to the log.
  case snapshotWritten
  /// The log states that the batch is done.
  case committed
  /// The next segment of the log exists, but the last one does not state this yet.
  case segmentBegun
  /// The last segment states that there is a next one.
  case segmentSealed
  /// A segment that is no longer needed has been removed.
  case segmentRemoved
  /// The program may continue from the log. The process does not own the checkpoint yet.
  case recoveryCompared
  /// The process owns the checkpoint.
  case recoveryClaimed
  /// The staged outputs of former owners have been removed.
  case recoveryRevoked
  /// State and inputs have been restored.
  case recoveryRestored
  /// The first segment of the new owner exists.
  case recoveryBegun
}
