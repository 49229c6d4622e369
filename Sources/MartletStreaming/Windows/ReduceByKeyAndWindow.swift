public import MartletCore
public import MartletRDD

extension DStream {
  /// The values of each key in all batches of the last `window`, combined two at a time.
  ///
  /// ```swift
  /// tags.map { ($0, 1) }.reduceByKeyAndWindow(+, window: .seconds(30), slide: .seconds(10)).pprint()
  /// ```
  /// Each batch is combined by key once; the windows are computed from these sums, and sums of several batches are
  /// stored for long windows. The first windows contain fewer batches.
  /// - Parameters:
  ///   - combine: must be associative and commutative. It gets the older value first.
  ///   - window: a whole number of this stream's slides, else `start()` throws.
  ///   - slide: the time between two windows, a whole number of this stream's slides too; one slide if none is given.
  ///   - numPartitions: partitions of the result; the default parallelism if none are given.
  ///   - partitioner: which key is in which partition, instead of `numPartitions`.
  @inlinable @inline(__always)
  public func reduceByKeyAndWindow<Key: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, window: Duration, slide: Duration? = nil,
    numPartitions: Int? = nil, partitioner: Partitioner<Key>? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    windowReduced(
      reduceKernels(combine), addKernel { $0 = try combine($0, $1) }, window, slide,
      partitioner ?? hashPartitioner(numPartitions), OperatorSite("reduceByKeyAndWindow", file, line))
  }

  /// The same as `reduceByKeyAndWindow`, with an inverse function that removes values which have left the window: `-`
  /// for `+`.
  ///
  /// ```swift
  /// tags.map { ($0, 1) }
  ///   .reduceByKeyAndWindow(+, inverse: -, window: .seconds(600), slide: .seconds(1), filter: { $0.1 > 0 })
  ///   .pprint()
  /// ```
  /// Each window is made of the one before, so that long windows cost no more than short ones. A key whose values have
  /// all left stays, with what is left of its value, such as 0, until `filter` drops it: without one, a stream whose
  /// keys are ever new takes ever more memory. The window's table stays in memory. No checkpoint is needed; after a
  /// restart from one, the first window is computed from all its batches, and has no keys from before it.
  /// - Parameters:
  ///   - inverse: for all x and y, `inverse(combine(x, y), y)` must be x.
  ///   - filter: which keys and values stay in the window; all if none is given. What it drops counts as never seen.
  @inlinable @inline(__always)
  public func reduceByKeyAndWindow<Key: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value,
    inverse: @escaping @Sendable (Value, Value) throws -> Value, window: Duration, slide: Duration? = nil,
    numPartitions: Int? = nil, partitioner: Partitioner<Key>? = nil,
    filter: (@Sendable ((Key, Value)) throws -> Bool)? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    windowReduced(
      reduceKernels(combine), addKernel { $0 = try combine($0, $1) }, subtract: subtractKernel(inverse),
      isKept: filter.map { filterKernel($0) }, window, slide, partitioner ?? hashPartitioner(numPartitions),
      OperatorSite("reduceByKeyAndWindow", file, line))
  }
}

// As Spark writes them.
extension DStream {
  /// `reduceByKeyAndWindow(_:window:slide:numPartitions:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func reduceByKeyAndWindow<Key: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ windowDuration: Duration,
    _ slideDuration: Duration? = nil, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    reduceByKeyAndWindow(
      combine, window: windowDuration, slide: slideDuration, numPartitions: numPartitions, file: file, line: line)
  }

  /// `reduceByKeyAndWindow(_:window:slide:partitioner:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func reduceByKeyAndWindow<Key: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, _ windowDuration: Duration,
    _ slideDuration: Duration, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    reduceByKeyAndWindow(
      combine, window: windowDuration, slide: slideDuration, partitioner: partitioner, file: file, line: line)
  }

  /// `reduceByKeyAndWindow(_:inverse:window:slide:numPartitions:filter:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func reduceByKeyAndWindow<Key: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value,
    _ inverse: @escaping @Sendable (Value, Value) throws -> Value, _ windowDuration: Duration,
    _ slideDuration: Duration? = nil, _ numPartitions: Int? = nil,
    filterFunc: (@Sendable ((Key, Value)) throws -> Bool)? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    reduceByKeyAndWindow(
      combine, inverse: inverse, window: windowDuration, slide: slideDuration, numPartitions: numPartitions,
      filter: filterFunc, file: file, line: line)
  }

  /// `reduceByKeyAndWindow(_:inverse:window:slide:partitioner:filter:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func reduceByKeyAndWindow<Key: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value,
    _ inverse: @escaping @Sendable (Value, Value) throws -> Value, _ windowDuration: Duration,
    _ slideDuration: Duration, _ partitioner: Partitioner<Key>,
    filterFunc: (@Sendable ((Key, Value)) throws -> Bool)? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    reduceByKeyAndWindow(
      combine, inverse: inverse, window: windowDuration, slide: slideDuration, partitioner: partitioner,
      filter: filterFunc, file: file, line: line)
  }
}
