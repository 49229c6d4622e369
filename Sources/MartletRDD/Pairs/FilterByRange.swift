public import MartletCore

extension RDD {
  /// The pairs whose keys are from `lower` to `upper`, both included, in the order in which `sortByKey` puts keys: NaN is
  /// the greatest number.
  @inlinable @inline(__always)
  public func filterByRange<Key: Comparable & Sendable, Value>(
    _ lower: Key, _ upper: Key, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> where Element == (Key, Value) {
    filtered(
      filterKernel { !precedes($0.0, lower) && !precedes(upper, $0.0) }, OperatorSite("filterByRange", file, line))
  }
}
