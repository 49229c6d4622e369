public import MartletCore
public import MartletRDD

extension DStream {
  /// How many elements all batches of the last `windowDuration` have together; 0 if they have none.
  ///
  /// Each batch is counted once, and a long window costs no more than a short one.
  /// - Parameters:
  ///   - windowDuration: a whole number of this stream's slides, else `start()` throws.
  ///   - slideDuration: the time between two windows, a whole number of this stream's slides too.
  public func countByWindow(
    _ windowDuration: Duration, _ slideDuration: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Int> {
    let site = OperatorSite("countByWindow", file, line)
    return perBatch(site) { rdd, _ in rdd.counted(site) }.mapped(mapKernel { (0, $0) }, site)
      .windowReduced(
        reduceKernels { $0 + $1 }, addKernel { $0 += $1 }, subtract: subtractKernel { $0 - $1 }, isKept: nil,
        windowDuration, slideDuration, hashPartitioner(1, site), site
      ).mapped(mapKernel { $0.1 }, site)
  }

  /// How often each element occurs in all batches of the last `windowDuration`.
  ///
  /// Each batch is counted once, and a long window costs no more than a short one. Elements that have left the window
  /// are gone.
  /// - Parameters:
  ///   - windowDuration: a whole number of this stream's slides, else `start()` throws.
  ///   - slideDuration: the time between two windows, a whole number of this stream's slides too.
  ///   - numPartitions: partitions of the result; the default parallelism if none are given.
  @inlinable @inline(__always)
  public func countByValueAndWindow(
    _ windowDuration: Duration, _ slideDuration: Duration, _ numPartitions: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<(Element, Int)> where Element: Hashable {
    let site = OperatorSite("countByValueAndWindow", file, line)
    return mapped(mapKernel { ($0, 1) }, site)
      .windowReduced(
        reduceKernels { $0 + $1 }, addKernel { $0 += $1 }, subtract: subtractKernel { $0 - $1 },
        isKept: filterKernel { $0.1 != 0 }, windowDuration, slideDuration, hashPartitioner(numPartitions, site), site)
  }
}
