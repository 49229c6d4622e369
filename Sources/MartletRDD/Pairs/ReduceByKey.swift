public import MartletCore

// Aggregations by key into a result of the values' own type.
extension RDD {
  /// The values of each key, combined two at a time. `combine` must be associative and commutative.
  ///
  /// A key can be of any `Hashable` type, or a tuple of two or three. The order of the keys depends only on the data
  /// and the partitions.
  /// - Parameter numPartitions: the number of partitions of the result. By default, that of this RDD if it is
  ///   partitioned by key; otherwise that of the largest parent, or `martlet.default.parallelism` if it is set.
  @inlinable @inline(__always)
  public func reduceByKey<Key: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    combined(reduceKernels(combine), hashPartitioner(numPartitions), OperatorSite("reduceByKey", file, line))
  }

  /// The same as `reduceByKey`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func reduceByKey<Key: Hashable, Value>(
    _ partitioner: Partitioner<Key>, _ combine: @escaping @Sendable (Value, Value) throws -> Value,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    combined(reduceKernels(combine), partitioner, OperatorSite("reduceByKey", file, line))
  }

  /// The values of each key, combined two at a time, beginning with `zero`, which must be neutral: 0 for sums.
  @inlinable @inline(__always)
  public func foldByKey<Key: Hashable, Value>(
    _ zero: Value, _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    combined(
      combineKernels(create: { try combine(zero, $0) }, mergeValue: combine, mergeCombiners: combine),
      hashPartitioner(numPartitions), OperatorSite("foldByKey", file, line))
  }

  /// The same as `foldByKey`, with the partitioner of the result.
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
