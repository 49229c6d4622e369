import MartletCore

/// The maximum number of partitions: each task of a shuffle has a buffer for every one of them.
package let maximumPartitions = 1 << 20

/// Assigns keys of any type to partitions.
open class AnyPartitioner: @unchecked Sendable {
  // Sendable: constants. A subclass must not have other state that changes: tasks call it from many threads.
  /// The number of partitions, from 1 to 1,048,576.
  public let numPartitions: Int

  /// The requested number; if it is invalid, the action fails.
  let requestedPartitions: Int

  package init(numPartitions: Int) {
    requestedPartitions = numPartitions
    self.numPartitions = min(max(1, numPartitions), maximumPartitions)
  }

  /// Returns a Boolean value that indicates whether `other` assigns every key to the same partition; a join of the two
  /// then needs no shuffle.
  open func isEquivalent(to other: AnyPartitioner) -> Bool { self === other }
}

/// Assigns every key to a partition. For your own, write a subclass:
/// ```swift
/// final class ByRegion: Partitioner<Text> {
///   override func partition(of key: Text) -> Int { key.hasPrefix("eu") ? 0 : 1 }
/// }
/// ```
/// The partition must depend only on the key, so that it is the same in every process.
open class Partitioner<Key: Hashable & Sendable>: AnyPartitioner, @unchecked Sendable {
  public override init(numPartitions: Int) { super.init(numPartitions: numPartitions) }

  /// The partition of `key`, from 0 to `numPartitions - 1`; other values fail the job.
  open func partition(of key: Key) throws -> Int { 0 }
}

/// Assigns keys to partitions by their stable hash: the same key has the same partition in every process.
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
