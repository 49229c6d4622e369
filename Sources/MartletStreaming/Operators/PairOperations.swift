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
    return combined(reduceKernels(combine), hashPartitioner(numPartitions), site)
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

  /// A result for each key of a batch: made of its first value, then merged with others, in each partition; the
  /// partitions' results are merged after the shuffle.
  ///
  /// - Parameters:
  ///   - create: makes a result of a key's first value in a partition.
  ///   - mergeValue: adds a further value.
  ///   - mergeCombiners: merges the results of two partitions.
  ///   - numPartitions: partitions of the result; the default parallelism if none are given.
  ///   - partitioner: which key is in which partition, instead of `numPartitions`.
  @inlinable @inline(__always)
  public func combineByKey<Key: Hashable, Value, Combined: Sendable>(
    numPartitions: Int? = nil, partitioner: Partitioner<Key>? = nil,
    _ create: @escaping @Sendable (Value) throws -> Combined,
    mergeValue: @escaping @Sendable (Combined, Value) throws -> Combined,
    mergeCombiners: @escaping @Sendable (Combined, Combined) throws -> Combined, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<(Key, Combined)> where Element == (Key, Value) {
    combined(
      combineKernels(create: create, mergeValue: mergeValue, mergeCombiners: mergeCombiners),
      partitioner ?? hashPartitioner(numPartitions), OperatorSite("combineByKey", file, line))
  }

  /// `combineByKey(numPartitions:_:mergeValue:mergeCombiners:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func combineByKey<Key: Hashable, Value, Combined: Sendable>(
    _ create: @escaping @Sendable (Value) throws -> Combined,
    _ mergeValue: @escaping @Sendable (Combined, Value) throws -> Combined,
    _ mergeCombiners: @escaping @Sendable (Combined, Combined) throws -> Combined, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Combined)> where Element == (Key, Value) {
    combineByKey(
      numPartitions: numPartitions, create, mergeValue: mergeValue, mergeCombiners: mergeCombiners, file: file,
      line: line)
  }

  /// `combineByKey(partitioner:_:mergeValue:mergeCombiners:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func combineByKey<Key: Hashable, Value, Combined: Sendable>(
    _ create: @escaping @Sendable (Value) throws -> Combined,
    _ mergeValue: @escaping @Sendable (Combined, Value) throws -> Combined,
    _ mergeCombiners: @escaping @Sendable (Combined, Combined) throws -> Combined, _ partitioner: Partitioner<Key>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Combined)> where Element == (Key, Value) {
    combineByKey(
      partitioner: partitioner, create, mergeValue: mergeValue, mergeCombiners: mergeCombiners, file: file, line: line)
  }

  /// All values of each key of a batch, in the order of their partitions.
  @inlinable @inline(__always)
  public func groupByKey<Key: Hashable, Value>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, [Value])> where Element == (Key, Value) {
    let site = OperatorSite("groupByKey", file, line)
    return grouped(groupKernels(), hashPartitioner(numPartitions), site)
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
    mapped(mapValuesKernel(transform), OperatorSite("mapValues", file, line), preservesPartitioning: true)
  }

  /// A pair for each element of the sequences that the closure returns for each value, with the value's key.
  @inlinable @inline(__always)
  public func flatMapValues<Key, Value, Segment: Sequence & SendableMetatype>(
    _ transform: @escaping @Sendable (Value) throws -> Segment, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Segment.Element)>
  where Element == (Key, Value), Segment.Element: Sendable, Segment.Iterator: SendableMetatype {
    flatMapped(flatMapValuesKernel(transform), OperatorSite("flatMapValues", file, line), preservesPartitioning: true)
  }
}
