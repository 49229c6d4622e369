import MartletColumnar

/// The type of a field in Arrow.
enum ArrowType: Hashable, Sendable {
  case null, bool
  case int(bits: Int, isSigned: Bool)
  case float(bits: Int)
  case decimal(precision: Int, scale: Int, bits: Int)
  case binary, utf8, largeBinary, largeUTF8, binaryView, utf8View
  case fixedBinary(Int)
  case date(isMilliseconds: Bool)
  case timestamp(ArrowUnit, hasZone: Bool)
  case duration(ArrowUnit)
  case interval(ArrowIntervalUnit)
  case list, largeList, fixedList(Int), map, structure
  /// A type that is not read, with its number of buffers.
  case unknown(String, buffers: Int)

  /// The number of its buffers in a batch, without those of its children and the data of views.
  var buffers: Int {
    switch self {
    case .null: 0
    case .structure, .fixedList: 1
    case .binary, .utf8, .largeBinary, .largeUTF8: 3
    case .unknown(_, let buffers): buffers
    default: 2
    }
  }

  var isView: Bool { self == .binaryView || self == .utf8View }
}

enum ArrowUnit: Int16, Sendable {
  case seconds, milliseconds, microseconds, nanoseconds

  /// A number of the unit in microseconds, rounded down; `nil` if it is too large.
  func microseconds(_ value: Int64) -> Int64? {
    func multiplied(_ factor: Int64) -> Int64? {
      let (product, overflow) = value.multipliedReportingOverflow(by: factor)
      return overflow ? nil : product
    }
    switch self {
    case .seconds: return multiplied(1_000_000)
    case .milliseconds: return multiplied(1000)
    case .microseconds: return value
    case .nanoseconds:
      let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 1000)
      return remainder < 0 ? quotient - 1 : quotient
    }
  }
}

enum ArrowIntervalUnit: Int16, Sendable { case yearMonth, dayTime, monthDayNano }

/// A column, or a part of one, in a schema of Arrow.
struct ArrowField: Sendable {
  var name: String
  var isNullable: Bool
  var type: ArrowType
  var children: [ArrowField] = []
  /// The number of the dictionary in which the values are, and the type of their numbers in it.
  var dictionary: (id: Int64, index: ArrowType)?

  /// The type of the column; `nil` if it is not read.
  var columnType: ColumnarType? {
    switch type {
    case .null: return .null
    case .bool: return .bool
    case .int(let bits, let isSigned):
      switch bits {
      case 8: return isSigned ? .int8 : .uint8
      case 16: return isSigned ? .int16 : .uint16
      case 32: return isSigned ? .int32 : .uint32
      default: return isSigned ? .int64 : .uint64
      }
    case .float(let bits): return bits == 64 ? .double : .float
    case .decimal(let precision, let scale, _): return .decimal(precision: precision, scale: scale)
    case .binary, .largeBinary, .binaryView, .fixedBinary: return .binary
    case .utf8, .largeUTF8, .utf8View: return .string
    case .date: return .date
    case .timestamp(_, let hasZone): return hasZone ? .instant : .timestamp
    case .duration: return .dayTimeInterval
    case .interval(let unit):
      switch unit {
      case .yearMonth: return .yearMonthInterval
      case .dayTime: return .dayTimeInterval
      case .monthDayNano: return .interval
      }
    case .list, .largeList, .fixedList:
      guard children.count == 1, let element = children[0].column else { return nil }
      return .list(element)
    case .map:
      guard children.count == 1, children[0].children.count == 2, let key = children[0].children[0].column,
        let value = children[0].children[1].column
      else { return nil }
      return .map(key: key, value: value)
    case .structure:
      let fields = children.compactMap(\.column)
      return fields.count == children.count ? .structure(fields) : nil
    case .unknown: return nil
    }
  }

  var column: ColumnarField? { columnType.map { ColumnarField(name, $0, isNullable: isNullable) } }

  /// The first part that is not read, for a message.
  var unreadable: String? {
    if case .unknown(let title, _) = type { return title }
    return children.lazy.compactMap(\.unreadable).first
  }
}

extension ArrowField {
  /// The field for a column, with the types of Arrow that Spark uses.
  init(_ column: ColumnarField) {
    func field(_ type: ArrowType, _ children: [ColumnarField] = []) -> ArrowField {
      ArrowField(
        name: column.name, isNullable: column.isNullable || type == .null, type: type,
        children: children.map { ArrowField($0) })
    }
    switch column.type {
    case .null: self = field(.null)
    case .bool: self = field(.bool)
    case .int8: self = field(.int(bits: 8, isSigned: true))
    case .int16: self = field(.int(bits: 16, isSigned: true))
    case .int32: self = field(.int(bits: 32, isSigned: true))
    case .int64: self = field(.int(bits: 64, isSigned: true))
    case .uint8: self = field(.int(bits: 8, isSigned: false))
    case .uint16: self = field(.int(bits: 16, isSigned: false))
    case .uint32: self = field(.int(bits: 32, isSigned: false))
    case .uint64: self = field(.int(bits: 64, isSigned: false))
    case .float: self = field(.float(bits: 32))
    case .double: self = field(.float(bits: 64))
    case .decimal(let precision, let scale): self = field(.decimal(precision: precision, scale: scale, bits: 128))
    case .string: self = field(.utf8)
    case .binary: self = field(.binary)
    case .date: self = field(.date(isMilliseconds: false))
    case .timestamp: self = field(.timestamp(.microseconds, hasZone: false))
    case .instant: self = field(.timestamp(.microseconds, hasZone: true))
    case .interval: self = field(.interval(.monthDayNano))
    case .dayTimeInterval: self = field(.duration(.microseconds))
    case .yearMonthInterval: self = field(.interval(.yearMonth))
    case .list(let element): self = field(.list, [element])
    case .structure(let fields): self = field(.structure, fields)
    case .map(var key, let value):
      key.isNullable = false
      self = field(.map, [ColumnarField("entries", .structure([key, value]), isNullable: false)])
    }
  }
}
