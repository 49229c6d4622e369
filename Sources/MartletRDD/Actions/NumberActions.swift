public import MartletCore

extension RDD where Element: FixedWidthInteger {
  /// The sum of the elements, which is of their type; 0 if there are none. (Spark's is always a floating-point number:
  /// `map { Double($0) }.sum()`.)
  ///
  /// - Throws: `OperatorFailure` if it does not fit the elements' type.
  @inlinable @inline(__always)
  public func sum(file: StaticString = #fileID, line: UInt = #line) throws -> Element {
    try folded(0, foldKernel { try addExactly(&$0, $1) }, into: 0, OperatorSite("sum", file, line), merge: addExactly)
  }

  /// Count, mean, variance, minimum and maximum of the elements.
  @inlinable @inline(__always)
  public func stats(file: StaticString = #fileID, line: UInt = #line) throws -> StatCounter {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("stats", file, line))
  }

  /// The mean of the elements; 0 if there are none, as in Spark.
  @inlinable @inline(__always)
  public func mean(file: StaticString = #fileID, line: UInt = #line) throws -> Double {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("mean", file, line)).mean
  }

  /// The mean of the elements' squared distances from their mean; not a number if there are none.
  @inlinable @inline(__always)
  public func variance(file: StaticString = #fileID, line: UInt = #line) throws -> Double {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("variance", file, line)).variance
  }

  /// The square root of the variance.
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

  /// Count, mean, variance, minimum and maximum of the elements.
  @inlinable @inline(__always)
  public func stats(file: StaticString = #fileID, line: UInt = #line) throws -> StatCounter {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("stats", file, line))
  }

  /// The mean of the elements; 0 if there are none, as in Spark.
  @inlinable @inline(__always)
  public func mean(file: StaticString = #fileID, line: UInt = #line) throws -> Double {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("mean", file, line)).mean
  }

  /// The mean of the elements' squared distances from their mean; not a number if there are none.
  @inlinable @inline(__always)
  public func variance(file: StaticString = #fileID, line: UInt = #line) throws -> Double {
    try counter(foldKernel { $0.merge(Double($1)) }, OperatorSite("variance", file, line)).variance
  }

  /// The square root of the variance.
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

/// Adds, and throws where the processor would stop the program.
@inlinable @inline(__always)
package func addExactly<Number: FixedWidthInteger>(_ sum: inout Number, _ number: Number) throws {
  let (result, overflow) = sum.addingReportingOverflow(number)
  if overflow { throw ArithmeticOverflow(operation: "\(sum) + \(number)", type: "\(Number.self)") }
  sum = result
}

/// A number that its type cannot hold.
public struct ArithmeticOverflow: Error, CustomStringConvertible {
  /// What was computed.
  public let operation: String
  /// The type that the result should have had.
  public let type: String

  @usableFromInline
  init(operation: String, type: String) {
    self.operation = operation
    self.type = type
  }

  public var description: String { "\(operation) does not fit \(type). Map the elements to Double first." }
}
