package import MartletCore

/// A stream whose RDDs are computed from a state, which every batch changes: those of earlier batches cannot be
/// computed again.
///
/// Windows request them after a restart. The states of a batch are restored from the log, which is replayed up to that
/// batch; the results of `mapWithState` are in the log themselves.
package protocol StateOutputNode: StreamNode {
  /// The operator that owns the state.
  var stateOwner: any StatefulNode { get }

  /// Makes the RDD of the batch at `time`, which is being made.
  func makeRDD(_ time: Time) throws

  /// The encoding needed to restore elements; `nil` if replaying state is sufficient.
  var resultForm: ResultForm? { get }

  /// Makes every later batch store its elements in records, if they can be written. Called before the first batch.
  func keepResults()

  /// Restores the RDD of the batch at `time`. Called in the order of the batches, when the state is that after this
  /// one.
  ///
  /// - Parameter results: the elements, if `resultForm` requires them.
  /// - Throws: `ByteReader.Malformed` if a record cannot be read.
  func recallBatch(_ time: Time, _ results: [StateRecord]) throws
}

extension StateOutputNode {
  package var resultForm: ResultForm? { nil }
  package func keepResults() {}
}

/// The type of an operator's results, as its codec names it.
package struct ResultForm: Sendable, Equatable {
  /// The form of the codec; `nil` if the type has none.
  package var form: String?
  /// The type's name, for messages.
  package var type: String

  package init(form: String?, type: String) {
    self.form = form
    self.type = type
  }

  init<Element>(_ type: Element.Type) {
    self.init(form: ElementCodec<Element>.makeDurable()?.form, type: typeName(type))
  }
}
