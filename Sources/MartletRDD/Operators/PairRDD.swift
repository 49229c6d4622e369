public import MartletCore

extension RDD {
  /// The values of each key, combined two at a time. `combine` must be associative and commutative.
  ///
  /// Keys come out in an order that depends on the data and the partitions alone.
  /// - Parameter numPartitions: partitions of the result; the default parallelism if none are given.
  @inlinable @inline(__always)
  public func reduceByKey<Key: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    combined(
      reduceKernels(combine), numPartitions.map { HashPartitioner(numPartitions: $0) },
      OperatorSite("reduceByKey", file, line))
  }
}

@inlinable @inline(__always)
package func reduceKernels<Key: Hashable & Sendable, Value: Sendable>(
  _ combine: @escaping @Sendable (Value, Value) throws -> Value
) -> CombineKernels<Key, Value, Value> {
  CombineKernels(
    combine: combineKernel(create: { $0 }, update: { $0 = try combine($0, $1) }), scatter: scatterKernel(),
    merge: combineKernel(create: { $0 }, update: { $0 = try combine($0, $1) }))
}
