// The operands of expressions: constants, columns, subqueries, CASE, CAST, and everything in parentheses.

extension SQLParser {
  mutating func primary() throws -> Expression {
    if let literal = try parameter() { return .literal(literal) }
    switch next.kind {
    case .number: return .literal(try number())
    case .sign(.minus) where token(after: 1).kind == .number: return .literal(try number())
    case .string: return .literal(.string(try string()))
    case .sign(.star):
      index += 1
      return .star(qualifier: [], except: try exceptions())
    case .sign(.leftParenthesis): return try inParentheses()
    case .quotedName: return try columnOrCall()
    case .word(let keyword?): return try keywordExpression(keyword) ?? columnOrCall()
    case .word(nil): return try typedLiteral() ?? columnOrCall()
    default: throw unexpected("an expression")
    }
  }

  /// An expression that begins with a keyword; `nil` if the word is a name here.
  private mutating func keywordExpression(_ keyword: SQLKeyword) throws -> Expression? {
    let after = token(after: 1).kind
    switch keyword {
    case .null where !isName(before: after): return literal(.null())
    case .true where !isName(before: after): return literal(.boolean(true))
    case .false where !isName(before: after): return literal(.boolean(false))
    case .interval: return try interval()
    case .case: return try caseExpression()
    case .exists where after == .sign(.leftParenthesis) && beginsQuery(at: index + 2):
      index += 1
      return .exists(try parenthesized { try $0.query() })
    case .cast, .tryCast:
      guard after == .sign(.leftParenthesis) else { return nil }
      return try cast(isTry: keyword == .tryCast)
    case .currentDate, .currentTime, .currentTimestamp, .currentUser, .sessionUser, .localtimestamp, .currentCatalog,
      .currentDatabase, .currentSchema:
      guard after != .sign(.leftParenthesis), after != .sign(.period), after != .sign(.arrow) else { return nil }
      index += 1
      return .call(keyword.rawValue)
    default:
      // ALL is a name here: of all columns after GROUP BY and ORDER BY, if no column has it.
      if keyword.isReserved, keyword != .all { throw unexpected("an expression") }
      if let literal = try typedLiteral() { return literal }
      return after == .sign(.leftParenthesis) ? try specialCall(keyword) : nil
    }
  }

  /// A Boolean value that indicates whether a word before this token can only be a name.
  private func isName(before kind: SQLToken.Kind) -> Bool {
    kind == .sign(.leftParenthesis) || kind == .sign(.period) || kind == .sign(.arrow)
  }

  private mutating func literal(_ literal: Literal) -> Expression {
    index += 1
    return .literal(literal)
  }

  /// The value of the parameter that is next, if one is.
  mutating func parameter() throws -> Literal? {
    let start = index
    do throws(SQLParameterError) {
      if skip(.question) { return try parameters.nextValue() }
      guard isNext(.colon), case .word = token(after: 1).kind else { return nil }
      index += 1
      return try parameters.value(named: text(of: advance()))
    } catch { throw self.error(error.message, at: start) }
  }

  // MARK: Columns and functions

  /// A column, `table.*`, a call of a function, or a lambda expression.
  private mutating func columnOrCall() throws -> Expression {
    if token(after: 1).kind == .sign(.arrow) {
      let parameter = try name()
      index += 1
      return .lambda(try expression(), parameters: [parameter])
    }
    var parts = isNext(.identifier) ? try qualifiedName() : [try name()]
    while isNext(.period) {
      if token(after: 1).kind == .sign(.star) {
        index += 2
        return .star(qualifier: parts, except: try exceptions())
      }
      index += 1
      parts.append(try name("the name of a field"))
    }
    guard isNext(.leftParenthesis) else { return .attribute(parts) }
    return try call(parts.joined(separator: "."))
  }

  /// The columns that a star leaves out: `* EXCEPT (a, t.b)`.
  private mutating func exceptions() throws -> [[String]] {
    guard isNext(.except), token(after: 1).kind == .sign(.leftParenthesis), !beginsQuery(at: index + 2),
      token(after: 2).kind != .sign(.leftParenthesis)
    else { return [] }
    index += 1
    return try parenthesized { try $0.list { try $0.qualifiedName() } }
  }

  // MARK: Parentheses

  /// `(a + b)`, a row `(a, b)`, a lambda `(x, y) -> …`, or a subquery `(SELECT …)`.
  private mutating func inParentheses() throws -> Expression {
    if let parameters = lambdaParameters() { return .lambda(try expression(), parameters: parameters) }
    return try parenthesized { parser in
      if parser.isQueryNext { return .scalarSubquery(try parser.query()) }
      let first = try parser.namedExpression()
      if case .scalarSubquery(let plan) = first, parser.isQueryContinuationNext {
        // The first operand of a query such as `((SELECT 1) UNION SELECT 2)`.
        return .scalarSubquery(try parser.query(continuing: plan))
      }
      guard parser.isNext(.comma) else {
        if case .alias = first { throw parser.unexpected("',', since a name stands in a row only") }
        return first
      }
      var values = [first]
      while parser.skip(.comma) { values.append(try parser.namedExpression()) }
      return .call("struct", values)
    }
  }

  /// Skips `(x, y) ->`, if it is next; returns the names.
  private mutating func lambdaParameters() -> [String]? {
    var position = index + 1
    var names: [String] = []
    while true {
      switch tokens[position].kind {
      case .word: names.append(text(of: tokens[position]))
      case .quotedName: names.append(SQLText.name(source[tokens[position].range]))
      default: return nil
      }
      position += 1
      guard tokens[position].kind == .sign(.comma) else { break }
      position += 1
    }
    guard tokens[position].kind == .sign(.rightParenthesis), tokens[position + 1].kind == .sign(.arrow) else {
      return nil
    }
    index = position + 2
    return names
  }

  // MARK: CASE and CAST

  private mutating func caseExpression() throws -> Expression {
    index += 1
    let value = isNext(.when) ? nil : try expression()
    var arguments: [Expression] = []
    guard isNext(.when) else { throw unexpected("WHEN") }
    while skip(.when) {
      let condition = try expression()
      arguments.append(value.map { .call("==", $0, condition) } ?? condition)
      try require(.then)
      arguments.append(try expression())
    }
    if skip(.else) { arguments.append(try expression()) }
    guard skip(.end) else { throw unexpected("WHEN, ELSE or END") }
    return .call("when", arguments)
  }

  private mutating func cast(isTry: Bool) throws -> Expression {
    index += 1
    return try parenthesized { parser in
      let value = try parser.expression()
      try parser.require(.as)
      return .cast(value, try parser.dataType(), isTry: isTry)
    }
  }
}
