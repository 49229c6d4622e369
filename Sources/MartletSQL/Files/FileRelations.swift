internal import MartletCore
internal import MartletDuckDB

extension SessionState {
  /// The columns of files, and the SQL that reads them.
  func relation(_ files: FileScan) throws -> Relation {
    try DataSources.named(files.format).relation(files, self)
  }

  func parquet(_ scan: FileScan) throws -> Relation {
    let options = try FileOptions("Parquet", scan.options, ["path", "mergeSchema", "compression"])
    _ = try options.bool("mergeSchema")
    let list = try FileList(scan.paths)
    if list.files.isEmpty { return try nothing(scan, list) }
    let source =
      "read_parquet(\(try list.sql), union_by_name = true, hive_partitioning = \(!list.partitions.isEmpty), hive_types_autocast = false)"
    let found = try reading(scan) { try $0.describe("SELECT * FROM \(source)") }
      .filter { column in !list.partitions.contains { $0.name.isSameName(as: column.name) } }
    var output = FileColumns(list, scan.schema, self)
    let fields =
      output.withoutPartitions(scan.schema) ?? StructType(found.map { StructField($0.name, DataType($0.type)) })
    for field in fields.fields {
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
    return output.relation(" FROM \(source) f")
  }

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

  func text(_ scan: FileScan) throws -> Relation {
    let options = try FileOptions("text", scan.options, ["path", "wholetext", "lineSep", "compression", "encoding"])
    try options.require("encoding", oneOf: ["UTF-8"])
    let list = try FileList(scan.paths)
    var output = FileColumns(list, scan.schema, self)
    let fields = output.withoutPartitions(scan.schema) ?? StructType([StructField("value", .string)])
    guard fields.fields.count == 1, fields.fields[0].type == .string else {
      throw FileOptions.fault("The schema of text files is one column of type string, not \(DataType.struct(fields)).")
    }
    if list.files.isEmpty { return try nothing(scan, list) }
    if try options.bool("wholetext") {
      output.append(fields.fields[0], "f.content")
      return output.relation(
        " FROM read_text(\(try list.sql), hive_partitioning = \(!list.partitions.isEmpty), hive_types_autocast = false) f"
      )
    }
    output.append(fields.fields[0], "coalesce(f.line, '')")
    return output.relation(" FROM \(try FileLines(list, options).sql) f")
  }

  /// The columns of a folder without files, whose schema is given.
  func nothing(_ scan: FileScan, _ list: FileList) throws -> Relation {
    var output = FileColumns(list, scan.schema, self)
    guard let schema = scan.format == "text" ? StructType([StructField("value", .string)]) : scan.schema else {
      throw AnalysisError(faults: [
        AnalysisFault(
          "UNABLE_TO_INFER_SCHEMA",
          "There are no files in \(listed(scan.paths.map(quotedPath))), so the columns are unknown. Give a schema.")
      ])
    }
    for field in schema.fields { output.append(field, "CAST(NULL AS \(field.type.engineName))") }
    return output.relation(" WHERE false")
  }

  /// Asks the engine about files.
  func reading<Result>(_ scan: FileScan, _ body: (DuckConnection) throws -> Result) throws -> Result {
    do { return try engine.withConnection(body) } catch let error as MartletError {
      throw AnalysisError(faults: [
        AnalysisFault(
          "FAILED_READ_FILE",
          "Cannot read \(listed(scan.paths.map(quotedPath), limit: 3)): \(EngineMessage.worded(error.message))")
      ])
    }
  }
}

/// The lines of files, in a column `line`; an empty line is `NULL`.
struct FileLines {
  var sql: String

  init(_ list: FileList, _ options: FileOptions, skipping lines: Int = 0) throws {
    try options.require("lineSep", oneOf: ["\n", "\r\n", "\r"])
    let formats = ["none": "none", "uncompressed": "none", "gzip": "gzip", "zstd": "zstd"]
    try options.require("compression", oneOf: formats.keys.sorted())
    let compression = options["compression"].flatMap { formats[$0.lowercased()] } ?? "auto"
    // The delimiter is a character that no text has.
    sql = """
      read_csv(\(try list.sql), delim = '\u{10FFFF}', quote = '', escape = '', header = false, columns = {'line': 'VARCHAR'}, \
      auto_detect = false, nullstr = '', strict_mode = false, skip = \(lines), compression = '\(compression)', \
      hive_partitioning = \(!list.partitions.isEmpty), hive_types_autocast = false)
      """
  }
}

/// The columns of files, while they are collected.
struct FileColumns {
  private var keys = ColumnKeys()
  private var columns: [Attribute] = []
  private var items: [String] = []
  private let partitions: [StructField]
  private let timeZone: String
  private let source: LocalTable

  init(_ list: FileList, _ schema: StructType?, _ state: SessionState) {
    timeZone = state.timeZone
    source = LocalTable(
      files: list.files, schema: schema ?? StructType(), sql: "", owner: list.files, in: state.engine.database)
    partitions = list.partitions.map { partition in
      schema?.fields.first { $0.name.isSameName(as: partition.name) } ?? partition
    }
  }

  /// The columns that are in the files themselves.
  func withoutPartitions(_ schema: StructType?) -> StructType? {
    schema.map { schema in
      StructType(schema.fields.filter { field in !partitions.contains { $0.name.isSameName(as: field.name) } })
    }
  }

  mutating func append(_ field: StructField, _ sql: String) {
    // Files can lack any value.
    let attribute = Attribute(field.name, field.type, key: keys.key(for: field.name))
    columns.append(attribute)
    items.append("\(sql) AS \(quoted(attribute.key))")
  }

  /// The relation of the columns, with those of folders, and the text after the select list. The rows of files are `f`.
  mutating func relation(_ rest: String) -> Relation {
    let isEmpty = rest == " WHERE false"
    for field in partitions where !columns.contains(where: { $0.name.isSameName(as: field.name) }) {
      let text = isEmpty ? "NULL" : "nullif(CAST(f.\(quoted(field.name)) AS VARCHAR), '\(FileList.null)')"
      append(field, FieldText(timeZone: timeZone).lenient(text, field.type))
    }
    return Relation(
      sql: "SELECT \(items.isEmpty ? "1" : items.joined(separator: ", "))\(rest)", columns: columns, locals: [source])
  }
}

/// The SQL that makes values of texts in files; `NULL` if a text is none.
struct FieldText {
  var timeZone: String
  /// Formats of the engine.
  var dateFormat: String?
  var timestampFormat: String?
  var timestampNTZFormat: String?

  /// A value as a cast makes it.
  func lenient(_ sql: String, _ type: DataType) -> String {
    if type == .timestamp { return utc(Cast.sql(sql, from: .string, to: .timestampNTZ, isTry: true)) }
    return Cast.sql(sql, from: .string, to: type, isTry: true)
  }

  /// A value of a column, which must be the name of one.
  func value(_ column: String, _ type: DataType) -> String {
    switch type {
    case .string: return column
    case .byte, .short, .integer, .long:
      return "CASE WHEN regexp_full_match(\(column), '[+-]?[0-9]+') THEN TRY_CAST(\(column) AS \(type.engineName)) END"
    case .float, .double, .decimal:
      return "CASE WHEN NOT contains(\(column), '_') THEN TRY_CAST(\(column) AS \(type.engineName)) END"
    case .boolean: return "CASE lower(\(column)) WHEN 'true' THEN true WHEN 'false' THEN false END"
    case .date:
      if let dateFormat { return "CAST(try_strptime(\(column), \(quotedText(dateFormat))) AS DATE)" }
      return
        "CASE WHEN length(\(column)) = 10 AND TRY_CAST(\(column) AS DATE) IS NOT NULL THEN TRY_CAST(\(column) AS DATE) "
        + "ELSE martlet_try_text_to_date(\(column)) END"
    case .timestamp: return utc(time(column, timestampFormat))
    case .timestampNTZ: return time(column, timestampNTZFormat)
    default: return lenient(column, type)
    }
  }

  private func time(_ column: String, _ format: String?) -> String {
    format.map { "CAST(try_strptime(\(column), \(quotedText($0))) AS TIMESTAMP)" }
      ?? "martlet_try_text_to_timestamp(\(column))"
  }

  private func utc(_ sql: String) -> String {
    timeZone == "UTC" ? sql : "timezone('UTC', timezone(\(quotedText(timeZone)), \(sql)))"
  }
}

/// The rows of files whose records are lines, in each mode.
struct Records {
  /// The column that is filled with the lines that do not parse, if the schema has it.
  let corruptColumn: Int?
  let mode: ParseMode
  let schema: StructType

  init(_ schema: StructType, _ options: FileOptions, _ setting: String?) throws {
    mode = try options.mode
    self.schema = schema
    let name = options["columnNameOfCorruptRecord"] ?? setting ?? Self.defaultName
    corruptColumn = schema.fields.firstIndex { $0.name.isSameName(as: name) }
    if let corruptColumn, schema.fields[corruptColumn].type != .string {
      throw FileOptions.fault(
        "The column '\(name)' takes the records that do not parse. It must be of type string, not \(schema.fields[corruptColumn].type)."
      )
    }
  }

  static let defaultName = "_corrupt_record"

  /// The columns of the data, with their positions in the schema.
  var data: [(index: Int, field: StructField)] {
    schema.fields.enumerated().filter { $0.offset != corruptColumn }.map { ($0.offset, $0.element) }
  }

  var needsVerdict: Bool { corruptColumn != nil || mode != .permissive }

  /// - Parameters:
  ///   - source: a query with the columns `line` and, for each column of the data, `r0`, `r1`, … with its text.
  ///   - isBad: a condition that is true for lines of a wrong form.
  ///   - value: the SQL of a value.
  func relation(
    _ output: FileColumns, from source: String, isBad: String, value: (String, DataType) throws -> String
  ) rethrows -> Relation {
    var output = output
    let list = try data.map { "\(try value("e.r\($0.index)", $0.field.type)) AS v\($0.index)" }
    let values = "SELECT e.*\(list.map { ", \($0)" }.joined()) FROM (\(source)) e"
    let failures = data.filter { $0.field.type != .string }.map {
      "(f.r\($0.index) IS NOT NULL AND f.v\($0.index) IS NULL)"
    }
    let verdict = "(\(([isBad] + failures).joined(separator: " OR ")))"
    for (index, field) in schema.fields.enumerated() {
      output.append(field, index == corruptColumn ? "CASE WHEN \(verdict) THEN f.line END" : "f.v\(index)")
    }
    let condition =
      switch mode {
      case .permissive: ""
      case .dropMalformed: " WHERE NOT \(verdict)"
      case .failFast:
        " WHERE CASE WHEN \(verdict) THEN CAST(error('[MALFORMED_RECORD_IN_PARSING] The record does not parse: ' || "
          + "left(f.line, 200) || '. With the mode PERMISSIVE, its fields would be NULL.') AS BOOLEAN) ELSE true END"
      }
    return output.relation(" FROM (\(values)) f\(condition)")
  }
}
