public import MartletCore

extension RDD {
  /// All elements, combined two at a time. `combine` must be associative and commutative.
  ///
  /// - Throws: `MartletError` with the code `emptyCollection` if there are no elements.
  @inlinable @inline(__always)
  public func reduce(
    _ combine: @escaping @Sendable (Element, Element) throws -> Element, file: StaticString = #fileID,
    line: UInt = #line
  ) throws -> Element {
    let site = OperatorSite("reduce", file, line)
    guard let result = try reduced(reduceKernel(combine), site, combine) else { throw site.isEmpty }
    return result
  }

  /// All elements, combined two at a time, beginning with `zero`, which must be neutral: it is included once for each
  /// partition, and once more.
  @inlinable @inline(__always)
  public func fold(
    _ zero: Element, _ combine: @escaping @Sendable (Element, Element) throws -> Element,
    file: StaticString = #fileID, line: UInt = #line
  ) throws -> Element {
    try folded(zero, foldKernel { $0 = try combine($0, $1) }, into: zero, OperatorSite("fold", file, line)) {
      $0 = try combine($0, $1)
    }
  }

  /// All elements, folded into `zero` by `seqOp` in each partition; `combOp` merges the results of partitions into
  /// another `zero`.
  ///
  /// ```swift
  /// let (sum, count) = try numbers.aggregate((0, 0)) { ($0.0 + $1, $0.1 + 1) } _: { ($0.0 + $1.0, $0.1 + $1.1) }
  /// ```
  @inlinable @inline(__always)
  public func aggregate<Result: Sendable>(
    _ zero: Result, _ seqOp: @escaping @Sendable (Result, Element) throws -> Result,
    _ combOp: @escaping @Sendable (Result, Result) throws -> Result, file: StaticString = #fileID,
    line: UInt = #line
  ) throws -> Result {
    try folded(zero, foldKernel { $0 = try seqOp($0, $1) }, into: zero, OperatorSite("aggregate", file, line)) {
      $0 = try combOp($0, $1)
    }
  }

  /// The same as `aggregate`, with closures that change the result in place, which is faster for arrays and sets.
  @inlinable @inline(__always)
  public func aggregate<Result: Sendable>(
    into zero: Result, _ seqOp: @escaping @Sendable (inout Result, Element) throws -> Void,
    _ combOp: @escaping @Sendable (inout Result, Result) throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) throws -> Result {
    try folded(zero, foldKernel(seqOp), into: zero, OperatorSite("aggregate", file, line), merge: combOp)
  }

  /// The greatest element by your own order; the first one if there are several.
  ///
  /// - Parameter areInIncreasingOrder: returns true if the first argument is ordered before the second.
  /// - Throws: `MartletError` with the code `emptyCollection` if there are no elements.
  @inlinable @inline(__always)
  public func max(
    by areInIncreasingOrder: @escaping @Sendable (Element, Element) throws -> Bool, file: StaticString = #fileID,
    line: UInt = #line
  ) throws -> Element {
    let site = OperatorSite("max", file, line)
    let greater: @Sendable (Element, Element) throws -> Element = { try areInIncreasingOrder($0, $1) ? $1 : $0 }
    guard let result = try reduced(reduceKernel(greater), site, greater) else { throw site.isEmpty }
    return result
  }

  /// The least element by your own order; the first one if there are several.
  ///
  /// - Parameter areInIncreasingOrder: returns true if the first argument is ordered before the second.
  /// - Throws: `MartletError` with the code `emptyCollection` if there are no elements.
  @inlinable @inline(__always)
  public func min(
    by areInIncreasingOrder: @escaping @Sendable (Element, Element) throws -> Bool, file: StaticString = #fileID,
    line: UInt = #line
  ) throws -> Element {
    let site = OperatorSite("min", file, line)
    let lesser: @Sendable (Element, Element) throws -> Element = { try areInIncreasingOrder($1, $0) ? $1 : $0 }
    guard let result = try reduced(reduceKernel(lesser), site, lesser) else { throw site.isEmpty }
    return result
  }
}

extension RDD where Element: Comparable {
  /// The greatest element. NaN is the greatest number.
  ///
  /// - Throws: `MartletError` with the code `emptyCollection` if there are no elements.
  @inlinable @inline(__always)
  public func max(file: StaticString = #fileID, line: UInt = #line) throws -> Element {
    try max(by: { precedes($0, $1) }, file: file, line: line)
  }

  /// The least element. NaN is the greatest number.
  ///
  /// - Throws: `MartletError` with the code `emptyCollection` if there are no elements.
  @inlinable @inline(__always)
  public func min(file: StaticString = #fileID, line: UInt = #line) throws -> Element {
    try min(by: { precedes($0, $1) }, file: file, line: line)
  }
}
