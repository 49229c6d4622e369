public import MartletCore
public import MartletRDD

// Operations on keys that are tuples of two parts, batch by batch, as for `RDD`.
extension DStream {
  @inlinable @inline(__always)
  package func pairKeys<First: Hashable, Second: Hashable, Value>(
    _ site: OperatorSite
  ) -> DStream<(Pair<First, Second>, Value)> where Element == ((First, Second), Value) {
    mapped(mapKernel { (Pair($0.0.0, $0.0.1), $0.1) }, site, keepsPartitioner: true)
  }

  @inlinable @inline(__always)
  package func tupleKeys<First: Hashable, Second: Hashable, Value>(
    _ site: OperatorSite
  ) -> DStream<((First, Second), Value)> where Element == (Pair<First, Second>, Value) {
    mapped(mapKernel { (($0.0.first, $0.0.second), $0.1) }, site, keepsPartitioner: true)
  }

  /// Each key (a, b) as `Pair(a, b)`, which every operation accepts. `tupleKeys` is the inverse.
  @inlinable @inline(__always)
  public func pairKeys<First: Hashable, Second: Hashable, Value>(
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Pair<First, Second>, Value)> where Element == ((First, Second), Value) {
    pairKeys(OperatorSite("pairKeys", file, line))
  }

  /// Each key `Pair(a, b)` as (a, b). Keys stay in their partitions.
  @inlinable @inline(__always)
  public func tupleKeys<First: Hashable, Second: Hashable, Value>(
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<((First, Second), Value)> where Element == (Pair<First, Second>, Value) {
    tupleKeys(OperatorSite("tupleKeys", file, line))
  }

  /// `reduceByKey` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func reduceByKey<First: Hashable, Second: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<((First, Second), Value)> where Element == ((First, Second), Value) {
    let site = OperatorSite("reduceByKey", file, line)
    return pairKeys(site).combined(reduceKernels(combine), hashPartitioner(numPartitions, site), site).tupleKeys(site)
  }

  /// `groupByKey` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func groupByKey<First: Hashable, Second: Hashable, Value>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<((First, Second), [Value])> where Element == ((First, Second), Value) {
    let site = OperatorSite("groupByKey", file, line)
    return pairKeys(site).grouped(groupKernels(), hashPartitioner(numPartitions, site), site).tupleKeys(site)
  }

  /// `cogroup` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func cogroup<First: Hashable, Second: Hashable, Left, Right>(
    _ other: DStream<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second), ([Left], [Right]))> where Element == ((First, Second), Left) {
    let site = OperatorSite("cogroup", file, line)
    return pairKeys(site).coGrouped(other.pairKeys(site), coGroupKernels(), hashPartitioner(numPartitions, site), site)
      .tupleKeys(site)
  }

  /// `join` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func join<First: Hashable, Second: Hashable, Left, Right>(
    _ other: DStream<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second), (Left, Right))> where Element == ((First, Second), Left) {
    let site = OperatorSite("join", file, line)
    return pairKeys(site).joined(other.pairKeys(site), innerJoinKernels(), hashPartitioner(numPartitions, site), site)
      .tupleKeys(site)
  }

  /// `leftOuterJoin` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func leftOuterJoin<First: Hashable, Second: Hashable, Left, Right>(
    _ other: DStream<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second), (Left, Right?))> where Element == ((First, Second), Left) {
    let site = OperatorSite("leftOuterJoin", file, line)
    return pairKeys(site).joined(
      other.pairKeys(site), leftOuterJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .tupleKeys(site)
  }

  /// `rightOuterJoin` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func rightOuterJoin<First: Hashable, Second: Hashable, Left, Right>(
    _ other: DStream<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second), (Left?, Right))> where Element == ((First, Second), Left) {
    let site = OperatorSite("rightOuterJoin", file, line)
    return pairKeys(site).joined(
      other.pairKeys(site), rightOuterJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .tupleKeys(site)
  }

  /// `fullOuterJoin` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func fullOuterJoin<First: Hashable, Second: Hashable, Left, Right>(
    _ other: DStream<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second), (Left?, Right?))> where Element == ((First, Second), Left) {
    let site = OperatorSite("fullOuterJoin", file, line)
    return pairKeys(site).joined(
      other.pairKeys(site), fullOuterJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .tupleKeys(site)
  }

  /// `join` with a table that is computed once, for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func join<First: Hashable, Second: Hashable, Left, Right>(
    _ table: RDD<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second), (Left, Right))> where Element == ((First, Second), Left) {
    let site = OperatorSite("join", file, line)
    return pairKeys(site).joined(table.pairKeys(site), innerJoinKernels(), hashPartitioner(numPartitions, site), site)
      .tupleKeys(site)
  }

  /// `leftOuterJoin` with a table that is computed once, for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func leftOuterJoin<First: Hashable, Second: Hashable, Left, Right>(
    _ table: RDD<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second), (Left, Right?))> where Element == ((First, Second), Left) {
    let site = OperatorSite("leftOuterJoin", file, line)
    return pairKeys(site).joined(
      table.pairKeys(site), leftOuterJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .tupleKeys(site)
  }

  /// `rightOuterJoin` with a table that is computed once, for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func rightOuterJoin<First: Hashable, Second: Hashable, Left, Right>(
    _ table: RDD<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second), (Left?, Right))> where Element == ((First, Second), Left) {
    let site = OperatorSite("rightOuterJoin", file, line)
    return pairKeys(site).joined(
      table.pairKeys(site), rightOuterJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .tupleKeys(site)
  }

  /// `fullOuterJoin` with a table that is computed once, for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func fullOuterJoin<First: Hashable, Second: Hashable, Left, Right>(
    _ table: RDD<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second), (Left?, Right?))> where Element == ((First, Second), Left) {
    let site = OperatorSite("fullOuterJoin", file, line)
    return pairKeys(site).joined(
      table.pairKeys(site), fullOuterJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .tupleKeys(site)
  }

  /// The number of occurrences of each tuple in each batch.
  ///
  /// - Parameter numPartitions: the number of partitions of the result; by default the default parallelism.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func countByValue<First: Hashable, Second: Hashable>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<((First, Second), Int)> where Element == (First, Second) {
    let site = OperatorSite("countByValue", file, line)
    return mapped(mapKernel { (Pair($0.0, $0.1), 1) }, site)
      .combined(reduceKernels { $0 + $1 }, hashPartitioner(numPartitions, site), site).tupleKeys(site)
  }
}
