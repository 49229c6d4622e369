/// Parquet files.
struct ParquetFormat: FileFormat {
  let name = "parquet"

  func relation(_ scan: FileScan, _ state: SessionState) throws -> Relation { try state.parquet(scan) }

  private static let codecs = [
    "none": "uncompressed", "uncompressed": "uncompressed", "snappy": "snappy", "gzip": "gzip", "zstd": "zstd",
    "lz4": "lz4_raw", "lz4_raw": "lz4_raw", "lz4raw": "lz4_raw", "brotli": "brotli",
  ]

  func encoding(_ columns: [WrittenColumn], _ options: [String: String], _ state: SessionState) throws -> FileEncoding {
    let options = try FileOptions(
      "Parquet", options, ["compression", "codec", "parquet.compression", "mergeSchema"], isWritten: true)
    let key = ["compression", "parquet.compression", "codec"].first { options[$0] != nil } ?? "compression"
    try options.require(key, oneOf: Self.codecs.keys.sorted())
    let setting = state.setting("spark.sql.parquet.compression.codec")
    let codec = Self.codecs[(options[key] ?? setting ?? "snappy").lowercased()] ?? "snappy"
    guard !columns.isEmpty else {
      throw AnalysisError(faults: [
        AnalysisFault("EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE", "Parquet files have at least one column.")
      ])
    }
    let values = try columns.map { column in
      let type = try Self.type(column.type, column.name)
      let sql = type == column.type.engineName ? column.sql : "CAST(\(column.sql) AS \(type))"
      return (sql: sql, name: column.name)
    }
    let ending = codec == "uncompressed" ? ".parquet" : ".\(codec == "gzip" ? "gz" : codec).parquet"
    return FileEncoding(ending: ending, values: values, writer: .engine("FORMAT parquet, COMPRESSION \(codec)"))
  }

  /// The type of the engine with which a column is written: points in time are marked as such, and not as dates and
  /// times of some zone.
  private static func type(_ type: DataType, _ column: String) throws -> String {
    switch type {
    case .timestamp: return "TIMESTAMPTZ"
    case .array(let element): return "\(try self.type(element, column))[]"
    case .map(let key, let value): return "MAP(\(try self.type(key, column)), \(try self.type(value, column)))"
    case .struct(let fields):
      let list = try fields.fields.map { "\(quoted($0.name)) \(try self.type($0.type, column))" }
      return "STRUCT(\(list.joined(separator: ", ")))"
    case .null, .interval, .dayTimeInterval, .yearMonthInterval:
      throw AnalysisError(faults: [
        AnalysisFault(
          "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE",
          "Parquet files cannot store values of type \(type), which is in the column '\(column)'. Cast it to string.")
      ])
    default: return type.engineName
    }
  }
}
