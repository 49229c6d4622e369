/// The type of a column in Swift's memory.
@usableFromInline package enum ColumnType: Sendable, Hashable {
  case bool, int8, int16, int32, int64, float, double
  /// UTF-8.
  case string
  /// Any bytes.
  case binary
  /// Days since 1970, as `Int32`.
  case date
  /// Microseconds since 1970 without a time zone, as `Int64`.
  case timestamp
  /// Microseconds since 1970, an instant, as `Int64`.
  case timestampTZ
  /// Integers of `scale` decimal places, with at most `width` digits, which is at most 38.
  case decimal(width: UInt8, scale: UInt8)

  /// The type of the column in SQL.
  package var duckType: DuckType {
    switch self {
    case .bool: .bool
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .float: .float
    case .double: .double
    case .string: .varchar
    case .binary: .blob
    case .date: .date
    case .timestamp: .timestamp
    case .timestampTZ: .timestampTZ
    case .decimal(let width, let scale): .decimal(width: width, scale: scale)
    }
  }

  /// The number of bytes of a value.
  @usableFromInline var stride: Int {
    switch self {
    case .bool, .int8: 1
    case .int16: 2
    case .int32, .float, .date: 4
    case .int64, .double, .timestamp, .timestampTZ: 8
    case .string, .binary: MemoryLayout<DuckString>.stride
    case .decimal(let width, _): width <= 4 ? 2 : width <= 9 ? 4 : width <= 18 ? 8 : 16
    }
  }
}

/// The name and type of a column in Swift's memory.
package struct TableColumn: Sendable, Hashable {
  package var name: String
  package var type: ColumnType

  package init(_ name: String, _ type: ColumnType) {
    self.name = name
    self.type = type
  }
}
