internal import MartletCore
internal import MartletDatabases
internal import MartletSQL

extension DataType {
  /// The type for a column of a database.
  /// - Parameter prefersNTZ: true if times without a time zone remain so; otherwise they are taken as UTC.
  init(_ type: DatabaseType, prefersNTZ: Bool) {
    switch type {
    case .bool: self = .boolean
    case .int8: self = .byte
    case .int16: self = .short
    case .int32: self = .integer
    case .int64: self = .long
    case .uint64: self = .decimal(precision: 20, scale: 0)
    case .float: self = .float
    case .double: self = .double
    case .text: self = .string
    case .bytes: self = .binary
    case .date: self = .date
    case .timestamp: self = .timestamp
    case .localTimestamp: self = prefersNTZ ? .timestampNTZ : .timestamp
    case .decimal(let precision, let scale): self = .decimal(precision: precision, scale: scale)
    }
  }

  /// The type of a column in a database; `nil` if it has none.
  var databaseType: DatabaseType? {
    switch self {
    case .boolean: .bool
    case .byte: .int8
    case .short: .int16
    case .integer: .int32
    case .long: .int64
    case .float: .float
    case .double: .double
    case .decimal(let precision, let scale): .decimal(precision: precision, scale: scale)
    case .string: .text
    case .binary: .bytes
    case .date: .date
    case .timestamp: .timestamp
    case .timestampNTZ: .localTimestamp
    default: nil
    }
  }
}

extension Value {
  /// The value for a column of a database; `nil` if it has parts.
  var databaseValue: DatabaseValue? {
    switch self {
    case .null: .null
    case .boolean(let value): .bool(value)
    case .byte(let value): .integer(Int64(value))
    case .short(let value): .integer(Int64(value))
    case .integer(let value): .integer(Int64(value))
    case .long(let value): .integer(value)
    case .float(let value): .float(value)
    case .double(let value): .double(value)
    case .decimal(let value): .decimal("\(value)")
    case .string(let value): .text(Text(value))
    case .binary(let bytes): .bytes(bytes)
    case .date(let value): .date(value.days)
    case .timestamp(let value): .timestamp(value.microseconds)
    case .timestampNTZ(let value): .localTimestamp(value.microseconds)
    default: nil
    }
  }
}

extension StructType {
  /// The columns of a table for rows of this type.
  /// - Throws: `MartletError` for a column with parts.
  func databaseColumns() throws -> [DatabaseColumn] {
    try fields.map { field in
      guard let type = field.type.databaseType else {
        throw JDBCOptions.fault(
          "The column '\(field.name)' has the type \(field.type), which databases do not have. Write to_json(\(field.name)), or its parts."
        )
      }
      return DatabaseColumn(name: field.name, type: type)
    }
  }
}
