import MartletCore
package import MartletStreaming

/// What a checkpoint's log holds of a stateful operator.
package struct RecoveredState {
  /// A record, and the batch that has made it.
  package typealias Record = (time: Time, record: StateRecord)

  /// Changes and snapshots of batches that are done, in order.
  package var records: [Record] = []
  /// What the operator has given to batches that are done, in order.
  package var results: [Record] = []
  /// In what form that is; `nil` if the log does not hold it.
  package var resultForm: String?
  /// The results of batches after this time are in the log.
  package var resultsAfter: Time
  /// The operator began after this time; `nil` if that is longer ago than the log tells.
  package var beganAfter: Time?
}
