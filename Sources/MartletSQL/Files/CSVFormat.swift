/// CSV files.
struct CSVFormat: FileFormat {
  let name = "csv"

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
    let fields = try columns.map { column in
      try Self.refuse(column)
      return text.field(Self.text(column, writer), column.type)
    }
    let separator = quotedText(text.separator)
    let line = fields.isEmpty ? "''" : fields.joined(separator: " || \(separator) || ")
    let hasHeader = try options.bool("header") && !columns.isEmpty
    let header = hasHeader ? columns.map { text.field($0.name) }.joined(separator: text.separator) : nil
    return try LineFiles(options, ".csv").encoding(line, header: header)
  }

  private static func refuse(_ column: WrittenColumn) throws {
    switch column.type {
    case .array, .map, .struct, .interval:
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
    case .null: "CAST(NULL AS VARCHAR)"
    case .boolean, .byte, .short, .integer, .long, .decimal: "CAST(\(column.sql) AS VARCHAR)"
    case .binary: Cast.sql(column.sql, from: .binary, to: .string)
    default: writer.text(column.sql, column.type)
    }
  }
}

/// The text of values in CSV files: the rules for quotes.
struct CSVText {
  let separator: String
  private let quote: String
  private let escape: String
  private let escapeOfEscape: String
  private let comment: String
  private let quotesAll: Bool
  private let escapesQuotes: Bool
  private let nullValue: String
  private let emptyValue: String
  private let trimsStart: Bool
  private let trimsEnd: Bool

  init(_ options: FileOptions) throws {
    let text = options["sep"] ?? options["delimiter"] ?? ","
    separator = text == "\\t" ? "\t" : text
    guard !separator.isEmpty, !separator.contains(where: \.isNewline) else {
      throw FileOptions.fault("The option sep is \(text.debugDescription). It must be text in one line.")
    }
    // Without a quote, Spark uses the character zero, which no text has here.
    quote = try options.character("quote", "\"") ?? ""
    escape = try options.character("escape", "\\") ?? ""
    escapeOfEscape = try options.character("charToEscapeQuoteEscaping", "") ?? (escape == quote ? "" : escape)
    comment = try options.character("comment", "") ?? ""
    quotesAll = try options.bool("quoteAll")
    escapesQuotes = try options.bool("escapeQuotes", true)
    nullValue = options["nullValue"] ?? ""
    emptyValue = options["emptyValue"] ?? "\"\""
    trimsStart = try options.bool("ignoreLeadingWhiteSpace", true)
    trimsEnd = try options.bool("ignoreTrailingWhiteSpace", true)
  }

  /// The field of a value whose text the SQL gives.
  func field(_ sql: String, _ type: DataType) -> String {
    "CASE WHEN \(sql) IS NULL THEN \(quotedText(nullValue)) ELSE \(field(sql, isPlain: isPlain(type))) END"
  }

  /// A Boolean value that indicates whether the texts of a type have no character that needs quotes.
  private func isPlain(_ type: DataType) -> Bool {
    let digits = "0123456789+-.Ee"
    switch type {
    case .byte, .short, .integer, .long, .decimal:
      return !quotesAll && !(separator + quote).contains(where: digits.contains)
    default: return false
    }
  }

  private func field(_ sql: String, isPlain: Bool) -> String {
    if isPlain { return sql }
    let text = trimmed(sql)
    let empty = "CASE WHEN \(text) = '' THEN \(quotedText(emptyValue))"
    guard !quote.isEmpty else { return "(\(empty) ELSE \(text) END)" }
    var escaped = text
    if !escape.isEmpty, !escapeOfEscape.isEmpty {
      escaped = "replace(\(escaped), \(quotedText(escape)), \(quotedText(escapeOfEscape + escape)))"
    }
    escaped = "replace(\(escaped), \(quotedText(quote)), \(quotedText(escape + quote)))"
    let inQuotes = "\(quotedText(quote)) || \(escaped) || \(quotedText(quote))"
    if quotesAll { return "(\(empty) ELSE \(inQuotes) END)" }
    return "(\(empty) WHEN \(needsQuotes(text)) THEN \(inQuotes) ELSE \(text) END)"
  }

  private func needsQuotes(_ text: String) -> String {
    var signs = [separator, "\n", "\r"]
    if escapesQuotes { signs.append(quote) }
    var conditions = signs.map { "contains(\(text), \(quotedText($0)))" }
    if !comment.isEmpty { conditions.append("starts_with(\(text), \(quotedText(comment)))") }
    return conditions.joined(separator: " OR ")
  }

  private func trimmed(_ sql: String) -> String {
    let spaces = "chr(9) || chr(10) || chr(13) || ' '"
    return switch (trimsStart, trimsEnd) {
    case (true, true): "trim(\(sql), \(spaces))"
    case (true, false): "ltrim(\(sql), \(spaces))"
    case (false, true): "rtrim(\(sql), \(spaces))"
    case (false, false): sql
    }
  }

  /// The field of a name in the header.
  func field(_ name: String) -> String {
    func contains(_ sign: String) -> Bool { !sign.isEmpty && name.contains(sign) }
    guard !quote.isEmpty else { return name }
    guard
      quotesAll || contains(separator) || contains("\n") || contains("\r") || escapesQuotes && contains(quote)
        || !comment.isEmpty && name.hasPrefix(comment)
    else { return name.isEmpty ? emptyValue : name }
    var escaped = name
    if !escape.isEmpty, !escapeOfEscape.isEmpty { escaped = escaped.replacing(escape, with: escapeOfEscape + escape) }
    return quote + escaped.replacing(quote, with: escape + quote) + quote
  }
}
