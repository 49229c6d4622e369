package import MartletCore
import MartletRDD

/// A stream whose RDDs later batches may read, such as the parent of a window.
///
/// All elements of such an RDD are stored by the end of its batch, and the data that it was computed from is released:
/// a window over one line in a thousand retains these lines, and not the others. An RDD is therefore made with its own
/// batch, whether an output operation requests it or not, and the rest of it is computed if no operation has read all
/// of it.
package protocol KeepingNode: StreamNode {
  /// Retains RDDs for `duration` after their batches, as far as `reader` needs them. Called when the graph is
  /// initialized.
  func keep(for reader: any WindowNode, _ duration: Duration)

  /// The time for which RDDs are retained after their batch is completed, for any reason.
  var keepDuration: Duration { get }

  /// Makes the RDD of the batch at `time`, which is being made, if a later batch may read it.
  func makeForLater(_ time: Time) throws

  /// Computes the data up to `time` that later batches will read, and releases the data that it is computed from.
  /// Called when the output operations of the batch have ended; runs jobs.
  func keepBatches(_ time: Time) throws
}

/// A stream whose RDDs hold what they need, and nothing else: those that are kept need not be stored.
package protocol ElementHolder: StreamNode {}

/// An RDD that stores its elements.
protocol IncompleteRDD: AnyObject, Sendable {
  /// Computes and stores the missing elements.
  func complete() throws
}

extension LastingRDD: IncompleteRDD {}
