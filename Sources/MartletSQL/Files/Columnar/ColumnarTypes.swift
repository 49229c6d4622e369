internal import MartletColumnar
internal import MartletDuckDB

extension DataType {
  /// The type of Spark for the values of a column in memory.
  init(_ type: ColumnarType) {
    switch type {
    case .null: self = .null
    case .bool: self = .boolean
    case .int8: self = .byte
    case .int16, .uint8: self = .short
    case .int32, .uint16: self = .integer
    case .int64, .uint32: self = .long
    case .uint64: self = .decimal(precision: 20, scale: 0)
    case .float: self = .float
    case .double: self = .double
    case .decimal(let precision, let scale): self = .decimal(precision: precision, scale: scale)
    case .string: self = .string
    case .binary: self = .binary
    case .date: self = .date
    case .timestamp: self = .timestampNTZ
    case .instant: self = .timestamp
    case .interval: self = .interval
    case .dayTimeInterval: self = .dayToSecond
    case .yearMonthInterval: self = .yearToMonth
    case .list(let element): self = .array(DataType(element.type))
    case .map(let key, let value): self = .map(key: DataType(key.type), value: DataType(value.type))
    case .structure(let fields): self = .struct(StructType(fields.map { StructField($0) }))
    }
  }

  /// The type of a column in memory for values of Spark's type.
  var columnarType: ColumnarType {
    switch self {
    case .null: .null
    case .boolean: .bool
    case .byte: .int8
    case .short: .int16
    case .integer: .int32
    case .long: .int64
    case .float: .float
    case .double: .double
    case .decimal(let precision, let scale): .decimal(precision: precision, scale: scale)
    case .string: .string
    case .binary: .binary
    case .date: .date
    case .timestamp: .instant
    case .timestampNTZ: .timestamp
    case .interval: .interval
    case .dayTimeInterval: .dayTimeInterval
    case .yearMonthInterval: .yearMonthInterval
    case .array(let element): .list(ColumnarField("element", element.columnarType))
    case .map(let key, let value):
      .map(
        key: ColumnarField("key", key.columnarType, isNullable: false),
        value: ColumnarField("value", value.columnarType))
    case .struct(let type): .structure(type.fields.map { $0.columnar })
    }
  }
}

extension StructField {
  init(_ field: ColumnarField) { self.init(field.name, DataType(field.type), nullable: field.isNullable) }

  var columnar: ColumnarField { ColumnarField(name, type.columnarType, isNullable: nullable) }
}

extension ColumnarType {
  /// The type of the engine that stores the values.
  var duckType: DuckType {
    switch self {
    case .null, .int32: .int32
    case .bool: .bool
    case .int8: .int8
    case .int16: .int16
    case .int64: .int64
    case .uint8: .uint8
    case .uint16: .uint16
    case .uint32: .uint32
    case .uint64: .uint64
    case .float: .float
    case .double: .double
    case .decimal(let precision, let scale): .decimal(width: UInt8(precision), scale: UInt8(scale))
    case .string: .varchar
    case .binary: .blob
    case .date: .date
    case .timestamp, .instant: .timestamp
    case .interval, .dayTimeInterval, .yearMonthInterval: .interval
    case .list(let element): .list(element.type.duckType)
    case .map(let key, let value): .map(key: key.type.duckType, value: value.type.duckType)
    case .structure(let fields): .structure(fields.map { DuckField($0.name, $0.type.duckType) })
    }
  }
}

extension ColumnarField {
  /// Refuses structures that the engine does not have.
  /// - Throws: `AnalysisError`.
  func requireNames() throws {
    if case .structure(let fields) = type {
      var names: Set<String> = []
      for field in fields
      where field.name.isEmpty || field.name.utf8.contains(0) || !names.insert(field.name.lowercased()).inserted {
        throw fault("a struct with two fields '\(field.name)', or one without a name")
      }
      if fields.isEmpty { throw fault("a struct without fields") }
    }
    for field in type.fields { try ColumnarField(name, field.type).requireNames() }
  }

  private func fault(_ what: String) -> AnalysisError {
    AnalysisError(faults: [
      AnalysisFault("UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "The column '\(name)' has \(what), which cannot be read.")
    ])
  }
}
