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
    "path", "multiLine", "primitivesAsString", "mode", "columnNameOfCorruptRecord", "dateFormat", "timestampFormat",
    "timestampNTZFormat", "encoding", "charset", "lineSep", "compression",
  ]

  init(_ scan: FileScan, _ state: SessionState) throws {
    self.scan = scan
    self.state = state
    options = try FileOptions("JSON", scan.options, Self.optionNames)
    for key in ["encoding", "charset"] { try options.require(key, oneOf: ["UTF-8"]) }
    list = try FileList(scan.paths)
    isMultiLine = try options.bool("multiLine")
  }

  func relation() throws -> Relation {
    if list.files.isEmpty { return try state.nothing(scan, list) }
    let output = FileColumns(list, scan.schema, state)
    let schema = try output.withoutPartitions(scan.schema) ?? inferred()
    let records = try Records(schema, options, state.setting("spark.sql.columnNameOfCorruptRecord"))
    let texts = FieldText(
      timeZone: state.timeZone, dateFormat: try options.pattern("dateFormat"),
      timestampFormat: try options.pattern("timestampFormat"),
      timestampNTZFormat: try options.pattern("timestampNTZFormat"))
    let structure =
      "{"
      + records.data.map { "\(Self.json($0.field.name)):\(Self.structure($0.field.type, isOuter: true))" }
      .joined(separator: ",") + "}"
    let lines = try source
    let object = "CASE WHEN json_valid(c.line) THEN CASE WHEN json_type(c.line) = 'OBJECT' THEN c.line END END"
    let transformed =
      records.data.isEmpty
      ? "SELECT c.*, \(object) AS o" : "SELECT c.*, json_transform(\(object), \(quotedText(structure))) AS o"
    let rows = "\(transformed) FROM \(lines) c WHERE trim(c.line) <> ''"
    let list = records.data.map { ", d.o.\(quoted($0.field.name)) AS r\($0.index)" }.joined()
    return records.relation(
      output, from: "SELECT d.*\(list) FROM (\(rows)) d", isBad: "f.o IS NULL",
      value: { Self.value($0, $1, texts) })
  }

  /// The lines, or the objects if they extend over several lines.
  private var source: String {
    get throws {
      guard isMultiLine else { return try FileLines(list, options).sql }
      _ = try FileLines(list, options)
      return """
        (SELECT *, CAST(json AS VARCHAR) AS line FROM read_json_objects(\(try list.sql), format = 'auto', \
        hive_partitioning = \(!list.partitions.isEmpty), hive_types_autocast = false))
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
    let source = """
      read_json(\(try list.sql), format = '\(isMultiLine ? "auto" : "newline_delimited")', sample_size = -1, \
      map_inference_threshold = -1, maximum_depth = -1, ignore_errors = \(!isMultiLine), \
      hive_partitioning = false)
      """
    let columns = try state.reading(scan) { try $0.describe("SELECT * FROM \(source)") }
    let isText = try options.bool("primitivesAsString")
    var fields = columns.map { StructField($0.name, Self.inferred(DataType($0.type), isText)) }
    if !isMultiLine {
      let lines = try FileLines(list, options).sql
      let sql = """
        SELECT count(*) FROM \(lines) WHERE trim(line) <> '' AND coalesce(CASE WHEN json_valid(line) THEN \
        json_type(line) END, '') <> 'OBJECT'
        """
      let rows = try state.reading(scan) { try $0.query(sql).rows() }
      if case .int64(let count)? = rows.first?.first, count > 0 {
        // A file without any object has a column of its own.
        if fields.count == 1, fields[0].name == "json" { fields = [] }
        fields.append(StructField(options["columnNameOfCorruptRecord"] ?? Records.defaultName, .string))
      }
    }
    return StructType(fields.sorted { $0.name < $1.name })
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
