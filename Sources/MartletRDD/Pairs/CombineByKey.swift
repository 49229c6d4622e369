public import MartletCore

// Aggregations by key into a result of another type.
extension RDD {
  /// A result for each key, created from its first value and merged with others in each partition; the results of
  /// partitions are merged after the shuffle.
  ///
  /// - Parameters:
  ///   - createCombiner: creates a result from a key's first value in a partition.
  ///   - mergeValue: adds another value.
  ///   - mergeCombiners: merges the results of two partitions.
  ///   - mapSideCombine: true to also combine before the shuffle. This does not help if results are as large as
  ///     their values. Without it, `mergeCombiners` is called only if a result was written to disk.
  @inlinable @inline(__always)
  public func combineByKey<Key: Hashable, Value, Combined: Sendable>(
    _ createCombiner: @escaping @Sendable (Value) throws -> Combined,
    _ mergeValue: @escaping @Sendable (Combined, Value) throws -> Combined,
    _ mergeCombiners: @escaping @Sendable (Combined, Combined) throws -> Combined, _ numPartitions: Int? = nil,
    mapSideCombine: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Combined)> where Element == (Key, Value) {
    let site = OperatorSite("combineByKey", file, line)
    return mapSideCombine
      ? combined(
        combineKernels(create: createCombiner, mergeValue: mergeValue, mergeCombiners: mergeCombiners),
        hashPartitioner(numPartitions), site)
      : grouped(
        groupKernels(create: createCombiner, mergeValue: mergeValue, mergeCombiners: mergeCombiners),
        hashPartitioner(numPartitions), site)
  }

  /// The same as `combineByKey`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func combineByKey<Key: Hashable, Value, Combined: Sendable>(
    _ createCombiner: @escaping @Sendable (Value) throws -> Combined,
    _ mergeValue: @escaping @Sendable (Combined, Value) throws -> Combined,
    _ mergeCombiners: @escaping @Sendable (Combined, Combined) throws -> Combined, _ partitioner: Partitioner<Key>,
    mapSideCombine: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Combined)> where Element == (Key, Value) {
    let site = OperatorSite("combineByKey", file, line)
    return mapSideCombine
      ? combined(
        combineKernels(create: createCombiner, mergeValue: mergeValue, mergeCombiners: mergeCombiners), partitioner,
        site)
      : grouped(
        groupKernels(create: createCombiner, mergeValue: mergeValue, mergeCombiners: mergeCombiners), partitioner, site)
  }

  /// The values of each key, folded into `zero` by `seqOp` in each partition; `combOp` merges the results of
  /// partitions.
  ///
  /// ```swift
  /// temperatures.aggregateByKey((sum: 0.0, count: 0)) { ($0.sum + $1, $0.count + 1) } _: {
  ///   ($0.sum + $1.sum, $0.count + $1.count)
  /// }
  /// ```
  @inlinable @inline(__always)
  public func aggregateByKey<Key: Hashable, Value, Result: Sendable>(
    _ zero: Result, _ seqOp: @escaping @Sendable (Result, Value) throws -> Result,
    _ combOp: @escaping @Sendable (Result, Result) throws -> Result, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Result)> where Element == (Key, Value) {
    combined(
      combineKernels(create: { try seqOp(zero, $0) }, mergeValue: seqOp, mergeCombiners: combOp),
      hashPartitioner(numPartitions), OperatorSite("aggregateByKey", file, line))
  }

  /// The same as `aggregateByKey`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func aggregateByKey<Key: Hashable, Value, Result: Sendable>(
    _ zero: Result, _ partitioner: Partitioner<Key>, _ seqOp: @escaping @Sendable (Result, Value) throws -> Result,
    _ combOp: @escaping @Sendable (Result, Result) throws -> Result, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<(Key, Result)> where Element == (Key, Value) {
    combined(
      combineKernels(create: { try seqOp(zero, $0) }, mergeValue: seqOp, mergeCombiners: combOp), partitioner,
      OperatorSite("aggregateByKey", file, line))
  }

  /// The same as `aggregateByKey`, with closures that change the result in place, which is faster for arrays and sets.
  ///
  /// ```swift
  /// visits.aggregateByKey(into: Set<Text>()) { $0.insert($1) } _: { $0.formUnion($1) }
  /// ```
  @inlinable @inline(__always)
  public func aggregateByKey<Key: Hashable, Value, Result: Sendable>(
    into zero: Result, _ seqOp: @escaping @Sendable (inout Result, Value) throws -> Void,
    _ combOp: @escaping @Sendable (inout Result, Result) throws -> Void, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Result)> where Element == (Key, Value) {
    combined(
      CombineKernels(
        combine: combineKernel(
          create: {
            var result = zero
            try seqOp(&result, $0)
            return result
          }, update: seqOp), scatter: scatterKernel(), merge: combineKernel(create: { $0 }, update: combOp)),
      hashPartitioner(numPartitions), OperatorSite("aggregateByKey", file, line))
  }
}
