public import MartletCore

/// A value in a row of a database's table.
public enum DatabaseValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// An integer beyond the range of `Int64`. Smaller ones are `integer`.
  case unsigned(UInt64)
  case float(Float)
  case double(Double)
  /// A number with exactly these digits, such as `-12.50`.
  case decimal(String)
  case text(Text)
  case bytes([UInt8])
  /// The number of days since 1970-01-01.
  case date(Int32)
  /// An instant: the number of microseconds since 1970-01-01 00:00:00 UTC.
  case timestamp(Int64)
  /// A date and a time of day without a time zone, in microseconds since 1970-01-01 00:00:00.
  case localTimestamp(Int64)

  /// An estimate of the bytes of memory that the value occupies.
  var memory: Int {
    switch self {
    case .text(let text): MemoryLayout<DatabaseValue>.stride + text.utf8Count
    case .bytes(let bytes): MemoryLayout<DatabaseValue>.stride + bytes.count
    case .decimal(let digits): MemoryLayout<DatabaseValue>.stride + digits.utf8.count
    default: MemoryLayout<DatabaseValue>.stride
    }
  }
}

/// The type of a column in a table that Martlet creates or describes, in the words of no particular database.
public enum DatabaseType: Sendable, Hashable {
  case bool, int8, int16, int32, int64, uint64, float, double, text, bytes, date, timestamp, localTimestamp
  case decimal(precision: Int, scale: Int)
}

/// A type whose values can be written into a column of a database.
///
/// These are `Bool`, the integers, `Float`, `Double`, `Text`, `String`, `[UInt8]`, `Time`, and the optionals of all of
/// them. Your own type can be one as well:
///
/// ```swift
/// extension Celsius: DatabaseValueConvertible {
///   static var databaseType: DatabaseType { .double }
///   var databaseValue: DatabaseValue { .double(degrees) }
/// }
/// ```
public protocol DatabaseValueConvertible {
  /// The type of column that holds the values.
  static var databaseType: DatabaseType { get }
  /// The value in a column.
  var databaseValue: DatabaseValue { get }
}

extension Bool: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .bool }
  public var databaseValue: DatabaseValue { .bool(self) }
}

extension Int: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .int64 }
  @inlinable public var databaseValue: DatabaseValue { .integer(Int64(self)) }
}

extension Int8: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .int8 }
  @inlinable public var databaseValue: DatabaseValue { .integer(Int64(self)) }
}

extension Int16: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .int16 }
  @inlinable public var databaseValue: DatabaseValue { .integer(Int64(self)) }
}

extension Int32: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .int32 }
  @inlinable public var databaseValue: DatabaseValue { .integer(Int64(self)) }
}

extension Int64: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .int64 }
  @inlinable public var databaseValue: DatabaseValue { .integer(self) }
}

extension UInt: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .uint64 }
  public var databaseValue: DatabaseValue { UInt64(self).databaseValue }
}

extension UInt8: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .int16 }
  public var databaseValue: DatabaseValue { .integer(Int64(self)) }
}

extension UInt16: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .int32 }
  public var databaseValue: DatabaseValue { .integer(Int64(self)) }
}

extension UInt32: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .int64 }
  public var databaseValue: DatabaseValue { .integer(Int64(self)) }
}

extension UInt64: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .uint64 }
  public var databaseValue: DatabaseValue { Int64(exactly: self).map { .integer($0) } ?? .unsigned(self) }
}

extension Float: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .float }
  public var databaseValue: DatabaseValue { .float(self) }
}

extension Double: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .double }
  @inlinable public var databaseValue: DatabaseValue { .double(self) }
}

extension Text: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .text }
  @inlinable public var databaseValue: DatabaseValue { .text(self) }
}

extension String: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .text }
  @inlinable public var databaseValue: DatabaseValue { .text(Text(self)) }
}

/// Bytes, in a column of binary data.
extension Array: DatabaseValueConvertible where Element == UInt8 {
  public static var databaseType: DatabaseType { .bytes }
  public var databaseValue: DatabaseValue { .bytes(self) }
}

/// A point in time, such as the time of a batch.
extension Time: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { .timestamp }
  public var databaseValue: DatabaseValue { .timestamp(Int64(microseconds)) }
}

extension Optional: DatabaseValueConvertible where Wrapped: DatabaseValueConvertible {
  public static var databaseType: DatabaseType { Wrapped.databaseType }
  @inlinable public var databaseValue: DatabaseValue { self?.databaseValue ?? .null }
}
