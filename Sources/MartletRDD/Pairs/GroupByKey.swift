public import MartletCore

extension RDD {
  /// The values of each key in one array, in the order of their partitions.
  ///
  /// All values go through the shuffle, and those of a key must fit into memory: prefer `reduceByKey` and
  /// `aggregateByKey` where possible.
  @inlinable @inline(__always)
  public func groupByKey<Key: Hashable, Value>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, [Value])> where Element == (Key, Value) {
    grouped(groupKernels(), hashPartitioner(numPartitions), OperatorSite("groupByKey", file, line))
  }

  /// The same as `groupByKey`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func groupByKey<Key: Hashable, Value>(
    _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, [Value])> where Element == (Key, Value) {
    grouped(groupKernels(), partitioner, OperatorSite("groupByKey", file, line))
  }

  /// The elements with the same key, which the closure computes, in one array for each key.
  @inlinable @inline(__always)
  public func groupBy<Key: Hashable & Sendable>(
    _ key: @escaping @Sendable (Element) throws -> Key, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<(Key, [Element])> {
    let site = OperatorSite("groupBy", file, line)
    return mapped(mapKernel { (try key($0), $0) }, site).grouped(groupKernels(), hashPartitioner(numPartitions), site)
  }
}
