public import MartletCore
public import MartletRDD

extension DStream {
  /// The values of each key in all batches of the last `windowDuration`, combined two at a time.
  ///
  /// ```swift
  /// tags.map { ($0, 1) }.reduceByKeyAndWindow(+, .seconds(30), .seconds(10)).pprint()
  /// ```
  /// Each batch is combined by key once; the windows are made of such sums, of which larger ones are kept for long
  /// windows. The first windows hold the batches that there are.
  /// - Parameters:
  ///   - reduceFunc: must be associative and commutative. It gets the older value first.
  ///   - windowDuration: a whole number of this stream's slides, else `start()` throws.
  ///   - slideDuration: the time between two windows, a whole number of this stream's slides too; one slide if none is
  ///     given.
  ///   - numPartitions: partitions of the result; the default parallelism if none are given.
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

  /// As `reduceByKeyAndWindow`, with the keys in the partitions that `partitioner` gives them.
  @inlinable @inline(__always)
  public func reduceByKeyAndWindow<Key: Hashable, Value>(
    _ reduceFunc: @escaping @Sendable (Value, Value) throws -> Value, _ windowDuration: Duration,
    _ slideDuration: Duration, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    windowReduced(
      reduceKernels(reduceFunc), addKernel { $0 = try reduceFunc($0, $1) }, windowDuration, slideDuration, partitioner,
      OperatorSite("reduceByKeyAndWindow", file, line))
  }

  /// As `reduceByKeyAndWindow`, with a function that takes away again what has left the window: `-` for `+`.
  ///
  /// ```swift
  /// tags.map { ($0, 1) }.reduceByKeyAndWindow(+, -, .seconds(600), .seconds(1)) { $0.1 > 0 }.pprint()
  /// ```
  /// Each window is made of the one before, so that long windows cost no more than short ones. A key whose values have
  /// all left stays, with what is left of its value, such as 0, until `filterFunc` drops it: without one, a stream whose
  /// keys are ever new takes ever more memory. The window's table stays in memory. No checkpoint is needed; after a
  /// restart from one, the first window is computed from all its batches, and has no keys from before it.
  /// - Parameters:
  ///   - invReduceFunc: for all x and y, `invReduceFunc(reduceFunc(x, y), y)` must be x.
  ///   - filterFunc: which keys and values stay in the window; all if none is given. What it drops counts as never seen.
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

  /// As `reduceByKeyAndWindow` with a function that takes away, with the keys in the partitions that `partitioner` gives
  /// them.
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
