package import MartletCore

/// A stateful operator, as the scheduler and the checkpoint see it.
///
/// State lives in memory and is changed in place, batch after batch, in order. What a batch changes goes into the log of
/// the checkpoint as records. Replaying all records of an operator in order, each of them setting or removing keys,
/// gives its state; a snapshot is nothing but a record that sets keys which may not have changed. Therefore records can
/// be replayed into any number of partitions, and the log can be cut before the oldest record that is still needed.
package protocol StatefulNode: StreamNode {
  /// In what form keys and states are written. Its name is part of the operator's id.
  var stateForm: StateForm { get }

  /// Whether there are states before the first batch.
  var hasInitialStates: Bool { get }

  /// Decides with what the batch at `time` will update the state, unless an output operation has had that decided. Called for
  /// every batch in order, when it is made: with windows that slide far, no output operation may ask for it.
  func registerBatch(_ time: Time) throws

  /// Updates the state for the batch at `time`, unless an output operation has had it done. Called for every batch in
  /// order, once its output operations are done.
  func settle(_ time: Time) throws

  // MARK: The log

  /// Has every later batch keep records of what it changes. Called before the first batch, and only if there are codecs.
  func keepRecords()

  /// Takes the records that the batch at `time` has made, for all partitions.
  func takeRecords(_ time: Time) -> [StateRecord]

  /// Allows the next batches to write snapshots of about so many bytes more, all partitions together.
  func allowSnapshots(bytes: Int)

  /// Begins a cycle of snapshots: every key is to be in at least one record from now on.
  func beginSnapshotCycle()

  /// Whether every key has been in a record since the cycle began.
  var isSnapshotCycleComplete: Bool { get }

  // MARK: Recovery

  /// Throws if `restore` could not read the records; changes nothing.
  func expectReadable(_ records: [StateRecord]) throws

  /// Replays records, in the order in which they were taken, on top of those that have been replayed before. Called before
  /// the first batch. `partition` of a record is a hint: the number of partitions may have changed. There will be no RDD of
  /// the batch at `time` or an earlier one, but those that are recalled.
  ///
  /// - Throws: `ByteReader.Malformed` if a record cannot be read.
  func restore(_ records: [StateRecord], through time: Time) throws

  /// Begins behind the batch at `time`, as an operator that is new to the program.
  func begin(after time: Time)

  /// Keys held.
  var keyCount: Int { get }
}

/// The types of an operator's state, as their codecs name them.
package struct StateForm: Sendable, Equatable {
  /// `updateStateByKey` or `mapWithState`.
  package var operation: String
  /// The form of the keys' codec; `nil` if the type has none.
  package var key: String?
  /// The form of the states' codec; `nil` if the type has none.
  package var state: String?
  /// The types' names, for messages.
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

/// Keys that were set or removed, or what the operator has given.
package struct StateRecord: @unchecked Sendable {
  // Sendable: whoever makes a record hands over its bytes, and nobody changes them any more.
  package enum Kind: UInt8, Sendable {
    case changes = 1
    case snapshot = 2
    /// What the operator has given to the batch, for windows.
    case results = 3
  }

  package var kind: Kind
  package var partition: Int
  /// Keys that are set; elements, of results.
  package var keysSet: Int
  /// Keys that are removed.
  package var keysRemoved: Int
  /// The keys, and the states of those that are set, or the elements. Not changed any more.
  package var bytes: ByteBuffer

  package init(kind: Kind, partition: Int, keysSet: Int, keysRemoved: Int, bytes: ByteBuffer) {
    self.kind = kind
    self.partition = partition
    self.keysSet = keysSet
    self.keysRemoved = keysRemoved
    self.bytes = bytes
  }
}
