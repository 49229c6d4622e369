internal import MartletCore
internal import MartletDuckDB

/// CSV files, with the options of Spark.
struct CSVFiles {
  private let scan: FileScan
  private let state: SessionState
  private let options: FileOptions
  private let list: FileList
  private let separator: String
  private let quote: String?
  private let escape: String?
  private let comment: String?
  private let isMultiLine: Bool
  private let trimsStart: Bool
  private let trimsEnd: Bool
  private let hasHeader: Bool

  private static let optionNames = [
    "header", "sep", "delimiter", "quote", "escape", "comment", "nullValue", "emptyValue", "inferSchema",
    "mode",
    "columnNameOfCorruptRecord", "badRecordsPath", "dateFormat", "timestampFormat", "timestampNTZFormat", "multiLine",
    "ignoreLeadingWhiteSpace", "ignoreTrailingWhiteSpace", "encoding", "charset", "lineSep", "compression",
  ]

  init(_ scan: FileScan, _ state: SessionState) throws {
    self.scan = scan
    self.state = state
    options = try FileOptions("CSV", scan.options, Self.optionNames)
    for key in ["encoding", "charset"] { try options.require(key, oneOf: ["UTF-8"]) }
    list = try FileList(scan.paths, options, infersTypes: state.infersPartitionTypes)
    let text = options["sep"] ?? options["delimiter"] ?? ","
    separator = text == "\\t" ? "\t" : text
    guard !separator.isEmpty, !separator.contains(where: \.isNewline) else {
      throw FileOptions.fault("The option sep is \(text.debugDescription). It must be text in one line.")
    }
    // As in Spark, the character zero stands for no quote.
    quote = try options.character("quote", "\"") ?? "\0"
    escape = try options.character("escape", "\\")
    comment = try options.character("comment", "")
    isMultiLine = try options.bool("multiLine")
    trimsStart = try options.bool("ignoreLeadingWhiteSpace")
    trimsEnd = try options.bool("ignoreTrailingWhiteSpace")
    hasHeader = try options.bool("header")
  }

  private var emptyValue: String { options["emptyValue"] ?? "" }

  func relation() throws -> Relation {
    if list.files.isEmpty { return try state.nothing(scan, list) }
    var output = FileColumns(list, scan.schema, state)
    let header = try firstLine()
    var schema = output.withoutPartitions(scan.schema)
    if schema == nil {
      schema = try inferred(Self.names(header.fields, hasHeader), skipping: header.skipped)
    }
    let records = try Records(schema ?? StructType(), options, state)
    for (_, field) in records.data {
      switch field.type {
      case .array, .map, .struct, .interval:
        throw AnalysisError(faults: [
          AnalysisFault(
            "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE",
            "CSV files have no values of type \(field.type), which is the type of the column '\(field.name)'. Read it as string."
          )
        ])
      default: break
      }
    }
    let texts = FieldText(
      timeZone: state.timeZone, dateFormat: try options.pattern("dateFormat"),
      timestampFormat: try options.pattern("timestampFormat"),
      timestampNTZFormat: try options.pattern("timestampNTZFormat"))
    let width = records.data.count
    let lines = isMultiLine ? nil : try LineSource(list, options, state, skipping: header.skipped)
    if let lines { output.take(lines) }
    if let lines = lines?.lines, texts.hasDefaultFormats, let fields = plainFields(records.data.map(\.field.type)),
      let typed = TypedLines(lines, fields)
    {
      let registration = state.engine.database.register(typed)
      output.owners.append(registration)
      return records.relation(output, ofValues: registration.sql, list, lines, isBad: "NOT f.valid")
    }
    return records.relation(
      output, from: try fields(records.data.map(\.index), of: lines), list, lines?.lines,
      isBad: "NOT f.valid OR len(f.t) <> \(width)", value: { texts.value($0, $1) })
  }

  // MARK: Fields

  /// The form of lines that need nothing but a separator, a quote and an escape of one byte each; `nil` for others.
  private func plainFields(_ types: [DataType]) -> CSVFields? {
    func byte(_ text: String?) -> UInt8? { text.flatMap { $0.utf8.count == 1 ? $0.utf8.first : nil } }
    guard !trimsStart, !trimsEnd, let separator = byte(separator), let quote = byte(quote) else { return nil }
    guard let escape = byte(escape ?? self.quote), comment == nil || byte(comment) != nil else { return nil }
    return CSVFields(
      types: types, separator: separator, quote: quote, escape: escape, comment: byte(comment),
      null: Array((options["nullValue"] ?? "").utf8), empty: emptyValue, zone: FileZone(state))
  }

  /// A query with the fields of each record: the columns of `lines`, the list `t`, and `r…` with the numbers in `columns`.
  private func fields(_ columns: [Int], of lines: LineSource?) throws -> String {
    let list =
      columns.enumerated().map { position, number in
        var sql = "nullif(d.t[\(position + 1)], '')"
        if let null = options["nullValue"], !null.isEmpty { sql = "nullif(\(sql), \(quotedText(null)))" }
        return ", \(sql) AS r\(number)"
      }.joined()
    return "SELECT d.*\(list) FROM (\(try records(columns.count, lines))) d"
  }

  private func records(_ width: Int, _ lines: LineSource?) throws -> String {
    guard let lines else { return try quotedRecords(width) }
    let comments = comment.map { " AND NOT starts_with(c.line, \(quotedText($0)))" } ?? ""
    var plain = "string_split(c.line, \(quotedText(separator)))"
    let spaces = "' ' || chr(9)"
    if trimsStart { plain = "list_transform(\(plain), lambda x: ltrim(x, \(spaces)))" }
    if trimsEnd { plain = "list_transform(\(plain), lambda x: rtrim(x, \(spaces)))" }
    var split = plain
    if let quote {
      let marks = quote + (escape ?? quote) + (trimsStart ? "s" : "-") + (trimsEnd ? "e" : "-")
      split = """
        CASE WHEN contains(c.line, \(quotedText(quote))) THEN string_split(martlet_csv_fields(c.line, \
        \(quotedText(separator)), \(quotedText(marks)), \(quotedText(emptyValue))), '\(CSVLine.border)') ELSE \(plain) END
        """
    }
    return
      "SELECT c.*, \(split) AS t FROM \(lines.sql) c WHERE trim(c.line, \(spaces)) <> ''\(comments)"
  }

  /// Records whose quoted fields may contain ends of lines. The engine reads them; it takes more or fewer fields than
  /// columns without a complaint.
  private func quotedRecords(_ width: Int) throws -> String {
    guard separator.utf8.count <= 4 else {
      throw FileOptions.fault("With multiLine, the option sep is one character, not \(separator.debugDescription).")
    }
    let columns = (0..<width).map { "'x\($0)': 'VARCHAR'" }.joined(separator: ", ")
    let fields = (0..<width).map { "x\($0)" }.joined(separator: ", ")
    // Refuses what it does not know.
    _ = try LineSource(list, options, state)
    return """
      SELECT *, CAST(list_position(\(list.quotedFiles), filename) - 1 AS INTEGER) AS file, CAST(NULL AS BIGINT) AS position, \
      true AS valid, [\(fields)] AS t, array_to_string([\(fields)], \(quotedText(separator))) AS line FROM read_csv(\(try list.sql), \
      delim = \(quotedText(separator)), quote = \(quotedText(quote == "\0" ? "" : quote ?? "")), escape = \(quotedText(quote == "\0" ? "" : escape ?? quote ?? "")), \
      comment = \(quotedText(comment ?? "")), header = \(hasHeader), columns = {\(columns)}, auto_detect = false, \
      nullstr = '', strict_mode = false, null_padding = true, parallel = false, filename = true, \
      hive_partitioning = \(!list.partitions.isEmpty), hive_types_autocast = false)
      """
  }

  // MARK: Schema

  /// The fields of the first record, and the number of lines up to the first record after the header.
  private func firstLine() throws -> (fields: [String], skipped: Int) {
    guard hasHeader || scan.schema == nil else { return ([], 0) }
    var first = list
    first.files = [list.files[0]]
    var skipped = 0
    for file in list.files {
      first.files = [file]
      let source = try LineSource(first, options, state)
      let lines = try state.reading(scan) { try $0.query("SELECT line FROM \(source.sql) LIMIT 1000").rows() }
      withExtendedLifetime(source) {}
      for (index, row) in lines.enumerated() {
        guard case .string(let line)? = row.first, !line.allSatisfy({ $0 == " " || $0 == "\t" }),
          comment.map({ !line.hasPrefix($0) }) ?? true
        else { continue }
        skipped = hasHeader ? index + 1 : 0
        return (split(line), skipped)
      }
    }
    return ([], skipped)
  }

  private func split(_ line: String) -> [String] {
    CSVLine.fields(
      line, separator: separator, quote: quote, escape: escape ?? quote, trimsStart: trimsStart, trimsEnd: trimsEnd,
      empty: emptyValue)
  }

  /// The names of columns: those of the header; `_c0` without one, or where it is empty. A name that is there twice gets
  /// the number of its column.
  private static func names(_ fields: [String], _ hasHeader: Bool) -> [String] {
    guard hasHeader else { return fields.indices.map { "_c\($0)" } }
    var counts: [String: Int] = [:]
    for field in fields { counts[field.lowercased(), default: 0] += 1 }
    return fields.enumerated().map { index, field in
      if field.isEmpty { return "_c\(index)" }
      return counts[field.lowercased()] == 1 ? field : "\(field)\(index)"
    }
  }

  private func inferred(_ names: [String], skipping lines: Int) throws -> StructType {
    guard try options.bool("inferSchema"), !names.isEmpty else {
      return StructType(names.map { StructField($0, .string) })
    }
    let texts = FieldText(
      timeZone: state.timeZone, dateFormat: try options.pattern("dateFormat"),
      timestampFormat: try options.pattern("timestampFormat"))
    let types: [DataType] = [.integer, .long, .decimal(precision: 38, scale: 0), .double, .date, .timestamp, .boolean]
    var items: [String] = []
    for type in types {
      var condition = "(\(texts.value("f.r", type))) IS NOT NULL"
      // A time after a date would be ignored.
      if type == .date, options["dateFormat"] == nil { condition += " AND length(f.r) <= 10" }
      if type.isDecimal { condition += " AND regexp_full_match(f.r, '[+-]?[0-9]+')" }
      items.append("bool_and(\(condition))")
    }
    items.append("max(length(ltrim(f.r, '+-0')))")
    let source = isMultiLine ? nil : try LineSource(list, options, state, skipping: lines)
    // A row for each field: the time to plan a column for each field would grow with the square of their number.
    var value = "nullif(unnest(d.t), '')"
    if let null = options["nullValue"], !null.isEmpty { value = "nullif(\(value), \(quotedText(null)))" }
    let sql = """
      SELECT CAST(f.i AS BIGINT), \(items.joined(separator: ", ")) FROM (SELECT generate_subscripts(d.t, 1) AS i, \(value) AS r \
      FROM (\(try records(names.count, source))) d) f WHERE f.r IS NOT NULL AND f.i <= \(names.count) GROUP BY f.i
      """
    var rows: [Int64: [DuckValue]] = [:]
    for row in try state.reading(scan, { try $0.query(sql).rows() }) {
      if case .int64(let number)? = row.first { rows[number] = row }
    }
    withExtendedLifetime(source) {}
    return StructType(
      names.enumerated().map { column, name in
        guard let row = rows[Int64(column + 1)] else { return StructField(name, .string) }
        for (index, type) in types.enumerated() where row[1 + index] == .bool(true) {
          if type.isDecimal, case .int64(let digits) = row[types.count + 1] {
            return StructField(name, .decimal(precision: max(1, min(38, Int(digits))), scale: 0))
          }
          return StructField(name, type)
        }
        return StructField(name, .string)
      })
  }
}

/// One line of a CSV file.
enum CSVLine {
  /// A character that stands between fields, and which no text has.
  static let border = "\u{10FFFE}"

  /// The function of the engine that takes lines apart.
  static let function = ScalarFunction("martlet_csv_fields") {
    (line: String, separator: String, marks: String, empty: String) -> String in
    let marks = Array(marks.unicodeScalars)
    return fields(
      line, separator: separator, quote: String(marks[0]), escape: String(marks[1]), trimsStart: marks[2] == "s",
      trimsEnd: marks[3] == "e", empty: empty
    ).joined(separator: border)
  }

  /// The fields of a line. Quotes are removed from fields that begin and end with them; a field with a quote in it that
  /// is not escaped is taken as it is, up to the next separator.
  static func fields(
    _ line: String, separator: String, quote: String?, escape: String?, trimsStart: Bool, trimsEnd: Bool, empty: String
  ) -> [String] {
    let bytes = Array(line.utf8)
    let separator = Array(separator.utf8)
    let quote = quote.map { Array($0.utf8) }
    let escape = escape.map { Array($0.utf8) }
    func isNext(_ text: [UInt8], _ index: Int) -> Bool {
      index + text.count <= bytes.count && bytes[index..<(index + text.count)].elementsEqual(text)
    }
    func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
    var fields: [String] = []
    var index = 0
    while true {
      let start = index
      var content: [UInt8]?
      if let quote {
        var at = index
        while at < bytes.count, isSpace(bytes[at]), trimsStart { at += 1 }
        if isNext(quote, at), let (text, end) = quoted(at + quote.count) {
          content = text
          index = end
        }
      }
      if content == nil {
        index = start
        while index < bytes.count, !isNext(separator, index) { index += 1 }
        var field = bytes[start..<index]
        if trimsStart { field = field.drop(while: isSpace) }
        if trimsEnd { while let last = field.last, isSpace(last) { field.removeLast() } }
        content = Array(field)
        fields.append(String(decoding: content ?? [], as: UTF8.self))
      } else if let content {
        fields.append(content.isEmpty ? empty : String(decoding: content, as: UTF8.self))
      }
      guard index < bytes.count else { return fields }
      index += separator.count
    }

    /// The content of a field after its quote, and the position of the separator after it; `nil` if the field has no
    /// end, or its end is not before a separator.
    func quoted(_ start: Int) -> (text: [UInt8], end: Int)? {
      guard let quote else { return nil }
      var text: [UInt8] = []
      var at = start
      while at < bytes.count {
        if let escape, escape != quote, isNext(escape, at) {
          let after = at + escape.count
          if isNext(quote, after) {
            text += quote
            at = after + quote.count
            continue
          }
          if isNext(escape, after) {
            text += escape
            at = after + escape.count
            continue
          }
        }
        if isNext(quote, at) {
          let after = at + quote.count
          if escape == quote, isNext(quote, after) {
            text += quote
            at = after + quote.count
            continue
          }
          var end = after
          while end < bytes.count, isSpace(bytes[end]), !isNext(separator, end) { end += 1 }
          return end == bytes.count || isNext(separator, end) ? (text, end) : nil
        }
        text.append(bytes[at])
        at += 1
      }
      return nil
    }
  }
}
