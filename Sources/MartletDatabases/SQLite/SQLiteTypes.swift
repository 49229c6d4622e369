import MartletCore

/// The types and errors of SQLite, in which any column holds values of any type.
enum SQLiteTypes {
  /// The type for the declaration of a column.
  static func type(_ declaration: String) -> DatabaseType {
    let name = declaration.uppercased()
    let numbers = name.split { !$0.isNumber }.compactMap { Int($0) }
    if name.contains("DECIMAL") || name.contains("NUMERIC") {
      let precision = numbers.first ?? 38
      let scale = numbers.count > 1 ? numbers[1] : numbers.isEmpty ? 18 : 0
      return (1...38).contains(precision) && (0...precision).contains(scale)
        ? .decimal(precision: precision, scale: scale) : .decimal(precision: 38, scale: 18)
    }
    if name.hasPrefix("BOOL") { return .bool }
    if name.contains("TIMESTAMP") || name.contains("DATETIME") { return .timestamp }
    if name == "DATE" { return .date }
    if name.contains("INT") { return .int64 }
    if ["REAL", "FLOA", "DOUB"].contains(where: name.contains) { return .double }
    if name.contains("BLOB") { return .bytes }
    return .text
  }

  /// A stored value as one of the column's type; `nil` if it is none.
  static func value(_ stored: DatabaseValue, _ type: DatabaseType) -> DatabaseValue? {
    switch (type, stored) {
    case (_, .null): return .null
    case (.text, .text), (.double, .double), (.bytes, .bytes), (.int64, .integer): return stored
    case (.text, .bytes): return nil
    case (.text, _): return .text(text(stored))
    case (.double, .integer(let value)): return .double(Double(value))
    case (.bytes, .text(let value)): return .bytes(Array(value.utf8))
    case (.bool, .integer(let value)): return .bool(value != 0)
    case (.decimal, .integer), (.decimal, .double), (.decimal, .text): return .decimal(String(text(stored)))
    case (.date, .text(let text)): return TimeText.days(String(text)).flatMap { Int32(exactly: $0) }.map { .date($0) }
    case (.timestamp, .text(let text)): return TimeText.microseconds(String(text)).map { .timestamp($0) }
    // As the functions of SQLite take numbers for times: seconds since 1970.
    case (.timestamp, .integer(let seconds)):
      let (micros, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
      return overflow ? nil : .timestamp(micros)
    default: return nil
    }
  }

  static func text(_ value: DatabaseValue) -> Text {
    switch value {
    case .text(let text): text
    case .integer(let value): Text("\(value)")
    case .double(let value): Text("\(value)")
    case .bytes(let bytes): Text("\(bytes.count) bytes")
    default: Text("NULL")
    }
  }

  /// The kind of an error by its number, and by its message where the number is that of any mistake.
  static func kind(_ code: Int32, _ message: String) -> DatabaseError.Kind {
    switch code {
    case 5, 6: .conflict
    case 3, 8, 23: .permission
    case 13: .full
    case 14: .missingDatabase
    case 18, 20, 25: .data
    case 19: .constraint
    case 1 where message.hasPrefix("no such table"): .missingTable
    case 1 where message.contains("no such column") || message.contains("has no column"): .missingColumn
    default: .other
    }
  }
}
