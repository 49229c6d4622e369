internal import MartletCore

extension SQLParser {
  /// The statements of a text, which semicolons separate, each as a text of its own.
  ///
  /// White space stands before a statement, so that errors name its line and column in the whole text. Semicolons in
  /// strings and comments separate nothing.
  static func statementTexts(_ text: String) throws -> [String] {
    let source = Array(text.utf8)
    var statements: [String] = []
    var start: Int?
    for token in try SQLLexer.tokens(of: source) {
      let isEnd = token.kind == .end || token.kind == .sign(.semicolon)
      if let first = start, isEnd {
        statements.append(
          space(before: first, in: source) + String(decoding: source[first..<Int(token.start)], as: UTF8.self))
        start = nil
      } else if !isEnd, start == nil {
        start = Int(token.start)
      }
    }
    return statements
  }

  /// As many line feeds as there are before a position, and then as many spaces as characters in its line.
  private static func space(before position: Int, in source: [UInt8]) -> String {
    let lines = source[..<position].count { $0 == UInt8(ascii: "\n") }
    let line = source[..<position].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let columns = String(decoding: source[line..<position], as: UTF8.self).unicodeScalars.count
    return String(repeating: "\n", count: lines) + String(repeating: " ", count: columns)
  }
}

extension SparkSession {
  /// The statements of a text, which semicolons separate, each as a text of its own for `sql`.
  package static func statements(of text: String) throws -> [String] {
    do { return try SQLParser.statementTexts(text) } catch {
      throw MartletError(.analysis, "[PARSE_SYNTAX_ERROR] \(error)", underlying: error)
    }
  }
}
