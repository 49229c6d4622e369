/// An argument that stands for a column: a ``Column``, the name of one, or a constant number, date, or Boolean value.
///
/// ```swift
/// df.select("name", col("age") + 1)
/// ```
/// A name may have several parts, as in `"person.name"`; a part in backquotes may contain periods.
public protocol ColumnConvertible {
  /// The column that this stands for.
  var column: Column { get }
}

/// An argument that stands for a value: a ``Column``, or a constant. A string is the text itself, not a name.
///
/// ```swift
/// df.filter(col("name") == "Alice")
/// ```
public protocol ColumnOperand {
  /// The column with this value.
  var operand: Column { get }
}

extension String: ColumnConvertible {
  /// The column of this name.
  public var column: Column { Column(self) }
}

extension ColumnOperand where Self: ValueConvertible {
  /// A constant.
  public var operand: Column { Column(value.expression) }
}

extension Int {
  /// A constant: an `INT` if it fits into 32 bits, as in SQL text, and otherwise a `BIGINT`.
  public var operand: Column {
    Column(.literal(Int32(exactly: self).map(Literal.integer) ?? .long(Int64(self))))
  }
}

extension Array where Element: ValueConvertible {
  /// A constant array; binary data if the elements are `UInt8`.
  public var operand: Column {
    if Element.self == UInt8.self, let bytes = self as? [UInt8] { return Column(.literal(.binary(bytes))) }
    return Column(.call("array", map(\.operand.expression)))
  }
}

extension Optional where Wrapped: ValueConvertible {
  /// The constant, or `NULL`.
  public var operand: Column { self?.operand ?? Column(.literal(.null(Wrapped.dataType))) }
}

extension ColumnConvertible where Self: ColumnOperand {
  /// The constant as a column.
  public var column: Column { operand }
}

extension Column: ColumnConvertible, ColumnOperand {
  /// This column.
  public var column: Column { self }
  /// This column.
  public var operand: Column { self }
}

extension Bool: ColumnConvertible {}
extension Int8: ColumnConvertible {}
extension Int16: ColumnConvertible {}
extension Int32: ColumnConvertible {}
extension Int64: ColumnConvertible {}
extension Int: ColumnConvertible {}
extension Float: ColumnConvertible {}
extension Double: ColumnConvertible {}
extension SQLDecimal: ColumnConvertible {}
extension SQLDate: ColumnConvertible {}
extension SQLTimestamp: ColumnConvertible {}
extension SQLInterval: ColumnConvertible {}
