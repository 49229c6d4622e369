public import MartletCore

// Swift's tuples are not `Hashable`. These do with a `Pair` what is asked for with a tuple; the way back keeps the
// partitioner, which is that of the `Pair`, so that a second operation by the same keys needs no shuffle.
//
// All are disfavoured: type checking looks at them only where the key is a tuple, and so costs others nothing.

// Keys of two parts.
extension RDD {
  @inlinable @inline(__always)
  package func keyedByPair<First: Hashable, Second: Hashable, Value>(
    _ site: OperatorSite
  ) -> RDD<(Pair<First, Second>, Value)> where Element == ((First, Second), Value) {
    mapped(mapKernel { (Pair($0.0.0, $0.0.1), $0.1) }, site, keepsPartitioner: true)
  }

  @inlinable @inline(__always)
  package func keyedByTuple<First: Hashable, Second: Hashable, Value>(
    _ site: OperatorSite
  ) -> RDD<((First, Second), Value)> where Element == (Pair<First, Second>, Value) {
    mapped(mapKernel { (($0.0.first, $0.0.second), $0.1) }, site, keepsPartitioner: true)
  }

  /// `reduceByKey` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func reduceByKey<First: Hashable, Second: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<((First, Second), Value)> where Element == ((First, Second), Value) {
    let site = OperatorSite("reduceByKey", file, line)
    return keyedByPair(site).combined(reduceKernels(combine), hashPartitioner(numPartitions), site).keyedByTuple(site)
  }

  /// `groupByKey` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func groupByKey<First: Hashable, Second: Hashable, Value>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<((First, Second), [Value])> where Element == ((First, Second), Value) {
    let site = OperatorSite("groupByKey", file, line)
    return keyedByPair(site).grouped(groupKernels(), hashPartitioner(numPartitions), site).keyedByTuple(site)
  }

  /// `join` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func join<First: Hashable, Second: Hashable, Left, Right>(
    _ other: RDD<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<((First, Second), (Left, Right))> where Element == ((First, Second), Left) {
    let site = OperatorSite("join", file, line)
    return keyedByPair(site).joined(other.keyedByPair(site), innerJoinKernels(), hashPartitioner(numPartitions), site)
      .keyedByTuple(site)
  }

  /// `leftOuterJoin` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func leftOuterJoin<First: Hashable, Second: Hashable, Left, Right>(
    _ other: RDD<((First, Second), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<((First, Second), (Left, Right?))> where Element == ((First, Second), Left) {
    let site = OperatorSite("leftOuterJoin", file, line)
    return keyedByPair(site).joined(
      other.keyedByPair(site), leftOuterJoinKernels(), hashPartitioner(numPartitions), site
    )
    .keyedByTuple(site)
  }

  /// How many elements each tuple has that is a key, as `countByKey` for other keys.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func countByKey<First: Hashable, Second: Hashable, Value>(
    file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Pair<First, Second>: Int] where Element == ((First, Second), Value) {
    let site = OperatorSite("countByKey", file, line)
    return try mapped(mapKernel { (Pair($0.0.0, $0.0.1), 1) }, site).reducedLocally(reduceKernels(+), site, +)
  }

  /// `groupBy` where the closure makes a tuple the key.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func groupBy<First: Hashable & Sendable, Second: Hashable & Sendable>(
    _ key: @escaping @Sendable (Element) throws -> (First, Second), _ numPartitions: Int? = nil,
    file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<((First, Second), [Element])> {
    let site = OperatorSite("groupBy", file, line)
    return mapped(mapKernel { (try key($0), $0) }, site).keyedByPair(site)
      .grouped(groupKernels(), hashPartitioner(numPartitions), site).keyedByTuple(site)
  }
}

// Keys of three parts.
extension RDD {
  @inlinable @inline(__always)
  package func keyedByPair<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    _ site: OperatorSite
  ) -> RDD<(Pair<First, Pair<Second, Third>>, Value)> where Element == ((First, Second, Third), Value) {
    mapped(mapKernel { (Pair($0.0.0, Pair($0.0.1, $0.0.2)), $0.1) }, site, keepsPartitioner: true)
  }

  @inlinable @inline(__always)
  package func keyedByTuple<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    _ site: OperatorSite
  ) -> RDD<((First, Second, Third), Value)> where Element == (Pair<First, Pair<Second, Third>>, Value) {
    mapped(mapKernel { (($0.0.first, $0.0.second.first, $0.0.second.second), $0.1) }, site, keepsPartitioner: true)
  }

  /// `reduceByKey` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func reduceByKey<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<((First, Second, Third), Value)> where Element == ((First, Second, Third), Value) {
    let site = OperatorSite("reduceByKey", file, line)
    return keyedByPair(site).combined(reduceKernels(combine), hashPartitioner(numPartitions), site).keyedByTuple(site)
  }

  /// `groupByKey` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func groupByKey<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<((First, Second, Third), [Value])> where Element == ((First, Second, Third), Value) {
    let site = OperatorSite("groupByKey", file, line)
    return keyedByPair(site).grouped(groupKernels(), hashPartitioner(numPartitions), site).keyedByTuple(site)
  }

  /// `join` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func join<First: Hashable, Second: Hashable, Third: Hashable, Left, Right>(
    _ other: RDD<((First, Second, Third), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<((First, Second, Third), (Left, Right))> where Element == ((First, Second, Third), Left) {
    let site = OperatorSite("join", file, line)
    return keyedByPair(site).joined(other.keyedByPair(site), innerJoinKernels(), hashPartitioner(numPartitions), site)
      .keyedByTuple(site)
  }

  /// `leftOuterJoin` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func leftOuterJoin<First: Hashable, Second: Hashable, Third: Hashable, Left, Right>(
    _ other: RDD<((First, Second, Third), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<((First, Second, Third), (Left, Right?))> where Element == ((First, Second, Third), Left) {
    let site = OperatorSite("leftOuterJoin", file, line)
    return keyedByPair(site).joined(
      other.keyedByPair(site), leftOuterJoinKernels(), hashPartitioner(numPartitions), site
    )
    .keyedByTuple(site)
  }

  /// How many elements each tuple has that is a key, as `countByKey` for other keys.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func countByKey<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Pair<First, Pair<Second, Third>>: Int] where Element == ((First, Second, Third), Value) {
    let site = OperatorSite("countByKey", file, line)
    return try mapped(mapKernel { (Pair($0.0.0, Pair($0.0.1, $0.0.2)), 1) }, site).reducedLocally(
      reduceKernels(+), site, +)
  }

  /// `groupBy` where the closure makes a tuple the key.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func groupBy<First: Hashable & Sendable, Second: Hashable & Sendable, Third: Hashable & Sendable>(
    _ key: @escaping @Sendable (Element) throws -> (First, Second, Third), _ numPartitions: Int? = nil,
    file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<((First, Second, Third), [Element])> {
    let site = OperatorSite("groupBy", file, line)
    return mapped(mapKernel { (try key($0), $0) }, site).keyedByPair(site)
      .grouped(groupKernels(), hashPartitioner(numPartitions), site).keyedByTuple(site)
  }
}
