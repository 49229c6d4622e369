public import MartletCore
public import MartletRDD

extension DStream {
  /// All values of each key in the batches of the last `windowDuration`, those of older batches first.
  ///
  /// Each batch is grouped once, and kept for as long as a window needs it. `reduceByKeyAndWindow` is cheaper where it
  /// can do the job.
  /// - Parameters:
  ///   - windowDuration: a whole number of this stream's slides, else `start()` throws.
  ///   - slideDuration: the time between two windows, a whole number of this stream's slides too; one slide if none is
  ///     given.
  ///   - numPartitions: partitions of the result; the default parallelism if none are given.
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

  /// As `groupByKeyAndWindow`, with the keys in the partitions that `partitioner` gives them.
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
