public import MartletCore

// Aggregations by key into a result of another type.
extension RDD {
  /// A result for each key: made of its first value, then merged with others, in each partition; the partitions'
  /// results are merged after the shuffle.
  ///
  /// ```swift
  /// let sums = scores.combineByKey { ($0, 1) } mergeValue: { ($0.0 + $1, $0.1 + 1) } mergeCombiners: {
  ///   ($0.0 + $1.0, $0.1 + $1.1)
  /// }
  /// ```
  /// - Parameters:
  ///   - create: makes a result of a key's first value in a partition.
  ///   - mergeValue: adds a further value.
  ///   - mergeCombiners: merges the results of two partitions.
  ///   - numPartitions: partitions of the result; if none are given, as for `reduceByKey`.
  ///   - partitioner: which key is in which partition, instead of `numPartitions`.
  ///   - mapSideCombine: true to also combine before the shuffle. This does not help if results are as large as
  ///     their values. Without it, `mergeCombiners` is called only if a result was written to disk.
  @inlinable @inline(__always)
  public func combineByKey<Key: Hashable, Value, Combined: Sendable>(
    numPartitions: Int? = nil, partitioner: Partitioner<Key>? = nil, mapSideCombine: Bool = true,
    _ create: @escaping @Sendable (Value) throws -> Combined,
    mergeValue: @escaping @Sendable (Combined, Value) throws -> Combined,
    mergeCombiners: @escaping @Sendable (Combined, Combined) throws -> Combined, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<(Key, Combined)> where Element == (Key, Value) {
    let site = OperatorSite("combineByKey", file, line)
    let target = partitioner ?? hashPartitioner(numPartitions)
    return mapSideCombine
      ? combined(
        combineKernels(create: create, mergeValue: mergeValue, mergeCombiners: mergeCombiners), target, site)
      : grouped(groupKernels(create: create, mergeValue: mergeValue, mergeCombiners: mergeCombiners), target, site)
  }

  /// `combineByKey(numPartitions:mapSideCombine:_:mergeValue:mergeCombiners:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func combineByKey<Key: Hashable, Value, Combined: Sendable>(
    _ create: @escaping @Sendable (Value) throws -> Combined,
    _ mergeValue: @escaping @Sendable (Combined, Value) throws -> Combined,
    _ mergeCombiners: @escaping @Sendable (Combined, Combined) throws -> Combined, _ numPartitions: Int? = nil,
    mapSideCombine: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Combined)> where Element == (Key, Value) {
    combineByKey(
      numPartitions: numPartitions, mapSideCombine: mapSideCombine, create, mergeValue: mergeValue,
      mergeCombiners: mergeCombiners, file: file, line: line)
  }

  /// `combineByKey(partitioner:mapSideCombine:_:mergeValue:mergeCombiners:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func combineByKey<Key: Hashable, Value, Combined: Sendable>(
    _ create: @escaping @Sendable (Value) throws -> Combined,
    _ mergeValue: @escaping @Sendable (Combined, Value) throws -> Combined,
    _ mergeCombiners: @escaping @Sendable (Combined, Combined) throws -> Combined, _ partitioner: Partitioner<Key>,
    mapSideCombine: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Combined)> where Element == (Key, Value) {
    combineByKey(
      partitioner: partitioner, mapSideCombine: mapSideCombine, create, mergeValue: mergeValue,
      mergeCombiners: mergeCombiners, file: file, line: line)
  }

  /// The values of each key, folded into `zero` by `combine` in each partition; `merge` merges the partitions' results.
  ///
  /// ```swift
  /// temperatures.aggregateByKey((sum: 0.0, count: 0)) { ($0.sum + $1, $0.count + 1) } merge: {
  ///   ($0.sum + $1.sum, $0.count + $1.count)
  /// }
  /// ```
  /// - Parameters:
  ///   - numPartitions: partitions of the result; if none are given, as for `reduceByKey`.
  ///   - partitioner: which key is in which partition, instead of `numPartitions`.
  @inlinable @inline(__always)
  public func aggregateByKey<Key: Hashable, Value, Result: Sendable>(
    _ zero: Result, numPartitions: Int? = nil, partitioner: Partitioner<Key>? = nil,
    _ combine: @escaping @Sendable (Result, Value) throws -> Result,
    merge: @escaping @Sendable (Result, Result) throws -> Result, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Result)> where Element == (Key, Value) {
    combined(
      combineKernels(create: { try combine(zero, $0) }, mergeValue: combine, mergeCombiners: merge),
      partitioner ?? hashPartitioner(numPartitions), OperatorSite("aggregateByKey", file, line))
  }

  /// The same as `aggregateByKey`, with closures that change the result in place, which is faster for arrays and sets.
  ///
  /// ```swift
  /// visits.aggregateByKey(into: Set<Text>()) { $0.insert($1) } merge: { $0.formUnion($1) }
  /// ```
  @inlinable @inline(__always)
  public func aggregateByKey<Key: Hashable, Value, Result: Sendable>(
    into zero: Result, numPartitions: Int? = nil, partitioner: Partitioner<Key>? = nil,
    _ combine: @escaping @Sendable (inout Result, Value) throws -> Void,
    merge: @escaping @Sendable (inout Result, Result) throws -> Void, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Result)> where Element == (Key, Value) {
    combined(
      CombineKernels(
        combine: combineKernel(
          create: {
            var result = zero
            try combine(&result, $0)
            return result
          }, update: combine), scatter: scatterKernel(), merge: combineKernel(create: { $0 }, update: merge)),
      partitioner ?? hashPartitioner(numPartitions), OperatorSite("aggregateByKey", file, line))
  }

  /// `aggregateByKey(_:numPartitions:_:merge:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func aggregateByKey<Key: Hashable, Value, Result: Sendable>(
    _ zero: Result, _ combine: @escaping @Sendable (Result, Value) throws -> Result,
    _ merge: @escaping @Sendable (Result, Result) throws -> Result, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Result)> where Element == (Key, Value) {
    aggregateByKey(zero, numPartitions: numPartitions, combine, merge: merge, file: file, line: line)
  }

  /// `aggregateByKey(_:partitioner:_:merge:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func aggregateByKey<Key: Hashable, Value, Result: Sendable>(
    _ zero: Result, _ partitioner: Partitioner<Key>, _ combine: @escaping @Sendable (Result, Value) throws -> Result,
    _ merge: @escaping @Sendable (Result, Result) throws -> Result, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<(Key, Result)> where Element == (Key, Value) {
    aggregateByKey(zero, partitioner: partitioner, combine, merge: merge, file: file, line: line)
  }
}
