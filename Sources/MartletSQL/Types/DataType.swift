/// The type of a column, with Spark's names.
///
/// | case | values in Swift | in DuckDB |
/// |---|---|---|
/// | `boolean` | `Bool` | `BOOLEAN` |
/// | `byte`, `short`, `integer`, `long` | `Int8`, `Int16`, `Int32`, `Int` | `TINYINT` … `BIGINT` |
/// | `float`, `double` | `Float`, `Double` | `FLOAT`, `DOUBLE` |
/// | `decimal` | ``SQLDecimal`` | `DECIMAL(p, s)` |
/// | `string`, `binary` | `String`, `[UInt8]` | `VARCHAR`, `BLOB` |
/// | `date`, `timestamp`, `timestampNTZ` | ``SQLDate``, ``SQLTimestamp`` | `DATE`, `TIMESTAMPTZ`, `TIMESTAMP` |
/// | `interval`, `dayTimeInterval`, `yearMonthInterval` | ``SQLInterval`` | `INTERVAL` |
/// | `array`, `map`, `struct` | arrays, pairs, ``Row`` | `LIST`, `MAP`, `STRUCT` |
public indirect enum DataType: Hashable, Sendable {
  /// The type of a `NULL` without another type.
  case null
  case boolean
  case byte
  case short
  case integer
  case long
  case float
  case double
  /// A number with `precision` digits, of which `scale` are after the point.
  case decimal(precision: Int, scale: Int)
  case string
  case binary
  case date
  /// A point in time, in microseconds.
  case timestamp
  /// A date and a time of day, without a time zone.
  case timestampNTZ
  /// A span of months, days and microseconds.
  case interval
  /// A span of days, hours, minutes and seconds, such as `INTERVAL DAY TO SECOND`.
  case dayTimeInterval(from: IntervalField, to: IntervalField)
  /// A span of years and months, such as `INTERVAL YEAR TO MONTH`.
  case yearMonthInterval(from: IntervalField, to: IntervalField)
  case array(DataType)
  case map(key: DataType, value: DataType)
  case `struct`(StructType)

  /// A decimal with 38 digits, 18 of them after the point: Spark's default for `Decimal` values.
  public static let decimal = DataType.decimal(precision: 38, scale: 18)
}

/// A part of an interval: `DAY` and `SECOND` in `INTERVAL DAY TO SECOND`.
public enum IntervalField: Int, Hashable, Sendable, Comparable, CustomStringConvertible {
  case year, month, day, hour, minute, second

  public static func < (a: IntervalField, b: IntervalField) -> Bool { a.rawValue < b.rawValue }

  /// The name in lower case.
  public var description: String {
    switch self {
    case .year: "year"
    case .month: "month"
    case .day: "day"
    case .hour: "hour"
    case .minute: "minute"
    case .second: "second"
    }
  }
}

extension DataType: CustomStringConvertible {
  /// The type in the notation of DDL, such as `array<struct<name:string,age:int>>`: Spark's `simpleString`.
  public var description: String {
    switch self {
    case .null: "void"
    case .boolean: "boolean"
    case .byte: "tinyint"
    case .short: "smallint"
    case .integer: "int"
    case .long: "bigint"
    case .float: "float"
    case .double: "double"
    case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
    case .string: "string"
    case .binary: "binary"
    case .date: "date"
    case .timestamp: "timestamp"
    case .timestampNTZ: "timestamp_ntz"
    case .interval: "interval"
    case .dayTimeInterval(let first, let last), .yearMonthInterval(let first, let last):
      first == last ? "interval \(first)" : "interval \(first) to \(last)"
    case .array(let element): "array<\(element)>"
    case .map(let key, let value): "map<\(key),\(value)>"
    case .struct(let type): "struct<\(type.fields.map { "\($0.name):\($0.type)" }.joined(separator: ","))>"
    }
  }

  /// The name of the type in `printSchema`, without its elements: Spark's `typeName`.
  var typeName: String {
    switch self {
    case .byte: "byte"
    case .short: "short"
    case .integer: "integer"
    case .long: "long"
    case .array: "array"
    case .map: "map"
    case .struct: "struct"
    default: description
    }
  }
}

extension DataType {
  var isIntegral: Bool {
    switch self {
    case .byte, .short, .integer, .long: true
    default: false
    }
  }

  var isNumeric: Bool {
    switch self {
    case .float, .double, .decimal: true
    default: isIntegral
    }
  }

  var isFractional: Bool { self == .float || self == .double }

  var isDecimal: Bool { if case .decimal = self { true } else { false } }

  /// A Boolean value that indicates whether the type is one of the three kinds of intervals.
  var isInterval: Bool {
    switch self {
    case .interval, .dayTimeInterval, .yearMonthInterval: true
    default: false
    }
  }

  static let dayToSecond = DataType.dayTimeInterval(from: .day, to: .second)
  static let yearToMonth = DataType.yearMonthInterval(from: .year, to: .month)

  var isDateOrTime: Bool { self == .date || self == .timestamp || self == .timestampNTZ }

  /// A Boolean value that indicates whether values of this type have an order.
  var isOrdered: Bool {
    switch self {
    case .map, .interval: false
    case .array(let element): element.isOrdered
    case .struct(let type): type.fields.allSatisfy(\.type.isOrdered)
    default: true
    }
  }
}
