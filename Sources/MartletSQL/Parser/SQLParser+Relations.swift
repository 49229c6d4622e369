// FROM: tables, subqueries, joins, PIVOT, UNPIVOT and LATERAL VIEW.

extension SQLParser {
  mutating func from() throws -> Plan {
    try require(.from)
    var plan = try relation(lateralLeft: nil)
    while skip(.comma) {
      plan = try relation(lateralLeft: plan)
      try grow()
    }
    while isNext(.lateral), token(after: 1).keyword == .view { plan = try lateralView(of: plan) }
    return try pivoted(plan)
  }

  /// A table with what is joined to it. With a `lateralLeft`, the product of it and the table.
  private mutating func relation(lateralLeft left: Plan?) throws -> Plan {
    let isLateral = isNext(.lateral) && token(after: 1).keyword != .view
    if isLateral { index += 1 }
    var plan = try relationPrimary()
    if let left { plan = .join(Join(left, plan, .cross, isLateral: isLateral)) }
    return try extended(plan)
  }

  /// The plan with the joins, `PIVOT` and `UNPIVOT` that follow it.
  private mutating func extended(_ plan: Plan) throws -> Plan {
    var plan = plan
    while true {
      if let joined = try joined(plan) {
        plan = joined
      } else if isNext(.pivot) || isNext(.unpivot) {
        let start = index
        plan = try pivoted(plan)
        if index == start { return plan }
      } else {
        return plan
      }
      try grow()
    }
  }

  // MARK: Joins

  private mutating func joined(_ left: Plan) throws -> Plan? {
    let start = index
    let isNatural = skip(.natural)
    guard let kind = joinKind() else {
      if isNatural { throw unexpected("JOIN") }
      index = start
      return nil
    }
    let isLateral = skip(.lateral)
    let right = try relationPrimary()
    var condition = isNatural ? Join.Condition.natural : .none
    if !isNatural {
      if skip(.on) {
        condition = .on(try expression())
      } else if skip(.using) {
        condition = .using(try names())
      }
    }
    return .join(Join(left, right, kind, condition, isLateral: isLateral))
  }

  /// Skips the words before and including `JOIN`, if they are next.
  private mutating func joinKind() -> Join.Kind? {
    if skip(.join) || skip(.inner, .join) { return .inner }
    if skip(.cross, .join) { return .cross }
    if skip(.left, .join) || skip(.left, .outer, .join) { return .leftOuter }
    if skip(.right, .join) || skip(.right, .outer, .join) { return .rightOuter }
    if skip(.full, .join) || skip(.full, .outer, .join) { return .fullOuter }
    if skip(.semi, .join) || skip(.left, .semi, .join) { return .leftSemi }
    if skip(.anti, .join) || skip(.left, .anti, .join) { return .leftAnti }
    return nil
  }

  // MARK: Tables

  private mutating func relationPrimary() throws -> Plan {
    if isNext(.leftParenthesis) { return try nested { try $0.relationInParentheses() } }
    if isNext(.values), isQueryNext { return try inlineTable() }
    guard isNameNext, next.keyword?.isReserved != true else { throw unexpected("a table") }
    let start = index
    let parts = try qualifiedName("a table")
    if isNext(.leftParenthesis) {
      let arguments = try tableFunctionArguments()
      return try aliased(.tableFunction(parts.joined(separator: "."), arguments))
    }
    if areNext(.version, .as, .of) || areNext(.timestamp, .as, .of) || areNext(.for, .version) {
      throw error("the versions of tables are not supported")
    }
    let options = isNext(.with) && token(after: 1).kind == .sign(.leftParenthesis) ? try optionsAfterWith() : nil
    var plan = Plan.table(parts)
    if let scan = fileScan(parts, at: start, options: options ?? [:]) {
      plan = .files(scan)
    } else if options != nil {
      throw error("a table has no options here; files have, such as csv.`people.csv` WITH (header = true)", at: start)
    }
    return try aliased(try sampled(plan))
  }

  /// A subquery or a table, with joins or set operations, in parentheses.
  private mutating func relationInParentheses() throws -> Plan {
    let (plan, isQuery) = try queryOrRelation()
    let sampled = try sampled(plan)
    return try aliased(sampled, isSubquery: isQuery)
  }

  /// The content of parentheses. Whether it is a query or a relation shows only after its inner parentheses.
  private mutating func queryOrRelation() throws -> (Plan, isQuery: Bool) {
    try require(.leftParenthesis)
    let result: (Plan, isQuery: Bool)
    if isQueryNext {
      result = (try query(), true)
    } else if isNext(.leftParenthesis) {
      let (inner, isQuery) = try nested { try $0.queryOrRelation() }
      if isQuery, isQueryContinuationNext {
        result = (try query(continuing: inner), true)
      } else if isQuery, isNext(.rightParenthesis) {
        result = (inner, true)
      } else {
        result = (try extended(try aliased(try sampled(inner), isSubquery: isQuery)), false)
      }
    } else {
      result = (try relation(lateralLeft: nil), false)
    }
    try require(.rightParenthesis)
    return result
  }

  /// The formats whose files can stand in a query like tables: ``csv.`people.csv` ``.
  private static let fileFormats: Set<String> = ["avro", "arrow", "csv", "json", "orc", "parquet", "text"]

  private func fileScan(_ parts: [String], at start: Int, options: [String: String]) -> FileScan? {
    guard parts.count == 2, Self.fileFormats.contains(parts[0].lowercased()), tokens[start + 2].kind == .quotedName
    else { return nil }
    return FileScan(format: parts[0].lowercased(), paths: [parts[1]], options: options)
  }

  private mutating func optionsAfterWith() throws -> [String: String] {
    index += 1
    return try properties()
  }

  private mutating func tableFunctionArguments() throws -> [Expression] {
    try require(.leftParenthesis)
    if skip(.rightParenthesis) { return [] }
    let arguments = try list { parser in
      if parser.isNext(.table), parser.isNameToken(1) || parser.token(after: 1).kind == .sign(.leftParenthesis) {
        throw parser.error("tables as arguments are not supported")
      }
      return try parser.argument()
    }
    try require(.rightParenthesis)
    return arguments
  }

  /// `VALUES (1, 'a'), (2, 'b') AS t(x, y)`
  mutating func inlineTable() throws -> Plan {
    try require(.values)
    let rows = try list { Self.rowValues(try $0.expression()) }
    guard rows.allSatisfy({ $0.count == rows[0].count }) else {
      throw error("the rows of VALUES have different numbers of values")
    }
    return try aliased(.values(rows))
  }

  // MARK: Names and samples

  /// The plan with the name, and names of columns, that follow it.
  private mutating func aliased(_ plan: Plan, isSubquery: Bool = false) throws -> Plan {
    let hasAs = skip(.as)
    guard hasAs || isTableAliasNext else {
      // Spark names such subqueries, so that the names of their tables are not visible outside.
      return isSubquery ? .alias("__auto_generated_subquery_name", plan) : plan
    }
    let name = try name("the name of the table")
    let columns = isNext(.leftParenthesis) ? try names() : []
    return .alias(name, columns.isEmpty ? plan : .renamed(columns, plan))
  }

  var isTableAliasNext: Bool {
    switch next.kind {
    case .quotedName, .word(nil): true
    case .word(let keyword?): !keyword.beginsClauseAfterTable && !isClauseNext
    default: false
    }
  }

  private mutating func sampled(_ plan: Plan) throws -> Plan {
    guard isNext(.tablesample), token(after: 1).kind == .sign(.leftParenthesis) else { return plan }
    index += 1
    let start = index
    var rows: Int?
    var fraction = 0.0
    try parenthesized { parser in
      if parser.skip(.bucket) {
        let number = try parser.nonnegativeInteger()
        try parser.require(.out)
        try parser.require(.of)
        let buckets = try parser.nonnegativeInteger()
        guard buckets > 0, number <= buckets else { throw parser.error("there is no such bucket", at: start) }
        guard !parser.isNext(.on) else { throw parser.error("samples by the buckets of a column are not supported") }
        fraction = Double(number) / Double(buckets)
      } else if case .word(.percent?) = parser.token(after: 1).kind, let percent = Double(parser.text(of: parser.next))
      {
        parser.index += 2
        guard (0...100).contains(percent) else { throw parser.error("a sample has 0 to 100 PERCENT", at: start) }
        fraction = percent / 100
      } else {
        rows = try parser.count()
        guard parser.skip(.rows) else { throw parser.unexpected("ROWS or PERCENT") }
      }
    }
    var seed: Int64?
    if skip(.repeatable) { seed = Int64(try parenthesized { try $0.nonnegativeInteger("a seed") }) }
    if let rows { return .limit(rows, plan) }
    return .sample(fraction: fraction, withReplacement: false, seed: seed, plan)
  }

  /// `LATERAL VIEW OUTER explode(m) t AS k, v`
  mutating func lateralView(of plan: Plan) throws -> Plan {
    index += 2
    let isOuter = isNext(.outer) && token(after: 1).kind != .sign(.leftParenthesis)
    if isOuter { index += 1 }
    let function = try qualifiedName("a function").joined(separator: ".")
    try require(.leftParenthesis)
    let arguments = isNext(.rightParenthesis) ? [] : try list { try $0.argument() }
    try require(.rightParenthesis)
    var generate = Generate(.call(function, arguments), isOuter: isOuter, plan)
    if !isNext(.as) {
      guard isTableAliasNext else { throw unexpected("a name for the table of the view") }
      generate.table = try name()
    }
    if skip(.as) {
      generate.columns = try list { try $0.name("the name of a column") }
    } else if isTableAliasNext {
      generate.columns = try list { try $0.name("the name of a column") }
    }
    try grow()
    return .generate(generate)
  }
}
