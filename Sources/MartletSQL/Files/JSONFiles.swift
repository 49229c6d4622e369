internal import MartletCore
internal import MartletDuckDB

/// JSON files, one object a line, with the options of Spark.
struct JSONFiles {
  private let scan: FileScan
  private let state: SessionState
  private let options: FileOptions
  private let list: FileList
  private let isMultiLine: Bool

  private static let optionNames = [
    "multiLine", "primitivesAsString", "mode", "columnNameOfCorruptRecord", "badRecordsPath", "dateFormat",
    "timestampFormat",
    "timestampNTZFormat", "encoding", "charset", "lineSep", "compression",
  ]

  init(_ scan: FileScan, _ state: SessionState) throws {
    self.scan = scan
    self.state = state
    options = try FileOptions("JSON", scan.options, Self.optionNames)
    for key in ["encoding", "charset"] { try options.require(key, oneOf: ["UTF-8"]) }
    list = try FileList(scan.paths, options, infersTypes: state.infersPartitionTypes)
    isMultiLine = try options.bool("multiLine")
  }

  func relation() throws -> Relation {
    if list.files.isEmpty { return try state.nothing(scan, list) }
    var output = FileColumns(list, scan.schema, state)
    let schema = try output.withoutPartitions(scan.schema) ?? inferred()
    let records = try Records(schema, options, state)
    let texts = FieldText(
      timeZone: state.timeZone, dateFormat: try options.pattern("dateFormat"),
      timestampFormat: try options.pattern("timestampFormat"),
      timestampNTZFormat: try options.pattern("timestampNTZFormat"))
    let structure =
      "{"
      + records.data.map { "\(Self.json($0.field.name)):\(Self.structure($0.field.type, isOuter: true))" }
      .joined(separator: ",") + "}"
    let lines = isMultiLine ? nil : try LineSource(list, options, state)
    if let lines { output.take(lines) }
    if let lines = lines?.lines, texts.hasDefaultFormats,
      let typed = TypedLines(lines, JSONFields(fields: records.data.map(\.field), zone: FileZone(state)))
    {
      let registration = state.engine.database.register(typed)
      output.owners.append(registration)
      return records.relation(output, ofValues: registration.sql, list, lines, isBad: "NOT f.valid")
    }
    let object = Self.object("c")
    let transformed =
      records.data.isEmpty
      ? "SELECT c.*, \(object) AS o" : "SELECT c.*, json_transform(\(object), \(quotedText(structure))) AS o"
    let rows = "\(transformed) FROM \(try lines?.sql ?? documents) c WHERE trim(c.line) <> ''"
    let values = records.data.map { ", d.o.\(quoted($0.field.name)) AS r\($0.index)" }.joined()
    return records.relation(
      output, from: "SELECT d.*\(values) FROM (\(rows)) d", list, lines?.lines, isBad: "f.o IS NULL",
      value: { Self.value($0, $1, texts) })
  }

  /// The line, if it is an object; otherwise `NULL`.
  ///
  /// Objects with more levels than the engine's functions accept are `NULL` too: such a function would not only fail, but
  /// end the engine for the whole context.
  private static func object(_ row: String) -> String {
    let line = "\(row).line"
    let isShallow =
      "(strlen(\(line)) < \(2 * JSONLevels.maximum) OR martlet_json_levels(\(line)) <= \(JSONLevels.maximum))"
    return
      "CASE WHEN \(row).valid AND json_valid(\(line)) THEN CASE WHEN json_type(\(line)) = 'OBJECT' AND \(isShallow) THEN \(line) END END"
  }

  /// The objects of files in which they extend over several lines.
  private var documents: String {
    get throws {
      // Refuses what it does not know.
      _ = try LineSource(list, options, state)
      return """
        (SELECT *, CAST(json AS VARCHAR) AS line, CAST(list_position(\(list.quotedFiles), filename) - 1 AS INTEGER) AS file, \
        CAST(NULL AS BIGINT) AS position, true AS valid FROM read_json_objects(\(try list.sql), format = 'auto', \
        filename = true, hive_partitioning = \(!list.partitions.isEmpty), hive_types_autocast = false))
        """
    }
  }

  /// The value of a field. Numbers and truth values are not taken from quoted texts.
  private static func value(_ column: String, _ type: DataType, _ texts: FieldText) -> String {
    switch type {
    case .string, .array, .map, .struct: return column
    case .binary: return "TRY(from_base64(\(column)))"
    case .double, .float:
      let text = "CAST(\(column) AS VARCHAR)"
      return "CASE WHEN \(text) IN ('\"NaN\"', '\"Infinity\"', '\"-Infinity\"', '\"INF\"', '\"-INF\"') THEN "
        + "CAST(trim(\(text), '\"') AS \(type.engineName)) ELSE TRY_CAST(\(text) AS \(type.engineName)) END"
    case .boolean, .byte, .short, .integer, .long, .decimal:
      return texts.value("CAST(\(column) AS VARCHAR)", type)
    default: return texts.value(column, type)
    }
  }

  /// The structure for `json_transform`. Numbers of the outer level stay JSON, so that their form can be checked.
  private static func structure(_ type: DataType, isOuter: Bool = false) -> String {
    switch type {
    case .array(let element): return "[\(structure(element))]"
    case .struct(let type):
      return "{" + type.fields.map { "\(json($0.name)):\(structure($0.type))" }.joined(separator: ",") + "}"
    case .date, .timestamp, .timestampNTZ, .binary: return isOuter ? "\"VARCHAR\"" : json(type.engineName)
    case .string: return "\"VARCHAR\""
    case .map: return json(type.engineName)
    default: return isOuter ? "\"JSON\"" : json(type.engineName)
    }
  }

  private static func json(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 32:
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  // MARK: Schema

  private func inferred() throws -> StructType {
    let lines = isMultiLine ? nil : try LineSource(list, options, state)
    let object = Self.object("c")
    let sql = """
      SELECT CAST(json_group_structure(CAST(\(object) AS JSON)) AS VARCHAR), \
      count(*) FILTER (coalesce(\(object), '') = ''), count(*) FILTER (regexp_matches(c.line, '[0-9]{19}')) FROM \(try lines?.sql ?? documents) c WHERE trim(c.line) <> ''
      """
    let row = try state.reading(scan) { try $0.query(sql).rows() }.first ?? []
    withExtendedLifetime(lines) {}
    var fields: [StructField] = []
    if case .string(let text)? = row.first, case .struct(let type)? = JSONStructure.type(text) {
      let isText = try options.bool("primitivesAsString")
      fields = type.fields.map { StructField($0.name, Self.inferred($0.type, isText)) }
      if case .int64(let count) = row[2], count > 0 { fields = try exactFields(isText) }
    }
    if row.count == 3, case .int64(let count) = row[1], count > 0 {
      switch try options.mode {
      case .permissive where options["badRecordsPath"] == nil:
        fields.append(StructField(Records.columnName(options, state), .string))
      case .failFast:
        throw AnalysisError(faults: [
          AnalysisFault(
            "MALFORMED_RECORD_IN_PARSING",
            "\(count) records of \(listed(scan.paths.map(quotedPath), limit: 3)) are no objects, so the mode FAILFAST infers no columns. Give a schema to see the first of them."
          )
        ])
      default: break
      }
    }
    var known: Set<String> = []
    for field in fields where !known.insert(field.name.lowercased()).inserted {
      throw AnalysisError(faults: [
        AnalysisFault(
          "COLUMN_ALREADY_EXISTS",
          "The objects have two fields '\(field.name)', in upper and lower case, which are the same column. Give a schema that has one."
        )
      ])
    }
    return StructType(fields.sorted { $0.name < $1.name })
  }

  /// The fields of the objects, with the digits of integers beyond `BIGINT`, which the engine does not tell from others.
  private func exactFields(_ isText: Bool) throws -> [StructField] {
    let lines = isMultiLine ? nil : try LineSource(list, options, state)
    let sql = "SELECT \(Self.object("c")) FROM \(try lines?.sql ?? documents) c WHERE trim(c.line) <> ''"
    var inferred = InferredLines()
    let records = JSONRecordReader(JSONRecordDecoder())
    try state.reading(scan) { connection in
      let result = try connection.query(sql)
      while let chunk = try result.nextChunk() {
        for case .string(let line) in chunk.rows.compactMap(\.first) {
          inferred.add(Text(line), records, primitivesAsString: isText)
        }
      }
    }
    withExtendedLifetime(lines) {}
    return inferred.fieldsOfObjects
  }

  private static func inferred(_ type: DataType, _ isText: Bool) -> DataType {
    switch type {
    case .array(let element): return .array(inferred(element, isText))
    case .struct(let type):
      return .struct(
        StructType(
          type.fields.map { StructField($0.name, inferred($0.type, isText)) }.sorted { $0.name < $1.name }))
    case .map(_, let value): return .map(key: .string, value: inferred(value, isText))
    case .boolean, .double: return isText ? .string : type
    case .byte, .short, .integer, .long: return isText ? .string : .long
    case .float: return isText ? .string : .double
    case .decimal: return isText ? .string : type
    default: return .string
    }
  }
}
