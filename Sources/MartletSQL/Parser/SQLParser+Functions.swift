// Calls of functions, those with a syntax of their own, and window functions.

extension SQLParser {
  /// A call, from its opening parenthesis.
  mutating func call(_ name: String) throws -> Expression {
    try require(.leftParenthesis)
    var call = FunctionCall(name, [])
    if !isNext(.rightParenthesis) {
      if skip(.distinct) { call.isDistinct = true } else if isNext(.all), !isEndOfArgument(1) { index += 1 }
      call.arguments = try list { try $0.argument() }
      if skip(.ignore, .nulls) { call.ignoresNulls = true } else { _ = skip(.respect, .nulls) }
    }
    try require(.rightParenthesis)
    if name.lowercased() == "count", !call.isDistinct, call.arguments == [.star(qualifier: [], except: [])] {
      call.arguments = [.literal(.integer(1))]
    }
    return try suffixes(of: call)
  }

  private func isEndOfArgument(_ distance: Int) -> Bool {
    let kind = token(after: distance).kind
    return kind == .sign(.comma) || kind == .sign(.rightParenthesis)
  }

  mutating func argument() throws -> Expression {
    if isNameNext, token(after: 1).kind == .sign(.fatArrow) {
      throw error("arguments by name (name => value) are not supported", at: index)
    }
    if isNext(.table), token(after: 1).kind == .sign(.leftParenthesis), beginsQuery(at: index + 2) {
      throw error("tables as arguments are not supported")
    }
    return try expression()
  }

  /// The call with what follows it: `WITHIN GROUP`, `FILTER`, `IGNORE NULLS`, `OVER`.
  private mutating func suffixes(of call: FunctionCall) throws -> Expression {
    var call = call
    if skip(.within, .group) {
      call.order = try parenthesized { parser in
        try parser.require(.order)
        try parser.require(.by)
        return try parser.list { try $0.sortItem() }
      }
    }
    if isNext(.filter), token(after: 1).kind == .sign(.leftParenthesis), token(after: 2).keyword == .where {
      index += 1
      call.filter = try parenthesized { parser in
        try parser.require(.where)
        return try parser.expression()
      }
    }
    if skip(.ignore, .nulls) { call.ignoresNulls = true } else { _ = skip(.respect, .nulls) }
    guard isNext(.over), token(after: 1).kind == .sign(.leftParenthesis) || isNameToken(1) else {
      return .function(call)
    }
    index += 1
    var window = try windowDefinition()
    window.function = .function(call)
    return .window(window)
  }

  func isNameToken(_ distance: Int) -> Bool {
    switch token(after: distance).kind {
    case .word(let keyword): keyword?.isReserved != true
    case .quotedName: true
    default: false
    }
  }

  // MARK: Windows

  /// `w`, `(w)`, or `(PARTITION BY … ORDER BY … ROWS …)`. The function is missing in the result.
  private mutating func windowDefinition() throws -> WindowExpression {
    guard skip(.leftParenthesis) else { return try namedWindow() }
    if isNameNext, token(after: 1).kind == .sign(.rightParenthesis) {
      let window = try namedWindow()
      index += 1
      return window
    }
    var window = WindowExpression(.literal(.null()))
    if skip(.cluster) {
      try require(.by)
      window.partition = try list { try $0.expression() }
      window.order = window.partition.map { SortOrder($0) }
    } else {
      if skip(.partition) || skip(.distribute) {
        try require(.by)
        window.partition = try list { try $0.expression() }
      }
      if skip(.order) || skip(.sort) {
        try require(.by)
        window.order = try list { try $0.sortItem() }
      }
    }
    window.frame = try windowFrame()
    guard skip(.rightParenthesis) else { throw unexpected("PARTITION BY, ORDER BY, ROWS, RANGE or ')'") }
    return window
  }

  private mutating func windowFrame() throws -> WindowFrame? {
    guard isNext(.rows) || isNext(.range) else { return nil }
    let unit: WindowFrame.Unit = isNext(.rows) ? .rows : .range
    index += 1
    guard skip(.between) else { return WindowFrame(unit, try boundary(), .currentRow) }
    let lower = try boundary()
    try require(.and)
    return WindowFrame(unit, lower, try boundary())
  }

  private mutating func boundary() throws -> WindowFrame.Boundary {
    if skip(.unbounded, .preceding) { return .unboundedPreceding }
    if skip(.unbounded, .following) { return .unboundedFollowing }
    if skip(.current, .row) { return .currentRow }
    let distance = try value()
    if skip(.preceding) { return .preceding(distance) }
    if skip(.following) { return .following(distance) }
    throw unexpected("PRECEDING or FOLLOWING")
  }

  /// A Boolean value that indicates whether `WINDOW name AS` is next.
  var isWindowClauseNext: Bool { isWindowClause(at: index) }

  private func isWindowClause(at position: Int) -> Bool {
    guard position + 2 < tokens.count, tokens[position].keyword == .window else { return false }
    switch tokens[position + 1].kind {
    case .word, .quotedName: return tokens[position + 2].keyword == .as
    default: return false
    }
  }

  /// The window of this name in the `WINDOW` clause of the query, which follows later in the text.
  private mutating func namedWindow() throws -> WindowExpression {
    let start = index
    let name = try name("a window")
    if let selectIndex, windows[selectIndex] == nil {
      windows[selectIndex] = WindowClause()
      if let clause = windowClause(after: selectIndex) {
        let position = index
        index = clause
        try readWindowClause(of: selectIndex)
        index = position
      }
    }
    guard let window = selectIndex.flatMap({ windows[$0]?.definitions[name.lowercased()] }) else {
      throw error("the query has no clause WINDOW that defines '\(name)'", at: start)
    }
    return window
  }

  /// The position of the `WINDOW` clause that belongs to the `SELECT` at a position.
  private func windowClause(after select: Int) -> Int? {
    var depth = 0
    for position in (select + 1)..<tokens.count {
      switch tokens[position].kind {
      case .sign(.leftParenthesis): depth += 1
      case .sign(.rightParenthesis):
        depth -= 1
        if depth < 0 { return nil }
      case .word(.window?) where depth == 0 && isWindowClause(at: position): return position
      case .word(.select?) where depth == 0, .sign(.semicolon): return nil
      default: break
      }
    }
    return nil
  }

  /// `WINDOW w AS (…), …`, if it is next. It has been read before if a function uses one of its windows.
  mutating func windowClause() throws {
    guard isWindowClauseNext, let selectIndex else { return }
    if let clause = windows[selectIndex], clause.start == index {
      index = clause.end
    } else {
      try readWindowClause(of: selectIndex)
    }
  }

  private mutating func readWindowClause(of select: Int) throws {
    var clause = windows[select] ?? WindowClause()
    var others: [(name: String, other: String)] = []
    clause.start = index
    index += 1
    repeat {
      let name = try name("a window").lowercased()
      try require(.as)
      if isNext(.leftParenthesis) {
        clause.definitions[name] = try windowDefinition()
        windows[select] = clause
      } else {
        others.append((name, try self.name("a window").lowercased()))
      }
    } while skip(.comma)
    for (name, other) in others {
      guard let window = clause.definitions[other] else { throw error("the clause WINDOW does not define '\(other)'") }
      clause.definitions[name] = window
    }
    clause.end = index
    windows[select] = clause
  }

  // MARK: Functions with a syntax of their own

  /// The call of a function whose arguments may have words between them; `nil` if no such function has this name.
  mutating func specialCall(_ keyword: SQLKeyword) throws -> Expression? {
    let name = text(of: next)
    switch keyword {
    case .timestampadd, .dateadd, .dateAdd: return try unitCall("timestampadd")
    case .timestampdiff, .datediff, .dateDiff, .timediff: return try unitCall("timestampdiff")
    case .extract:
      guard isNameToken(2), token(after: 3).keyword == .from else { return nil }
    case .trim, .substring, .substr, .position, .overlay, .struct: break
    default: return nil
    }
    index += 2
    if isNext(.rightParenthesis) {
      index -= 1
      return try call(name)
    }
    switch keyword {
    case .trim: return try trim(name)
    case .substring, .substr: return try substring(name)
    case .position: return try position(name)
    case .extract: return try extract()
    case .overlay: return try overlay(name)
    default: return try rest(of: name, [try namedExpression()]) { try $0.namedExpression() }
    }
  }

  /// An ordinary call, after its first arguments.
  private mutating func rest(
    of name: String, _ arguments: [Expression],
    _ argument: (inout SQLParser) throws -> Expression = { try $0.argument() }
  ) throws -> Expression {
    var arguments = arguments
    while skip(.comma) { arguments.append(try argument(&self)) }
    try require(.rightParenthesis)
    return try suffixes(of: FunctionCall(name, arguments))
  }

  /// `TRIM(BOTH 'x' FROM s)`. The functions take the characters first, and the string last.
  private mutating func trim(_ name: String) throws -> Expression {
    var function: String?
    if !isEndOfArgument(1) {
      switch next.keyword {
      case .both?: function = "trim"
      case .leading?: function = "ltrim"
      case .trailing?: function = "rtrim"
      default: break
      }
      if function != nil { index += 1 }
    }
    let characters = isNext(.from) ? nil : try expression()
    guard skip(.from) else {
      guard function == nil, let characters else { throw unexpected("FROM") }
      return try rest(of: name, [characters])
    }
    let string = try value()
    try require(.rightParenthesis)
    return .call(function ?? "trim", (characters.map { [$0] } ?? []) + [string])
  }

  /// `SUBSTRING(s FROM 1 FOR 2)`
  private mutating func substring(_ name: String) throws -> Expression {
    var arguments = [try expression()]
    guard skip(.from) else { return try rest(of: name, arguments) }
    arguments.append(try value())
    if skip(.for) { arguments.append(try value()) }
    try require(.rightParenthesis)
    return .call("substring", arguments)
  }

  /// `POSITION('x' IN s)`
  private mutating func position(_ name: String) throws -> Expression {
    let part = try value()
    guard skip(.in) else { return try rest(of: name, [part]) }
    let whole = try value()
    try require(.rightParenthesis)
    return .call("position", part, whole)
  }

  /// `EXTRACT(YEAR FROM d)`
  private mutating func extract() throws -> Expression {
    let field = try name()
    index += 1
    let value = try value()
    try require(.rightParenthesis)
    return .call("extract", .literal(.string(field)), value)
  }

  /// `OVERLAY(s PLACING 'x' FROM 1 FOR 2)`
  private mutating func overlay(_ name: String) throws -> Expression {
    var arguments = [try expression()]
    guard skip(.placing) else { return try rest(of: name, arguments) }
    arguments.append(try value())
    try require(.from)
    arguments.append(try value())
    if skip(.for) { arguments.append(try value()) }
    try require(.rightParenthesis)
    return .call("overlay", arguments)
  }

  /// `timestampadd(DAY, 1, t)`, `datediff(DAY, a, b)`; `nil` if the first argument is no unit.
  private mutating func unitCall(_ function: String) throws -> Expression? {
    switch token(after: 2).keyword {
    case .year?, .quarter?, .month?, .week?, .day?, .dayofyear?, .hour?, .minute?, .second?, .millisecond?,
      .microsecond?:
      guard token(after: 3).kind == .sign(.comma) else { return nil }
    default: return nil
    }
    let name = text(of: next)
    index += 2
    let unit = text(of: advance())
    index += 1
    let first = try value()
    // Without a third argument, as in `date_add(day, 1)`, the unit is a column.
    guard skip(.comma) else { return try rest(of: name, [.attribute([unit]), first]) }
    let second = try value()
    try require(.rightParenthesis)
    return .call(function, .literal(.string(unit.uppercased())), first, second)
  }
}

/// The named windows of a query, and where the text defines them.
struct WindowClause {
  var definitions: [String: WindowExpression] = [:]
  var start = -1
  var end = -1
}
