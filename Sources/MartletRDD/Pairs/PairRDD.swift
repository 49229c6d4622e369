public import MartletCore

// Operations on pairs that leave the keys where they are, and `partitionBy`.
extension RDD {
  /// The first of each pair.
  @inlinable @inline(__always)
  public func keys<Key, Value>(
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Key> where Element == (Key, Value) {
    mapped(mapKernel { $0.0 }, OperatorSite("keys", file, line))
  }

  /// The second of each pair.
  @inlinable @inline(__always)
  public func values<Key, Value>(
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Value> where Element == (Key, Value) {
    mapped(mapKernel { $0.1 }, OperatorSite("values", file, line))
  }

  /// Each element behind the key that the closure gives it.
  @inlinable @inline(__always)
  public func keyBy<Key: Sendable>(
    _ key: @escaping @Sendable (Element) throws -> Key, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Element)> {
    mapped(mapKernel { (try key($0), $0) }, OperatorSite("keyBy", file, line))
  }

  /// Every value, transformed; keys stay as and where they are.
  @inlinable @inline(__always)
  public func mapValues<Key, Value, Output: Sendable>(
    _ transform: @escaping @Sendable (Value) throws -> Output, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Output)> where Element == (Key, Value) {
    mapped(mapValuesKernel(transform), OperatorSite("mapValues", file, line), preservesPartitioning: true)
  }

  /// Each key with every element of the sequence that the closure makes of its value; keys stay where they are.
  @inlinable @inline(__always)
  public func flatMapValues<Key, Value, Segment: Sequence & SendableMetatype>(
    _ transform: @escaping @Sendable (Value) throws -> Segment, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Segment.Element)>
  where Element == (Key, Value), Segment.Element: Sendable, Segment.Iterator: SendableMetatype {
    flatMapped(flatMapValuesKernel(transform), OperatorSite("flatMapValues", file, line), preservesPartitioning: true)
  }

  /// The pairs in the partitions that `partitioner` gives their keys; this RDD itself if they are there already.
  @inlinable @inline(__always)
  public func partitionBy<Key: Hashable, Value>(
    _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    partitioned(partitioner, scatterKernel(), OperatorSite("partitionBy", file, line))
  }
}
