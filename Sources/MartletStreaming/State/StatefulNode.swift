package import MartletCore

/// A stateful operator, as the scheduler and the checkpoint see it.
///
/// State is in memory and is changed in place, batch by batch, in order. The changes of a batch are written to the log
/// of the checkpoint as records. Replaying all records of an operator in order, each of which sets or removes keys,
/// restores its state; a snapshot is only a record that sets keys which may not have changed. Records can therefore be
/// replayed into any number of partitions, and the log can be cut before the oldest record that is still needed.
package protocol StatefulNode: StreamNode {
  /// The form in which keys and states are written. Its name is part of the operator's id.
  var stateForm: StateForm { get }

  /// True if there are states before the first batch.
  var hasInitialStates: Bool { get }

  /// Fixes the input of the update for the batch at `time`, if no output operation has done so yet. Called for every
  /// batch in order, when it is made: with windows that slide far, no output operation may request it.
  func registerBatch(_ time: Time) throws

  /// Updates the state for the batch at `time`, if no output operation has done so yet. Called for every batch in
  /// order, after its output operations.
  func settle(_ time: Time) throws

  // MARK: The log

  /// Makes every later batch store records of its changes. Called before the first batch, and only if there are codecs.
  func keepRecords()

  /// Takes the records of the batch at `time`, for all partitions.
  func takeRecords(_ time: Time) -> [StateRecord]

  /// Permits the next batches to write snapshots of about this many more bytes, for all partitions together.
  func allowSnapshots(bytes: Int)

  /// Begins a cycle of snapshots: from now on, every key must be written in at least one record.
  func beginSnapshotCycle()

  /// True if every key has been in a record since the cycle began.
  var isSnapshotCycleComplete: Bool { get }

  // MARK: Recovery

  /// Throws if `restore` could not read the records; changes nothing.
  func expectReadable(_ records: [StateRecord]) throws

  /// Replays records, in the order in which they were taken, on top of those replayed before. Called before the first
  /// batch. The `partition` of a record is a hint: the number of partitions may have changed. There will be no RDD of
  /// the batch at `time` or an earlier one, except those that are recalled.
  ///
  /// - Throws: `ByteReader.Malformed` if a record cannot be read.
  func restore(_ records: [StateRecord], through time: Time) throws

  /// Begins after the batch at `time`, as an operator that is new to the program.
  func begin(after time: Time)

  /// The number of keys.
  var keyCount: Int { get }

  /// Bytes that they and their states take themselves, without what they point to.
  var entryBytes: Int { get }
}

/// The types of an operator's state, as their codecs name them.
package struct StateForm: Sendable, Equatable {
  /// `updateStateByKey` or `mapWithState`.
  package var operation: String
  /// The form of the keys' codec; `nil` if the type has none.
  package var key: String?
  /// The form of the states' codec; `nil` if the type has none.
  package var state: String?
  /// The name of the type of keys, for messages.
  package var keyType: String
  package var stateType: String

  package init(operation: String, key: String?, state: String?, keyType: String, stateType: String) {
    self.operation = operation
    self.key = key
    self.state = state
    self.keyType = keyType
    self.stateType = stateType
  }
}

/// Keys that were set or removed, or results of the operator.
package struct StateRecord: @unchecked Sendable {
  // Sendable: the creator of a record passes its bytes on, and nothing changes them any more.
  package enum Kind: UInt8, Sendable {
    case changes = 1
    case snapshot = 2
    /// The results of the operator for the batch, for windows.
    case results = 3
  }

  package var kind: Kind
  package var partition: Int
  /// The number of keys that are set, or of elements of results.
  package var keysSet: Int
  /// The number of keys that are removed.
  package var keysRemoved: Int
  /// The keys, with the states of those that are set, or the elements. Immutable from now on.
  package var bytes: ByteBuffer

  package init(kind: Kind, partition: Int, keysSet: Int, keysRemoved: Int, bytes: ByteBuffer) {
    self.kind = kind
    self.partition = partition
    self.keysSet = keysSet
    self.keysRemoved = keysRemoved
    self.bytes = bytes
  }
}
