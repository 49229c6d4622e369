package import MartletColumnar

/// The way in which the values of a union are stored in columns.
enum AvroUnion {
  /// One type, or null.
  case nullable(AvroSchema)
  /// Integers or floating-point numbers of two sizes.
  case number(AvroSchema)
  /// A structure with a member for each type but null.
  case members([AvroSchema])

  init(_ branches: [AvroSchema]) {
    let types = branches.filter { $0 != .null }
    switch types.count {
    case 0: self = .nullable(.null)
    case 1: self = .nullable(types[0])
    case 2 where Set(types) == [.int, .long]: self = .number(.long)
    case 2 where Set(types) == [.float, .double]: self = .number(.double)
    default: self = .members(types)
    }
  }
}

extension AvroSchema {
  /// The columns of the records of a file.
  /// - Throws: `AvroSchemaFault` if the schema is not that of a record.
  package var columns: [ColumnarField] {
    get throws {
      guard case .record(let record) = self else {
        throw AvroSchemaFault("the schema is \(title); that of a table is a record")
      }
      return record.fields.map(\.column)
    }
  }

  /// The type of the column that stores the values, as in Spark.
  package var columnType: ColumnarType {
    switch self {
    case .null: .null
    case .boolean: .bool
    case .int: .int32
    case .long: .int64
    case .float: .float
    case .double: .double
    case .bytes, .fixed: .binary
    case .string, .enumeration: .string
    case .array(let items): .list(ColumnarField("element", items.columnType, isNullable: items.isNullable))
    case .map(let values):
      .map(
        key: ColumnarField("key", .string, isNullable: false),
        value: ColumnarField("value", values.columnType, isNullable: values.isNullable))
    case .record(let record): .structure(record.fields.map(\.column))
    case .union(let branches):
      switch AvroUnion(branches) {
      case .nullable(let type), .number(let type): type.columnType
      case .members(let types):
        .structure(types.enumerated().map { ColumnarField("member\($0)", $1.columnType) })
      }
    case .logical(let type, let base):
      switch type {
      // More digits than a column can have are bytes.
      case .decimal(let precision, let scale) where precision <= 38: .decimal(precision: precision, scale: scale)
      case .date: .date
      case .timestampMillis, .timestampMicros: .instant
      case .localTimestampMillis, .localTimestampMicros: .timestamp
      case .decimal, .timeMillis, .timeMicros, .uuid: base.columnType
      }
    }
  }

  /// True if a value can be null.
  package var isNullable: Bool {
    switch self {
    case .null: true
    case .union(let branches): branches.contains(.null)
    default: false
    }
  }
}

extension AvroField {
  var column: ColumnarField { ColumnarField(name, type.columnType, isNullable: type.isNullable) }
}

extension AvroSchema {
  /// The schema of a record for columns, as Spark makes it.
  /// - Throws: `AvroSchemaFault` for a name or type that Avro does not have.
  package init(_ columns: [ColumnarField], recordName: String, namespace: String) throws {
    guard AvroName.isValid(recordName) else {
      throw AvroSchemaFault("the option recordName is '\(recordName)', which is no name in Avro")
    }
    guard
      namespace.isEmpty
        || namespace.split(separator: ".", omittingEmptySubsequences: false)
          .allSatisfy({ AvroName.isValid(String($0)) })
    else { throw AvroSchemaFault("the option recordNamespace is '\(namespace)', which is no name in Avro") }
    self = try Self.record(columns, AvroName(recordName, namespace: namespace))
  }

  private static func record(_ columns: [ColumnarField], _ name: AvroName) throws -> AvroSchema {
    // Types within a record have names of their own, however many fields have the same name.
    let inner = name.full
    return .record(
      AvroRecord(
        name,
        try columns.map { column in
          guard AvroName.isValid(column.name) else {
            throw AvroSchemaFault(
              "the column '\(column.name)' has a name that Avro does not allow: letters, digits and _, with no digit first"
            )
          }
          return AvroField(column.name, try nullable(column, AvroName(column.name, namespace: inner)))
        }))
  }

  private static func nullable(_ column: ColumnarField, _ name: AvroName) throws -> AvroSchema {
    let type = try schema(column.type, name)
    return column.isNullable && type != .null ? .union([type, .null]) : type
  }

  private static func schema(_ type: ColumnarType, _ name: AvroName) throws -> AvroSchema {
    switch type {
    case .null: return .null
    case .bool: return .boolean
    case .int8, .int16, .int32, .uint8, .uint16: return .int
    case .int64, .uint32: return .long
    case .float: return .float
    case .double: return .double
    case .string: return .string
    case .binary: return .bytes
    case .date: return .logical(.date, .int)
    case .instant: return .logical(.timestampMicros, .long)
    case .timestamp: return .logical(.localTimestampMicros, .long)
    case .decimal(let precision, let scale):
      return .logical(
        .decimal(precision: precision, scale: scale),
        .fixed(AvroName("fixed", namespace: name.full), size: bytes(forDigits: precision)))
    case .list(let element): return .array(try nullable(element, name))
    case .map(let key, let value):
      guard key.type == .string else {
        throw AvroSchemaFault(
          "the column '\(name.name)' has a map whose keys are not strings, which Avro does not have")
      }
      return .map(try nullable(value, name))
    case .structure(let fields): return try record(fields, name)
    case .interval, .dayTimeInterval, .yearMonthInterval, .uint64:
      throw AvroSchemaFault("the column '\(name.name)' has a type that Avro does not have")
    }
  }

  /// The least number of bytes that hold a signed number of so many digits.
  static func bytes(forDigits precision: Int) -> Int {
    let largest = Int128.powersOfTen[min(max(precision, 0), 38)] - 1
    return (Int128.bitWidth - largest.leadingZeroBitCount) / 8 + 1
  }
}
