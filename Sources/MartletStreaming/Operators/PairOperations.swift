public import MartletCore
public import MartletRDD

extension DStream {
  /// The values of each key of a batch, combined two at a time. `combine` must be associative and commutative.
  ///
  /// - Parameter numPartitions: partitions of the result; the default parallelism if none are given.
  @inlinable @inline(__always)
  public func reduceByKey<Key: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    combined(
      reduceKernels(combine), numPartitions.map { HashPartitioner(numPartitions: $0) },
      OperatorSite("reduceByKey", file, line))
  }
}
