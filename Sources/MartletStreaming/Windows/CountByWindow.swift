public import MartletCore
public import MartletRDD

extension DStream {
  /// How many elements all batches of the last `length` have together; 0 if they have none.
  ///
  /// Each batch is counted once, and a long window costs no more than a short one.
  /// - Parameters:
  ///   - length: a whole number of this stream's slides, else `start()` throws.
  ///   - slide: the time between two windows, a whole number of this stream's slides too.
  public func countByWindow(
    _ length: Duration, slide: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Int> {
    let site = OperatorSite("countByWindow", file, line)
    return perBatch(site) { rdd, _ in rdd.counted(site) }.mapped(mapKernel { (0, $0) }, site)
      .windowReduced(
        reduceKernels { $0 + $1 }, addKernel { $0 += $1 }, subtract: subtractKernel { $0 - $1 }, isKept: nil,
        length, slide, hashPartitioner(1), site
      ).mapped(mapKernel { $0.1 }, site)
  }

  /// `countByWindow(_:slide:)`, as Spark writes it.
  public func countByWindow(
    _ windowDuration: Duration, _ slideDuration: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Int> {
    countByWindow(windowDuration, slide: slideDuration, file: file, line: line)
  }

  /// How often each element occurs in all batches of the last `length`.
  ///
  /// Each batch is counted once, and a long window costs no more than a short one. Elements that have left the window
  /// are removed.
  /// - Parameters:
  ///   - length: a whole number of this stream's slides, else `start()` throws.
  ///   - slide: the time between two windows, a whole number of this stream's slides too.
  ///   - numPartitions: partitions of the result; the default parallelism if none are given.
  @inlinable @inline(__always)
  public func countByValueAndWindow(
    _ length: Duration, slide: Duration, numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Element, Int)> where Element: Hashable {
    let site = OperatorSite("countByValueAndWindow", file, line)
    return mapped(mapKernel { ($0, 1) }, site)
      .windowReduced(
        reduceKernels { $0 + $1 }, addKernel { $0 += $1 }, subtract: subtractKernel { $0 - $1 },
        isKept: filterKernel { $0.1 != 0 }, length, slide, hashPartitioner(numPartitions), site)
  }

  /// `countByValueAndWindow(_:slide:numPartitions:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func countByValueAndWindow(
    _ windowDuration: Duration, _ slideDuration: Duration, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<(Element, Int)> where Element: Hashable {
    countByValueAndWindow(windowDuration, slide: slideDuration, numPartitions: numPartitions, file: file, line: line)
  }
}
