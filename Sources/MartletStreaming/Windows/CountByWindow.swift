public import MartletCore
public import MartletRDD

extension DStream {
  /// The number of elements in all batches of the last `windowDuration`; 0 if there are none.
  ///
  /// Each batch is counted once, and a long window costs no more than a short one.
  /// - Parameters:
  ///   - windowDuration: a multiple of this stream's slide duration; `start()` throws an error otherwise.
  ///   - slideDuration: the time between two windows, also a multiple of this stream's slide duration.
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

  /// The number of occurrences of each element in all batches of the last `windowDuration`.
  ///
  /// Each batch is counted once, and a long window costs no more than a short one. Elements that have left the window
  /// are removed.
  /// - Parameters:
  ///   - windowDuration: a multiple of this stream's slide duration; `start()` throws an error otherwise.
  ///   - slideDuration: the time between two windows, also a multiple of this stream's slide duration.
  ///   - numPartitions: the number of partitions of the result; by default the default parallelism.
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
