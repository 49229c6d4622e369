public import MartletCore
public import MartletRDD

// Joins of two streams, batch by batch, and of a stream with an RDD.
extension DStream {
  /// The values of each key of a batch in this stream and in `other`.
  @inlinable @inline(__always)
  public func cogroup<Key: Hashable, First, Second>(
    _ other: DStream<(Key, Second)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, ([First], [Second]))> where Element == (Key, First) {
    let site = OperatorSite("cogroup", file, line)
    return coGrouped(other, coGroupKernels(), hashPartitioner(numPartitions, site), site)
  }

  /// The same as `cogroup`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func cogroup<Key: Hashable, First, Second>(
    _ other: DStream<(Key, Second)>, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, ([First], [Second]))> where Element == (Key, First) {
    let site = OperatorSite("cogroup", file, line)
    return coGrouped(other, coGroupKernels(), partitioner, site)
  }

  /// Every pair of a value of this stream and one of `other` with the same key in the same batch.
  @inlinable @inline(__always)
  public func join<Key: Hashable, Left, Right>(
    _ other: DStream<(Key, Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, (Left, Right))> where Element == (Key, Left) {
    let site = OperatorSite("join", file, line)
    return joined(other, innerJoinKernels(), hashPartitioner(numPartitions, site), site)
  }

  /// The same as `join`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func join<Key: Hashable, Left, Right>(
    _ other: DStream<(Key, Right)>, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, (Left, Right))> where Element == (Key, Left) {
    let site = OperatorSite("join", file, line)
    return joined(other, innerJoinKernels(), partitioner, site)
  }

  /// The same as `join`, and the values of this stream whose key is not in `other`.
  @inlinable @inline(__always)
  public func leftOuterJoin<Key: Hashable, Left, Right>(
    _ other: DStream<(Key, Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, (Left, Right?))> where Element == (Key, Left) {
    let site = OperatorSite("leftOuterJoin", file, line)
    return joined(other, leftOuterJoinKernels(), hashPartitioner(numPartitions, site), site)
  }

  /// The same as `leftOuterJoin`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func leftOuterJoin<Key: Hashable, Left, Right>(
    _ other: DStream<(Key, Right)>, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, (Left, Right?))> where Element == (Key, Left) {
    let site = OperatorSite("leftOuterJoin", file, line)
    return joined(other, leftOuterJoinKernels(), partitioner, site)
  }

  /// The same as `join`, and the values of `other` whose key is not in this stream.
  @inlinable @inline(__always)
  public func rightOuterJoin<Key: Hashable, Left, Right>(
    _ other: DStream<(Key, Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, (Left?, Right))> where Element == (Key, Left) {
    let site = OperatorSite("rightOuterJoin", file, line)
    return joined(other, rightOuterJoinKernels(), hashPartitioner(numPartitions, site), site)
  }

  /// The same as `rightOuterJoin`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func rightOuterJoin<Key: Hashable, Left, Right>(
    _ other: DStream<(Key, Right)>, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, (Left?, Right))> where Element == (Key, Left) {
    let site = OperatorSite("rightOuterJoin", file, line)
    return joined(other, rightOuterJoinKernels(), partitioner, site)
  }

  /// The same as `join`, and the values of either stream whose key is not in the other.
  @inlinable @inline(__always)
  public func fullOuterJoin<Key: Hashable, Left, Right>(
    _ other: DStream<(Key, Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, (Left?, Right?))> where Element == (Key, Left) {
    let site = OperatorSite("fullOuterJoin", file, line)
    return joined(other, fullOuterJoinKernels(), hashPartitioner(numPartitions, site), site)
  }

  /// The same as `fullOuterJoin`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func fullOuterJoin<Key: Hashable, Left, Right>(
    _ other: DStream<(Key, Right)>, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, (Left?, Right?))> where Element == (Key, Left) {
    let site = OperatorSite("fullOuterJoin", file, line)
    return joined(other, fullOuterJoinKernels(), partitioner, site)
  }

  /// `join` of every batch with a table that is computed once. Partition and cache a table that is used for many
  /// batches: `table.partitionBy(HashPartitioner(numPartitions: 4)).cache()`.
  @inlinable @inline(__always)
  public func join<Key: Hashable, Left, Right>(
    _ table: RDD<(Key, Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, (Left, Right))> where Element == (Key, Left) {
    let site = OperatorSite("join", file, line)
    return joined(table, innerJoinKernels(), hashPartitioner(numPartitions, site), site)
  }

  /// `leftOuterJoin` of every batch with a table that is computed once. Partition and cache a table that is used for
  /// many batches: `table.partitionBy(HashPartitioner(numPartitions: 4)).cache()`.
  @inlinable @inline(__always)
  public func leftOuterJoin<Key: Hashable, Left, Right>(
    _ table: RDD<(Key, Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, (Left, Right?))> where Element == (Key, Left) {
    let site = OperatorSite("leftOuterJoin", file, line)
    return joined(table, leftOuterJoinKernels(), hashPartitioner(numPartitions, site), site)
  }

  /// `rightOuterJoin` of every batch with a table that is computed once. Partition and cache a table that is used for
  /// many batches: `table.partitionBy(HashPartitioner(numPartitions: 4)).cache()`.
  @inlinable @inline(__always)
  public func rightOuterJoin<Key: Hashable, Left, Right>(
    _ table: RDD<(Key, Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, (Left?, Right))> where Element == (Key, Left) {
    let site = OperatorSite("rightOuterJoin", file, line)
    return joined(table, rightOuterJoinKernels(), hashPartitioner(numPartitions, site), site)
  }

  /// `fullOuterJoin` of every batch with a table that is computed once. Partition and cache a table that is used for
  /// many batches: `table.partitionBy(HashPartitioner(numPartitions: 4)).cache()`.
  @inlinable @inline(__always)
  public func fullOuterJoin<Key: Hashable, Left, Right>(
    _ table: RDD<(Key, Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, (Left?, Right?))> where Element == (Key, Left) {
    let site = OperatorSite("fullOuterJoin", file, line)
    return joined(table, fullOuterJoinKernels(), hashPartitioner(numPartitions, site), site)
  }
}
