public import MartletCore
public import MartletRDD

extension DStream {
  /// All values of each key in the batches of the last `length`, those of older batches first.
  ///
  /// Each batch is grouped once, and retained for as long as a window needs it. Prefer `reduceByKeyAndWindow` where
  /// possible.
  /// - Parameters:
  ///   - length: a whole number of this stream's slides, else `start()` throws.
  ///   - slide: the time between two windows, a whole number of this stream's slides too; one slide if none is given.
  ///   - numPartitions: partitions of the result; the default parallelism if none are given.
  ///   - partitioner: which key is in which partition, instead of `numPartitions`.
  @inlinable @inline(__always)
  public func groupByKeyAndWindow<Key: Hashable, Value>(
    _ length: Duration, slide: Duration? = nil, numPartitions: Int? = nil, partitioner: Partitioner<Key>? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, [Value])> where Element == (Key, Value) {
    windowGrouped(
      groupKernels(), addKernel { $0.append(contentsOf: $1) }, length, slide,
      partitioner ?? hashPartitioner(numPartitions), OperatorSite("groupByKeyAndWindow", file, line))
  }

  /// `groupByKeyAndWindow(_:slide:numPartitions:partitioner:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func groupByKeyAndWindow<Key: Hashable, Value>(
    _ windowDuration: Duration, _ slideDuration: Duration, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<(Key, [Value])> where Element == (Key, Value) {
    groupByKeyAndWindow(windowDuration, slide: slideDuration, numPartitions: numPartitions, file: file, line: line)
  }

  /// `groupByKeyAndWindow(_:slide:numPartitions:partitioner:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func groupByKeyAndWindow<Key: Hashable, Value>(
    _ windowDuration: Duration, _ slideDuration: Duration, _ partitioner: Partitioner<Key>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, [Value])> where Element == (Key, Value) {
    groupByKeyAndWindow(windowDuration, slide: slideDuration, partitioner: partitioner, file: file, line: line)
  }
}
