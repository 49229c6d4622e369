/// CSV files.
struct CSVFormat: FileFormat {
  let name = "csv"
  // Fields correspond by position.
  let permitsDuplicateNames = true

  func relation(_ scan: FileScan, _ state: SessionState) throws -> Relation { try CSVFiles(scan, state).relation() }

  func encoding(_ columns: [WrittenColumn], _ options: [String: String], _ state: SessionState) throws -> FileEncoding {
    let options = try FileOptions(
      "CSV", options,
      [
        "header", "sep", "delimiter", "quote", "escape", "quoteAll", "escapeQuotes", "nullValue", "emptyValue",
        "dateFormat", "timestampFormat", "timestampNTZFormat", "ignoreLeadingWhiteSpace", "ignoreTrailingWhiteSpace",
        "charToEscapeQuoteEscaping", "comment", "compression", "codec", "encoding", "charset", "lineSep",
      ], isWritten: true)
    try options.require("charset", oneOf: ["UTF-8"])
    let text = try CSVText(options)
    let writer = FieldWriter(try options.patterns(state), Analyzer(state))
    let values = try columns.enumerated().map { index, column in
      try Self.refuse(column)
      return (sql: Self.text(column, writer), name: "x\(index)")
    }
    let fields = columns.enumerated().map { text.field("u.x\($0)", $1.type, isFirst: $0 == 0) }
    let line = fields.isEmpty ? "''" : fields.joined(separator: " || \(quotedText(text.separator)) || ")
    let hasHeader = try options.bool("header") && !columns.isEmpty
    let header = hasHeader ? text.header(columns.map(\.name)) : nil
    var encoding = try WrittenLines(options, ".csv").encoding(line, header: header)
    encoding.prepared = values
    return encoding
  }

  private static func refuse(_ column: WrittenColumn) throws {
    switch column.type {
    case .array, .map, .struct, .interval, .null:
      throw AnalysisError(faults: [
        AnalysisFault(
          "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE",
          "CSV files cannot store values of type \(column.type), which is the type of the column '\(column.name)'. Use to_json or cast it to string."
        )
      ])
    default: break
    }
  }

  private static func text(_ column: WrittenColumn, _ writer: FieldWriter) -> String {
    switch column.type {
    case .boolean, .byte, .short, .integer, .long: "CAST(\(column.sql) AS VARCHAR)"
    case .binary: "'[' || rtrim(regexp_replace(hex(\(column.sql)), '(..)', '\\1 ', 'g')) || ']'"
    default: writer.text(column.sql, column.type)
    }
  }
}
