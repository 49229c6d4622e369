public import MartletCore

extension RDD {
  /// The pairs with keys from `lower` to `upper`, inclusive, in the order of `sortByKey`: NaN is the greatest number.
  @inlinable @inline(__always)
  public func filterByRange<Key: Comparable & Sendable, Value>(
    _ lower: Key, _ upper: Key, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> where Element == (Key, Value) {
    filtered(
      filterKernel { !precedes($0.0, lower) && !precedes(upper, $0.0) }, OperatorSite("filterByRange", file, line))
  }
}
