public import MartletCore

extension DStream {
  /// Every element, transformed.
  @inlinable @inline(__always)
  public func map<Output: Sendable>(
    _ transform: @escaping @Sendable (Element) throws -> Output, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    mapped(mapKernel(transform), OperatorSite("map", file, line))
  }

  /// The elements that satisfy the condition.
  @inlinable @inline(__always)
  public func filter(
    _ isIncluded: @escaping @Sendable (Element) throws -> Bool, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    filtered(filterKernel(isIncluded), OperatorSite("filter", file, line))
  }

  /// The elements of the sequences that the closure makes of each element.
  @inlinable @inline(__always)
  public func flatMap<Segment: Sequence & SendableMetatype>(
    _ transform: @escaping @Sendable (Element) throws -> Segment, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Segment.Element> where Segment.Element: Sendable, Segment.Iterator: SendableMetatype {
    flatMapped(flatMapKernel(transform), OperatorSite("flatMap", file, line))
  }
}
