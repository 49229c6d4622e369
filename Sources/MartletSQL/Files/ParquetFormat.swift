internal import MartletCore
internal import MartletDuckDB

/// Parquet files.
struct ParquetFormat: FileFormat {
  let name = "parquet"

  // MARK: Reading

  func relation(_ scan: FileScan, _ state: SessionState) throws -> Relation {
    let options = try FileOptions("Parquet", scan.options, ["mergeSchema", "compression"])
    let list = try FileList(scan.paths, options, infersTypes: state.infersPartitionTypes)
    if list.files.isEmpty { return try state.nothing(scan, list) }
    func source(_ files: String) -> String {
      "read_parquet(\(files), union_by_name = true, hive_partitioning = \(!list.partitions.isEmpty), hive_types_autocast = false)"
    }
    func columns(_ list: FileList) throws -> [DuckColumn] {
      try state.reading(scan) {
        try $0.describe("SELECT * FROM read_parquet(\(try list.sql), union_by_name = true, hive_partitioning = false)")
      }
      .filter { column in !list.partitions.contains { $0.name.isSameName(as: column.name) } }
    }
    let found = try columns(list)
    var output = FileColumns(list, scan.schema, state)
    var fields = output.withoutPartitions(scan.schema)
    if fields == nil {
      // As in Spark, the first file has the columns, unless those of all files are to be put together.
      var first = list
      if try !options.bool("mergeSchema", state.setting("spark.sql.parquet.mergeSchema")?.lowercased() == "true") {
        first.files = Array(list.files.prefix(1))
      }
      fields = StructType(try columns(first).map { StructField($0.name, DataType($0.type)) })
    }
    for field in fields?.fields ?? [] {
      guard let column = found.first(where: { $0.name.isSameName(as: field.name) }) else {
        output.append(field, "CAST(NULL AS \(field.type.engineName))")
        continue
      }
      let type = DataType(column.type)
      guard type == field.type || Self.widens(type, to: field.type) else {
        throw AnalysisError(faults: [
          AnalysisFault(
            "FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH",
            "The column '\(field.name)' is of type \(type) in the files, but \(field.type) in the schema. Read it as \(type), and cast it."
          )
        ])
      }
      output.append(field, "CAST(f.\(quoted(column.name)) AS \(field.type.engineName))")
    }
    return output.relation(" FROM \(source(try list.sql)) f")
  }

  /// True if values of a type in a file can be read as those of another.
  static func widens(_ type: DataType, to wanted: DataType) -> Bool {
    switch (type, wanted) {
    case (.timestamp, .timestampNTZ), (.timestampNTZ, .timestamp), (.float, .double), (.date, .timestampNTZ): true
    case (.byte, .short), (.byte, .integer), (.byte, .long), (.short, .integer), (.short, .long), (.integer, .long),
      (.byte, .double), (.short, .double), (.integer, .double):
      true
    case (.decimal(let p, let s), .decimal(let p2, let s2)): s2 >= s && p2 - s2 >= p - s
    case (.array, .array), (.struct, .struct), (.map, .map): true
    default: false
    }
  }

  // MARK: Writing

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
