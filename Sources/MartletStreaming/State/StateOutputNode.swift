package import MartletCore

/// A stream whose RDDs come from a state, which every batch changes: those of earlier batches cannot be computed again.
///
/// Windows ask for them after a restart. The states of a batch are had from the log, which is replayed up to that batch;
/// what `mapWithState` has made of its input is had from the log as it is.
package protocol StateOutputNode: StreamNode {
  /// The operator whose state it is.
  var stateOwner: any StatefulNode { get }

  /// Makes the RDD of the batch at `time`, which is being made.
  func makeRDD(_ time: Time) throws

  /// In what form the elements must be in the log to be had again; `nil` if the states tell all.
  var resultForm: ResultForm? { get }

  /// Has every later batch keep its elements in records, if they can be written. Called before the first batch.
  func keepResults()

  /// Puts the RDD of the batch at `time` back. Called in order of the batches, when the state is that after this one.
  ///
  /// - Parameter results: the elements, if `resultForm` demands them.
  /// - Throws: `ByteReader.Malformed` if a record cannot be read.
  func recallBatch(_ time: Time, _ results: [StateRecord]) throws
}

extension StateOutputNode {
  package var resultForm: ResultForm? { nil }
  package func keepResults() {}
}

/// The type of what an operator gives, as its codec names it.
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
