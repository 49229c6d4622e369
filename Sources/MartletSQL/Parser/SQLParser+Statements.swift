// Statements other than CREATE and INSERT, and the decision which statement a text is.

extension SQLParser {
  mutating func statement() throws -> Statement {
    if isQueryNext || isNext(.leftParenthesis) { return try queryOrInsert() }
    let start = index
    guard let keyword = next.keyword, let statement = try statement(keyword) else {
      if isAtEnd { throw unexpected("a statement") }
      index = start
      return try unknown()
    }
    return statement
  }

  /// The statement that begins with a word; `nil` if there is none.
  private mutating func statement(_ keyword: SQLKeyword) throws -> Statement? {
    switch keyword {
    case .insert: return try insert()
    case .create: return try create()
    case .drop: return try drop()
    case .show: return try show()
    case .describe, .desc: return try describe()
    case .explain: return try explain()
    case .set: return try set()
    case .use: return try use()
    case .cache: return try cache()
    case .reset:
      index += 1
      let key = rest()
      return .reset(key: key.isEmpty ? nil : key)
    case .truncate:
      guard skip(.truncate, .table) else { return nil }
      let name = try qualifiedName("a table")
      guard !isNext(.partition) else { throw error("TRUNCATE of a partition is not supported") }
      return .truncateTable(name)
    case .uncache:
      guard skip(.uncache, .table) else { return nil }
      let ifExists = skip(.if, .exists)
      return .uncacheTable(try qualifiedName("a table"), ifExists: ifExists)
    case .delete: return try delete()
    case .update: return try update()
    case .alter: return try alter()
    case .clear: return skip(.clear, .cache) ? .clearCache : nil
    case .refresh:
      guard skip(.refresh, .table) else { return nil }
      return .refreshTable(try qualifiedName("a table"))
    default: return nil
    }
  }

  /// The text up to a semicolon, or the end.
  mutating func rest() -> String {
    let start = next.start
    var end = start
    while !isAtEnd, !isNext(.semicolon) { end = advance().end }
    return String(decoding: source[Int(start)..<Int(end)], as: UTF8.self)
  }

  private mutating func unknown() throws -> Statement {
    guard case .word = next.kind else { throw unexpected("a statement") }
    return .unknown(rest())
  }

  /// A query, or `WITH … INSERT`.
  private mutating func queryOrInsert() throws -> Statement {
    guard isNext(.with) else { return .query(try query()) }
    return try nested { parser in
      let expressions = try parser.commonTableExpressions()
      if parser.isNext(.insert) {
        guard case .insert(var insert) = try parser.insert() else { throw parser.unexpected("a query") }
        insert.plan = .with(expressions, insert.plan)
        return .insert(insert)
      }
      return .query(.with(expressions, try parser.queryRest(of: try parser.term())))
    }
  }

  private mutating func explain() throws -> Statement {
    index += 1
    var mode = ExplainKind.simple
    switch next.keyword {
    case .logical?, .extended?, .formatted?, .codegen?, .cost?, .analyze?:
      mode = ExplainKind(rawValue: text(of: advance()).lowercased()) ?? .simple
    default: break
    }
    return .explain(mode, try nested { try $0.statement() })
  }

  private mutating func use() throws -> Statement {
    index += 1
    if isNext(.database) || isNext(.schema) || isNext(.namespace), !isStatementEnd(1) { index += 1 }
    return .use(try qualifiedName("a database"))
  }

  func isStatementEnd(_ distance: Int) -> Bool {
    let kind = token(after: distance).kind
    return kind == .end || kind == .sign(.semicolon)
  }

  private mutating func cache() throws -> Statement? {
    let isLazy = token(after: 1).keyword == .lazy
    guard token(after: isLazy ? 2 : 1).keyword == .table else { return nil }
    index += isLazy ? 3 : 2
    let name = try qualifiedName("a table")
    if skip(.options) { _ = try properties() }
    let plan = skip(.as) || isQueryNext || isNext(.leftParenthesis) ? try query() : nil
    return .cacheTable(name, plan, isLazy: isLazy)
  }

  private mutating func drop() throws -> Statement? {
    let kind = token(after: 1).keyword
    switch kind {
    case .table?, .view?, .database?, .schema?, .namespace?: index += 2
    default: return nil
    }
    let ifExists = skip(.if, .exists)
    let name = try qualifiedName()
    switch kind {
    case .table?:
      _ = skip(.purge)
      return .dropTable(name, ifExists: ifExists)
    case .view?: return .dropView(name, ifExists: ifExists)
    default:
      let cascades = skip(.cascade)
      if !cascades { _ = skip(.restrict) }
      return .dropDatabase(name, ifExists: ifExists, cascades: cascades)
    }
  }

  // MARK: Changes of rows and tables

  private mutating func delete() throws -> Statement? {
    guard skip(.delete, .from) else { return nil }
    var deletion = Deletion(table: try qualifiedName("a table"))
    deletion.alias = try tableAlias()
    if skip(.where) { deletion.condition = try expression() }
    return .delete(deletion)
  }

  private mutating func update() throws -> Statement? {
    index += 1
    let table = try qualifiedName("a table")
    let alias = isNext(.set) ? nil : try tableAlias()
    try require(.set)
    let assignments = try list { parser in
      let column = try parser.qualifiedName("a column")
      try parser.require(.equal)
      return Update.Assignment(column: column, value: try parser.expression())
    }
    return .update(
      Update(
        table: table, alias: alias, assignments: assignments, condition: skip(.where) ? try expression() : nil))
  }

  private mutating func tableAlias() throws -> String? {
    if skip(.as) { return try name("an alias") }
    return isNameNext && !isNext(.where) ? try name("an alias") : nil
  }

  private mutating func alter() throws -> Statement? {
    guard skip(.alter, .table) else { return nil }
    let name = try qualifiedName("a table")
    guard skip(.rename), skip(.to) else { return nil }
    return .renameTable(name, to: try qualifiedName("a table"))
  }

  // MARK: SHOW and DESCRIBE

  private mutating func show() throws -> Statement? {
    let word = token(after: 1)
    switch word.keyword {
    case .tables?, .views?:
      index += 2
      let database = skip(.from) || skip(.in) ? try qualifiedName("a database") : nil
      let pattern = try pattern()
      return word.keyword == .tables
        ? .showTables(database: database, pattern: pattern) : .showViews(database: database, pattern: pattern)
    case .databases?, .schemas?, .namespaces?:
      index += 2
      return .showDatabases(pattern: try pattern())
    case .columns?:
      index += 2
      guard skip(.from) || skip(.in) else { throw unexpected("FROM or IN") }
      let table = try qualifiedName("a table")
      let database = skip(.from) || skip(.in) ? try qualifiedName("a database") : []
      return .showColumns(database + table)
    default:
      let hasScope = token(after: 2).keyword == .functions
      guard hasScope || word.keyword == .functions else { return nil }
      index += hasScope ? 3 : 2
      if skip(.from) || skip(.in) { _ = try qualifiedName("a database") }
      if isNameNext, !isNext(.like) { return .showFunctions(pattern: try qualifiedName().joined(separator: ".")) }
      return .showFunctions(pattern: try pattern())
    }
  }

  private mutating func pattern() throws -> String? {
    guard skip(.like) || next.kind == .string else { return nil }
    return try string("a pattern")
  }

  private mutating func describe() throws -> Statement? {
    index += 1
    if isNext(.query), beginsQuery(at: index + 1) || token(after: 1).kind == .sign(.leftParenthesis) {
      index += 1
      return .describeQuery(try query())
    }
    if isQueryNext && !isNext(.table) || isNext(.leftParenthesis) { return .describeQuery(try query()) }
    if isNext(.function), !isStatementEnd(1) {
      index += 1
      let isExtended = skip(.extended)
      if next.kind == .string { return .describeFunction(try string(), isExtended: isExtended) }
      if case .sign = next.kind { return .describeFunction(text(of: advance()), isExtended: isExtended) }
      return .describeFunction(try qualifiedName("a function").joined(separator: "."), isExtended: isExtended)
    }
    switch next.keyword {
    case .database?, .schema?, .namespace?:
      // A description of a database, unless that is the name of a table.
      guard isStatementEnd(1) else { return nil }
    case .table? where !isStatementEnd(1): index += 1
    default: break
    }
    let isExtended = (isNext(.extended) || isNext(.formatted)) && !isStatementEnd(1)
    if isExtended { index += 1 }
    let table = try qualifiedName("a table")
    let column = isAtEnd || isNext(.semicolon) ? nil : try qualifiedName("a column")
    return .describeTable(table, column: column, isExtended: isExtended)
  }

  // MARK: SET

  private mutating func set() throws -> Statement? {
    index += 1
    if isAtEnd || isNext(.semicolon) { return .set(key: nil, value: nil) }
    if skip(.time, .zone) { return .set(key: "spark.sql.session.timeZone", value: try timeZone()) }
    let start = index
    while !isAtEnd, !isNext(.semicolon), !isNext(.equal) { index += 1 }
    guard index > start else { throw unexpected("a key") }
    let keyTokens = tokens[start..<index]
    let key = unquoted(keyTokens)
    if key == "-v" { return .set(key: nil, value: nil) }
    guard keyTokens.count == 1 || !key.contains(where: \.isWhitespace) else { return nil }
    guard skip(.equal) else { return .set(key: key, value: nil) }
    let valueStart = index
    let text = rest()
    let valueTokens = tokens[valueStart..<index]
    return .set(key: key, value: valueTokens.count == 1 ? unquoted(valueTokens) : text)
  }

  /// The text of tokens, without the quotes of the only one.
  private func unquoted(_ tokens: ArraySlice<SQLToken>) -> String {
    guard let first = tokens.first, let last = tokens.last else { return "" }
    switch (tokens.count, first.kind) {
    case (1, .string): return SQLText.string(source[first.range])
    case (1, .quotedName): return SQLText.name(source[first.range])
    default: return String(decoding: source[Int(first.start)..<Int(last.end)], as: UTF8.self)
    }
  }

  private mutating func timeZone() throws -> String {
    if skip(.local) { return "local" }
    guard isNext(.interval) else { return try string("a time zone") }
    let start = index
    guard case .literal(.interval(months: 0, days: 0, let microseconds, _))? = try interval(),
      microseconds % 1_000_000 == 0, abs(microseconds) <= 18 * 3_600_000_000
    else { throw error("an offset of a time zone has up to 18 hours", at: start) }
    let seconds = Int(abs(microseconds) / 1_000_000)
    let fields = [seconds / 3600, seconds / 60 % 60] + (seconds % 60 == 0 ? [] : [seconds % 60])
    return (microseconds < 0 ? "-" : "+") + fields.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
