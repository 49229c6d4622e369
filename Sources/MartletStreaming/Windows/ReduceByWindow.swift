public import MartletCore
public import MartletRDD

extension DStream {
  /// The elements of all batches of the last `windowDuration`, combined two at a time; no element for an empty window.
  ///
  /// Each batch is combined once.
  /// - Parameters:
  ///   - reduceFunc: must be associative and commutative. It gets the older element first.
  ///   - windowDuration: a multiple of this stream's slide duration; `start()` throws an error otherwise.
  ///   - slideDuration: the time between two windows, also a multiple of this stream's slide duration.
  @inlinable @inline(__always)
  public func reduceByWindow(
    _ reduceFunc: @escaping @Sendable (Element, Element) throws -> Element, _ windowDuration: Duration,
    _ slideDuration: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    let site = OperatorSite("reduceByWindow", file, line)
    return reduced(reduceKernel(reduceFunc), site).mapped(mapKernel { (0, $0) }, site)
      .windowReduced(
        reduceKernels(reduceFunc), addKernel { $0 = try reduceFunc($0, $1) }, windowDuration, slideDuration,
        hashPartitioner(1, site), site
      ).mapped(mapKernel { $0.1 }, site)
  }

  /// The same as `reduceByWindow`, with an inverse function that removes elements which have left the window, so that
  /// long windows cost no more than short ones. After the first element, every window has one: that of an empty window
  /// is the value after all elements have been removed, such as 0.
  ///
  /// - Parameter invReduceFunc: for all x and y, `invReduceFunc(reduceFunc(x, y), y)` must be x.
  @inlinable @inline(__always)
  public func reduceByWindow(
    _ reduceFunc: @escaping @Sendable (Element, Element) throws -> Element,
    _ invReduceFunc: @escaping @Sendable (Element, Element) throws -> Element, _ windowDuration: Duration,
    _ slideDuration: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    let site = OperatorSite("reduceByWindow", file, line)
    return reduced(reduceKernel(reduceFunc), site).mapped(mapKernel { (0, $0) }, site)
      .windowReduced(
        reduceKernels(reduceFunc), addKernel { $0 = try reduceFunc($0, $1) }, subtract: subtractKernel(invReduceFunc),
        isKept: nil, windowDuration, slideDuration, hashPartitioner(1, site), site
      ).mapped(mapKernel { $0.1 }, site)
  }
}
