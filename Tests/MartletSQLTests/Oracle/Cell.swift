import Foundation
import MartletSQL

/// A value as the answers encode it: see `Tests/Oracle/README.md`.
indirect enum Cell: Hashable, Sendable, CustomStringConvertible {
  case null
  case boolean(Bool)
  case integer(Int64)
  case string(String)
  case list([Cell])

  init(_ json: Any) {
    switch json {
    case let number as NSNumber:
      // A Boolean is a number of its own type.
      switch String(cString: number.objCType) {
      case "c", "B": self = .boolean(number.boolValue)
      // Foundation reads whole numbers of 19 digits as floating-point numbers, too, but does not lose digits.
      case "d", "f":
        self = Int64(exactly: number.doubleValue) == nil ? .number(number.doubleValue) : .integer(number.int64Value)
      default: self = .integer(number.int64Value)
      }
    case let text as String: self = .string(text)
    case let list as [Any]: self = .list(list.map(Cell.init))
    default: self = .null
    }
  }

  /// A floating-point number.
  static func number(_ value: Double) -> Cell { .string(text(value, "\(value)")) }

  var description: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .string(let value): "\"\(value)\""
    case .list(let cells): "[\(cells.map(\.description).joined(separator: ", "))]"
    }
  }

  struct WrongCell: Error, CustomStringConvertible { var description: String }

  /// The cell as a value of a table.
  func value(_ type: DataType) throws -> Value {
    switch (self, type) {
    case (.null, _): return .null
    case (.boolean(let value), .boolean): return .boolean(value)
    case (.integer(let value), .byte): return .byte(Int8(value))
    case (.integer(let value), .short): return .short(Int16(value))
    case (.integer(let value), .integer): return .integer(Int32(value))
    case (.integer(let value), .long): return .long(value)
    case (.string(let text), .float): if let value = Float(text) { return .float(value) }
    case (.string(let text), .double): if let value = Double(text) { return .double(value) }
    case (.string(let text), .decimal): if let value = SQLDecimal(text) { return .decimal(value) }
    case (.string(let text), .string): return .string(text)
    case (.string(let text), .binary):
      let digits = Array(text)
      return .binary(
        stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...($0 + 1)]), radix: 16) ?? 0 })
    case (.string(let text), .date): if let value = SQLDate(text) { return .date(value) }
    case (.string(let text), .timestamp): if let value = SQLTimestamp(text) { return .timestamp(value) }
    case (.string(let text), .timestampNTZ): if let value = SQLTimestamp(text) { return .timestampNTZ(value) }
    case (.list(let cells), .array(let element)): return .array(try cells.map { try $0.value(element) })
    case (.list(let cells), .map(let key, let item)):
      return .map(
        try cells.map { pair in
          guard case .list(let parts) = pair, parts.count == 2 else { throw WrongCell(description: "\(pair)") }
          return Value.MapEntry(try parts[0].value(key), try parts[1].value(item))
        })
    case (.list(let cells), .struct(let type)):
      return .row(Row(values: try zip(cells, type.fields).map { try $0.value($1.type) }, schema: type))
    default: break
    }
    throw WrongCell(description: "\(self) is not a value of \(type)")
  }

  /// A value of a result.
  init(_ value: Value) {
    switch value {
    case .null: self = .null
    case .boolean(let value): self = .boolean(value)
    case .byte(let value): self = .integer(Int64(value))
    case .short(let value): self = .integer(Int64(value))
    case .integer(let value): self = .integer(Int64(value))
    case .long(let value): self = .integer(value)
    case .float(let value): self = .string(Cell.text(Double(value), "\(value)"))
    case .double(let value): self = .number(value)
    case .decimal(let value): self = .string(value.description)
    case .string(let value): self = .string(value)
    case .binary(let bytes):
      self = .string(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined())
    case .date(let value): self = .string(value.description)
    case .timestamp(let value), .timestampNTZ(let value): self = .string(Cell.text(value))
    case .interval(let value): self = .string(value.description)
    case .array(let elements): self = .list(elements.map(Cell.init))
    case .map(let entries): self = .list(entries.map { .list([Cell($0.key), Cell($0.value)]) }.sorted(by: <))
    case .row(let row): self = .list(row.values.map(Cell.init))
    }
  }

  /// A value of a column of a result.
  init(_ value: Value, _ type: DataType) {
    switch (value, type) {
    case (.interval(let value), .dayTimeInterval):
      self = .integer(Int64(value.days) * 86_400_000_000 + value.microseconds)
    case (.interval(let value), _): self = .string(value.description(as: type))
    default: self.init(value)
    }
  }

  private static func text(_ value: Double, _ digits: String) -> String {
    value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : digits
  }

  /// A time with all six digits after the point.
  private static func text(_ value: SQLTimestamp) -> String {
    let text = value.description
    guard let point = text.firstIndex(of: ".") else { return text + ".000000" }
    return text + String(repeating: "0", count: 7 - text[point...].count)
  }

  /// The order of rows in answers.
  static func < (a: Cell, b: Cell) -> Bool { a.compare(b) < 0 }

  func compare(_ other: Cell) -> Int {
    func rank(_ cell: Cell) -> Int {
      switch cell {
      case .null: 0
      case .boolean: 1
      case .integer: 2
      case .string: 3
      case .list: 4
      }
    }
    switch (self, other) {
    case (.boolean(let a), .boolean(let b)): return a == b ? 0 : a ? 1 : -1
    case (.integer(let a), .integer(let b)): return a == b ? 0 : a < b ? -1 : 1
    case (.string(let a), .string(let b)):
      if let a = Double(a), let b = Double(b), !(a.isNaN && b.isNaN) {
        if a.isNaN { return 1 }
        if b.isNaN { return -1 }
        if a != b { return a < b ? -1 : 1 }
      }
      let (a, b) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
      return a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1
    case (.list(let a), .list(let b)):
      for (x, y) in zip(a, b) {
        let order = x.compare(y)
        if order != 0 { return order }
      }
      return a.count - b.count
    default: return rank(self) - rank(other)
    }
  }

  /// A Boolean value that indicates whether two cells of a type are equal, within rounding errors.
  func isEqual(_ other: Cell, _ type: String) -> Bool {
    switch (self, other) {
    case (.string(let a), .string(let b)) where type.contains("double") || type.contains("float"):
      if a == b { return true }
      guard let a = Double(a), let b = Double(b) else { return false }
      if a.isNaN && b.isNaN { return true }
      if a == 0 && b == 0 { return a.sign == b.sign }
      let tolerance = type.contains("float") ? 1e-6 : 1e-12
      return abs(a - b) <= tolerance * max(abs(a), abs(b))
    case (.string(let a), .integer(let b)) where type == "double": return Double(a) == Double(b)
    case (.list(let a), .list(let b)): return a.count == b.count && zip(a, b).allSatisfy { $0.isEqual($1, type) }
    default: return self == other
    }
  }
}
