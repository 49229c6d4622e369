public import MartletCore
public import MartletRDD

extension DStream {
  /// The elements of all batches of the last `window`, combined two at a time; nothing for a window without elements.
  ///
  /// Each batch is combined once.
  /// - Parameters:
  ///   - combine: must be associative and commutative. It gets the older element first.
  ///   - window: a whole number of this stream's slides, else `start()` throws.
  ///   - slide: the time between two windows, a whole number of this stream's slides too.
  @inlinable @inline(__always)
  public func reduceByWindow(
    _ combine: @escaping @Sendable (Element, Element) throws -> Element, window: Duration, slide: Duration,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    let site = OperatorSite("reduceByWindow", file, line)
    return reduced(reduceKernel(combine), site).mapped(mapKernel { (0, $0) }, site)
      .windowReduced(
        reduceKernels(combine), addKernel { $0 = try combine($0, $1) }, window, slide, hashPartitioner(1), site
      ).mapped(mapKernel { $0.1 }, site)
  }

  /// The same as `reduceByWindow`, with an inverse function that removes elements which have left the window, so that
  /// long windows cost no more than short ones. After the first element, every window has one: that of an empty window
  /// is the value after all elements have been removed, such as 0.
  ///
  /// - Parameter inverse: for all x and y, `inverse(combine(x, y), y)` must be x.
  @inlinable @inline(__always)
  public func reduceByWindow(
    _ combine: @escaping @Sendable (Element, Element) throws -> Element,
    inverse: @escaping @Sendable (Element, Element) throws -> Element, window: Duration, slide: Duration,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    let site = OperatorSite("reduceByWindow", file, line)
    return reduced(reduceKernel(combine), site).mapped(mapKernel { (0, $0) }, site)
      .windowReduced(
        reduceKernels(combine), addKernel { $0 = try combine($0, $1) }, subtract: subtractKernel(inverse),
        isKept: nil, window, slide, hashPartitioner(1), site
      ).mapped(mapKernel { $0.1 }, site)
  }

  /// `reduceByWindow(_:window:slide:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func reduceByWindow(
    _ combine: @escaping @Sendable (Element, Element) throws -> Element, _ windowDuration: Duration,
    _ slideDuration: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    reduceByWindow(combine, window: windowDuration, slide: slideDuration, file: file, line: line)
  }

  /// `reduceByWindow(_:inverse:window:slide:)`, as Spark writes it.
  @inlinable @inline(__always)
  public func reduceByWindow(
    _ combine: @escaping @Sendable (Element, Element) throws -> Element,
    _ inverse: @escaping @Sendable (Element, Element) throws -> Element, _ windowDuration: Duration,
    _ slideDuration: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    reduceByWindow(
      combine, inverse: inverse, window: windowDuration, slide: slideDuration, file: file, line: line)
  }
}
