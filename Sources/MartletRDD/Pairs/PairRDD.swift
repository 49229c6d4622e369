public import MartletCore

// Operations on pairs that do not move keys between partitions, and `partitionBy`.
extension RDD {
  /// The keys.
  @inlinable @inline(__always)
  public func keys<Key, Value>(
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Key> where Element == (Key, Value) {
    mapped(mapKernel { $0.0 }, OperatorSite("keys", file, line))
  }

  /// The values.
  @inlinable @inline(__always)
  public func values<Key, Value>(
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Value> where Element == (Key, Value) {
    mapped(mapKernel { $0.1 }, OperatorSite("values", file, line))
  }

  /// Pairs of the key that the closure returns for each element, and the element.
  @inlinable @inline(__always)
  public func keyBy<Key: Sendable>(
    _ key: @escaping @Sendable (Element) throws -> Key, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Element)> {
    mapped(mapKernel { (try key($0), $0) }, OperatorSite("keyBy", file, line))
  }

  /// Pairs with transformed values; keys stay in their partitions.
  @inlinable @inline(__always)
  public func mapValues<Key, Value, Output: Sendable>(
    _ transform: @escaping @Sendable (Value) throws -> Output, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Output)> where Element == (Key, Value) {
    mapped(mapValuesKernel(transform), OperatorSite("mapValues", file, line), keepsPartitioner: true)
  }

  /// Pairs of each key and every element of the sequence that the closure returns for its value; keys stay in their
  /// partitions.
  @inlinable @inline(__always)
  public func flatMapValues<Key, Value, Segment: Sequence & SendableMetatype>(
    _ transform: @escaping @Sendable (Value) throws -> Segment, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Segment.Element)>
  where Element == (Key, Value), Segment.Element: Sendable, Segment.Iterator: SendableMetatype {
    flatMapped(flatMapValuesKernel(transform), OperatorSite("flatMapValues", file, line), keepsPartitioner: true)
  }

  /// The pairs, moved to the partitions that `partitioner` assigns to their keys; this RDD itself if they are already
  /// there.
  @inlinable @inline(__always)
  public func partitionBy<Key: Hashable, Value>(
    _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    partitioned(partitioner, scatterKernel(), OperatorSite("partitionBy", file, line))
  }
}
