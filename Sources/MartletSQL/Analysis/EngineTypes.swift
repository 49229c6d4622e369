extension DataType {
  /// The type in DuckDB. Timestamps are stored in UTC.
  var engineName: String {
    switch self {
    case .null: "INTEGER"
    case .boolean: "BOOLEAN"
    case .byte: "TINYINT"
    case .short: "SMALLINT"
    case .integer: "INTEGER"
    case .long: "BIGINT"
    case .float: "FLOAT"
    case .double: "DOUBLE"
    case .decimal(let precision, let scale): "DECIMAL(\(precision), \(scale))"
    case .string: "VARCHAR"
    case .binary: "BLOB"
    case .date: "DATE"
    case .timestamp, .timestampNTZ: "TIMESTAMP"
    case .interval, .dayTimeInterval, .yearMonthInterval: "INTERVAL"
    case .array(let element): "\(element.engineName)[]"
    case .map(let key, let value): "MAP(\(key.engineName), \(value.engineName))"
    case .struct(let type):
      "STRUCT(" + type.fields.map { "\(quoted($0.name)) \($0.type.engineName)" }.joined(separator: ", ") + ")"
    }
  }
}

extension Literal {
  var type: DataType {
    switch self {
    case .null(let type): return type
    case .boolean: return .boolean
    case .byte: return .byte
    case .short: return .short
    case .integer: return .integer
    case .long: return .long
    case .float: return .float
    case .double: return .double
    case .decimal(let digits):
      let parts = digits.drop { $0 == "-" || $0 == "+" }.split(separator: ".", omittingEmptySubsequences: false)
      let scale = parts.count > 1 ? parts[1].count : 0
      let whole = parts[0].drop { $0 == "0" }.count
      return .decimal(precision: max(whole + scale, scale, 1), scale: scale)
    case .string: return .string
    case .binary: return .binary
    case .date: return .date
    case .timestamp: return .timestamp
    case .timestampNTZ: return .timestampNTZ
    case .interval(_, _, _, let type): return type
    }
  }

  /// The constant in DuckDB's SQL.
  var engineText: String {
    switch self {
    case .null(.null): return "NULL"
    case .null(let type): return "CAST(NULL AS \(type.engineName))"
    case .boolean(let value): return value ? "true" : "false"
    case .byte(let value): return "(\(value))::TINYINT"
    case .short(let value): return "(\(value))::SMALLINT"
    case .integer(let value): return value < 0 ? "(\(value))::INTEGER" : "\(value)::INTEGER"
    case .long(let value): return value < 0 ? "('\(value)'::BIGINT)" : "\(value)::BIGINT"
    case .float(let value): return "'\(value)'::FLOAT"
    case .double(let value): return "'\(value)'::DOUBLE"
    case .decimal(let digits): return "CAST('\(digits)' AS \(type.engineName))"
    case .string(let value): return quotedText(value)
    case .binary(let bytes):
      let digits = bytes.map { byte in
        let hex = String(byte, radix: 16)
        return hex.count == 1 ? "0\(hex)" : hex
      }
      return "unhex('\(digits.joined())')"
    case .date(let days): return "(DATE '1970-01-01' + \(days)::INTEGER)"
    case .timestamp(let micros), .timestampNTZ(let micros): return "make_timestamp(\(micros)::BIGINT)"
    case .interval(let months, let days, let microseconds, _):
      return "(to_months(\(months)) + to_days(\(days)) + to_microseconds(\(microseconds)::BIGINT))"
    }
  }
}
