/// A moment in the life of a batch, of the log, or of a recovery: told to tests, which may end the process there.
package enum BatchStep: String, Sendable, CaseIterable {
  /// What the batch is given has been written to the log, and is not on the disk for certain.
  case planWritten
  /// What the batch is given is on the disk.
  case planLogged
  /// The output operations of the batch begin.
  case outputsBegun
  /// One file of a batch's output is complete.
  case outputFileWritten
  /// A batch's output, or a sink's part of it, is complete and does not appear yet.
  case outputStaged
  /// A batch's output, or a sink's part of it, has appeared.
  case outputPublished
  /// All output operations of the batch have ended.
  case outputsEnded
  /// The changes of the state have been written to the log.
  case stateWritten
  /// What an operator with state has given, and windows look back at, has been written to the log.
  case resultsWritten
  /// A snapshot of a part of the state has been written to the log.
  case snapshotWritten
  /// The log says that the batch is done.
  case committed
  /// The next segment of the log is there, and the last one does not say so.
  case segmentBegun
  /// The last segment says that there is a next one.
  case segmentSealed
  /// A segment that is not needed any more has been removed.
  case segmentRemoved
  /// The program may go on with what the log says. The process does not own the checkpoint.
  case recoveryCompared
  /// The process owns the checkpoint.
  case recoveryClaimed
  /// What former owners had staged has been removed.
  case recoveryRevoked
  /// State and inputs are what they were.
  case recoveryRestored
  /// The first segment of the new owner is there.
  case recoveryBegun
}
