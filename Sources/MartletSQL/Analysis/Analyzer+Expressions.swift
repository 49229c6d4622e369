extension Analyzer {
  /// Where an expression stands, which decides what it may contain.
  struct Place {
    /// The name of the clause, for messages.
    var clause: String
    var allowsAggregates = false
    var allowsWindows = false
    var allowsGenerators = false
    /// The grouping of the query: columns outside of it must be in aggregate functions.
    var grouping: Grouping?
    /// True for the function in front of `OVER`, which takes the results of aggregate functions.
    var isOverWindow = false
    /// The select list below a sort or `HAVING`, in which further columns can be hidden.
    var hides = false

    static let filter = Place(clause: "WHERE")
    static let list = Place(
      clause: "the select list", allowsAggregates: true, allowsWindows: true, allowsGenerators: true)
  }

  static let maximumNesting = 400

  /// Resolves an expression, and checks that it may stand in this place.
  mutating func expression(_ expression: Expression, _ scope: Scope, _ place: Place) -> TypedExpression {
    let result = resolve(expression, scope, place)
    if result.contents.contains(.fault) { return result }
    if result.contents.contains(.aggregate), !place.allowsAggregates {
      fail("INVALID_WHERE_CONDITION", "\(place.clause) contains the aggregate function \(result.name). Use HAVING.")
    }
    if result.contents.contains(.window), !place.allowsWindows {
      fail(
        "WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE",
        "\(place.clause) contains the window function \(result.name). Compute it in a subquery.")
    }
    if result.contents.contains(.generator), !place.allowsGenerators {
      fail(
        "UNSUPPORTED_GENERATOR.OUTSIDE_SELECT",
        "\(place.clause) contains \(result.name), which creates rows. Use it in the select list, or in LATERAL VIEW.")
    }
    return result
  }

  /// An expression with a mistake, which is recorded.
  mutating func faulty(_ kind: String, _ message: String) -> TypedExpression {
    fail(kind, message)
    return TypedExpression(sql: "NULL", type: .null, name: "?", contents: .fault)
  }

  mutating func resolve(_ expression: Expression, _ scope: Scope, _ place: Place) -> TypedExpression {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Self.maximumNesting else {
      return faulty("EXPRESSION_TOO_DEEP", "An expression has more than \(Self.maximumNesting) levels. Split it.")
    }
    guard hasSpace(nesting) else { return faulty("PLAN_TOO_DEEP", Self.tooManyFrames) }
    if let grouping = place.grouping, let group = grouped(expression, scope, grouping) { return group }
    var result = resolved(expression, scope, place)
    if let grouping = place.grouping, grouping.resolved.contains(where: { $0.sql == result.sql }) {
      result.ungrouped = nil
    }
    return result
  }

  /// The grouping expression that is written in the same way.
  private func grouped(_ expression: Expression, _ scope: Scope, _ grouping: Grouping) -> TypedExpression? {
    if case .literal = expression { return nil }
    guard let index = grouping.expressions.firstIndex(of: expression) else { return nil }
    var result = grouping.resolved[index]
    result.ungrouped = nil
    return result
  }

  private mutating func resolved(_ expression: Expression, _ scope: Scope, _ place: Place) -> TypedExpression {
    switch expression {
    case .literal(let literal):
      return TypedExpression(
        sql: literal.engineText, type: literal.type, nullable: { if case .null = literal { true } else { false } }(),
        name: literal.columnName, literal: literal)
    case .attribute(let parts, let frame): return column(parts, frame, scope, place)
    case .star: return faulty("INVALID_USAGE_OF_STAR_OR_REGEX", "A star stands where one value is needed.")
    case .alias(let child, let names):
      var result = resolve(child, scope, place)
      if names.count == 1, result.generated.isEmpty {
        result.name = names[0]
      } else if result.generated.count == names.count {
        for i in names.indices { result.generated[i].name = names[i] }
        result.name = names.joined(separator: ", ")
      } else if !result.contents.contains(.fault) {
        return faulty(
          "UDTF_ALIAS_NUMBER_MISMATCH",
          "\(result.name) has \(max(result.generated.count, 1)) columns, but \(names.count) names: \(listed(names)).")
      }
      result.attribute = nil
      return result
    case .cast(let child, let type, let isTry): return cast(resolve(child, scope, place), type, isTry)
    case .function(let call): return function(call, scope, place)
    case .window(let window): return self.window(window, scope, place)
    case .lambda: return faulty("INVALID_LAMBDA_FUNCTION_CALL", "A function x -> … stands where a value is needed.")
    case .extract(let child, let key): return extract(resolve(child, scope, place), key, scope, place)
    case .scalarSubquery(let plan): return scalarSubquery(plan, scope)
    case .exists(let plan):
      let relation = subquery(plan, scope)
      return TypedExpression(
        sql: "EXISTS (\(relation.sql.text))", type: .boolean, nullable: false, name: "exists()", contents: .subquery)
    case .inSubquery(let values, let plan): return inSubquery(values, plan, scope, place)
    case .sql(let text):
      do { return try resolve(catalog.parseExpression(text), scope, place) } catch {
        return faulty("PARSE_SYNTAX_ERROR", "\(error)")
      }
    }
  }

  // MARK: Columns

  private mutating func column(_ parts: [String], _ frame: FrameID?, _ scope: Scope, _ place: Place) -> TypedExpression
  {
    if parts.count == 1, frame == nil {
      if let parameter = scope.parameters.last(where: { $0.name.isSameName(as: parts[0]) }) {
        return parameter.expression
      }
    } else if frame == nil, let parameter = scope.parameters.last(where: { $0.name.isSameName(as: parts[0]) }) {
      return fields(parts.dropFirst(), of: parameter.expression)
    }
    if let frame {
      guard let own = scope.frames[frame] else {
        return faulty(
          "MISSING_ATTRIBUTES",
          "The column \(dotted(parts)) belongs to a DataFrame that is not an input of this operation.")
      }
      let found = own.filter { $0.name.isSameName(as: parts[0]) }
      guard let first = found.first else { return faulty(.unknownColumn(dotted(parts), own.map(\.name))) }
      let entries = scope.entries.filter { entry in found.contains { $0.id == entry.attribute.id } }
      if let entry = entries.first, entries.count == 1 {
        return fields(parts.dropFirst(), of: reference(entry, place))
      }
      return faulty(
        entries.isEmpty ? "MISSING_ATTRIBUTES" : "AMBIGUOUS_REFERENCE",
        entries.isEmpty
          ? "The column \(first.name) of the DataFrame is not in the input of this operation any more."
          : "The column \(first.name) is ambiguous. Give the DataFrames aliases, as in df.alias(\"a\").")
    }
    switch scope.match(parts) {
    case .found(let entry, let names):
      var found = reference(entry, place)
      // A column has the name that the query writes, in its case.
      if names.isEmpty, !Self.isID(parts) { found.name = parts[parts.count - 1] }
      return fields(names, of: found)
    case .ambiguous(let entries):
      let names = entries.map { dotted($0.attribute.qualifier + [$0.attribute.name]) }
      return faulty(
        "AMBIGUOUS_REFERENCE",
        "The column '\(dotted(parts))' is ambiguous: it can be \(names.joined(separator: " or ")).")
    case .none: break
    }
    // A column of a query around this one. It is the same for all rows here.
    for scope in scope.outer.reversed() {
      if case .found(let entry, let names) = scope.match(parts) {
        return fields(names, of: reference(entry, Place(clause: "")))
      }
    }
    if scope.isUnknown || scope.outer.contains(where: \.isUnknown) { return FunctionRegistry.fault }
    let known = scope.entries.map { entry in
      parts.count > 1 ? dotted(entry.attribute.qualifier.suffix(1) + [entry.attribute.name]) : entry.attribute.name
    }
    return faulty(.unknownColumn(dotted(parts), known))
  }

  mutating func faulty(_ fault: AnalysisFault) -> TypedExpression { faulty(fault.kind, fault.message) }

  func dotted(_ parts: some Collection<String>) -> String { parts.joined(separator: ".") }

  private func reference(_ entry: Scope.Entry, _ place: Place) -> TypedExpression {
    var result = TypedExpression(
      sql: entry.sql, type: entry.attribute.type, nullable: entry.attribute.nullable, name: entry.attribute.name,
      attribute: entry.attribute)
    // A field of a column that the query groups by is the same for all rows of a group, too.
    if let grouping = place.grouping, !grouping.resolved.contains(where: { $0.sql == entry.sql }) {
      result.ungrouped = entry.attribute.name
    }
    return result
  }

  private mutating func fields(_ names: ArraySlice<String>, of expression: TypedExpression) -> TypedExpression {
    names.reduce(expression) { field($1, of: $0) }
  }

  /// The field of a struct, or of each struct in an array, or the value of a key.
  private mutating func field(_ name: String, of value: TypedExpression) -> TypedExpression {
    if value.contents.contains(.fault) { return value }
    var result = value
    result.attribute = nil
    result.name = name
    switch value.type {
    case .struct(let type):
      guard let field = type.fields.first(where: { $0.name.isSameName(as: name) }) else {
        let known = listed(type.names)
        return faulty("FIELD_NOT_FOUND", "\(value.name) has no field '\(name)'. Its fields are \(known).")
      }
      result.sql = "struct_extract(\(value.sql), \(quotedText(field.name)))"
      result.type = field.type
      result.nullable = value.nullable || field.nullable
    case .array(.struct(let type)):
      guard let field = type.fields.first(where: { $0.name.isSameName(as: name) }) else {
        return faulty("FIELD_NOT_FOUND", "\(value.name) has no field '\(name)'. Its fields are \(listed(type.names)).")
      }
      result.sql = "list_transform(\(value.sql), lambda e: struct_extract(e, \(quotedText(field.name))))"
      result.type = .array(field.type)
    case .map(_, let item):
      result.sql = "\(value.sql)[\(quotedText(name))]"
      result.type = item
      result.nullable = true
    default:
      return faulty(
        "INVALID_EXTRACT_BASE_FIELD_TYPE",
        "\(value.name).\(name) needs a struct, but \(value.name) is of type \(value.type).")
    }
    return result
  }

  private mutating func extract(
    _ value: TypedExpression, _ key: Expression, _ scope: Scope, _ place: Place
  )
    -> TypedExpression
  {
    if value.contents.contains(.fault) { return value }
    if case .struct = value.type, case .literal(.string(let name)) = key { return field(name, of: value) }
    if case .array(.struct) = value.type, case .literal(.string(let name)) = key { return field(name, of: value) }
    let key = resolve(key, scope, place)
    if key.contents.contains(.fault) { return key }
    var result = value
    result.attribute = nil
    result.nullable = true
    result.ungrouped = value.ungrouped ?? key.ungrouped
    result.contents.formUnion(key.contents)
    result.name = "\(value.name)[\(key.name)]"
    switch value.type {
    case .array(let element):
      guard key.type.isIntegral else {
        return faulty("DATATYPE_MISMATCH", "The index of \(value.name) is of type \(key.type), not a whole number.")
      }
      // Indices count from 0. One that does not exist is an error, as in Spark with ANSI.
      result.sql = "martlet_element(\(value.sql), \(key.sql))"
      result.type = element
    case .map(let type, let item):
      result.sql = "\(value.sql)[\(key.converted(to: type).sql)]"
      result.type = item
    default:
      return faulty(
        "INVALID_EXTRACT_BASE_FIELD_TYPE",
        "\(value.name)[\(key.name)] needs an array or a map, but \(value.name) is of type \(value.type).")
    }
    return result
  }

  // MARK: Casts

  private mutating func cast(_ value: TypedExpression, _ type: DataType, _ isTry: Bool) -> TypedExpression {
    if value.contents.contains(.fault) { return value }
    guard Cast.exists(from: value.type, to: type) else {
      let message = "\(value.name) is of type \(value.type), which cannot be cast to \(type)."
      if value.type == .date, type.isNumeric {
        return faulty("DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION", message + " Use unix_date.")
      }
      if type == .date, value.type.isNumeric {
        return faulty("DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION", message + " Use date_from_unix_date.")
      }
      return faulty("DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION", message)
    }
    var result = value
    result.sql = zoned(value, to: type) ?? Cast.sql(value.sql, from: value.type, to: type, isTry: isTry)
    result.type = type
    result.nullable = value.nullable || isTry || value.type == .string
    // Spark leaves out casts of columns in names.
    if value.attribute == nil {
      result.name = "\(isTry ? "TRY_CAST" : "CAST")(\(value.name) AS \(type.description.uppercased()))"
    }
    result.attribute = nil
    result.call = nil
    result.literal = nil
    return result
  }

  /// A conversion that depends on the time zone of the session.
  private func zoned(_ value: TypedExpression, to type: DataType) -> String? {
    guard catalog.timeZone != "UTC" else { return nil }
    switch (value.type, type) {
    case (.timestamp, .string), (.timestamp, .date), (.timestamp, .timestampNTZ):
      return Cast.sql(local(value.sql), from: .timestampNTZ, to: type)
    case (.string, .timestamp), (.date, .timestamp), (.timestampNTZ, .timestamp):
      return utc(Cast.sql(value.sql, from: value.type, to: .timestampNTZ))
    default: return nil
    }
  }

  /// A timestamp as the date and time of day in the time zone of the session.
  func local(_ sql: String) -> String {
    catalog.timeZone == "UTC"
      ? sql : "timezone(\(quotedText(catalog.timeZone)), timezone('UTC', \(sql)))"
  }

  /// The point in time at which it is this date and time of day in the time zone of the session.
  func utc(_ sql: String) -> String {
    catalog.timeZone == "UTC"
      ? sql : "timezone('UTC', timezone(\(quotedText(catalog.timeZone)), \(sql)))"
  }

  // MARK: Functions

  private mutating func function(_ call: FunctionCall, _ scope: Scope, _ place: Place) -> TypedExpression {
    let name = call.name.lowercased()
    if let result = columnMethod(name, call, scope, place) { return result }
    guard let rule = catalog.function(name) ?? FunctionRegistry.rule(name) else {
      let near = nearest(to: name, in: FunctionRegistry.names, count: 2)
      let advice = near.isEmpty ? "docs/sql.md lists the functions." : "Did you mean \(near.joined(separator: " or "))?"
      return faulty("UNRESOLVED_ROUTINE", "There is no function '\(call.name)'. \(advice)")
    }
    var inner = place
    // An aggregate function over a window does not group rows.
    let groups = rule.kind == .aggregate && !place.isOverWindow
    if groups { inner.grouping = nil }
    inner.isOverWindow = false
    var arguments: [TypedExpression] = []
    var lambdas: [Int: Expression] = [:]
    let given =
      call.arguments.contains { if case .star = $0 { true } else { false } } && !rule.takesStar
      ? expanded(call.arguments, scope) : call.arguments
    guard rule.arity.contains(given.count) || rule.takesStar else { return wrongCount(call, rule, given.count) }
    for (index, argument) in given.enumerated() {
      switch argument {
      case .lambda: lambdas[index] = argument
      case .star where rule.takesStar: continue
      default: arguments.append(resolve(argument, scope, inner))
      }
    }
    var context = CallContext(
      name: rule.displayName ?? call.name, arguments: arguments, call: call, analyzer: self, scope: scope, place: inner,
      grouping: place.grouping, lambdas: lambdas)
    if place.allowsGenerators, let generator = arguments.first(where: { $0.contents.contains(.generator) }) {
      return faulty(
        "UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS",
        "\(call.name) contains \(generator.name), which creates rows. Use it alone in the select list, or in LATERAL VIEW."
      )
    }
    if rule.kind == .window, !place.isOverWindow {
      return faulty("WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE", "\(call.name) is a window function: it needs OVER (…).")
    }
    let isFaulty = arguments.contains { $0.contents.contains(.fault) }
    var result: TypedExpression
    if isFaulty {
      result = TypedExpression(sql: "NULL", type: .null, name: call.name, contents: .fault)
    } else {
      result = rule.apply(&context)
      self = context.analyzer
    }
    if result.contents.contains(.fault) { return result }
    for argument in context.arguments {
      result.contents.formUnion(argument.contents)
      if !groups { result.ungrouped = result.ungrouped ?? argument.ungrouped }
    }
    switch rule.kind {
    case .aggregate:
      if groups, arguments.contains(where: { $0.contents.contains(.aggregate) }) {
        return faulty(
          "NESTED_AGGREGATE_FUNCTION", "\(result.name) contains another aggregate function. Use a subquery.")
      }
      result.contents.insert(.aggregate)
    case .window: result.contents.insert(.window)
    case .generator: result.contents.insert(.generator)
    case .scalar:
      if call.isDistinct || call.filter != nil {
        return faulty(
          "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX",
          "\(call.name) is not an aggregate function: DISTINCT and FILTER do not apply to it.")
      }
    }
    return result
  }

  private mutating func wrongCount(_ call: FunctionCall, _ rule: FunctionRule, _ count: Int) -> TypedExpression {
    faulty(
      "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
      "\(call.name) takes \(rule.arityText), but \(count) \(count == 1 ? "is" : "are") given.")
  }

  // MARK: Windows

  private mutating func window(_ window: WindowExpression, _ scope: Scope, _ place: Place) -> TypedExpression {
    var inner = place
    inner.allowsWindows = true
    inner.allowsAggregates = true
    var functionPlace = inner
    functionPlace.isOverWindow = true
    let function = resolve(window.function, scope, functionPlace)
    if function.contents.contains(.fault) { return function }
    guard let call = function.call else {
      return faulty(
        "UNSUPPORTED_EXPR_FOR_WINDOW",
        "\(function.name) is not a window or aggregate function, so OVER does not apply to it.")
    }
    if case .function(let call) = window.function, call.isDistinct {
      return faulty(
        "DISTINCT_WINDOW_FUNCTION_UNSUPPORTED", "\(function.name) has DISTINCT, which does not go with OVER.")
    }
    if let fault = window.frame.flatMap({ frameFault($0, window.order.count) }) {
      return faulty(fault.kind, fault.message)
    }
    let partition = window.partition.map { resolve($0, scope, inner) }
    let order = window.order.map { (resolve($0.expression, scope, inner), $0) }
    let parts = partition + order.map(\.0)
    if let fault = parts.first(where: { $0.contents.contains(.fault) }) { return fault }
    if function.contents.contains(.window), window.order.isEmpty, FunctionRegistry.needsOrder(call.core) {
      return faulty(
        "WINDOW_FUNCTION_FRAME_NOT_ORDERED", "\(function.name) needs an order: OVER (… ORDER BY …).")
    }
    var clauses: [String] = []
    if !partition.isEmpty { clauses.append("PARTITION BY " + partition.map(\.sql).joined(separator: ", ")) }
    if !order.isEmpty { clauses.append("ORDER BY " + order.map { Self.text($0.1, $0.0.sql) }.joined(separator: ", ")) }
    if let frame = window.frame { clauses.append(frameText(frame, order.first?.0, scope, inner)) }
    var result = function
    let extended = EngineCall(
      core: "\(call.windowCore ?? call.core) OVER (\(clauses.joined(separator: " ")))", before: call.before,
      after: call.after)
    result.sql = extended.sql
    result.call = nil
    // The aggregate functions within remain: sum(sum(x)) OVER ().
    if !(window.function.children.contains { $0.contains { isAggregateCall($0) } }) {
      result.contents.remove(.aggregate)
    }
    for part in parts { result.contents.formUnion(part.contents) }
    result.contents.insert(.window)
    result.ungrouped = place.grouping == nil ? nil : ([function] + parts).lazy.compactMap(\.ungrouped).first
    result.name = "\(function.name) OVER (\(windowName(window, partition, order.map(\.0), function)))"
    return result
  }

  /// The mistake in a frame, which the engine would describe in its own terms.
  private func frameFault(_ frame: WindowFrame, _ orders: Int) -> AnalysisFault? {
    func rank(_ boundary: WindowFrame.Boundary) -> Int {
      switch boundary {
      case .unboundedPreceding: 0
      case .preceding: 1
      case .currentRow: 2
      case .following: 3
      case .unboundedFollowing: 4
      }
    }
    func hasDistance(_ boundary: WindowFrame.Boundary) -> Bool { [1, 3].contains(rank(boundary)) }
    if rank(frame.lower) > rank(frame.upper) {
      return AnalysisFault(
        "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON", "The frame of the window ends before it begins.")
    }
    guard frame.unit == .range else { return nil }
    if orders == 0, rank(frame.lower) > 0 || rank(frame.upper) < 4 {
      return AnalysisFault(
        "DATATYPE_MISMATCH.RANGE_FRAME_WITHOUT_ORDER", "A frame with RANGE needs an order: OVER (ORDER BY …).")
    }
    if orders > 1, hasDistance(frame.lower) || hasDistance(frame.upper) {
      return AnalysisFault(
        "DATATYPE_MISMATCH.RANGE_FRAME_MULTI_ORDER",
        "A frame with RANGE and a distance needs exactly one expression in ORDER BY.")
    }
    return nil
  }

  static func text(_ order: SortOrder, _ sql: String) -> String {
    "\(sql) \(order.isDescending ? "DESC" : "ASC") NULLS \(order.nullsFirst ? "FIRST" : "LAST")"
  }

  private func windowName(
    _ window: WindowExpression, _ partition: [TypedExpression], _ order: [TypedExpression], _ function: TypedExpression
  ) -> String {
    var parts: [String] = []
    if !partition.isEmpty { parts.append("PARTITION BY " + partition.map(\.name).joined(separator: ", ")) }
    if !order.isEmpty {
      let orders = zip(order, window.order).map { expression, order in
        "\(expression.name) \(order.isDescending ? "DESC" : "ASC") NULLS \(order.nullsFirst ? "FIRST" : "LAST")"
      }
      parts.append("ORDER BY " + orders.joined(separator: ", "))
    }
    func boundary(_ boundary: WindowFrame.Boundary) -> String {
      switch boundary {
      case .unboundedPreceding: return "UNBOUNDED PRECEDING"
      case .unboundedFollowing: return "UNBOUNDED FOLLOWING"
      case .currentRow: return "CURRENT ROW"
      case .preceding(.literal(let value)): return "\(value.columnName) PRECEDING"
      case .following(.literal(let value)): return "\(value.columnName) FOLLOWING"
      case .preceding: return "PRECEDING"
      case .following: return "FOLLOWING"
      }
    }
    // The offset of lag and lead is their frame.
    if case .function(let call) = window.function, ["lag", "lead"].contains(call.name.lowercased()), window.frame == nil
    {
      let offset = call.arguments.count > 1 ? call.arguments[1] : .literal(.integer(1))
      if case .literal(let literal) = offset, let number = literal.integer {
        let place = "\(call.name.lowercased() == "lag" ? -number : number) FOLLOWING"
        parts.append("ROWS BETWEEN \(place) AND \(place)")
        return parts.joined(separator: " ")
      }
    }
    let frame =
      window.frame
      ?? (function.contents.contains(.window)
        ? WindowFrame(.rows, .unboundedPreceding, .currentRow)
        : order.isEmpty
          ? WindowFrame(.rows, .unboundedPreceding, .unboundedFollowing)
          : WindowFrame(.range, .unboundedPreceding, .currentRow))
    parts.append(
      "\(frame.unit == .rows ? "ROWS" : "RANGE") BETWEEN \(boundary(frame.lower)) AND \(boundary(frame.upper))")
    return parts.joined(separator: " ")
  }

  private mutating func frameText(
    _ frame: WindowFrame, _ order: TypedExpression?, _ scope: Scope, _ place: Place
  ) -> String {
    func text(_ boundary: WindowFrame.Boundary, _ analyzer: inout Analyzer) -> String {
      switch boundary {
      case .unboundedPreceding: return "UNBOUNDED PRECEDING"
      case .unboundedFollowing: return "UNBOUNDED FOLLOWING"
      case .currentRow: return "CURRENT ROW"
      case .preceding(let value): return analyzer.resolve(value, scope, place).sql + " PRECEDING"
      case .following(let value): return analyzer.resolve(value, scope, place).sql + " FOLLOWING"
      }
    }
    return
      "\(frame.unit == .rows ? "ROWS" : "RANGE") BETWEEN \(text(frame.lower, &self)) AND \(text(frame.upper, &self))"
  }

  // MARK: Subqueries

  /// Resolves a query that may refer to the columns of `scope`.
  mutating func subquery(_ plan: Plan, _ scope: Scope) -> Relation {
    depth += 1
    outer.append(scope)
    let before = nesting
    nesting = 0
    defer {
      depth -= 1
      outer.removeLast()
      nesting = before
    }
    guard depth <= 32 else {
      fail("EXPRESSION_TOO_DEEP", "A query has more than 32 levels of subqueries. Split it with views.")
      return nothing
    }
    let relation = self.relation(plan)
    locals += relation.locals
    return relation
  }

  private mutating func scalarSubquery(_ plan: Plan, _ scope: Scope) -> TypedExpression {
    let relation = subquery(plan, scope)
    guard let column = relation.columns.first else {
      return TypedExpression(sql: "NULL", type: .null, name: "scalarsubquery()", contents: .fault)
    }
    if relation.columns.count > 1 {
      return faulty(
        "INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN",
        "A subquery that stands for one value has \(relation.columns.count) columns: \(listed(relation.columns.map(\.name)))."
      )
    }
    return TypedExpression(
      sql: "(\(relation.sql.text))", type: column.type, name: "scalarsubquery()", contents: .subquery)
  }

  private mutating func inSubquery(
    _ values: [Expression], _ plan: Plan, _ scope: Scope, _ place: Place
  ) -> TypedExpression {
    let values = values.map { resolve($0, scope, place) }
    let relation = subquery(plan, scope)
    if let fault = values.first(where: { $0.contents.contains(.fault) }) { return fault }
    guard relation.columns.count == values.count else {
      return faulty(
        "DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH",
        "IN compares \(values.count) values with a subquery of \(relation.columns.count) columns.")
    }
    var left: [String] = []
    var right: [String] = []
    for (value, column) in zip(values, relation.columns) {
      guard let type = Coercion.common(value.type, column.type) else {
        return faulty(
          "DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH",
          "IN compares \(value.name) of type \(value.type) with \(column.name) of type \(column.type).")
      }
      left.append(value.converted(to: type).sql)
      right.append(Cast.sql(quoted(column.key), from: column.type, to: type))
    }
    let inner = "SELECT \(right.joined(separator: ", ")) FROM (\(relation.sql.text)) s\(depth)"
    let list = left.count == 1 ? left[0] : "(\(left.joined(separator: ", ")))"
    let name = values.map(\.name).joined(separator: ", ")
    var result = TypedExpression(
      sql: "(\(list) IN (\(inner)))", type: .boolean, name: "(\(name) IN (listquery()))", contents: .subquery)
    for value in values {
      result.contents.formUnion(value.contents)
      result.ungrouped = result.ungrouped ?? value.ungrouped
    }
    return result
  }
}

extension Literal {
  /// The constant in the name of a column.
  var columnName: String {
    switch self {
    case .null: "NULL"
    case .boolean(let value): "\(value)"
    case .byte(let value): "\(value)"
    case .short(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .long(let value): "\(value)"
    case .float(let value): javaText(value)
    case .double(let value): javaText(value)
    case .decimal(let digits): digits
    case .string(let value): value
    case .binary(let bytes):
      "X'\(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined())'"
    case .date(let days): "DATE '\(SQLDate(days: days))'"
    case .timestamp(let micros): "TIMESTAMP '\(SQLTimestamp(microseconds: micros))'"
    case .timestampNTZ(let micros): "TIMESTAMP_NTZ '\(SQLTimestamp(microseconds: micros))'"
    case .interval(let months, let days, let micros, .interval):
      "INTERVAL '\(SQLInterval(months: months, days: days, microseconds: micros))'"
    case .interval(let months, let days, let micros, let type):
      SQLInterval(months: months, days: days, microseconds: micros).description(as: type)
    }
  }
}
