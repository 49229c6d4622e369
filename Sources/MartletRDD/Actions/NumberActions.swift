public import MartletCore

extension RDD where Element: FixedWidthInteger {
  /// The sum of the elements, with their type; 0 if there are none. (In Spark it is always a floating-point number:
  /// `map { Double($0) }.sum()`.)
  ///
  /// - Throws: `OperatorFailure` if the sum overflows.
  @inlinable @inline(__always)
  public func sum(file: StaticString = #fileID, line: UInt = #line) throws -> Element {
    try folded(0, foldKernel { try addExactly(&$0, $1) }, into: 0, OperatorSite("sum", file, line), merge: addExactly)
  }

  /// The count, mean, variance, minimum and maximum of the elements.
  @inlinable @inline(__always)
  public func stats(file: StaticString = #fileID, line: UInt = #line) throws -> StatCounter {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("stats", file, line))
  }

  /// The mean of the elements; 0 if there are none, as in Spark.
  @inlinable @inline(__always)
  public func mean(file: StaticString = #fileID, line: UInt = #line) throws -> Double {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("mean", file, line)).mean
  }

  /// The mean of the squared deviations of the elements from their mean; NaN if there are none.
  @inlinable @inline(__always)
  public func variance(file: StaticString = #fileID, line: UInt = #line) throws -> Double {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("variance", file, line)).variance
  }

  /// The standard deviation: the square root of the variance.
  @inlinable @inline(__always)
  public func stdev(file: StaticString = #fileID, line: UInt = #line) throws -> Double {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("stdev", file, line)).stdev
  }
}

extension RDD where Element: BinaryFloatingPoint {
  /// The sum of the elements; 0 if there are none.
  @inlinable @inline(__always)
  public func sum(file: StaticString = #fileID, line: UInt = #line) throws -> Element {
    try folded(0, foldKernel { $0 += $1 }, into: 0, OperatorSite("sum", file, line), merge: +=)
  }

  /// The count, mean, variance, minimum and maximum of the elements.
  @inlinable @inline(__always)
  public func stats(file: StaticString = #fileID, line: UInt = #line) throws -> StatCounter {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("stats", file, line))
  }

  /// The mean of the elements; 0 if there are none, as in Spark.
  @inlinable @inline(__always)
  public func mean(file: StaticString = #fileID, line: UInt = #line) throws -> Double {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("mean", file, line)).mean
  }

  /// The mean of the squared deviations of the elements from their mean; NaN if there are none.
  @inlinable @inline(__always)
  public func variance(file: StaticString = #fileID, line: UInt = #line) throws -> Double {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("variance", file, line)).variance
  }

  /// The standard deviation: the square root of the variance.
  @inlinable @inline(__always)
  public func stdev(file: StaticString = #fileID, line: UInt = #line) throws -> Double {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("stdev", file, line)).stdev
  }
}

extension RDD {
  @usableFromInline
  package func counter(
    _ kernel: @escaping FoldKernel<Element, StatCounter>, _ site: OperatorSite
  ) throws -> StatCounter {
    try folded(StatCounter(), kernel, into: StatCounter(), site) { $0.merge($1) }
  }
}

/// Adds, and throws on overflow.
@inlinable @inline(__always)
package func addExactly<Number: FixedWidthInteger>(_ sum: inout Number, _ number: Number) throws {
  let (result, overflow) = sum.addingReportingOverflow(number)
  if overflow { throw ArithmeticOverflow(operation: "\(sum) + \(number)", type: "\(Number.self)") }
  sum = result
}

/// An error for a result that its type cannot represent.
public struct ArithmeticOverflow: Error, CustomStringConvertible {
  /// The operation.
  public let operation: String
  /// The type of the result.
  public let type: String

  @usableFromInline
  init(operation: String, type: String) {
    self.operation = operation
    self.type = type
  }

  public var description: String { "\(operation) does not fit \(type). Map the elements to Double first." }
}
