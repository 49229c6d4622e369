extension Analyzer {
  /// Groups by `window(time, …)` or `session_window(time, …)` as groups by a column that the input has; `nil` if there is
  /// no such group.
  mutating func withTimeWindow(_ aggregate: Aggregate, _ input: Relation) -> (Aggregate, Relation)? {
    guard let (window, name) = timeWindow(aggregate) else { return nil }
    guard case .function(let call) = window else { return nil }
    let scope = self.scope(input)
    let isSession = call.name.lowercased() == "session_window"
    let extended: Relation
    if isSession {
      let keys = aggregate.grouping.map(\.withoutAlias).filter { $0 != window }
      guard let sessions = sessions(call, keys, name, input) else { return (without(window, name, aggregate), nothing) }
      extended = sessions
    } else {
      var value = expression(.alias(window, [name]), scope, .list)
      if value.contents.contains(.fault) { return (without(window, name, aggregate), nothing) }
      if let window = value.window { value.sql = window.starts }
      let columns = scope.visible.map { entry in
        TypedExpression(
          sql: entry.sql, type: entry.attribute.type, nullable: entry.attribute.nullable, name: entry.attribute.name,
          attribute: entry.attribute)
      }
      var selection = Selection(scope: scope, items: [], from: from(input))
      add(columns + [value], to: &selection)
      var relation = finish(selection, input)
      relation.selection = nil
      relation.columns[relation.columns.count - 1].windowLength = value.window?.length
      // Rows without a time are in no window.
      if let time = call.arguments.first {
        let moment = expression(time, self.scope(relation), Place(clause: "window"))
        if !moment.contents.contains(.fault) {
          relation.sql = "SELECT *\(from(relation)) WHERE \(moment.sql) IS NOT NULL"
        }
      }
      extended = relation
    }
    return (without(window, name, aggregate), extended)
  }

  /// The window that an aggregate groups by, and the name of its column.
  private func timeWindow(_ aggregate: Aggregate) -> (Expression, String)? {
    for expression in aggregate.grouping {
      for candidate in [expression] + listed(expression, aggregate.aggregates) {
        if case .function(let call) = candidate.withoutAlias,
          ["window", "session_window"].contains(call.name.lowercased())
        {
          return (candidate.withoutAlias, call.name.lowercased())
        }
      }
    }
    return nil
  }

  /// The expressions of a select list that `GROUP BY 1` or `GROUP BY name` means, if `name` is given in it.
  private func listed(_ expression: Expression, _ list: [Expression]) -> [Expression] {
    switch expression {
    case .literal(let literal):
      guard let number = literal.integer, number >= 1, number <= list.count else { return [] }
      return [list[Int(number) - 1]]
    case .attribute(let parts, nil) where parts.count == 1:
      return list.filter { item in
        if case .alias(_, let names) = item { names.count == 1 && names[0].isSameName(as: parts[0]) } else { false }
      }
    default: return []
    }
  }

  private func without(_ window: Expression, _ name: String, _ aggregate: Aggregate) -> Aggregate {
    func replaced(_ expression: Expression) -> Expression {
      expression == window ? .attribute([name]) : expression.mapChildren(replaced)
    }
    var result = aggregate
    result.grouping = aggregate.grouping.map(replaced)
    result.aggregates = aggregate.aggregates.map(replaced)
    return result
  }

  /// The input with the session of each row. A session ends when no row follows within the gap; sessions of different
  /// keys are independent.
  private mutating func sessions(
    _ call: FunctionCall, _ keys: [Expression], _ name: String, _ input: Relation
  ) -> Relation? {
    let scope = self.scope(input)
    let place = Place(clause: "session_window")
    guard call.arguments.count == 2 else {
      fail("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "session_window takes a time and a gap, such as '5 minutes'.")
      return nil
    }
    let time = expression(call.arguments[0], scope, place)
    var gap = expression(call.arguments[1], scope, place)
    let partition = keys.map { expression($0, scope, place) }
    if ([time, gap] + partition).contains(where: { $0.contents.contains(.fault) }) { return nil }
    guard Coercion.canConvert(time.type, to: .timestamp) else {
      fail(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        "session_window takes a timestamp, not \(time.name) of type \(time.type).")
      return nil
    }
    if case .string(let text)? = gap.literal {
      guard let micros = intervalMicroseconds(text) else {
        fail("CANNOT_PARSE_INTERVAL", "'\(text)' is not a duration. Write it as '5 minutes'.")
        return nil
      }
      gap.sql = "to_microseconds(\(micros))"
    } else if gap.type == .string {
      gap.sql = "CAST(\(gap.sql) AS INTERVAL)"
    }
    let moment = time.converted(to: .timestamp).sql
    let list = partition.enumerated().map { "\($1.sql) AS \"\u{1}k\($0)\"" }
    let keyNames = partition.indices.map { "\"\u{1}k\($0)\"" }
    let over = keyNames.isEmpty ? "" : "PARTITION BY \(keyNames.joined(separator: ", ")) "
    let keyed: SQLFragment = """
      SELECT *, \((list + ["\(moment) AS \"\u{1}t\"", "\(moment) + \(gap.sql) AS \"\u{1}e\""]).joined(separator: ", "))\(from(input)) \
      WHERE \(moment) IS NOT NULL AND \(moment) + \(gap.sql) > \(moment)
      """
    let flagged: SQLFragment = """
      SELECT *, CASE WHEN "\u{1}t" <= max("\u{1}e") OVER (\(over)ORDER BY "\u{1}t" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 \
      PRECEDING) THEN 0 ELSE 1 END AS "\u{1}n" FROM (\(keyed)) s
      """
    let numbered: SQLFragment = """
      SELECT *, sum("\u{1}n") OVER (\(over)ORDER BY "\u{1}t" ROWS UNBOUNDED PRECEDING) AS "\u{1}s" FROM (\(flagged)) s
      """
    var columns = input.columns
    var names = ColumnKeys()
    for column in columns { _ = names.key(for: column.key) }
    let type = DataType.struct(StructType([StructField("start", .timestamp), StructField("end", .timestamp)]))
    let session = Attribute(name, type, nullable: false, key: names.key(for: name))
    columns.append(session)
    let own = "PARTITION BY \((keyNames + ["\"\u{1}s\""]).joined(separator: ", "))"
    let visible = input.columns.map { quoted($0.key) }
    let value = """
      struct_pack("start" := min("\u{1}t") OVER (\(own)), "end" := max("\u{1}e") OVER (\(own))) AS \(quoted(session.key))
      """
    return Relation(
      sql: "SELECT \((visible + [value]).joined(separator: ", ")) FROM (\(numbered)) s", columns: columns,
      frames: input.frames, locals: input.locals)
  }
}
