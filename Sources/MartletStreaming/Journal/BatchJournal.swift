package import Logging
package import MartletCore

/// A lasting record of the batches of a context: the checkpoint, as the context, its scheduler and its outputs see it.
///
/// When the context starts, `JournalSetting.open` takes the journal, then come `restore`, once the graph knows
/// `startTime`, and `begin`, once the inputs that look for something do so. Each batch is planned when it has been made, and
/// committed when its output operations have ended.
package protocol BatchJournal: AnyObject, Sendable {
  // MARK: What was found

  /// A random number that tells journals apart. It stays the same when a program continues.
  var id: UInt64 { get }
  /// The time after which the first batch of all lies.
  var startTime: Time { get }
  /// Batches up to this time have been planned.
  var resumeFrom: Time { get }
  /// Batches up to this time are done.
  var completedThrough: Time { get }
  /// The batches that were begun and are not done, in order: they are run again.
  var pending: [Time] { get }
  /// Whether the batches whose time came while no process had the journal are left out.
  var leavesOutMissedBatches: Bool { get }

  // MARK: Beginning

  /// Restores the inputs and the operators with state.
  func restore(_ logger: Logger) throws

  /// Begins the record of this process.
  func begin() throws

  // MARK: Batches

  /// Brings to the disk what the batch at `time` is given. Called before anything of it is computed.
  func plan(_ time: Time, isRerun: Bool) throws

  /// Whether the batch at `time` was begun before a restart, so that it replaces what it has published.
  func isRerun(_ time: Time) -> Bool

  /// Notes that the batch at `time` is done, and what it has changed.
  func commit(_ time: Time) throws

  /// The folder in which outputs that appear in `folder` are staged.
  func stagingFolder(in folder: String) -> String?

  /// Why whatever this process does fails, if another one has taken the journal.
  var fence: (any Error)? { get }

  /// Notes a step of a batch, for tests.
  func note(_ step: BatchStep)

  // MARK: Ending

  /// Ends the record in good order, and gives the journal back.
  func close() throws
}

/// The program's wish for a journal: `checkpoint(_:)` makes one, and `start()` opens it.
package protocol JournalSetting: Sendable {
  /// The folder in which the journal is kept.
  var directory: String { get }

  /// The program's description of itself, as far as it decides whether it may continue from a journal: what
  /// `CheckpointAnswer` holds of it.
  func description(of context: StreamingContext) throws -> [UInt8]

  /// Takes the journal for this process, and reads what it holds.
  func open(for context: StreamingContext) throws -> any BatchJournal
}
