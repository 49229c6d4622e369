package import MartletCore
package import MartletStreaming

/// The contents of a checkpoint's log for a stateful operator.
package struct RecoveredState {
  /// A record, and the batch that has made it.
  package typealias Record = (time: Time, record: StateRecord)

  /// Changes and snapshots of batches that are done, in order.
  package var records: [Record] = []
  /// The results of the operator for batches that are done, in order.
  package var results: [Record] = []
  /// The form of the results; `nil` if the log does not contain them.
  package var resultForm: String?
  /// The log contains the results of batches after this time.
  package var resultsAfter: Time
  /// The operator began after this time; `nil` if that was before the beginning of the log.
  package var beganAfter: Time?
}
