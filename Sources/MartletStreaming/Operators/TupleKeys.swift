public import MartletCore
public import MartletRDD

// Swift's tuples are not `Hashable`. These do with a `Pair` what is asked for with a tuple, batch by batch, as those of
// `RDD` do.

// Keys of two parts.
extension DStream {
  @inlinable @inline(__always)
  package func keyedByPair<First: Hashable, Second: Hashable, Value>(
    _ site: OperatorSite
  ) -> DStream<(Pair<First, Second>, Value)> where Element == ((First, Second), Value) {
    mapped(mapKernel { (Pair($0.0.0, $0.0.1), $0.1) }, site, keepsPartitioner: true)
  }

  @inlinable @inline(__always)
  package func keyedByTuple<First: Hashable, Second: Hashable, Value>(
    _ site: OperatorSite
  ) -> DStream<((First, Second), Value)> where Element == (Pair<First, Second>, Value) {
    mapped(mapKernel { (($0.0.first, $0.0.second), $0.1) }, site, keepsPartitioner: true)
  }

  /// `reduceByKey` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func reduceByKey<First: Hashable, Second: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<((First, Second), Value)> where Element == ((First, Second), Value) {
    let site = OperatorSite("reduceByKey", file, line)
    return keyedByPair(site).combined(reduceKernels(combine), hashPartitioner(numPartitions, site), site).keyedByTuple(
      site)
  }

  /// `groupByKey` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func groupByKey<First: Hashable, Second: Hashable, Value>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<((First, Second), [Value])> where Element == ((First, Second), Value) {
    let site = OperatorSite("groupByKey", file, line)
    return keyedByPair(site).grouped(groupKernels(), hashPartitioner(numPartitions, site), site).keyedByTuple(site)
  }

  /// `join` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func join<First: Hashable, Second: Hashable, Left, Right>(
    _ other: DStream<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second), (Left, Right))> where Element == ((First, Second), Left) {
    let site = OperatorSite("join", file, line)
    return keyedByPair(site).joined(
      other.keyedByPair(site), innerJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .keyedByTuple(site)
  }

  /// `leftOuterJoin` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func leftOuterJoin<First: Hashable, Second: Hashable, Left, Right>(
    _ other: DStream<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second), (Left, Right?))> where Element == ((First, Second), Left) {
    let site = OperatorSite("leftOuterJoin", file, line)
    return keyedByPair(site).joined(
      other.keyedByPair(site), leftOuterJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .keyedByTuple(site)
  }

  /// `join` with a table that was computed once, for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func join<First: Hashable, Second: Hashable, Left, Right>(
    _ table: RDD<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second), (Left, Right))> where Element == ((First, Second), Left) {
    let site = OperatorSite("join", file, line)
    return keyedByPair(site).joined(
      table.keyedByPair(site), innerJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .keyedByTuple(site)
  }

  /// `leftOuterJoin` with a table that was computed once, for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func leftOuterJoin<First: Hashable, Second: Hashable, Left, Right>(
    _ table: RDD<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second), (Left, Right?))> where Element == ((First, Second), Left) {
    let site = OperatorSite("leftOuterJoin", file, line)
    return keyedByPair(site).joined(
      table.keyedByPair(site), leftOuterJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .keyedByTuple(site)
  }

  /// How often each tuple occurs in each batch.
  ///
  /// - Parameter numPartitions: partitions of the result; the default parallelism if none are given.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func countByValue<First: Hashable, Second: Hashable>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<((First, Second), Int)> where Element == (First, Second) {
    let site = OperatorSite("countByValue", file, line)
    return mapped(mapKernel { (Pair($0.0, $0.1), 1) }, site)
      .combined(reduceKernels { $0 + $1 }, hashPartitioner(numPartitions, site), site).keyedByTuple(site)
  }
}

// Keys of three parts.
extension DStream {
  @inlinable @inline(__always)
  package func keyedByPair<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    _ site: OperatorSite
  ) -> DStream<(Pair<First, Pair<Second, Third>>, Value)> where Element == ((First, Second, Third), Value) {
    mapped(mapKernel { (Pair($0.0.0, Pair($0.0.1, $0.0.2)), $0.1) }, site, keepsPartitioner: true)
  }

  @inlinable @inline(__always)
  package func keyedByTuple<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    _ site: OperatorSite
  ) -> DStream<((First, Second, Third), Value)> where Element == (Pair<First, Pair<Second, Third>>, Value) {
    mapped(mapKernel { (($0.0.first, $0.0.second.first, $0.0.second.second), $0.1) }, site, keepsPartitioner: true)
  }

  /// `reduceByKey` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func reduceByKey<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<((First, Second, Third), Value)> where Element == ((First, Second, Third), Value) {
    let site = OperatorSite("reduceByKey", file, line)
    return keyedByPair(site).combined(reduceKernels(combine), hashPartitioner(numPartitions, site), site).keyedByTuple(
      site)
  }

  /// `groupByKey` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func groupByKey<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<((First, Second, Third), [Value])> where Element == ((First, Second, Third), Value) {
    let site = OperatorSite("groupByKey", file, line)
    return keyedByPair(site).grouped(groupKernels(), hashPartitioner(numPartitions, site), site).keyedByTuple(site)
  }

  /// `join` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func join<First: Hashable, Second: Hashable, Third: Hashable, Left, Right>(
    _ other: DStream<((First, Second, Third), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second, Third), (Left, Right))> where Element == ((First, Second, Third), Left) {
    let site = OperatorSite("join", file, line)
    return keyedByPair(site).joined(
      other.keyedByPair(site), innerJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .keyedByTuple(site)
  }

  /// `leftOuterJoin` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func leftOuterJoin<First: Hashable, Second: Hashable, Third: Hashable, Left, Right>(
    _ other: DStream<((First, Second, Third), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second, Third), (Left, Right?))> where Element == ((First, Second, Third), Left) {
    let site = OperatorSite("leftOuterJoin", file, line)
    return keyedByPair(site).joined(
      other.keyedByPair(site), leftOuterJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .keyedByTuple(site)
  }

  /// `join` with a table that was computed once, for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func join<First: Hashable, Second: Hashable, Third: Hashable, Left, Right>(
    _ table: RDD<((First, Second, Third), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second, Third), (Left, Right))> where Element == ((First, Second, Third), Left) {
    let site = OperatorSite("join", file, line)
    return keyedByPair(site).joined(
      table.keyedByPair(site), innerJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .keyedByTuple(site)
  }

  /// `leftOuterJoin` with a table that was computed once, for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func leftOuterJoin<First: Hashable, Second: Hashable, Third: Hashable, Left, Right>(
    _ table: RDD<((First, Second, Third), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<((First, Second, Third), (Left, Right?))> where Element == ((First, Second, Third), Left) {
    let site = OperatorSite("leftOuterJoin", file, line)
    return keyedByPair(site).joined(
      table.keyedByPair(site), leftOuterJoinKernels(), hashPartitioner(numPartitions, site), site
    )
    .keyedByTuple(site)
  }

  /// How often each tuple occurs in each batch.
  ///
  /// - Parameter numPartitions: partitions of the result; the default parallelism if none are given.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func countByValue<First: Hashable, Second: Hashable, Third: Hashable>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<((First, Second, Third), Int)> where Element == (First, Second, Third) {
    let site = OperatorSite("countByValue", file, line)
    return mapped(mapKernel { (Pair($0.0, Pair($0.1, $0.2)), 1) }, site)
      .combined(reduceKernels { $0 + $1 }, hashPartitioner(numPartitions, site), site).keyedByTuple(site)
  }
}
