public import MartletCore
public import MartletDuckDB

/// A type whose values are stored in columns in memory, and can be the arguments and results of functions in SQL.
///
/// These are `Bool`, `Int8` to `Int64`, `Int`, `Float`, `Double`, `Text`, `String`, `[UInt8]`, ``SQLDate``,
/// ``SQLTimestamp``, ``SQLDecimal``, and the optionals of all of them.
///
/// Your own type can be one as well, if another one holds its value:
///
/// ```swift
/// extension Celsius: ColumnValue {
///   static var dataType: DataType { .double }
///   var value: Value { degrees.value }
///   init?(value: Value) { … }
///   func append(to column: inout ColumnWriter) { degrees.append(to: &column) }
///   static func read(_ row: Int, of argument: FunctionArgument) -> Celsius { Celsius(.read(row, of: argument)) }
///   func write(_ row: Int, of results: FunctionResults) { degrees.write(row, of: results) }
/// }
/// ```
public protocol ColumnValue: ValueConvertible, Sendable {
  /// A Boolean value that indicates whether the type has a value for `NULL`.
  static var isNullable: Bool { get }
  /// Appends the value to a column.
  func append(to column: inout ColumnWriter)
  /// The value of an argument in a row.
  static func read(_ row: Int, of argument: FunctionArgument) -> Self
  /// Makes this value the result of a function in a row.
  func write(_ row: Int, of results: FunctionResults)
}

extension ColumnValue {
  @inlinable public static var isNullable: Bool { false }
}

/// The values of a column while they are collected.
@frozen public struct ColumnWriter: @unchecked Sendable {
  // Sendable: one task fills a column, and then passes it on.
  @usableFromInline var builder: ColumnBuilder

  init(_ type: ColumnType) { builder = ColumnBuilder(type) }

  @inlinable @inline(__always)
  mutating func append<Element: ColumnElement>(element: Element) { builder.append(element) }
}

/// The values of one argument of a function in SQL.
@frozen public struct FunctionArgument {
  @usableFromInline let input: ScalarInput

  @inlinable init(_ input: ScalarInput) { self.input = input }
}

/// The results of a function in SQL.
@frozen public struct FunctionResults {
  @usableFromInline let output: ScalarOutput

  @inlinable init(_ output: ScalarOutput) { self.output = output }
}

// MARK: Types of the engine

extension Bool: ColumnValue {
  @inlinable @inline(__always) public func append(to column: inout ColumnWriter) { column.append(element: self) }
  @inlinable @inline(__always) public static func read(_ row: Int, of argument: FunctionArgument) -> Bool {
    Bool.read(row, of: argument.input)
  }
  @inlinable @inline(__always) public func write(_ row: Int, of results: FunctionResults) {
    write(row, of: results.output)
  }
}

extension Int8: ColumnValue {
  @inlinable @inline(__always) public func append(to column: inout ColumnWriter) { column.append(element: self) }
  @inlinable @inline(__always) public static func read(_ row: Int, of argument: FunctionArgument) -> Int8 {
    argument.input.load(row)
  }
  @inlinable @inline(__always) public func write(_ row: Int, of results: FunctionResults) {
    results.output.store(self, row)
  }
}

extension Int16: ColumnValue {
  @inlinable @inline(__always) public func append(to column: inout ColumnWriter) { column.append(element: self) }
  @inlinable @inline(__always) public static func read(_ row: Int, of argument: FunctionArgument) -> Int16 {
    argument.input.load(row)
  }
  @inlinable @inline(__always) public func write(_ row: Int, of results: FunctionResults) {
    results.output.store(self, row)
  }
}

extension Int32: ColumnValue {
  @inlinable @inline(__always) public func append(to column: inout ColumnWriter) { column.append(element: self) }
  @inlinable @inline(__always) public static func read(_ row: Int, of argument: FunctionArgument) -> Int32 {
    Int32.read(row, of: argument.input)
  }
  @inlinable @inline(__always) public func write(_ row: Int, of results: FunctionResults) {
    write(row, of: results.output)
  }
}

extension Int64: ColumnValue {
  @inlinable @inline(__always) public func append(to column: inout ColumnWriter) { column.append(element: self) }
  @inlinable @inline(__always) public static func read(_ row: Int, of argument: FunctionArgument) -> Int64 {
    Int64.read(row, of: argument.input)
  }
  @inlinable @inline(__always) public func write(_ row: Int, of results: FunctionResults) {
    write(row, of: results.output)
  }
}

extension Int: ColumnValue {
  @inlinable @inline(__always) public func append(to column: inout ColumnWriter) { column.append(element: self) }
  @inlinable @inline(__always) public static func read(_ row: Int, of argument: FunctionArgument) -> Int {
    Int.read(row, of: argument.input)
  }
  @inlinable @inline(__always) public func write(_ row: Int, of results: FunctionResults) {
    write(row, of: results.output)
  }
}

extension Float: ColumnValue {
  @inlinable @inline(__always) public func append(to column: inout ColumnWriter) { column.append(element: self) }
  @inlinable @inline(__always) public static func read(_ row: Int, of argument: FunctionArgument) -> Float {
    Float.read(row, of: argument.input)
  }
  @inlinable @inline(__always) public func write(_ row: Int, of results: FunctionResults) {
    write(row, of: results.output)
  }
}

extension Double: ColumnValue {
  @inlinable @inline(__always) public func append(to column: inout ColumnWriter) { column.append(element: self) }
  @inlinable @inline(__always) public static func read(_ row: Int, of argument: FunctionArgument) -> Double {
    Double.read(row, of: argument.input)
  }
  @inlinable @inline(__always) public func write(_ row: Int, of results: FunctionResults) {
    write(row, of: results.output)
  }
}

extension Text: ColumnValue {
  @inlinable @inline(__always) public func append(to column: inout ColumnWriter) { column.append(element: self) }
  @inlinable @inline(__always) public static func read(_ row: Int, of argument: FunctionArgument) -> Text {
    Text.read(row, of: argument.input)
  }
  @inlinable @inline(__always) public func write(_ row: Int, of results: FunctionResults) {
    write(row, of: results.output)
  }
}

extension String: ColumnValue {
  @inlinable @inline(__always) public func append(to column: inout ColumnWriter) { column.append(element: self) }
  @inlinable @inline(__always) public static func read(_ row: Int, of argument: FunctionArgument) -> String {
    String.read(row, of: argument.input)
  }
  @inlinable @inline(__always) public func write(_ row: Int, of results: FunctionResults) {
    write(row, of: results.output)
  }
}

extension Text: ValueConvertible {
  public static var dataType: DataType { .string }
  public var value: Value { .string(String(self)) }
  public init?(value: Value) {
    guard case .string(let value) = value else { return nil }
    self.init(value)
  }
}

// MARK: Types of SQL

extension SQLDate: ColumnValue {
  public func append(to column: inout ColumnWriter) { column.builder.append(stored: days) }
  public static func read(_ row: Int, of argument: FunctionArgument) -> SQLDate {
    SQLDate(days: argument.input.load(row))
  }
  public func write(_ row: Int, of results: FunctionResults) { results.output.store(days, row) }
}

extension SQLTimestamp: ColumnValue {
  public func append(to column: inout ColumnWriter) { column.builder.append(stored: microseconds) }
  public static func read(_ row: Int, of argument: FunctionArgument) -> SQLTimestamp {
    SQLTimestamp(microseconds: argument.input.load(row))
  }
  public func write(_ row: Int, of results: FunctionResults) { results.output.store(microseconds, row) }
}

/// A column of decimals has 18 digits after the point, and 20 before it.
extension SQLDecimal: ColumnValue {
  private static let places = 18

  /// The digits in a column; `nil` if there are too many.
  private var digits: Int128? {
    guard let digits = scaled(to: Self.places), digits.magnitude < Int128.powerOfTen(Self.maximumPrecision).magnitude
    else { return nil }
    return digits
  }

  public func append(to column: inout ColumnWriter) {
    if let digits {
      column.builder.append(decimal: digits)
    } else {
      column.builder.refuse(
        "The number \(self) does not fit into a column of the type \(DataType.decimal). Use a Double, or Rows with a "
          + "schema.")
    }
  }
  public static func read(_ row: Int, of argument: FunctionArgument) -> SQLDecimal {
    SQLDecimal(unscaled: argument.input.load(row), scale: places) ?? SQLDecimal(0)
  }
  /// Makes this number the result of a function in a row; `NULL` if it has too many digits.
  public func write(_ row: Int, of results: FunctionResults) {
    if let digits { results.output.store(digits, row) } else { results.output.setNull(row) }
  }
}

/// Bytes, in a column of the type `binary`.
extension Array: ColumnValue where Element == UInt8 {
  public func append(to column: inout ColumnWriter) {
    withUnsafeBufferPointer { column.builder.append(bytes: $0) }
  }
  public static func read(_ row: Int, of argument: FunctionArgument) -> [UInt8] { argument.input.bytes(row) }
  public func write(_ row: Int, of results: FunctionResults) {
    withUnsafeBufferPointer { results.output.store(bytes: $0, row) }
  }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
  @inlinable public static var isNullable: Bool { true }
  @inlinable @inline(__always) public func append(to column: inout ColumnWriter) {
    if let self { self.append(to: &column) } else { column.builder.appendNull() }
  }
  @inlinable @inline(__always) public static func read(_ row: Int, of argument: FunctionArgument) -> Wrapped? {
    argument.input.isValid(row) ? Wrapped.read(row, of: argument) : nil
  }
  @inlinable @inline(__always) public func write(_ row: Int, of results: FunctionResults) {
    if let self { self.write(row, of: results) } else { results.output.setNull(row) }
  }
}
