/// The type of a column in memory.
///
/// | case | values |
/// |---|---|
/// | `null` | none |
/// | `bool` | a byte, 0 or 1 |
/// | `decimal` | `Int128`, without the decimal point |
/// | `string`, `binary` | bytes; those of strings should be UTF-8 |
/// | `date` | `Int32`, days since 1970 |
/// | `timestamp`, `instant` | `Int64`, microseconds since 1970, without a time zone or in UTC |
/// | `interval` and the two others | ``ColumnarInterval`` |
/// | `list`, `map` | ranges of elements, or of pairs of keys and values |
@usableFromInline package indirect enum ColumnarType: Sendable, Hashable {
  case null
  case bool
  case int8, int16, int32, int64
  case uint8, uint16, uint32, uint64
  case float, double
  case decimal(precision: Int, scale: Int)
  case string
  case binary
  case date
  case timestamp
  case instant
  /// Months, days and microseconds.
  case interval
  /// Days and microseconds.
  case dayTimeInterval
  /// Months.
  case yearMonthInterval
  case list(ColumnarField)
  case map(key: ColumnarField, value: ColumnarField)
  case structure([ColumnarField])

  /// The number of bytes of a value; 0 if values differ in size.
  @usableFromInline package var width: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16: 2
    case .int32, .uint32, .float, .date: 4
    case .int64, .uint64, .double, .timestamp, .instant: 8
    case .decimal, .interval, .dayTimeInterval, .yearMonthInterval: 16
    case .null, .string, .binary, .list, .map, .structure: 0
    }
  }

  /// True if values have ranges of bytes or elements.
  @usableFromInline package var hasOffsets: Bool {
    switch self {
    case .string, .binary, .list, .map: true
    default: false
    }
  }

  /// The fields of a structure, the element of a list, or the key and value of a map.
  package var fields: [ColumnarField] {
    switch self {
    case .list(let element): [element]
    case .map(let key, let value): [key, value]
    case .structure(let fields): fields
    default: []
    }
  }
}

/// A column of a table, or a field of a structure.
@usableFromInline package struct ColumnarField: Sendable, Hashable {
  package var name: String
  package var type: ColumnarType
  package var isNullable: Bool

  package init(_ name: String, _ type: ColumnarType, isNullable: Bool = true) {
    self.name = name
    self.type = type
    self.isNullable = isNullable
  }
}

/// A span of time in three parts, none of which has a fixed number of the next.
@frozen @usableFromInline package struct ColumnarInterval: BitwiseCopyable, Hashable, Sendable {
  package var months: Int32
  package var days: Int32
  package var microseconds: Int64

  package init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
    self.months = months
    self.days = days
    self.microseconds = microseconds
  }
}

extension Int128 {
  /// 10 to the power of 0 to 38.
  package static let powersOfTen: [Int128] = {
    var powers: [Int128] = [1]
    for _ in 0..<38 { powers.append(powers[powers.count - 1] * 10) }
    return powers
  }()
}
