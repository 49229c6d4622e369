public import MartletCore
public import MartletRDD

// Aggregations by key, batch by batch.
extension DStream {
  /// The values of each key of a batch, combined two at a time. `combine` must be associative and commutative.
  ///
  /// - Parameter numPartitions: the number of partitions of the result; by default the default parallelism.
  @inlinable @inline(__always)
  public func reduceByKey<Key: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    let site = OperatorSite("reduceByKey", file, line)
    return combined(reduceKernels(combine), hashPartitioner(numPartitions, site), site)
  }

  /// The same as `reduceByKey`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func reduceByKey<Key: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ partitioner: Partitioner<Key>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    let site = OperatorSite("reduceByKey", file, line)
    return combined(reduceKernels(combine), partitioner, site)
  }

  /// A result for each key of a batch, created from its first value and merged with others in each partition; the
  /// results of partitions are merged after the shuffle.
  @inlinable @inline(__always)
  public func combineByKey<Key: Hashable, Value, Combined: Sendable>(
    _ createCombiner: @escaping @Sendable (Value) throws -> Combined,
    _ mergeValue: @escaping @Sendable (Combined, Value) throws -> Combined,
    _ mergeCombiners: @escaping @Sendable (Combined, Combined) throws -> Combined, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Combined)> where Element == (Key, Value) {
    let site = OperatorSite("combineByKey", file, line)
    return combined(
      combineKernels(create: createCombiner, mergeValue: mergeValue, mergeCombiners: mergeCombiners),
      hashPartitioner(numPartitions, site), site)
  }

  /// The same as `combineByKey`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func combineByKey<Key: Hashable, Value, Combined: Sendable>(
    _ createCombiner: @escaping @Sendable (Value) throws -> Combined,
    _ mergeValue: @escaping @Sendable (Combined, Value) throws -> Combined,
    _ mergeCombiners: @escaping @Sendable (Combined, Combined) throws -> Combined, _ partitioner: Partitioner<Key>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Combined)> where Element == (Key, Value) {
    let site = OperatorSite("combineByKey", file, line)
    return combined(
      combineKernels(create: createCombiner, mergeValue: mergeValue, mergeCombiners: mergeCombiners), partitioner, site)
  }

  /// All values of each key of a batch, in the order of their partitions.
  @inlinable @inline(__always)
  public func groupByKey<Key: Hashable, Value>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, [Value])> where Element == (Key, Value) {
    let site = OperatorSite("groupByKey", file, line)
    return grouped(groupKernels(), hashPartitioner(numPartitions, site), site)
  }

  /// The same as `groupByKey`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func groupByKey<Key: Hashable, Value>(
    _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, [Value])> where Element == (Key, Value) {
    let site = OperatorSite("groupByKey", file, line)
    return grouped(groupKernels(), partitioner, site)
  }

  /// The pairs of each batch, moved to the partitions that `partitioner` assigns.
  @inlinable @inline(__always)
  public func partitionBy<Key: Hashable, Value>(
    _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    partitioned(partitioner, scatterKernel(), OperatorSite("partitionBy", file, line))
  }
}

// Operations on the values of pairs, which do not move keys between partitions.
extension DStream {
  /// The pairs with their values transformed.
  @inlinable @inline(__always)
  public func mapValues<Key, Value, Output: Sendable>(
    _ transform: @escaping @Sendable (Value) throws -> Output, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Output)> where Element == (Key, Value) {
    mapped(mapValuesKernel(transform), OperatorSite("mapValues", file, line), keepsPartitioner: true)
  }

  /// A pair for each element of the sequences that the closure returns for each value, with the value's key.
  @inlinable @inline(__always)
  public func flatMapValues<Key, Value, Segment: Sequence & SendableMetatype>(
    _ transform: @escaping @Sendable (Value) throws -> Segment, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Segment.Element)>
  where Element == (Key, Value), Segment.Element: Sendable, Segment.Iterator: SendableMetatype {
    flatMapped(flatMapValuesKernel(transform), OperatorSite("flatMapValues", file, line), keepsPartitioner: true)
  }
}
