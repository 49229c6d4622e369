public import MartletCore

// Keys that are tuples of three parts: see TwoPartKeys.swift.
extension RDD {
  @inlinable @inline(__always)
  package func pairKeys<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    _ site: OperatorSite
  ) -> RDD<(Pair<First, Pair<Second, Third>>, Value)> where Element == ((First, Second, Third), Value) {
    mapped(mapKernel { (Pair($0.0.0, Pair($0.0.1, $0.0.2)), $0.1) }, site, keepsPartitioner: true)
  }

  @inlinable @inline(__always)
  package func tupleKeys<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    _ site: OperatorSite
  ) -> RDD<((First, Second, Third), Value)> where Element == (Pair<First, Pair<Second, Third>>, Value) {
    mapped(mapKernel { (($0.0.first, $0.0.second.first, $0.0.second.second), $0.1) }, site, keepsPartitioner: true)
  }

  /// Each key (a, b, c) as `Pair(a, Pair(b, c))`, which every operation accepts. `tupleKeys` is the inverse.
  @inlinable @inline(__always)
  public func pairKeys<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Pair<First, Pair<Second, Third>>, Value)> where Element == ((First, Second, Third), Value) {
    pairKeys(OperatorSite("pairKeys", file, line))
  }

  /// Each key `Pair(a, Pair(b, c))` as (a, b, c). Keys stay in their partitions.
  @inlinable @inline(__always)
  public func tupleKeys<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<((First, Second, Third), Value)> where Element == (Pair<First, Pair<Second, Third>>, Value) {
    tupleKeys(OperatorSite("tupleKeys", file, line))
  }

  /// `reduceByKey` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func reduceByKey<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<((First, Second, Third), Value)> where Element == ((First, Second, Third), Value) {
    let site = OperatorSite("reduceByKey", file, line)
    return pairKeys(site).combined(reduceKernels(combine), hashPartitioner(numPartitions), site).tupleKeys(site)
  }

  /// `groupByKey` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func groupByKey<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<((First, Second, Third), [Value])> where Element == ((First, Second, Third), Value) {
    let site = OperatorSite("groupByKey", file, line)
    return pairKeys(site).grouped(groupKernels(), hashPartitioner(numPartitions), site).tupleKeys(site)
  }

  /// `cogroup` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func cogroup<First: Hashable, Second: Hashable, Third: Hashable, Left, Right>(
    _ other: RDD<((First, Second, Third), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<((First, Second, Third), ([Left], [Right]))> where Element == ((First, Second, Third), Left) {
    let site = OperatorSite("cogroup", file, line)
    return pairKeys(site).coGrouped(other.pairKeys(site), coGroupKernels(), hashPartitioner(numPartitions), site)
      .tupleKeys(site)
  }

  /// `join` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func join<First: Hashable, Second: Hashable, Third: Hashable, Left, Right>(
    _ other: RDD<((First, Second, Third), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<((First, Second, Third), (Left, Right))> where Element == ((First, Second, Third), Left) {
    let site = OperatorSite("join", file, line)
    return pairKeys(site).joined(other.pairKeys(site), innerJoinKernels(), hashPartitioner(numPartitions), site)
      .tupleKeys(site)
  }

  /// `leftOuterJoin` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func leftOuterJoin<First: Hashable, Second: Hashable, Third: Hashable, Left, Right>(
    _ other: RDD<((First, Second, Third), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<((First, Second, Third), (Left, Right?))> where Element == ((First, Second, Third), Left) {
    let site = OperatorSite("leftOuterJoin", file, line)
    return pairKeys(site).joined(other.pairKeys(site), leftOuterJoinKernels(), hashPartitioner(numPartitions), site)
      .tupleKeys(site)
  }

  /// `rightOuterJoin` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func rightOuterJoin<First: Hashable, Second: Hashable, Third: Hashable, Left, Right>(
    _ other: RDD<((First, Second, Third), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<((First, Second, Third), (Left?, Right))> where Element == ((First, Second, Third), Left) {
    let site = OperatorSite("rightOuterJoin", file, line)
    return pairKeys(site).joined(other.pairKeys(site), rightOuterJoinKernels(), hashPartitioner(numPartitions), site)
      .tupleKeys(site)
  }

  /// `fullOuterJoin` for keys that are tuples.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func fullOuterJoin<First: Hashable, Second: Hashable, Third: Hashable, Left, Right>(
    _ other: RDD<((First, Second, Third), Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<((First, Second, Third), (Left?, Right?))> where Element == ((First, Second, Third), Left) {
    let site = OperatorSite("fullOuterJoin", file, line)
    return pairKeys(site).joined(other.pairKeys(site), fullOuterJoinKernels(), hashPartitioner(numPartitions), site)
      .tupleKeys(site)
  }

  /// The number of pairs with each tuple as the key, as `countByKey` for other keys.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func countByKey<First: Hashable, Second: Hashable, Third: Hashable, Value>(
    file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Pair<First, Pair<Second, Third>>: Int] where Element == ((First, Second, Third), Value) {
    let site = OperatorSite("countByKey", file, line)
    return try mapped(mapKernel { (Pair($0.0.0, Pair($0.0.1, $0.0.2)), 1) }, site).reducedLocally(
      reduceKernels(+), site, +)
  }

  /// `groupBy` for a closure that returns a tuple as the key.
  @inlinable @inline(__always)
  @_disfavoredOverload
  public func groupBy<First: Hashable & Sendable, Second: Hashable & Sendable, Third: Hashable & Sendable>(
    _ key: @escaping @Sendable (Element) throws -> (First, Second, Third), _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<((First, Second, Third), [Element])> {
    let site = OperatorSite("groupBy", file, line)
    return mapped(mapKernel { (try key($0), $0) }, site).pairKeys(site)
      .grouped(groupKernels(), hashPartitioner(numPartitions), site).tupleKeys(site)
  }
}
