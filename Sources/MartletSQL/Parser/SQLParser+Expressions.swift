// Expressions, from the operators that bind least to those that bind most:
// OR; AND; NOT; IS, IN, LIKE and other predicates; comparisons; |; ^; &; << and >>; +, - and ||; *, /, % and DIV;
// - + ~ before an operand; [ ], . and :: after it.

extension SQLParser {
  /// An expression, perhaps with a name: `a + 1 AS b`, `explode(m) AS (k, v)`.
  mutating func namedExpression() throws -> Expression {
    let expression = try expression()
    if skip(.as) {
      return .alias(expression, isNext(.leftParenthesis) ? try names() : [try name("the name of the column")])
    }
    if isAliasNext { return .alias(expression, [try name()]) }
    // Names in parentheses, as in `explode(m) (k, v)`.
    if isNext(.leftParenthesis), case .function = expression { return .alias(expression, try names()) }
    return expression
  }

  /// A Boolean value that indicates whether the next word is a name after an expression, without `AS`.
  private var isAliasNext: Bool {
    switch next.kind {
    case .quotedName, .word(nil): true
    case .word(let keyword?): !keyword.isReserved && !isClauseNext
    default: false
    }
  }

  /// A Boolean value that indicates whether a clause is next that begins with a word that may be a name.
  var isClauseNext: Bool {
    switch next.keyword {
    case .cluster?, .distribute?, .sort?: token(after: 1).keyword == .by
    case .window?: isWindowClauseNext
    default: false
    }
  }

  mutating func expression() throws -> Expression {
    try nested { parser in
      var alternatives: [Expression] = []
      repeat {
        var conditions: [Expression] = []
        repeat { conditions.append(try parser.condition()) } while parser.skip(.and)
        alternatives.append(try parser.balanced("and", conditions[...]))
      } while parser.skip(.or)
      return try parser.balanced("or", alternatives[...])
    }
  }

  /// Operands with an associative operator between them, as a tree that is as low as possible.
  mutating func balanced(_ name: String, _ operands: ArraySlice<Expression>) throws -> Expression {
    if operands.count > 1 { try grow(by: operands.count.bitWidth - (operands.count - 1).leadingZeroBitCount) }
    func tree(_ operands: ArraySlice<Expression>) -> Expression {
      guard operands.count > 1 else { return operands[operands.startIndex] }
      let middle = operands.startIndex + (operands.count + 1) / 2
      return .call(name, tree(operands[..<middle]), tree(operands[middle...]))
    }
    return tree(operands)
  }

  /// A predicate, perhaps after `NOT`.
  private mutating func condition() throws -> Expression {
    var negations = 0
    while isNext(.exclamation) || isNext(.not) {
      index += 1
      negations += 1
      try grow()
    }
    var result = try predicate(of: try value())
    for _ in 0..<negations { result = .call("not", result) }
    return result
  }

  // MARK: Predicates

  /// `value`, or a predicate of it if one follows.
  private mutating func predicate(of value: Expression) throws -> Expression {
    let start = index
    if skip(.is) {
      try grow()
      let isNegated = skip(.not) || skip(.exclamation)
      return try isPredicate(of: value, isNegated: isNegated)
    }
    let isNegated = skip(.not) || skip(.exclamation)
    let result: Expression
    switch next.keyword {
    case .between?:
      index += 1
      let lower = try self.value()
      try require(.and)
      result = .call("between", value, lower, try self.value())
    case .in?:
      index += 1
      result = try inPredicate(of: value)
    case .rlike?, .regexp?:
      index += 1
      result = .call("rlike", value, try self.value())
    case .like?, .ilike?:
      let name = isNext(.like) ? "like" : "ilike"
      index += 1
      if isNext(.any) || isNext(.some) || isNext(.all), token(after: 1).kind == .sign(.leftParenthesis) {
        return try quantifiedLike(name, of: value, isNegated: isNegated)
      }
      let pattern = try self.value()
      result = skip(.escape) ? .call(name, value, pattern, try escapeCharacter()) : .call(name, value, pattern)
    default:
      index = start
      return value
    }
    try grow()
    return isNegated ? .call("not", result) : result
  }

  private mutating func isPredicate(of value: Expression, isNegated: Bool) throws -> Expression {
    switch next.keyword {
    case .null?, .unknown?:
      index += 1
      return .call(isNegated ? "isnotnull" : "isnull", value)
    case .true?, .false?:
      let expected = Expression.literal(.boolean(isNext(.true)))
      index += 1
      let result = Expression.call("<=>", value, expected)
      return isNegated ? .call("not", result) : result
    case .distinct?:
      index += 1
      try require(.from)
      let result = Expression.call("<=>", value, try self.value())
      return isNegated ? result : .call("not", result)
    default: throw unexpected("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM")
    }
  }

  private mutating func inPredicate(of value: Expression) throws -> Expression {
    try require(.leftParenthesis)
    let result: Expression
    if isQueryNext {
      result = .inSubquery(Self.rowValues(value), try query())
    } else {
      let values = try list { try $0.expression() }
      if case .scalarSubquery(let plan) = values[0], values.count == 1, isQueryContinuationNext {
        result = .inSubquery(Self.rowValues(value), try query(continuing: plan))
      } else {
        result = .call("in", [value] + values)
      }
    }
    try require(.rightParenthesis)
    return result
  }

  private mutating func quantifiedLike(_ name: String, of value: Expression, isNegated: Bool) throws -> Expression {
    let isAll = isNext(.all)
    index += 1
    let patterns = try parenthesized { try $0.list { try $0.expression() } }
    let conditions = patterns.map { pattern in
      isNegated ? Expression.call("not", .call(name, value, pattern)) : .call(name, value, pattern)
    }
    try grow()
    return try balanced(isAll ? "and" : "or", conditions[...])
  }

  private mutating func escapeCharacter() throws -> Expression {
    let start = index
    let text = try string("the escape character")
    guard text.unicodeScalars.count == 1 else { throw error("the escape of a pattern is one character", at: start) }
    return .literal(.string(text))
  }

  // MARK: Operators

  /// An operator of two operands: its name and how strong it binds.
  private struct Operator {
    let name: String
    let strength: Int
    var tokenCount = 1
  }

  private var nextOperator: Operator? {
    switch next.kind {
    case .sign(.equal): Operator(name: "==", strength: 1)
    case .sign(.nullSafeEqual): Operator(name: "<=>", strength: 1)
    case .sign(.notEqual), .sign(.angles): Operator(name: "!=", strength: 1)
    case .sign(.less): Operator(name: "<", strength: 1)
    case .sign(.lessOrEqual): Operator(name: "<=", strength: 1)
    case .sign(.greaterOrEqual): Operator(name: ">=", strength: 1)
    case .sign(.greater): greaterOperator
    case .sign(.bar): Operator(name: "|", strength: 2)
    case .sign(.hat): Operator(name: "^", strength: 3)
    case .sign(.ampersand): Operator(name: "&", strength: 4)
    case .sign(.shiftLeft): Operator(name: "shiftleft", strength: 5)
    case .sign(.plus): Operator(name: "+", strength: 6)
    case .sign(.minus): Operator(name: "-", strength: 6)
    case .sign(.concatenation): Operator(name: "concat", strength: 6)
    case .sign(.star): Operator(name: "*", strength: 7)
    case .sign(.slash): Operator(name: "/", strength: 7)
    case .sign(.percent): Operator(name: "%", strength: 7)
    case .word(.div?): Operator(name: "div", strength: 7)
    default: nil
    }
  }

  /// `>`, `>>` or `>>>`: the lexer does not join these signs, since they also end nested types.
  private var greaterOperator: Operator {
    func isAdjacent(_ distance: Int) -> Bool {
      let token = token(after: distance)
      return token.kind == .sign(.greater) && token.start == self.token(after: distance - 1).end
    }
    guard isAdjacent(1) else { return Operator(name: ">", strength: 1) }
    guard isAdjacent(2) else { return Operator(name: "shiftright", strength: 5, tokenCount: 2) }
    return Operator(name: "shiftrightunsigned", strength: 5, tokenCount: 3)
  }

  /// Operands with operators that bind at least as strong as `minimum` between them.
  mutating func value(_ minimum: Int = 1) throws -> Expression {
    try nested { parser in
      var left = try parser.operand()
      while let binary = parser.nextOperator, binary.strength >= minimum {
        parser.index += binary.tokenCount
        left = .call(binary.name, left, try parser.value(binary.strength + 1))
        try parser.grow()
      }
      return left
    }
  }

  /// A primary expression with the operators before and after it.
  private mutating func operand() throws -> Expression {
    var prefixes: [String] = []
    while let name = prefixOperator {
      // A number includes its sign, so that the least one can be written.
      if name == "negative", token(after: 1).kind == .number { break }
      index += 1
      prefixes.append(name)
      try grow()
    }
    var result = try primary()
    while true {
      if skip(.period) {
        result = try field(of: result)
      } else if skip(.leftBracket) {
        result = .extract(result, key: try value())
        try require(.rightBracket)
      } else if skip(.doubleColon) {
        result = .cast(result, try dataType())
      } else if skip(.collate) {
        result = .call("collate", result, .literal(.string(try qualifiedName().joined(separator: "."))))
      } else {
        break
      }
      try grow()
    }
    for name in prefixes.reversed() { result = .call(name, result) }
    return result
  }

  private var prefixOperator: String? {
    switch next.kind {
    case .sign(.minus): "negative"
    case .sign(.plus): "positive"
    case .sign(.tilde): "~"
    default: nil
    }
  }

  private mutating func field(of value: Expression) throws -> Expression {
    let name = try name("the name of a field")
    return .extract(value, key: .literal(.string(name)))
  }

  /// The values of a row constructor `(a, b)`; only `expression` if it is something else.
  static func rowValues(_ expression: Expression) -> [Expression] {
    guard case .function(let call) = expression, call.name == "struct" else { return [expression] }
    return call.arguments.map { if case .alias(let value, _) = $0 { value } else { $0 } }
  }
}
