// Queries: WITH, SELECT and its clauses, set operations, ORDER BY and LIMIT.

extension SQLParser {
  // MARK: What begins a query

  var isQueryNext: Bool { beginsQuery(at: index) }

  /// A Boolean value that indicates whether the token at a position begins a query.
  func beginsQuery(at position: Int) -> Bool {
    guard position + 1 < tokens.count, let keyword = tokens[position].keyword else { return false }
    let after = tokens[position + 1].kind
    switch keyword {
    case .select: return true
    case .with:
      // The name of a common table expression.
      switch after {
      case .word, .quotedName: return true
      default: return false
      }
    case .values:
      switch after {
      case .sign(.leftParenthesis), .sign(.question), .sign(.colon), .number, .string, .quotedName: return true
      case .word(let word):
        return word?.isReserved != true && ![.like, .ilike, .rlike, .regexp, .between, .div].contains(word)
      default: return false
      }
    case .from, .table:
      switch after {
      case .word, .quotedName: return true
      case .sign(.leftParenthesis): return keyword == .from
      default: return false
      }
    default: return false
    }
  }

  /// A Boolean value that indicates whether a set operation, or a clause after it, is next.
  var isQueryContinuationNext: Bool {
    switch next.keyword {
    case .union?, .intersect?, .except?, .setMinus?, .limit?, .offset?: true
    case .order?, .cluster?, .distribute?, .sort?: token(after: 1).keyword == .by
    default: next.kind == .sign(.pipe)
    }
  }

  // MARK: Queries

  mutating func query() throws -> Plan {
    try nested { parser in
      let outerSelect = parser.selectIndex
      defer { parser.selectIndex = outerSelect }
      let expressions = parser.isNext(.with) ? try parser.commonTableExpressions() : []
      let plan = try parser.queryRest(of: try parser.term())
      return expressions.isEmpty ? plan : .with(expressions, plan)
    }
  }

  /// The query whose first operand, in parentheses, has been read.
  mutating func query(continuing first: Plan) throws -> Plan {
    try nested { try $0.queryRest(of: try $0.term(continuing: first)) }
  }

  mutating func queryRest(of plan: Plan) throws -> Plan {
    let plan = try organized(plan)
    guard isNext(.pipe) else { return plan }
    throw error("the operators |> are not supported: use a subquery")
  }

  mutating func commonTableExpressions() throws -> [NamedPlan] {
    try require(.with)
    if isNext(.recursive), token(after: 1).keyword != .as, token(after: 1).kind != .sign(.leftParenthesis) {
      throw error("WITH RECURSIVE is not supported")
    }
    var names: Set<String> = []
    return try list { parser in
      let start = parser.index
      let name = try parser.name("the name of a common table expression")
      guard names.insert(name.lowercased()).inserted else {
        throw parser.error("two common table expressions have the name '\(name)'", at: start)
      }
      let hasColumns = parser.isNext(.leftParenthesis) && !parser.beginsQuery(at: parser.index + 1)
      let columns = hasColumns ? try parser.names() : []
      _ = parser.skip(.as)
      return NamedPlan(name, columns: columns, try parser.parenthesized { try $0.query() })
    }
  }

  // MARK: Set operations

  private struct SetOperator {
    let kind: SetOperation.Kind
    let isAll: Bool
    let byName: Bool
  }

  /// Queries with `UNION`, `EXCEPT` and `INTERSECT` between them, of which the last binds most.
  mutating func term(continuing first: Plan? = nil) throws -> Plan {
    var plan = try intersection(continuing: first)
    var operands: [Plan] = []
    var last: SetOperator?
    while let (operation, length) = nextSetOperator, operation.kind != .intersect {
      index += length
      // A run of the same union becomes one tree that is as low as possible.
      let continues = operation.kind == .union && last?.kind == .union && last?.isAll == operation.isAll
      if !continues || operation.byName || last?.byName == true {
        plan = try combined(plan, operands, last)
        operands = []
      }
      last = operation
      operands.append(try intersection())
    }
    return try combined(plan, operands, last)
  }

  private mutating func combined(_ first: Plan, _ operands: [Plan], _ operation: SetOperator?) throws -> Plan {
    guard let operation, !operands.isEmpty else { return first }
    try grow(by: operands.count.bitWidth - operands.count.leadingZeroBitCount)
    func tree(_ plans: ArraySlice<Plan>) -> Plan {
      guard plans.count > 1 else { return plans[plans.startIndex] }
      let middle = plans.startIndex + (plans.count + 1) / 2
      return .setOperation(
        SetOperation(
          tree(plans[..<middle]), tree(plans[middle...]), operation.kind, isAll: operation.isAll,
          byName: operation.byName))
    }
    return tree(([first] + operands)[...])
  }

  private mutating func intersection(continuing first: Plan? = nil) throws -> Plan {
    var plan = try first ?? queryPrimary()
    while let (operation, length) = nextSetOperator, operation.kind == .intersect {
      index += length
      plan = .setOperation(
        SetOperation(plan, try queryPrimary(), .intersect, isAll: operation.isAll, byName: operation.byName))
      try grow()
    }
    return plan
  }

  private var nextSetOperator: (SetOperator, tokenCount: Int)? {
    let kind: SetOperation.Kind
    switch next.keyword {
    case .union?: kind = .union
    case .intersect?: kind = .intersect
    case .except?, .setMinus?: kind = .except
    default: return nil
    }
    let quantifier = token(after: 1).keyword
    let count = quantifier == .all || quantifier == .distinct ? 2 : 1
    let byName = token(after: count).keyword == .by && token(after: count + 1).keyword == .name
    return (SetOperator(kind: kind, isAll: quantifier == .all, byName: byName), byName ? count + 2 : count)
  }

  private mutating func queryPrimary() throws -> Plan {
    switch next.keyword {
    case .select?: return try select()
    case .from? where isQueryNext: return try fromQuery()
    case .values? where isQueryNext: return try inlineTable()
    case .table? where isQueryNext:
      index += 1
      return .table(try qualifiedName("a table"))
    default: break
    }
    guard isNext(.leftParenthesis) else { throw unexpected("a query") }
    return try parenthesized { try $0.query() }
  }

  // MARK: SELECT

  private mutating func select() throws -> Plan {
    selectIndex = index
    let selection = try selectClause()
    let input = isNext(.from) ? try from() : .oneRow
    return try select(selection, from: input)
  }

  /// `FROM t SELECT a`, perhaps without `SELECT`.
  private mutating func fromQuery() throws -> Plan {
    let outerSelect = selectIndex
    selectIndex = index
    let input = try from()
    guard isNext(.select) else {
      selectIndex = outerSelect
      return .project([.star(qualifier: [], except: [])], input)
    }
    selectIndex = index
    return try select(try selectClause(), from: input)
  }

  private struct Selection {
    var items: [Expression] = []
    var isDistinct = false
    var hints: [String] = []
  }

  private mutating func selectClause() throws -> Selection {
    try require(.select)
    var selection = Selection()
    while isNext(.transform), token(after: 1).kind == .sign(.leftParenthesis), isScriptTransformation {
      throw error("SELECT TRANSFORM with a script is not supported")
    }
    while next.kind == .hintStart { selection.hints += try hints() }
    if skip(.distinct) { selection.isDistinct = true } else if isNext(.all), !isListEnd(1) { index += 1 }
    selection.items = try list { try $0.namedExpression() }
    return selection
  }

  /// A Boolean value that indicates whether `USING` follows the parentheses after `TRANSFORM`.
  private var isScriptTransformation: Bool {
    var depth = 0
    for position in (index + 1)..<tokens.count {
      switch tokens[position].kind {
      case .sign(.leftParenthesis): depth += 1
      case .sign(.rightParenthesis):
        depth -= 1
        if depth == 0 { return tokens[position + 1].keyword == .using }
      default: break
      }
    }
    return false
  }

  private func isListEnd(_ distance: Int) -> Bool {
    switch token(after: distance).kind {
    case .sign(.comma), .sign(.rightParenthesis), .sign(.semicolon), .end, .word(.from?): true
    default: false
    }
  }

  /// The names of hints: `/*+ BROADCAST(t), REPARTITION(3) */`. Their arguments do not matter.
  private mutating func hints() throws -> [String] {
    index += 1
    var names: [String] = []
    repeat {
      names.append(try name("the name of a hint"))
      if isNext(.leftParenthesis) { _ = try parenthesized { try $0.list { try $0.value() } } }
      _ = skip(.comma)
    } while next.kind != .hintEnd
    index += 1
    return names
  }

  private mutating func select(_ selection: Selection, from input: Plan) throws -> Plan {
    var plan = input
    while isNext(.lateral), token(after: 1).keyword == .view { plan = try lateralView(of: plan) }
    if skip(.where) { plan = .filter(try expression(), plan) }
    if areNext(.group, .by) {
      index += 2
      let (kind, grouping) = try grouping()
      plan = .aggregate(
        Aggregate(kind, grouping: grouping, aggregates: selection.items, listsAll: true, plan))
    } else if isNext(.having) {
      plan = .aggregate(Aggregate(grouping: [], aggregates: selection.items, listsAll: true, plan))
    } else {
      plan = .project(selection.items, plan)
    }
    if skip(.having) { plan = .filter(try expression(), plan) }
    try windowClause()
    if skip(.qualify) { plan = .filter(try expression(), plan) }
    try windowClause()
    if selection.isDistinct { plan = .deduplicate([], plan) }
    for hint in selection.hints.reversed() { plan = .hint(hint, plan) }
    return plan
  }

  // MARK: ORDER BY and LIMIT

  /// The plan with the clauses after a query: `ORDER BY`, `SORT BY`, `LIMIT`, `OFFSET`.
  private mutating func organized(_ plan: Plan) throws -> Plan {
    var plan = plan
    var order: [SortOrder]?
    while token(after: 1).keyword == .by {
      let start = index
      var clause: [SortOrder]?
      switch next.keyword {
      case .order?, .sort?:
        index += 2
        clause = try list { try $0.sortItem() }
      case .cluster?:
        index += 2
        clause = try list { SortOrder(try $0.expression()) }
      case .distribute?:
        // Decides on which worker a row is, which no result shows.
        index += 2
        _ = try list { try $0.expression() }
      default: throw unexpected("a clause")
      }
      if let clause {
        guard order == nil else { throw error("a query has one of ORDER BY, SORT BY and CLUSTER BY", at: start) }
        order = clause
      }
    }
    if let order { plan = .sort(order, plan) }
    try windowClause()
    var limit: Int?
    if skip(.limit), !skip(.all) { limit = try count() }
    if skip(.offset) { plan = .offset(try count(), plan) }
    return limit.map { .limit($0, plan) } ?? plan
  }

  mutating func sortItem() throws -> SortOrder {
    let expression = try expression()
    let isDescending = skip(.desc)
    if !isDescending { _ = skip(.asc) }
    guard skip(.nulls) else { return SortOrder(expression, isDescending: isDescending) }
    if skip(.first) { return SortOrder(expression, isDescending: isDescending, nullsFirst: true) }
    guard skip(.last) else { throw unexpected("FIRST or LAST") }
    return SortOrder(expression, isDescending: isDescending, nullsFirst: false)
  }

  /// A number of rows, which may be a sum or product of constants.
  mutating func count() throws -> Int {
    let start = index
    guard let count = Self.constant(try value()) else {
      throw error("a number of rows is a constant integer", at: start)
    }
    guard count >= 0 else { throw error("a number of rows is not negative", at: start) }
    return count
  }

  private static func constant(_ expression: Expression) -> Int? {
    switch expression {
    case .literal(.byte(let value)): return Int(value)
    case .literal(.short(let value)): return Int(value)
    case .literal(.integer(let value)): return Int(value)
    case .literal(.long(let value)): return Int(value)
    case .cast(let value, let type, _) where type.isIntegral: return constant(value)
    case .function(let call):
      let values = call.arguments.compactMap(constant)
      guard values.count == call.arguments.count, values.count == 2 else { return nil }
      let (result, overflow) =
        switch call.name {
        case "+": values[0].addingReportingOverflow(values[1])
        case "-": values[0].subtractingReportingOverflow(values[1])
        case "*": values[0].multipliedReportingOverflow(by: values[1])
        default: (0, true)
        }
      return overflow ? nil : result
    default: return nil
    }
  }
}
