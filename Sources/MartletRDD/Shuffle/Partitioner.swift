import MartletCore

/// More partitions than any program needs: each task of a shuffle has a buffer for every one of them.
package let maximumPartitions = 1 << 20

/// How keys are spread over partitions, whatever their type.
open class AnyPartitioner: @unchecked Sendable {
  // Sendable: constants. A subclass must hold nothing else that changes: tasks call it from many threads.
  /// How many partitions there are, from 1 to 1,048,576.
  public let numPartitions: Int

  /// What was asked for; if it cannot be, the action fails.
  package let requestedPartitions: Int

  package init(numPartitions: Int) {
    requestedPartitions = numPartitions
    self.numPartitions = min(max(1, numPartitions), maximumPartitions)
  }

  /// Whether `other` puts every key where this one does; then a join of the two needs no shuffle.
  open func isEquivalent(to other: AnyPartitioner) -> Bool { self === other }
}

/// Decides the partition of every key. Make your own as a subclass:
/// ```swift
/// final class ByRegion: Partitioner<Text> {
///   override func partition(of key: Text) -> Int { key.hasPrefix("eu") ? 0 : 1 }
/// }
/// ```
/// The decision must depend on the key alone, so that every process makes the same one.
open class Partitioner<Key: Hashable & Sendable>: AnyPartitioner, @unchecked Sendable {
  public override init(numPartitions: Int) { super.init(numPartitions: numPartitions) }

  /// The partition of `key`, from 0 to `numPartitions - 1`; others fail the job.
  open func partition(of key: Key) throws -> Int { 0 }
}

/// Spreads keys by their stable hash: the same key goes to the same partition in every process.
public final class HashPartitioner<Key: Hashable & Sendable>: Partitioner<Key>, @unchecked Sendable {
  private let watch = keyWatch(Key.self)

  public override func partition(of key: Key) -> Int {
    var key = key
    return MartletCore.partition(of: partitionHash(&key, watch), among: numPartitions)
  }

  public override func isEquivalent(to other: AnyPartitioner) -> Bool {
    other is HashPartitioner<Key> && other.numPartitions == numPartitions
  }
}
