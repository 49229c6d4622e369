public import MartletCore
public import MartletRDD

extension DStream {
  /// The elements of all batches of the last `windowDuration`, combined two at a time; nothing for a window without
  /// elements.
  ///
  /// Each batch is combined once.
  /// - Parameters:
  ///   - reduceFunc: must be associative and commutative. It gets the older element first.
  ///   - windowDuration: a whole number of this stream's slides, else `start()` throws.
  ///   - slideDuration: the time between two windows, a whole number of this stream's slides too.
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

  /// As `reduceByWindow`, with a function that takes away again what has left the window, so that long windows cost no
  /// more than short ones. Once an element has come, every window has one: that of a window without elements is what is
  /// left when all have been taken away, such as 0.
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
