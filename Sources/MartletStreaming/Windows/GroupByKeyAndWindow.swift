public import MartletCore
public import MartletRDD

extension DStream {
  /// All values of each key in the batches of the last `windowDuration`, oldest batch first.
  ///
  /// Each batch is grouped once, and retained for as long as a window needs it. Prefer `reduceByKeyAndWindow` where
  /// possible.
  /// - Parameters:
  ///   - windowDuration: a multiple of this stream's slide duration; `start()` throws an error otherwise.
  ///   - slideDuration: the time between two windows, also a multiple of this stream's slide duration, which is the
  ///     default.
  ///   - numPartitions: the number of partitions of the result; by default the default parallelism.
  @inlinable @inline(__always)
  public func groupByKeyAndWindow<Key: Hashable, Value>(
    _ windowDuration: Duration, _ slideDuration: Duration? = nil, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, [Value])> where Element == (Key, Value) {
    let site = OperatorSite("groupByKeyAndWindow", file, line)
    return windowGrouped(
      groupKernels(), addKernel { $0.append(contentsOf: $1) }, windowDuration, slideDuration,
      hashPartitioner(numPartitions, site), site)
  }

  /// The same as `groupByKeyAndWindow`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func groupByKeyAndWindow<Key: Hashable, Value>(
    _ windowDuration: Duration, _ slideDuration: Duration, _ partitioner: Partitioner<Key>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, [Value])> where Element == (Key, Value) {
    windowGrouped(
      groupKernels(), addKernel { $0.append(contentsOf: $1) }, windowDuration, slideDuration, partitioner,
      OperatorSite("groupByKeyAndWindow", file, line))
  }
}
