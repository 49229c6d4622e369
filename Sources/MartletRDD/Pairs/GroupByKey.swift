public import MartletCore

extension RDD {
  /// The values of each key in one array, in the order of the partitions that they come from.
  ///
  /// All values go through the shuffle, and those of a key must fit into memory: `reduceByKey` and `aggregateByKey` are
  /// cheaper where they can do the job.
  @inlinable @inline(__always)
  public func groupByKey<Key: Hashable, Value>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, [Value])> where Element == (Key, Value) {
    grouped(groupKernels(), hashPartitioner(numPartitions), OperatorSite("groupByKey", file, line))
  }

  /// As `groupByKey`, with the result's keys in the partitions that `partitioner` gives them.
  @inlinable @inline(__always)
  public func groupByKey<Key: Hashable, Value>(
    _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, [Value])> where Element == (Key, Value) {
    grouped(groupKernels(), partitioner, OperatorSite("groupByKey", file, line))
  }

  /// The elements that have the same key, which the closure computes, in one array each.
  @inlinable @inline(__always)
  public func groupBy<Key: Hashable & Sendable>(
    _ key: @escaping @Sendable (Element) throws -> Key, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<(Key, [Element])> {
    let site = OperatorSite("groupBy", file, line)
    return mapped(mapKernel { (try key($0), $0) }, site).grouped(groupKernels(), hashPartitioner(numPartitions), site)
  }
}
