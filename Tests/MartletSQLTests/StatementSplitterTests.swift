import Testing

@testable import MartletSQL

@Suite("The statements of a text") struct StatementSplitterTests {
  /// The statements of a text that arrives in pieces of a length.
  private func statements(_ text: String, pieces: Int = .max) -> [String] {
    var splitter = StatementSplitter()
    var found: [String] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      splitter.append(rest.prefix(pieces))
      rest = rest.dropFirst(pieces)
      while let statement = splitter.next() { found.append(statement) }
    }
    while let statement = splitter.finish() {
      found.append(statement)
      splitter = StatementSplitter()
    }
    return found
  }

  private func trimmed(_ texts: [String]) -> [String] { texts.map { String($0.drop { $0 == " " || $0 == "\n" }) } }

  @Test("Semicolons separate them, but not in strings, names and comments") func semicolons() {
    let text = "SELECT ';' ; /* ; */ SELECT `a;b` -- ;\n, 2;;\n;"
    #expect(trimmed(statements(text)) == ["SELECT ';' ", "SELECT `a;b` -- ;\n, 2"])
    #expect(statements(" -- nothing\n ; ").isEmpty)
  }

  static let texts: [(String, Int)] = [
    ("SELECT 1", 1), ("SELECT 1;", 1), ("SELECT 1; ", 1), (";;", 0), ("", 0), ("SELECT 'it''s; fine'; SELECT 2", 2),
    (#"SELECT 'a\';b'; SELECT 2"#, 2), (#"SELECT r'a\'; SELECT 2"#, 2), (#"SELECT bar'a\';b'"#, 1),
    (#"SELECT R"\"; SELECT 2"#, 2), ("SELECT `a``;b`; SELECT 2", 2), (#"SELECT "a;""b"; SELECT 2"#, 2),
    ("-- a;b\nSELECT 1; -- c;\n", 1), ("SELECT 1 -- a\\\n;b\n; SELECT 2", 2), ("/* a; /* b; */ c; */ SELECT 1;", 1),
    ("SELECT /*+ BROADCAST(t) */ 1; SELECT 2", 2), ("SELECT 1 - -1; SELECT 1 / 2; SELECT 2 * 3", 3),
    ("\u{FEFF}SELECT 1;\u{A0};\u{2003}", 1), ("SELECT 'é;ü'; SELECT 日本; SELECT '😀;'", 3),
    ("SELECT a.r';'; SELECT 1", 2),
    ("SELECT\r\n1;\r\nSELECT 2;\r\n", 2), ("SELECT 1/", 1), ("SELECT 1 -", 1), ("SELECT 2;r", 2),
  ]

  @Test("They are the same, whatever the pieces in which the text arrives", arguments: texts)
  func pieces(_ text: String, _ count: Int) {
    let whole = statements(text)
    #expect(whole.count == count, "\(whole)")
    for length in 1...5 { #expect(statements(text, pieces: length) == whole, "pieces of \(length)") }
  }

  @Test("They end where the parser's own tokens say so", arguments: texts)
  func tokens(_ text: String, _ count: Int) throws {
    let source = Array(text.utf8)
    var starts: [Int] = []
    var isBetween = true
    for token in try SQLLexer.tokens(of: source) where token.kind != .end {
      let isEnd = token.kind == .sign(.semicolon)
      if isBetween, !isEnd { starts.append(Int(token.start)) }
      isBetween = isEnd
    }
    // The text before a statement has become as many line feeds and spaces.
    let expected = starts.map { start in
      let before = String(decoding: source[..<start], as: UTF8.self).unicodeScalars
      let line = before.split(separator: "\n", omittingEmptySubsequences: false)
      return [line.count - 1, line.last?.count ?? 0]
    }
    let found = statements(text).map { statement in
      let space = statement.unicodeScalars.prefix { $0 == "\n" || $0 == " " }
      return [space.count { $0 == "\n" }, space.count { $0 == " " }]
    }
    #expect(found == expected)
  }

  @Test("A text that ends inside of something is one statement, for the parser to refuse") func open() {
    #expect(trimmed(statements("SELECT 1; SELECT 'a; SELECT 2;")) == ["SELECT 1", "SELECT 'a; SELECT 2;"])
    #expect(statements("SELECT `a;").count == 1)
    #expect(statements("SELECT 1; /* a;").count == 1)
  }

  @Test(
    "An entry is complete after its last semicolon",
    arguments: [
      ("", true), ("SELECT 1;", true), ("SELECT 1; -- done", true), ("-- only this", true), ("SELECT 1", false),
      ("SELECT 1; SELECT", false), ("SELECT ';", false), ("/* a;", false), ("SELECT `;", false), ("SELECT 1;\n", true),
      ("SELECT 1; -", false), ("SELECT ''';'", false), ("SELECT 1 --;", false),
    ])
  func complete(_ text: String, _ isComplete: Bool) { #expect(StatementSplitter.isComplete(text) == isComplete) }

  @Test("Errors name the line and column in the whole text") func positions() throws {
    let statements = statements("SELECT 1;\n  SELECT 'é'; SELECT 2 +")
    #expect(statements.count == 3)
    let error = try #require(throws: SQLSyntaxError.self) { try SQLParser.parse(statements[2]) }
    #expect(error.line == 2)
    #expect(error.column == "  SELECT 'é'; SELECT 2 +".unicodeScalars.count + 1)
  }

  @Test("A long text with many statements is split at the speed of reading it", .timeLimit(.minutes(30)))
  func many() {
    var splitter = StatementSplitter()
    var count = 0
    for _ in 0..<20 {
      splitter.append(String(repeating: "SELECT ';';\n", count: 1000).utf8)
      while splitter.next() != nil { count += 1 }
    }
    #expect(count == 20_000)
    #expect(splitter.finish() == nil)
  }
}
