public import MartletCore

// Aggregations by key into a result of the values' own type.
extension RDD {
  /// The values of each key, combined two at a time. `combine` must be associative and commutative.
  ///
  /// A key can be of any `Hashable` type, or a tuple of two or three. Keys come out in an order that depends on the data
  /// and the partitions alone.
  /// - Parameter numPartitions: partitions of the result; if none are given, those of this RDD if it is partitioned by
  ///   key, else as many as the largest of the parents has, or `martlet.default.parallelism` if it is set.
  @inlinable @inline(__always)
  public func reduceByKey<Key: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    combined(reduceKernels(combine), hashPartitioner(numPartitions), OperatorSite("reduceByKey", file, line))
  }

  /// As `reduceByKey`, with the result's keys in the partitions that `partitioner` gives them.
  @inlinable @inline(__always)
  public func reduceByKey<Key: Hashable, Value>(
    _ partitioner: Partitioner<Key>, _ combine: @escaping @Sendable (Value, Value) throws -> Value,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    combined(reduceKernels(combine), partitioner, OperatorSite("reduceByKey", file, line))
  }

  /// The values of each key, combined two at a time, beginning with `zero`, which must change nothing: 0 for sums.
  @inlinable @inline(__always)
  public func foldByKey<Key: Hashable, Value>(
    _ zero: Value, _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    combined(
      combineKernels(create: { try combine(zero, $0) }, mergeValue: combine, mergeCombiners: combine),
      hashPartitioner(numPartitions), OperatorSite("foldByKey", file, line))
  }

  /// As `foldByKey`, with the result's keys in the partitions that `partitioner` gives them.
  @inlinable @inline(__always)
  public func foldByKey<Key: Hashable, Value>(
    _ zero: Value, _ partitioner: Partitioner<Key>, _ combine: @escaping @Sendable (Value, Value) throws -> Value,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    combined(
      combineKernels(create: { try combine(zero, $0) }, mergeValue: combine, mergeCombiners: combine), partitioner,
      OperatorSite("foldByKey", file, line))
  }
}
