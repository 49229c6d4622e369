/// A parser of Spark SQL by recursive descent.
///
/// Its grammar is that of Spark 4 with the default keywords (`spark.sql.ansi.enforceReservedKeywords=false`), for queries,
/// expressions, types, and the statements of ``Statement``. Words that begin a clause, such as `FROM`, are names only
/// after `AS` or in backticks; Spark takes them as names wherever no other reading is possible.
struct SQLParser {
  let source: [UInt8]
  let tokens: [SQLToken]
  /// The position of the next token.
  var index = 0
  var parameters: SQLParameters
  /// How many rules contain the current one, and the limit.
  var nesting = 0
  static let maximumNesting = 250
  /// A bound for the height of the expression or plan that the current rule has built.
  var height = 0
  static let maximumHeight = 500
  /// The position of the `SELECT` whose clauses are being parsed.
  var selectIndex: Int?
  /// The named windows of each `SELECT`, by its position.
  var windows: [Int: WindowClause] = [:]

  init(_ text: String, _ parameters: SQLParameters = SQLParameters()) throws {
    source = Array(text.utf8)
    tokens = try SQLLexer.tokens(of: source)
    self.parameters = parameters
  }

  // MARK: Whole texts

  /// The only statement of a text.
  static func parse(
    _ text: String, named: [String: Literal] = [:], positional: [Literal] = []
  ) throws -> Statement {
    var parser = try SQLParser(text, SQLParameters(named: named, positional: positional))
    let statement = try parser.whole { try $0.statement() }
    try parser.parameters.checkAllUsed(in: parser.source)
    return statement
  }

  /// The statements of a text, which semicolons separate.
  static func parseAll(_ text: String) throws -> [Statement] {
    var parser = try SQLParser(text)
    var statements: [Statement] = []
    while true {
      while parser.skip(.semicolon) {}
      if parser.isAtEnd { return statements }
      statements.append(try parser.statement())
      guard parser.isAtEnd || parser.isNext(.semicolon) else { throw parser.unexpected("';' or the end of the text") }
    }
  }

  /// The query that a text consists of.
  static func parseQuery(
    _ text: String, named: [String: Literal] = [:], positional: [Literal] = []
  ) throws -> Plan {
    var parser = try SQLParser(text, SQLParameters(named: named, positional: positional))
    let plan = try parser.whole { try $0.query() }
    try parser.parameters.checkAllUsed(in: parser.source)
    return plan
  }

  /// The expression that a text consists of, perhaps with a name: `a + 1 AS b`.
  static func parseExpression(_ text: String) throws -> Expression {
    var parser = try SQLParser(text)
    return try parser.whole { try $0.namedExpression() }
  }

  /// The parts of a name of a table or column: ``a.`b.c` `` is `["a", "b.c"]`.
  static func parseName(_ text: String) throws -> [String] {
    var parser = try SQLParser(text)
    return try parser.whole { try $0.qualifiedName() }
  }

  mutating func whole<Result>(_ rule: (inout SQLParser) throws -> Result) throws -> Result {
    let result = try rule(&self)
    while skip(.semicolon) {}
    guard isAtEnd else { throw unexpected("the end of the statement") }
    return result
  }

  // MARK: Tokens

  var next: SQLToken { tokens[index] }

  func token(after distance: Int) -> SQLToken { tokens[min(index + distance, tokens.count - 1)] }

  var isAtEnd: Bool { next.kind == .end }

  func isNext(_ sign: SQLSign) -> Bool { next.kind == .sign(sign) }

  func isNext(_ keyword: SQLKeyword) -> Bool { next.keyword == keyword }

  /// A Boolean value that indicates whether these words follow.
  func areNext(_ keywords: SQLKeyword...) -> Bool {
    keywords.indices.allSatisfy { token(after: $0).keyword == keywords[$0] }
  }

  /// Skips the sign if it is next; returns whether it was.
  mutating func skip(_ sign: SQLSign) -> Bool {
    guard isNext(sign) else { return false }
    index += 1
    return true
  }

  /// Skips the words if they are next; returns whether they were.
  mutating func skip(_ keywords: SQLKeyword...) -> Bool {
    for distance in keywords.indices where token(after: distance).keyword != keywords[distance] { return false }
    index += keywords.count
    return true
  }

  mutating func require(_ sign: SQLSign) throws {
    guard skip(sign) else { throw unexpected("'\(sign.rawValue)'") }
  }

  mutating func require(_ keyword: SQLKeyword) throws {
    guard skip(keyword) else { throw unexpected(keyword.text) }
  }

  func text(of token: SQLToken) -> String { String(decoding: source[token.range], as: UTF8.self) }

  /// The items of a list that commas separate; there is at least one.
  mutating func list<Item>(_ item: (inout SQLParser) throws -> Item) throws -> [Item] {
    var items = [try item(&self)]
    while skip(.comma) { items.append(try item(&self)) }
    return items
  }

  mutating func parenthesized<Item>(_ rule: (inout SQLParser) throws -> Item) throws -> Item {
    try require(.leftParenthesis)
    let item = try rule(&self)
    try require(.rightParenthesis)
    return item
  }

  // MARK: Names and strings

  var isNameNext: Bool {
    switch next.kind {
    case .word, .quotedName: true
    default: false
    }
  }

  /// A name, which may be any word.
  mutating func name(_ what: String = "a name") throws -> String {
    switch next.kind {
    case .word where isNext(.identifier) && token(after: 1).kind == .sign(.leftParenthesis):
      index += 1
      let parts = try nameParts(of: try parenthesized { try $0.string() })
      guard parts.count == 1 else { throw error("IDENTIFIER has several parts where one name is expected") }
      return parts[0]
    case .word: return text(of: advance())
    case .quotedName:
      let name = SQLText.name(source[advance().range])
      guard !name.isEmpty else { throw error("a name is empty", at: index - 1) }
      return name
    default: throw unexpected(what)
    }
  }

  /// A name of several parts: `a.b.c`.
  mutating func qualifiedName(_ what: String = "a name") throws -> [String] {
    if isNext(.identifier), token(after: 1).kind == .sign(.leftParenthesis) {
      index += 1
      return try nameParts(of: try parenthesized { try $0.string() })
    }
    var parts = [try name(what)]
    while skip(.period) { parts.append(try name()) }
    return parts
  }

  private func nameParts(of text: String) throws -> [String] {
    do { return try Self.parseName(text) } catch let fault as SQLSyntaxError {
      throw error("'\(text)' is no name: \(fault.message)", at: index - 1)
    }
  }

  mutating func names() throws -> [String] { try parenthesized { try $0.list { try $0.name() } } }

  @discardableResult
  mutating func advance() -> SQLToken {
    defer { if index < tokens.count - 1 { index += 1 } }
    return tokens[index]
  }

  /// A string, perhaps of several tokens: `'a' 'b'`; or a parameter that is a string.
  mutating func string(_ what: String = "a string") throws -> String {
    if let literal = try parameter() {
      guard case .string(let value) = literal else { throw error("the parameter is no string", at: index - 1) }
      return value
    }
    guard next.kind == .string else { throw unexpected(what) }
    var value = SQLText.string(source[advance().range])
    while next.kind == .string { value += SQLText.string(source[advance().range]) }
    return value
  }

  mutating func nonnegativeInteger(_ what: String = "an integer") throws -> Int {
    guard next.kind == .number, let value = Int(text(of: next)) else { throw unexpected(what) }
    index += 1
    return value
  }

  // MARK: Limits

  /// The result of a rule that contains itself. Limits how deep rules and their results nest, so that neither the parser
  /// nor the users of its results overflow the stack.
  mutating func nested<Result>(_ rule: (inout SQLParser) throws -> Result) throws -> Result {
    nesting += 1
    guard nesting <= Self.maximumNesting else { throw error("the text is nested too deep") }
    let outer = height
    height = 0
    let result = try rule(&self)
    try grow()
    height = max(height, outer)
    nesting -= 1
    return result
  }

  /// Counts one more node above those that the current rule has built.
  mutating func grow(by levels: Int = 1) throws {
    height += levels
    guard height <= Self.maximumHeight else {
      throw error("more than \(Self.maximumHeight) operations depend on each other")
    }
  }

  // MARK: Errors

  func error(_ message: String, at index: Int? = nil) -> SQLSyntaxError {
    SQLSyntaxError(message, in: source, at: Int(tokens[index ?? self.index].start))
  }

  /// The error that the next token is not what the grammar expects.
  func unexpected(_ expected: String) -> SQLSyntaxError {
    error("expected \(expected), found \(description(of: next))")
  }

  private func description(of token: SQLToken) -> String {
    let text = text(of: token)
    switch token.kind {
    case .end: return "the end of the text"
    case .word(let keyword): return keyword?.text ?? "'\(text)'"
    case .unrecognized where text.unicodeScalars.contains { $0.value < 32 }:
      return "the control character \(text.unicodeScalars.first?.value ?? 0)"
    case .string: return text.count > 32 ? "the string \(text.prefix(30))…" : "the string \(text)"
    default: return text.count > 32 ? "'\(text.prefix(30))…'" : "'\(text)'"
    }
  }
}
