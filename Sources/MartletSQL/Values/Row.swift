internal import MartletCore

/// A row of a table, or the value of a struct: values in the order of the columns, and the columns.
///
/// ```swift
/// let row = try await df.first()
/// let age = try row.get("age", as: Int.self)
/// let name = try row["name"]
/// ```
/// Two rows are equal if their values are; the names of columns do not matter, as in Spark.
public struct Row: Sendable {
  /// The values, in the order of the columns.
  public let values: [Value]
  /// The columns. A row that a program made from values alone has none.
  public let schema: StructType

  /// Creates a row of a table from as many values as the table has columns.
  public init(values: [Value], schema: StructType) {
    precondition(values.count == schema.fields.count, "a row of \(schema.fields.count) columns has as many values")
    self.values = values
    self.schema = schema
  }

  /// Creates a row without names of columns: `Row(1, "Alice", nil)`.
  public init(_ values: (any ValueConvertible)?...) {
    self.values = values.map { $0?.value ?? .null }
    self.schema = StructType()
  }

  /// The number of values.
  public var size: Int { values.count }
  /// The number of values.
  public var length: Int { values.count }

  /// The names of the columns; empty for a row without names.
  public var fieldNames: [String] { schema.names }

  /// The value of a column by its position, from 0. The position must exist, as in an array.
  public subscript(index: Int) -> Value { values[index] }

  /// The value of a column by its name.
  /// - Throws: `MartletError` of the code `invalidArgument` if no column, or more than one, has this name.
  public subscript(name: String) -> Value {
    get throws { values[try fieldIndex(name)] }
  }

  /// The position of a column, from 0.
  /// - Throws: `MartletError` of the code `invalidArgument` if no column, or more than one, has this name.
  public func fieldIndex(_ name: String) throws -> Int {
    guard let index = schema.fields.firstIndex(where: { $0.name == name }) else {
      throw MartletError(
        .invalidArgument,
        schema.fields.isEmpty
          ? "The row has no names of columns; use a position instead of '\(name)'"
          : "The row has no column '\(name)'; its columns are \(fieldNames.joined(separator: ", "))")
    }
    guard !schema.fields[(index + 1)...].contains(where: { $0.name == name }) else {
      throw MartletError(
        .invalidArgument, "The row has several columns '\(name)'; use a position, or rename one of them with `alias`")
    }
    return index
  }

  /// The value of a column by its position, in a type of Swift: `row.get(0, as: Int.self)`.
  ///
  /// Numbers convert where they stay the same: an `INT` to `Int`, a `BIGINT` to `Int32` if it fits. A column that may be
  /// `NULL` needs an optional type: `row.get(0, as: Int?.self)`.
  /// - Throws: `MartletError` of the code `invalidArgument` if there is no such column, the value is of another type or
  ///   out of range, or is `NULL`.
  public func get<Result: ValueConvertible>(_ index: Int, as type: Result.Type = Result.self) throws -> Result {
    let value = try checked(index)
    if let result = Result(value: value) { return result }
    throw mismatch(index, value, "\(type)")
  }

  /// The value of a column by its name, in a type of Swift: `row.get("age", as: Int.self)`.
  /// - Throws: as `get(_:as:)` for a position does.
  public func get<Result: ValueConvertible>(_ name: String, as type: Result.Type = Result.self) throws -> Result {
    try get(fieldIndex(name), as: type)
  }

  /// The value of a column, in the type that the context asks for: `let age: Int = try row.getAs("age")`.
  public func getAs<Result: ValueConvertible>(_ name: String) throws -> Result { try get(name) }

  /// The value of a column, in the type that the context asks for: `let age: Int = try row.getAs(1)`.
  public func getAs<Result: ValueConvertible>(_ index: Int) throws -> Result { try get(index) }

  /// The `BOOLEAN` value of a column.
  public func getBoolean(_ index: Int) throws -> Bool { try get(index) }
  /// The whole number of a column that fits into 32 bits.
  public func getInt(_ index: Int) throws -> Int32 { try get(index) }
  /// The whole number of a column.
  public func getLong(_ index: Int) throws -> Int64 { try get(index) }
  /// The floating-point number of a column.
  public func getDouble(_ index: Int) throws -> Double { try get(index) }
  /// The string of a column.
  public func getString(_ index: Int) throws -> String { try get(index) }
  /// The decimal number of a column.
  public func getDecimal(_ index: Int) throws -> SQLDecimal { try get(index) }
  /// The date of a column.
  public func getDate(_ index: Int) throws -> SQLDate { try get(index) }
  /// The time of a column.
  public func getTimestamp(_ index: Int) throws -> SQLTimestamp { try get(index) }
  /// The struct of a column.
  public func getStruct(_ index: Int) throws -> Row { try get(index) }

  /// A Boolean value that indicates whether the value of a column is `NULL`. The position must exist, as in an array.
  public func isNullAt(_ index: Int) -> Bool { values[index].isNull }

  /// A Boolean value that indicates whether any value is `NULL`.
  public var anyNull: Bool { values.contains { $0.isNull } }

  /// The values by the names of the columns. If several columns have the same name, the last one counts.
  public func toDictionary() -> [String: Value] {
    Dictionary(zip(fieldNames, values)) { $1 }
  }

  /// The values, separated by `separator`, as Spark writes them.
  public func mkString(_ separator: String = "") -> String { values.map(\.description).joined(separator: separator) }

  private func checked(_ index: Int) throws -> Value {
    guard values.indices.contains(index) else {
      throw MartletError(
        .invalidArgument, "The row has no column at position \(index); it has \(values.count) columns, from 0")
    }
    return values[index]
  }

  private func mismatch(_ index: Int, _ value: Value, _ type: String) -> MartletError {
    let column = schema.fields.isEmpty ? "at position \(index)" : "'\(schema.fields[index].name)'"
    return MartletError(.invalidArgument, Row.mismatch("The column \(column)", value, type))
  }

  /// The description of a value that is not of the type of Swift that was asked for.
  static func mismatch(_ place: String, _ value: Value, _ type: String) -> String {
    if value.isNull { return "\(place) is NULL; use \(type)? instead of \(type)" }
    let text = ValueText().text(of: value)
    let sample = text.count > 40 ? text.prefix(40) + "…" : text[...]
    return "\(place) is a value of the type \(value.type), \(sample), which is not a \(type); use a fitting type, or "
      + "convert the column with `cast`"
  }
}

extension Row: Hashable {
  public static func == (a: Row, b: Row) -> Bool { a.values == b.values }
  public func hash(into hasher: inout Hasher) { hasher.combine(values) }
}

extension Row: ExpressibleByArrayLiteral {
  /// Creates a row without names of columns.
  public init(arrayLiteral elements: Value...) {
    self.values = elements
    self.schema = StructType()
  }
}

extension Row: CustomStringConvertible {
  /// The values in brackets, as Spark prints a row: `[Alice,30]`.
  public var description: String { "[\(mkString(","))]" }
}
