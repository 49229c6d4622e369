/// A value of a column, of any of the types of `DataType`.
///
/// ```swift
/// let row: Row = [1, "Alice", nil]
/// if case .string(let name) = row[1] { print(name) }
/// ```
/// Integers of different widths are equal if they are the same number, and so are a `float` and a `double`, as in Spark.
/// `NaN` equals itself.
public enum Value: Sendable {
  case null
  case boolean(Bool)
  case byte(Int8)
  case short(Int16)
  case integer(Int32)
  case long(Int64)
  case float(Float)
  case double(Double)
  // Indirect, so that the larger number does not make every value larger.
  indirect case decimal(SQLDecimal)
  case string(String)
  case binary([UInt8])
  case date(SQLDate)
  case timestamp(SQLTimestamp)
  /// A date and time without a time zone.
  case timestampNTZ(SQLTimestamp)
  case interval(SQLInterval)
  case array([Value])
  /// The pairs of a map, in their order.
  case map([MapEntry])
  /// The value of a struct.
  case row(Row)

  /// A key of a map and its value.
  public struct MapEntry: Hashable, Sendable {
    public var key: Value
    public var value: Value

    public init(_ key: Value, _ value: Value) {
      self.key = key
      self.value = value
    }
  }

  /// A Boolean value that indicates whether this is `NULL`.
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// The type of the value. The elements of an array have the type of its first element other than `NULL`.
  public var type: DataType {
    switch self {
    case .null: .null
    case .boolean: .boolean
    case .byte: .byte
    case .short: .short
    case .integer: .integer
    case .long: .long
    case .float: .float
    case .double: .double
    case .decimal(let value):
      .decimal(precision: max(String(value.unscaled.magnitude).count, value.scale), scale: value.scale)
    case .string: .string
    case .binary: .binary
    case .date: .date
    case .timestamp: .timestamp
    case .timestampNTZ: .timestampNTZ
    case .interval: .interval
    case .array(let elements): .array(Self.type(of: elements))
    case .map(let entries): .map(key: Self.type(of: entries.map(\.key)), value: Self.type(of: entries.map(\.value)))
    case .row(let row): .struct(row.schema)
    }
  }

  private static func type(of values: [Value]) -> DataType { values.first { !$0.isNull }?.type ?? .null }

  /// The integer of a `byte`, `short`, `integer` or `long`.
  var wholeNumber: Int64? {
    switch self {
    case .byte(let value): Int64(value)
    case .short(let value): Int64(value)
    case .integer(let value): Int64(value)
    case .long(let value): value
    default: nil
    }
  }

  /// The number of a `float` or `double`.
  var fraction: Double? {
    switch self {
    case .float(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }
}

extension Value: Hashable {
  public static func == (a: Value, b: Value) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.boolean(let a), .boolean(let b)): a == b
    case (.decimal(let a), .decimal(let b)): a == b
    case (.string(let a), .string(let b)): a == b
    case (.binary(let a), .binary(let b)): a == b
    case (.date(let a), .date(let b)): a == b
    case (.timestamp(let a), .timestamp(let b)), (.timestampNTZ(let a), .timestampNTZ(let b)): a == b
    case (.interval(let a), .interval(let b)): a == b
    case (.array(let a), .array(let b)): a == b
    case (.map(let a), .map(let b)): a == b
    case (.row(let a), .row(let b)): a == b
    default:
      if let a = a.wholeNumber, let b = b.wholeNumber {
        a == b
      } else if let a = a.fraction, let b = b.fraction {
        a == b || a.isNaN && b.isNaN
      } else {
        false
      }
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .boolean(let value): hasher.combine(value)
    case .byte, .short, .integer, .long: hasher.combine(wholeNumber)
    case .float, .double: hasher.combine(fraction.map { $0.isNaN ? .nan : $0 })
    case .decimal(let value): hasher.combine(value)
    case .string(let value): hasher.combine(value)
    case .binary(let value): hasher.combine(value)
    case .date(let value): hasher.combine(value)
    case .timestamp(let value), .timestampNTZ(let value): hasher.combine(value)
    case .interval(let value): hasher.combine(value)
    case .array(let value): hasher.combine(value)
    case .map(let value): hasher.combine(value)
    case .row(let value): hasher.combine(value)
    }
  }
}

extension Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  public init(integerLiteral value: Int64) { self = .long(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: Value...) { self = .array(elements) }
}

extension Value: CustomStringConvertible {
  /// The value as a Spark `Row` prints it: `null`, `1.0E10`, `[1,s]`, `Map(k -> 1)`, `ArraySeq(1, 2)`.
  public var description: String {
    switch self {
    case .null: "null"
    case .array(let elements): "ArraySeq(\(elements.map(\.description).joined(separator: ", ")))"
    case .map(let entries): "Map(\(entries.map { "\($0.key) -> \($0.value)" }.joined(separator: ", ")))"
    case .row(let row): row.description
    default: ValueText().text(of: self)
    }
  }
}

extension Value {
  /// An expression with this value.
  var expression: Expression {
    switch self {
    case .null: .literal(.null())
    case .boolean(let value): .literal(.boolean(value))
    case .byte(let value): .literal(.byte(value))
    case .short(let value): .literal(.short(value))
    case .integer(let value): .literal(.integer(value))
    case .long(let value): .literal(.long(value))
    case .float(let value): .literal(.float(value))
    case .double(let value): .literal(.double(value))
    case .decimal(let value): .literal(.decimal(value.description))
    case .string(let value): .literal(.string(value))
    case .binary(let value): .literal(.binary(value))
    case .date(let value): .literal(.date(value.days))
    case .timestamp(let value): .literal(.timestamp(value.microseconds))
    case .timestampNTZ(let value): .literal(.timestampNTZ(value.microseconds))
    case .interval(let value):
      .literal(.interval(months: value.months, days: value.days, microseconds: value.microseconds))
    case .array(let elements): .call("array", elements.map(\.expression))
    case .map(let entries): .call("map", entries.flatMap { [$0.key.expression, $0.value.expression] })
    case .row(let row):
      .call(
        "named_struct",
        zip(row.fieldNames, row.values).flatMap { [.literal(.string($0)), $1.expression] })
    }
  }
}
