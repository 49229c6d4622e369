public import MartletCore
public import MartletRDD

extension DStream {
  /// The values of each key in all batches of the last `windowDuration`, combined two at a time.
  ///
  /// ```swift
  /// tags.map { ($0, 1) }.reduceByKeyAndWindow(+, .seconds(30), .seconds(10)).pprint()
  /// ```
  /// Each batch is combined by key once; the windows are computed from these sums, and sums of several batches are
  /// stored for long windows. The first windows contain fewer batches.
  /// - Parameters:
  ///   - reduceFunc: must be associative and commutative. It gets the older value first.
  ///   - windowDuration: a multiple of this stream's slide duration; `start()` throws an error otherwise.
  ///   - slideDuration: the time between two windows, also a multiple of this stream's slide duration, which is the
  ///     default.
  ///   - numPartitions: the number of partitions of the result; by default the default parallelism.
  @inlinable @inline(__always)
  public func reduceByKeyAndWindow<Key: Hashable, Value>(
    _ reduceFunc: @escaping @Sendable (Value, Value) throws -> Value, _ windowDuration: Duration,
    _ slideDuration: Duration? = nil, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    let site = OperatorSite("reduceByKeyAndWindow", file, line)
    return windowReduced(
      reduceKernels(reduceFunc), addKernel { $0 = try reduceFunc($0, $1) }, windowDuration, slideDuration,
      hashPartitioner(numPartitions, site), site)
  }

  /// The same as `reduceByKeyAndWindow`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func reduceByKeyAndWindow<Key: Hashable, Value>(
    _ reduceFunc: @escaping @Sendable (Value, Value) throws -> Value, _ windowDuration: Duration,
    _ slideDuration: Duration, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    windowReduced(
      reduceKernels(reduceFunc), addKernel { $0 = try reduceFunc($0, $1) }, windowDuration, slideDuration, partitioner,
      OperatorSite("reduceByKeyAndWindow", file, line))
  }

  /// The same as `reduceByKeyAndWindow`, with an inverse function that removes values which have left the window: `-`
  /// for `+`.
  ///
  /// ```swift
  /// tags.map { ($0, 1) }.reduceByKeyAndWindow(+, -, .seconds(600), .seconds(1)) { $0.1 > 0 }.pprint()
  /// ```
  /// Each window is computed from the previous one, so that long windows cost no more than short ones. A key whose
  /// values have all left stays, with the rest of its value, such as 0, until `filterFunc` drops it: without a filter,
  /// a stream that always has new keys needs more and more memory. The window's table stays in memory. No checkpoint is
  /// needed; after a restart from one, the first window is computed from all its batches, and has no older keys.
  /// - Parameters:
  ///   - invReduceFunc: for all x and y, `invReduceFunc(reduceFunc(x, y), y)` must be x.
  ///   - filterFunc: selects the pairs that stay in the window; by default all. A dropped key counts as never seen.
  @inlinable @inline(__always)
  public func reduceByKeyAndWindow<Key: Hashable, Value>(
    _ reduceFunc: @escaping @Sendable (Value, Value) throws -> Value,
    _ invReduceFunc: @escaping @Sendable (Value, Value) throws -> Value, _ windowDuration: Duration,
    _ slideDuration: Duration? = nil, _ numPartitions: Int? = nil,
    filterFunc: (@Sendable ((Key, Value)) throws -> Bool)? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    let site = OperatorSite("reduceByKeyAndWindow", file, line)
    return windowReduced(
      reduceKernels(reduceFunc), addKernel { $0 = try reduceFunc($0, $1) }, subtract: subtractKernel(invReduceFunc),
      isKept: filterFunc.map { filterKernel($0) }, windowDuration, slideDuration, hashPartitioner(numPartitions, site),
      site)
  }

  /// The same as `reduceByKeyAndWindow` with an inverse function, with the partitioner of the result.
  @inlinable @inline(__always)
  public func reduceByKeyAndWindow<Key: Hashable, Value>(
    _ reduceFunc: @escaping @Sendable (Value, Value) throws -> Value,
    _ invReduceFunc: @escaping @Sendable (Value, Value) throws -> Value, _ windowDuration: Duration,
    _ slideDuration: Duration, _ partitioner: Partitioner<Key>,
    filterFunc: (@Sendable ((Key, Value)) throws -> Bool)? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    windowReduced(
      reduceKernels(reduceFunc), addKernel { $0 = try reduceFunc($0, $1) }, subtract: subtractKernel(invReduceFunc),
      isKept: filterFunc.map { filterKernel($0) }, windowDuration, slideDuration, partitioner,
      OperatorSite("reduceByKeyAndWindow", file, line))
  }
}
