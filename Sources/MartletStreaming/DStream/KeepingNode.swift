import MartletRDD

/// A stream whose RDDs later batches may read: what a window looks back at.
///
/// The elements of such an RDD are stored, all of them at the latest when its batch ends, and what it was computed from is
/// let go: a window over one line in a thousand keeps these lines, and not the others. So an RDD is made with its own
/// batch, whether an output operation asks for it or not, and the rest of it is computed if none has read it as a whole.
package protocol KeepingNode: StreamNode {
  /// Keeps RDDs for `duration` after their batches, as far as `reader` says that it needs them. Called when the graph is
  /// initialised.
  func keep(for reader: any WindowNode, _ duration: Duration)

  /// How long RDDs are kept once their batch is completed, for whatever reason.
  var keepDuration: Duration { get }

  /// Makes the RDD of the batch at `time`, which is being made, if a later batch may read it.
  func makeForLater(_ time: Time) throws

  /// Computes what later batches will read of those up to `time`, and lets go of what that is computed from. Called when
  /// the output operations of the batch have ended; runs jobs.
  func keepBatches(_ time: Time) throws
}

/// A stream whose RDDs hold what they need, and nothing else: those that are kept need not be stored.
package protocol ElementHolder: StreamNode {}

/// An RDD that stores its elements.
protocol IncompleteRDD: AnyObject, Sendable {
  /// Computes and stores what is missing.
  func complete() throws
}

extension LastingRDD: IncompleteRDD {}
