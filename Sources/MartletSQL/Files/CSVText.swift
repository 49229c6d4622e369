/// The text of values in CSV files: Spark's rules for quotes.
///
/// A field is in quotes if it contains the separator, a quote, or the end of a line; or if it is the first of its row and
/// begins like a comment.
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
    // As in Spark, the character zero stands for no quote, and for no escape.
    quote = try options.character("quote", "\"") ?? "\0"
    escape = try options.character("escape", "\\") ?? "\0"
    escapeOfEscape = try options.character("charToEscapeQuoteEscaping", "") ?? (escape == quote ? "" : escape)
    comment = try options.character("comment", "") ?? "#"
    quotesAll = try options.bool("quoteAll")
    escapesQuotes = try options.bool("escapeQuotes", true)
    nullValue = options["nullValue"] ?? ""
    let empty = options["emptyValue"] ?? "\"\""
    emptyValue = quotesAll && empty != "\"\"" ? quote + empty + quote : empty
    trimsStart = try options.bool("ignoreLeadingWhiteSpace", true)
    trimsEnd = try options.bool("ignoreTrailingWhiteSpace", true)
  }

  /// Spaces and control characters, which are removed from the ends of fields.
  private static let spaces = quotedText(
    String(String.UnicodeScalarView((0...32).compactMap { Unicode.Scalar(UInt8($0)) })))

  /// The SQL of the field of a value whose text is in a column.
  func field(_ column: String, _ type: DataType, isFirst: Bool) -> String {
    let null = quotesAll ? quote + nullValue + quote : nullValue
    return "CASE WHEN \(column) IS NULL THEN \(quotedText(null)) ELSE \(field(column, isPlain(type), isFirst)) END"
  }

  /// A Boolean value that indicates whether the texts of a type have no character that needs quotes.
  private func isPlain(_ type: DataType) -> Bool {
    switch type {
    case .byte, .short, .integer, .long, .decimal:
      !quotesAll && !(separator + quote + comment).contains(where: "0123456789+-.E".contains)
    default: false
    }
  }

  private func field(_ column: String, _ isPlain: Bool, _ isFirst: Bool) -> String {
    if isPlain { return column }
    let start = trimsStart ? "ltrim(\(column), \(Self.spaces))" : column
    let text = trimsEnd ? "rtrim(\(start), \(Self.spaces))" : start
    var escaped = text
    if !escapeOfEscape.isEmpty {
      escaped = "replace(\(escaped), \(quotedText(escape)), \(quotedText(escapeOfEscape + escape)))"
    }
    escaped = "replace(\(escaped), \(quotedText(quote)), \(quotedText(escape + quote)))"
    let inQuotes = "\(quotedText(quote)) || \(escaped) || \(quotedText(quote))"
    let empty = "CASE WHEN \(text) = '' THEN \(quotedText(emptyValue))"
    if quotesAll { return "(\(empty) ELSE \(inQuotes) END)" }
    // A separator among the spaces at the end counts too.
    return "(\(empty) WHEN \(needsQuotes(start, isFirst)) THEN \(inQuotes) ELSE \(text) END)"
  }

  private func needsQuotes(_ text: String, _ isFirst: Bool) -> String {
    var conditions = [separator, "\n", "\r"].map { "contains(\(text), \(quotedText($0)))" }
    conditions.append("\(escapesQuotes ? "contains" : "starts_with")(\(text), \(quotedText(quote)))")
    if isFirst { conditions.append("starts_with(\(text), \(quotedText(comment)))") }
    return conditions.joined(separator: " OR ")
  }

  /// The first line of files.
  func header(_ names: [String]) -> String {
    names.enumerated().map { field(name: $1, isFirst: $0 == 0) }.joined(separator: separator)
  }

  private func field(name: String, isFirst: Bool) -> String {
    func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.value <= 32 }
    var scalars = name.unicodeScalars[...]
    if trimsStart { scalars = scalars.drop(while: isSpace) }
    let start = String(scalars)
    if trimsEnd { while let last = scalars.last, isSpace(last) { scalars.removeLast() } }
    let text = String(scalars)
    let needsQuotes =
      quotesAll || start.contains(separator) || start.contains("\n") || start.contains("\r")
      || (escapesQuotes ? start.contains(quote) : start.hasPrefix(quote)) || isFirst && start.hasPrefix(comment)
    guard !text.isEmpty else { return emptyValue }
    guard needsQuotes else { return text }
    let escaped = escapeOfEscape.isEmpty ? text : text.replacing(escape, with: escapeOfEscape + escape)
    return quote + escaped.replacing(quote, with: escape + quote) + quote
  }
}
