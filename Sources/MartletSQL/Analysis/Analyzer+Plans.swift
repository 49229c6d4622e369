extension Analyzer {
  /// Resolves a plan. After a mistake, which is recorded, the result is only good to look for more.
  mutating func relation(_ plan: Plan) -> Relation {
    var result = open(plan)
    guard !result.hidden.isEmpty else { return result }
    let names = result.columns.map { quoted($0.key) }.joined(separator: ", ")
    result.sql = "SELECT \(names.isEmpty ? "1" : names)\(from(result))"
    result.hidden = []
    return result
  }

  /// Resolves a plan as the input of an operation that may name its hidden columns.
  mutating func open(_ plan: Plan) -> Relation {
    levels += 1
    defer { levels -= 1 }
    return hasSpace(levels) ? opened(plan) : nothing
  }

  private mutating func opened(_ plan: Plan) -> Relation {
    switch plan {
    case .table(let name): return table(name)
    case .files(let files): return asked { try $0.relation(files) }
    case .local(let table): return asked { try $0.relation(table) }
    case .native(let sql): return asked { try $0.relation(native: sql) }
    case .values(let rows): return values(rows)
    case .range(let start, let end, let step): return range(start, end, step)
    case .oneRow: return Relation(sql: "SELECT 1", columns: [])
    case .tableFunction(let name, let arguments): return tableFunction(name, arguments)
    case .project(let list, let input): return project(list, open(input))
    case .filter(let condition, let input): return filter(condition, open(input))
    case .aggregate(let aggregate): return self.aggregate(aggregate)
    case .sort(let order, let input): return sort(order, open(input))
    case .limit(let count, let input): return bounded(relation(input), "LIMIT \(max(count, 0))")
    case .offset(let count, let input): return bounded(relation(input), "OFFSET \(max(count, 0))")
    case .tail(let count, let input): return tail(count, relation(input))
    case .deduplicate(let columns, let input): return deduplicate(columns, relation(input))
    case .withColumns(let columns, let input): return withColumns(columns, open(input))
    case .withColumnsRenamed(let renamings, let input): return renamed(relation(input), renamings)
    case .drop(let columns, let input): return drop(columns, open(input))
    case .renamed(let names, let input): return renamed(relation(input), all: names)
    case .alias(let name, let input):
      var result = relation(input)
      for i in result.columns.indices { result.columns[i].qualifier = [name] }
      result.selection = nil
      return result
    case .sample(let fraction, let withReplacement, let seed, let input):
      return sample(fraction, withReplacement, seed, relation(input))
    case .unpivot(let unpivot): return self.unpivot(unpivot)
    case .generate(let generate): return self.generate(generate)
    case .fillNulls(let value, let columns, let input): return fillNulls(value, columns, relation(input))
    case .dropNulls(let columns, let minimum, let input): return dropNulls(columns, minimum, relation(input))
    case .replaceValues(let columns, let replacements, let input):
      return replaceValues(columns, replacements, relation(input))
    case .summary(let statistics, let columns, let input): return summary(statistics, columns, relation(input))
    case .with(let plans, let input): return with(plans, input)
    case .hint(_, let input): return open(input)
    case .frame(let frame, let input):
      let before = site
      site = frame.site
      frames += 1
      defer {
        site = before
        frames -= 1
      }
      guard frames <= Self.maximumFrames else {
        fail("PLAN_TOO_DEEP", Self.tooManyFrames)
        return nothing
      }
      return Self.marked(catalog.stores(frame) ? stored(frame) { $0.relation(input) } : open(input), frame)
    case .invalid(let message, let input):
      fail(
        message.contains("is not a type of join") ? "UNSUPPORTED_JOIN_TYPE" : "INVALID_PARAMETER_VALUE", message)
      return relation(input)
    case .join(let join): return self.join(join)
    case .setOperation(let operation): return setOperation(operation)
    }
  }

  /// A frame whose rows are stored, or to be stored.
  private mutating func stored(_ frame: FrameID, _ input: (inout Analyzer) -> Relation) -> Relation {
    if usesCachedTables, let relation = catalog.storedRelation(frame) { return relation }
    let known = locals.count
    var relation = input(&self)
    // The tables of its subqueries too: rows are stored for as long as none has changed.
    relation.locals += locals[known...]
    if !usesCachedTables {
      if relation.locals.contains(where: { $0.tableVersion != nil }) { return relation }
      if let stored = catalog.storedRelation(frame) { return stored }
    }
    guard computes, faults.isEmpty else { return relation }
    return asked { try $0.store(frame, relation) ?? relation }
  }

  /// Names the columns of a `DataFrame`, so that `people["name"]` finds them.
  static func marked(_ relation: Relation, _ frame: FrameID) -> Relation {
    var relation = relation
    relation.frames[frame] = relation.columns
    return relation
  }

  private mutating func asked(_ body: (any AnalysisCatalog) throws -> Relation) -> Relation {
    do { return try body(catalog) } catch let error as AnalysisError {
      for fault in error.faults { fail(fault.kind, fault.message) }
    } catch {
      let message = "\(error)"
      fail(message.contains("Parser Error") ? "PARSE_SYNTAX_ERROR" : "", message)
    }
    return nothing
  }

  // MARK: Sources

  private mutating func table(_ name: [String]) -> Relation {
    if name.count == 1, let known = tables[name[0].lowercased()] { return Self.fresh(known) }
    do {
      if let found = try catalog.relation(name) {
        guard usesCachedTables, let frame = catalog.cachedFrame(name) else { return found }
        return stored(frame) { _ in found }
      }
    } catch let error as AnalysisError {
      for fault in error.faults { fail(fault.kind, fault.message) }
      return nothing
    } catch {
      fail("", "\(error)")
      return nothing
    }
    let known = catalog.relationNames + tables.keys
    let near = nearest(to: name.joined(separator: "."), in: known, count: 2)
    let advice =
      if !near.isEmpty {
        "Did you mean \(near.joined(separator: " or "))?"
      } else if known.isEmpty {
        "There are none yet: create one with createOrReplaceTempView."
      } else { "There are \(listed(known.sorted()))." }
    fail("TABLE_OR_VIEW_NOT_FOUND", "There is no table or view '\(name.joined(separator: "."))'. \(advice)")
    return nothing
  }

  /// The same relation, with other ids for its columns, for a table that a query reads twice.
  static func fresh(_ relation: Relation) -> Relation {
    var relation = relation
    relation.columns = relation.columns.map {
      Attribute($0.name, $0.type, nullable: $0.nullable, qualifier: $0.qualifier, key: $0.key)
    }
    relation.hidden = []
    relation.frames = [:]
    relation.selection = nil
    return relation
  }

  private mutating func values(_ rows: [[Expression]]) -> Relation {
    let scope = Scope([])
    let resolved = rows.map { row in row.map { expression($0, scope, Place(clause: "VALUES")) } }
    guard let width = resolved.first?.count, resolved.allSatisfy({ $0.count == width }) else {
      fail("INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH", "The rows of VALUES have different numbers of columns.")
      return nothing
    }
    if resolved.joined().contains(where: { $0.contents.contains(.fault) }) { return nothing }
    var columns: [Attribute] = []
    for i in 0..<width {
      guard let type = Coercion.common(resolved.map { $0[i].type }) else {
        let types = Set(resolved.map { $0[i].type.description }).sorted()
        fail(
          "INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE",
          "Column \(i + 1) of VALUES has values of types \(listed(types)).")
        return nothing
      }
      columns.append(
        Attribute("col\(i + 1)", type, nullable: resolved.contains { $0[i].nullable }, key: "col\(i + 1)"))
    }
    let lines = resolved.map { row in
      "(" + zip(row, columns).map { $0.converted(to: $1.type).sql }.joined(separator: ", ") + ")"
    }
    // The types are stated, because those of NULL and of '' are unknown to the engine.
    let types = columns.map { "CAST(\(quoted($0.key)) AS \($0.type.engineName)) AS \(quoted($0.key))" }
    let names = columns.map { quoted($0.key) }.joined(separator: ", ")
    return Relation(
      sql: """
        SELECT \(types.joined(separator: ", ")) FROM (VALUES \(lines.joined(separator: ", "))) v(\(names))
        """, columns: columns)
  }

  private mutating func range(_ start: Int64, _ end: Int64, _ step: Int64) -> Relation {
    guard step != 0 else {
      fail("INVALID_PARAMETER_VALUE", "The step of range is 0.")
      return nothing
    }
    return Relation(
      sql: "SELECT range AS id FROM range(\(start)::BIGINT, \(end)::BIGINT, \(step)::BIGINT)",
      columns: [Attribute("id", .long, nullable: false, key: "id")])
  }

  private mutating func tableFunction(_ name: String, _ arguments: [Expression]) -> Relation {
    if name.lowercased() == "range" {
      var numbers: [Int64] = []
      for argument in arguments.prefix(3) {
        let value = expression(argument, Scope([]), Place(clause: "range"))
        guard let number = value.literal?.integer else {
          fail("INVALID_PARAMETER_VALUE", "range takes one to three constant whole numbers.")
          return nothing
        }
        numbers.append(number)
      }
      switch numbers.count {
      case 1: return range(0, numbers[0], 1)
      case 2: return range(numbers[0], numbers[1], 1)
      case 3: return range(numbers[0], numbers[1], numbers[2])
      default:
        fail("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "range takes one to three constant whole numbers.")
        return nothing
      }
    }
    return project([.call(name, arguments)], Relation(sql: "SELECT 1", columns: []))
  }

  private mutating func with(_ plans: [NamedPlan], _ input: Plan) -> Relation {
    let before = tables
    defer { tables = before }
    for plan in plans {
      var relation = self.relation(plan.plan)
      if !plan.columns.isEmpty { relation = renamed(relation, all: plan.columns) }
      for i in relation.columns.indices { relation.columns[i].qualifier = [plan.name] }
      relation.selection = nil
      tables[plan.name.lowercased()] = relation
    }
    return relation(input)
  }

  // MARK: Select lists

  mutating func project(_ list: [Expression], _ input: Relation) -> Relation {
    let scope = self.scope(input)
    var place = Place.list
    let items = withoutLateralAliases(expanded(list, scope), scope)
    var resolved = items.map { expression($0, scope, place) }
    // An aggregate function without groups takes all rows as one group.
    let isAggregate = resolved.contains { $0.contents.contains(.aggregate) }
    if isAggregate {
      place.grouping = Grouping(expressions: [], resolved: [], clause: "")
      let before = faults
      resolved = items.map { expression($0, scope, place) }
      faults = before
      for item in resolved { expectGrouped(item, isGlobal: true) }
    }
    var selection = Selection(
      scope: scope, items: [], from: input.columns.isEmpty && list.isEmpty ? "" : from(input),
      grouping: isAggregate ? place.grouping : nil)
    add(resolved, to: &selection)
    return finish(selection, input)
  }

  /// The select list with a column for each column that a star stands for.
  func expanded(_ list: [Expression], _ scope: Scope) -> [Expression] {
    list.map(parsed).flatMap { item -> [Expression] in
      if case .function(let call) = item, call.name == DataFrame.regexColumns, call.arguments.count == 1,
        case .literal(.string(let pattern)) = call.arguments[0]
      {
        guard let regex = try? Regex(pattern).ignoresCase() else { return [.attribute([pattern])] }
        return scope.visible.filter { $0.attribute.name.wholeMatch(of: regex) != nil }.map {
          .attribute([Self.idName($0.attribute.id)])
        }
      }
      guard case .star(let qualifier, let exceptions) = item else { return [item] }
      let excepted = Set(
        exceptions.compactMap { name -> Int? in
          if case .found(let entry, _) = scope.match(name) { entry.attribute.id } else { nil }
        })
      if let missing = exceptions.first(where: { if case .none = scope.match($0) { true } else { false } }) {
        return [.attribute(missing)]
      }
      let entries = (scope.entries.filter(\.isHidden) + scope.visible).filter { entry in
        if excepted.contains(entry.attribute.id) { return false }
        return qualifier.isEmpty && !entry.isHidden
          || !qualifier.isEmpty && qualifier.count <= entry.attribute.qualifier.count
            && zip(entry.attribute.qualifier.suffix(qualifier.count), qualifier).allSatisfy { $0.isSameName(as: $1) }
      }
      if entries.isEmpty, !qualifier.isEmpty, case .found(let entry, let fields) = scope.match(qualifier),
        fields.isEmpty,
        case .struct(let type) = entry.attribute.type
      {
        return type.fields.map { .attribute(qualifier + [$0.name]) }
      }
      if entries.isEmpty, !qualifier.isEmpty { return [.attribute(qualifier + ["*"])] }
      return entries.map { .attribute([Self.idName($0.attribute.id)]) }
    }
  }

  /// The expression with the SQL text in it parsed. Text with a mistake remains, and is a fault when it is resolved, as
  /// are expressions with more levels than resolution allows.
  func parsed(_ expression: Expression) -> Expression { parsed(expression, Self.maximumNesting) }

  private func parsed(_ expression: Expression, _ levels: Int) -> Expression {
    if case .sql(let text) = expression { return (try? catalog.parseExpression(text)) ?? expression }
    return levels == 0 ? expression : expression.mapChildren { parsed($0, levels - 1) }
  }

  /// The select list, in which a name that an earlier item gives, and no column has, stands for that item:
  /// `SELECT price * 2 AS double, double + 1`.
  private func withoutLateralAliases(_ list: [Expression], _ scope: Scope) -> [Expression] {
    var named: [String: Expression] = [:]
    func replaced(_ expression: Expression) -> Expression {
      if case .attribute(let parts, nil) = expression, parts.count == 1, let item = named[parts[0].lowercased()],
        case .none = scope.match(parts)
      {
        return item
      }
      return expression.mapChildren(replaced)
    }
    return list.map { item in
      let item = named.isEmpty ? item : replaced(item)
      if case .alias(let child, let names) = item, names.count == 1 { named[names[0].lowercased()] = child }
      return item
    }
  }

  /// A name that finds exactly one column, whatever other columns are called.
  static func idName(_ id: Int) -> String { "\0\(id)" }

  mutating func expectGrouped(_ item: TypedExpression, isGlobal: Bool) {
    guard let name = item.ungrouped else { return }
    fail(
      isGlobal ? "MISSING_GROUP_BY" : "MISSING_AGGREGATION",
      "The column '\(name)' is not in GROUP BY, and not in an aggregate function. Add it to GROUP BY, or use any_value(\(name))."
    )
  }

  /// Adds columns to a select list; a generator adds several.
  func add(_ expressions: [TypedExpression], to selection: inout Selection) {
    var keys = ColumnKeys()
    for item in selection.items { _ = keys.key(for: item.attribute.key) }
    for expression in expressions {
      if expression.generated.isEmpty {
        selection.items.append(item(expression, &keys))
      } else {
        for column in expression.generated { selection.items.append(item(column, &keys)) }
      }
    }
  }

  private func item(_ expression: TypedExpression, _ keys: inout ColumnKeys) -> SelectItem {
    let type = expression.type
    let old = expression.attribute
    let attribute = Attribute(
      expression.name, type, nullable: expression.nullable, qualifier: old?.qualifier ?? [],
      key: keys.key(for: expression.name), id: old?.id)
    // The engine has no columns without a type.
    return SelectItem(attribute: attribute, sql: type == .null ? "CAST(\(expression.sql) AS INTEGER)" : expression.sql)
  }

  /// The relation of a select list.
  func finish(_ selection: Selection, _ input: Relation) -> Relation {
    Relation(
      sql: Self.sql(selection), columns: selection.items.map(\.attribute), frames: input.frames, locals: input.locals,
      selection: selection, isUnknown: input.isUnknown)
  }

  static func sql(_ selection: Selection) -> SQLFragment {
    let list = selection.items.map { "\($0.sql) AS \(quoted($0.attribute.key))" }.joined(separator: ", ")
    let group = selection.grouping.map { $0.clause.isEmpty ? "" : " GROUP BY \($0.clause)" } ?? ""
    let filter = selection.filter.isEmpty ? "" : " WHERE \(selection.filter)"
    return "SELECT \(list.isEmpty ? "1" : list)\(selection.from)\(filter)\(group)"
  }

  /// A select list of existing columns, which retain their ids, names and qualifiers.
  func select(
    _ columns: [(Attribute, sql: String)], _ input: Relation, suffix: String = "", distinct: String = ""
  )
    -> Relation
  {
    var keys = ColumnKeys()
    var attributes: [Attribute] = []
    var list: [String] = []
    for (column, sql) in columns {
      var attribute = column
      attribute.key = keys.key(for: column.name)
      attributes.append(attribute)
      list.append("\(sql) AS \(quoted(attribute.key))")
    }
    return Relation(
      sql: "SELECT \(distinct)\(list.isEmpty ? "1" : list.joined(separator: ", "))\(from(input))\(suffix)",
      columns: attributes, frames: input.frames, locals: input.locals, isUnknown: input.isUnknown)
  }

  private func bounded(_ input: Relation, _ suffix: String) -> Relation {
    var result = input
    result.sql = "SELECT *\(from(input)) \(suffix)"
    result.selection = nil
    return result
  }

  // MARK: Filters and sorting

  private mutating func filter(_ condition: Expression, _ input: Relation) -> Relation {
    let condition = parsed(condition)
    let isHaving = input.selection?.grouping != nil
    guard !isHaving, !depends(condition, onMoreThan: input) else { return filterHidden(condition, input) }
    let value = expression(condition, scope(input), .filter)
    var result = input
    result.sql = "SELECT *\(from(input)) WHERE \(boolean(value, "The condition"))"
    result.selection = nil
    return result
  }

  private mutating func boolean(_ value: TypedExpression, _ what: String) -> String {
    if value.type != .boolean, value.type != .null, value.type != .string, !value.contents.contains(.fault) {
      fail("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", "\(what) \(value.name) is of type \(value.type), not boolean.")
    }
    return value.converted(to: .boolean).sql
  }

  /// `HAVING`: the condition may contain aggregate functions and grouping expressions that the select list lacks.
  private mutating func filterHidden(_ condition: Expression, _ input: Relation) -> Relation {
    guard var selection = input.selection else { return input }
    let rewritten = hidden(condition, &selection, input)
    let extended = finish(selection, input)
    let value = expression(rewritten, scope(extended), .filter)
    let sql: SQLFragment = "SELECT *\(from(extended)) WHERE \(boolean(value, "The condition"))"
    return visible(input, extended, sql, hides: selection.items.count)
  }

  private mutating func sort(_ order: [SortOrder], _ input: Relation) -> Relation {
    var order = order
    for i in order.indices { order[i].expression = parsed(order[i].expression) }
    if order.count == 1, isAll(order[0].expression, scope(input)) {
      order = input.columns.map { column in
        var term = order[0]
        term.expression = .attribute([Self.idName(column.id)])
        return term
      }
    }
    // ORDER BY 2 is the second column.
    for i in order.indices {
      if case .literal(let literal) = order[i].expression, let number = literal.integer {
        guard number >= 1, number <= input.columns.count else {
          fail("ORDER_BY_POS_OUT_OF_RANGE", "ORDER BY \(number) is not a column: there are \(input.columns.count).")
          continue
        }
        order[i].expression = .attribute([Self.idName(input.columns[Int(number) - 1].id)])
      }
    }
    var extended = input
    if order.contains(where: { depends($0.expression, onMoreThan: input) }), var selection = input.selection {
      for i in order.indices { order[i].expression = hidden(order[i].expression, &selection, input) }
      extended = finish(selection, input)
    }
    let scope = self.scope(extended)
    let terms = order.map { term -> String in
      let value = expression(term.expression, scope, Place(clause: "ORDER BY", allowsWindows: true))
      if !value.type.isOrdered, value.type != .interval {
        fail(
          "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "\(value.name) is of type \(value.type), which has no order.")
      }
      return Self.text(term, value.sql)
    }
    let sql: SQLFragment = "SELECT *\(from(extended)) ORDER BY \(terms.joined(separator: ", "))"
    return visible(input, extended, sql, hides: extended.columns.count)
  }

  /// A Boolean value that indicates whether an expression is the word `ALL`, and not a column of that name.
  func isAll(_ expression: Expression, _ scope: Scope) -> Bool {
    guard case .attribute(let parts, nil) = expression, parts.count == 1, parts[0].lowercased() == "all",
      case .none = scope.match(parts)
    else { return false }
    return true
  }

  /// The columns of `input`, computed by `sql`, which may have more.
  private func visible(_ input: Relation, _ extended: Relation, _ sql: SQLFragment, hides count: Int) -> Relation {
    var result = input
    result.locals = extended.locals
    result.selection = nil
    if extended.columns.count == input.columns.count {
      result.sql = sql
    } else {
      let names = input.columns.map { quoted($0.key) }.joined(separator: ", ")
      result.sql = "SELECT \(names) FROM (\(sql)) \(alias("h"))"
      result.hidden = []
    }
    return result
  }

  /// A Boolean value that indicates whether an expression needs columns or aggregates that a select list lacks.
  private func depends(_ expression: Expression, onMoreThan input: Relation) -> Bool {
    guard input.selection != nil else { return false }
    let scope = self.scope(input)
    return expression.contains { part in
      switch part {
      case .attribute(let parts, frame: nil):
        if case .none = scope.match(parts) { return !Self.isID(parts) }
        return false
      case .function(let call): return isAggregate(call.name)
      default: return false
      }
    }
  }

  static func isID(_ parts: [String]) -> Bool { parts.count == 1 && parts[0].hasPrefix("\0") }

  func isAggregate(_ name: String) -> Bool {
    let name = name.lowercased()
    return (catalog.function(name) ?? FunctionRegistry.rule(name))?.kind == .aggregate
  }

  /// The expression in terms of a select list, to which it adds hidden columns for the parts that the list lacks.
  private mutating func hidden(_ expression: Expression, _ selection: inout Selection, _ input: Relation) -> Expression
  {
    let output = scope(input)
    switch expression {
    case .attribute(let parts, frame: nil):
      if case .found = output.match(parts) { return expression }
      if Self.isID(parts) { return expression }
      return hide(expression, &selection)
    case .function(let call) where isAggregate(call.name) && selection.grouping != nil:
      return hide(expression, &selection)
    case .window where selection.grouping != nil: return hide(expression, &selection)
    default:
      if let grouping = selection.grouping, grouping.expressions.contains(expression) {
        return hide(expression, &selection)
      }
      return expression.mapChildren { hidden($0, &selection, input) }
    }
  }

  private mutating func hide(_ expression: Expression, _ selection: inout Selection) -> Expression {
    var place = Place(clause: "ORDER BY or HAVING", allowsAggregates: true, allowsWindows: true)
    place.grouping = selection.grouping
    let value = self.expression(expression, selection.scope, place)
    if value.contents.contains(.fault) { return .literal(.null()) }
    if selection.grouping != nil { expectGrouped(value, isGlobal: false) }
    if let same = selection.items.first(where: { $0.sql == value.sql }) {
      return .attribute([Self.idName(same.attribute.id)])
    }
    var hidden = value
    hidden.attribute = nil
    hidden.name = "hidden"
    add([hidden], to: &selection)
    return .attribute([Self.idName(selection.items[selection.items.count - 1].attribute.id)])
  }

  private func tail(_ count: Int, _ input: Relation) -> Relation {
    var result = input
    let names = input.columns.map { quoted($0.key) }.joined(separator: ", ")
    let row = "row_number() OVER ()"
    result.sql = """
      SELECT \(names.isEmpty ? "1" : names) FROM (SELECT *, \(row) AS "\u{1}row", count(*) OVER () AS "\u{1}all"\(from(input))) \
      \(alias("h")) WHERE "\u{1}row" > "\u{1}all" - \(max(count, 0)) ORDER BY "\u{1}row"
      """
    result.selection = nil
    return result
  }

  private mutating func deduplicate(_ columns: [String], _ input: Relation) -> Relation {
    var result = input
    result.selection = nil
    let keys = columns.isEmpty ? input.columns : columns.compactMap { existing($0, input) }
    for key in keys where !key.type.isOrdered {
      if case .map = key.type {
        fail(
          "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE",
          "The column '\(key.name)' is a map, whose values cannot be compared.")
      }
    }
    if columns.isEmpty {
      result.sql = "SELECT DISTINCT *\(from(input))"
    } else {
      let list = keys.map { quoted($0.key) }.joined(separator: ", ")
      result.sql = "SELECT DISTINCT ON (\(list)) *\(from(input))"
    }
    return result
  }

  /// The column with a name; a fault if there is none.
  mutating func existing(_ name: String, _ input: Relation) -> Attribute? {
    switch scope(input).match([name]) {
    case .found(let entry, _): return entry.attribute
    case .ambiguous:
      fail("AMBIGUOUS_REFERENCE", "The column '\(name)' is ambiguous.")
    case .none:
      let fault = AnalysisFault.unknownColumn(name, input.columns.map(\.name))
      fail(fault.kind, fault.message)
    }
    return nil
  }

  // MARK: Columns

  private mutating func withColumns(_ columns: [NamedExpression], _ input: Relation) -> Relation {
    let scope = self.scope(input)
    var list: [(TypedExpression, replaces: Bool)] = input.columns.map { column in
      (
        TypedExpression(
          sql: "\(alias("t")).\(quoted(column.key))", type: column.type, nullable: column.nullable, name: column.name,
          attribute: column), false
      )
    }
    for column in columns {
      var value = expression(column.expression, scope, .list)
      if value.contents.contains(.aggregate) {
        fail(
          "MISSING_GROUP_BY",
          "withColumn adds a value to each row, but \(value.name) is an aggregate. Use a window: over(…).")
      }
      let name = column.name ?? value.name
      value.name = name
      value.attribute = nil
      value.ungrouped = nil
      let found = input.columns.indices.filter { input.columns[$0].name.isSameName(as: name) }
      if found.isEmpty {
        list.append((value, true))
      } else {
        for i in found { list[i] = (value, true) }
      }
    }
    var selection = Selection(scope: scope, items: [], from: from(input))
    add(list.map(\.0), to: &selection)
    return finish(selection, input)
  }

  private mutating func renamed(_ input: Relation, _ renamings: [Renaming]) -> Relation {
    var result = input
    for renaming in renamings {
      for i in result.columns.indices where result.columns[i].name.isSameName(as: renaming.old) {
        let old = result.columns[i]
        result.columns[i] = Attribute(renaming.new, old.type, nullable: old.nullable, key: old.key)
      }
    }
    result.selection = nil
    return result
  }

  mutating func renamed(_ input: Relation, all names: [String]) -> Relation {
    guard names.count == input.columns.count else {
      fail(
        "ASSIGNMENT_ARITY_MISMATCH",
        "\(names.count) names are given for \(input.columns.count) columns: \(listed(input.columns.map(\.name))).")
      return input
    }
    var result = input
    result.columns = zip(input.columns, names).map {
      Attribute($1, $0.type, nullable: $0.nullable, qualifier: $0.qualifier, key: $0.key)
    }
    result.selection = nil
    return result
  }

  private mutating func drop(_ columns: [Expression], _ input: Relation) -> Relation {
    let scope = self.scope(input)
    var dropped: Set<Int> = []
    for column in columns {
      // A name that does not exist is ignored, as in Spark.
      if case .attribute(let parts, nil) = column, case .none = scope.match(parts) { continue }
      if case .attribute(let parts, nil) = column, parts.count == 1 {
        for entry in scope.entries where entry.attribute.name.isSameName(as: parts[0]) {
          dropped.insert(entry.attribute.id)
        }
        continue
      }
      if let attribute = expression(column, scope, .filter).attribute { dropped.insert(attribute.id) }
    }
    return select(
      scope.visible.filter { !dropped.contains($0.attribute.id) }.map { ($0.attribute, $0.sql) }, input)
  }

  private mutating func sample(
    _ fraction: Double, _ withReplacement: Bool, _ seed: Int64?, _ input: Relation
  ) -> Relation {
    guard fraction.isFinite, fraction >= 0, fraction <= 1 || withReplacement else {
      fail("INVALID_PARAMETER_VALUE", "The fraction of sample is \(fraction). It must be between 0 and 1.")
      return input
    }
    if withReplacement {
      fail("UNSUPPORTED_FEATURE", "sample with replacement is not supported on a DataFrame. Use df.rdd.sample.")
      return input
    }
    var result = input
    let repeatable = seed.map { " REPEATABLE (\(UInt32(truncatingIfNeeded: $0) & 0x7fff_ffff))" } ?? ""
    result.sql = "SELECT *\(from(input)) TABLESAMPLE bernoulli(\("\(fraction * 100)")%)\(repeatable)"
    result.selection = nil
    return result
  }
}

extension Literal {
  /// The value of a whole number.
  var integer: Int64? {
    switch self {
    case .byte(let value): Int64(value)
    case .short(let value): Int64(value)
    case .integer(let value): Int64(value)
    case .long(let value): value
    default: nil
    }
  }
}

extension Expression {
  /// The parts of an expression, without subqueries.
  var children: [Expression] {
    switch self {
    case .literal, .attribute, .star, .scalarSubquery, .exists, .sql: []
    case .alias(let child, _), .cast(let child, _, _), .lambda(let child, _): [child]
    case .function(let call): call.arguments + (call.filter.map { [$0] } ?? []) + call.order.map(\.expression)
    case .window(let window): [window.function] + window.partition + window.order.map(\.expression)
    case .extract(let child, let key): [child, key]
    case .inSubquery(let values, _): values
    }
  }

  /// A Boolean value that indicates whether the expression nests at least so deep.
  func hasLevels(_ count: Int) -> Bool { count <= 1 || children.contains { $0.hasLevels(count - 1) } }

  func contains(where matches: (Expression) -> Bool) -> Bool {
    matches(self) || children.contains { $0.contains(where: matches) }
  }

  /// The expression with other parts.
  func mapChildren(_ change: (Expression) -> Expression) -> Expression {
    switch self {
    case .literal, .attribute, .star, .scalarSubquery, .exists, .sql: return self
    case .alias(let child, let names): return .alias(change(child), names)
    case .cast(let child, let type, let isTry): return .cast(change(child), type, isTry: isTry)
    case .lambda(let child, let parameters): return .lambda(change(child), parameters: parameters)
    case .extract(let child, let key): return .extract(change(child), key: change(key))
    case .inSubquery(let values, let plan): return .inSubquery(values.map(change), plan)
    case .function(var call):
      call.arguments = call.arguments.map(change)
      call.filter = call.filter.map(change)
      for i in call.order.indices { call.order[i].expression = change(call.order[i].expression) }
      return .function(call)
    case .window(var window):
      window.function = change(window.function)
      window.partition = window.partition.map(change)
      for i in window.order.indices { window.order[i].expression = change(window.order[i].expression) }
      return .window(window)
    }
  }
}
