extension Analyzer {
  mutating func aggregate(_ aggregate: Aggregate) -> Relation { self.aggregate(aggregate, open(aggregate.input)) }

  private mutating func aggregate(_ aggregate: Aggregate, _ input: Relation) -> Relation {
    if case .pivot(let column, let values) = aggregate.kind { return pivot(aggregate, column, values, input) }
    let before = faults.count
    if let (aggregate, input) = withTimeWindow(aggregate, input) {
      // Without the window, the rest of the query would only have mistakes that follow from it.
      return faults.count > before ? nothing : self.aggregate(aggregate, input)
    }
    let scope = self.scope(input)
    let list = expanded(
      aggregate.listsAll ? aggregate.aggregates : aggregate.aggregates.flatMap { eachNumber($0, scope) }, scope)
    var written = aggregate.grouping.map(parsed)
    if written.count == 1, isAll(written[0], scope) {
      written = list.map(\.withoutAlias).filter { item in !item.contains { isAggregateCall($0) } }
    }
    let expressions = written.map { groupingExpression($0, list, scope) }
    let resolved = expressions.map { expression($0, scope, Place(clause: "GROUP BY")) }
    let grouping = Grouping(
      expressions: expressions.map(\.withoutAlias), resolved: resolved, clause: clause(aggregate.kind, resolved))
    var place = Place.list
    place.allowsGenerators = false
    place.grouping = grouping
    var items = list.map { expression($0, scope, place) }
    for item in items where !item.contents.contains(.fault) { expectGrouped(item, isGlobal: expressions.isEmpty) }
    if !aggregate.listsAll {
      items =
        zip(resolved, expressions).map { value, expression in
          var value = value
          if case .groupBy = aggregate.kind {
          } else {
            value.attribute = nil
            value.nullable = true
          }
          if case .alias(_, let names) = expression, names.count == 1 { value.name = names[0] }
          return value
        } + items
    }
    var selection = Selection(scope: scope, items: [], from: from(input), grouping: grouping)
    add(items, to: &selection)
    return finish(selection, input)
  }

  /// The calls that `df.groupBy("a").sum()` stands for: one for each column of numbers.
  private func eachNumber(_ expression: Expression, _ scope: Scope) -> [Expression] {
    guard case .function(var call) = expression, call.arguments == [.star()],
      ["sum", "avg", "min", "max"].contains(call.name)
    else { return [expression] }
    return scope.visible.filter(\.attribute.type.isNumeric).map { entry in
      call.arguments = [.attribute([Self.idName(entry.attribute.id)])]
      return .function(call)
    }
  }

  func isAggregateCall(_ expression: Expression) -> Bool {
    if case .function(let call) = expression { isAggregate(call.name) } else { false }
  }

  /// `GROUP BY 1` and `GROUP BY name`, where the name is given in the select list.
  private mutating func groupingExpression(_ expression: Expression, _ list: [Expression], _ scope: Scope) -> Expression
  {
    if case .literal(let literal) = expression, let number = literal.integer, !list.isEmpty {
      guard number >= 1, number <= list.count else {
        fail("GROUP_BY_POS_OUT_OF_RANGE", "GROUP BY \(number) is not a column: the select list has \(list.count).")
        return .literal(.null())
      }
      return list[Int(number) - 1].withoutAlias
    }
    if case .attribute(let parts, nil) = expression, parts.count == 1, case .none = scope.match(parts) {
      for case .alias(let child, let names) in list where names.count == 1 && names[0].isSameName(as: parts[0]) {
        return child
      }
    }
    return expression
  }

  private func clause(_ kind: Aggregate.Kind, _ grouping: [TypedExpression]) -> String {
    let list = grouping.map(groupKey)
    switch kind {
    case .groupBy, .pivot: return list.joined(separator: ", ")
    case .rollup: return list.isEmpty ? "" : "ROLLUP(\(list.joined(separator: ", ")))"
    case .cube: return list.isEmpty ? "" : "CUBE(\(list.joined(separator: ", ")))"
    case .groupingSets(let sets):
      let texts = sets.map { "(" + $0.map { list[$0] }.joined(separator: ", ") + ")" }
      return "GROUPING SETS (\(texts.joined(separator: ", ")))"
    }
  }

  /// The SQL by which rows are grouped.
  func groupKey(_ value: TypedExpression) -> String {
    guard let attribute = value.attribute, attribute.windowLength != nil else { return value.sql }
    return attribute.column(of: alias("t"))
  }

  /// Each value of a column becomes a column for each aggregate.
  private mutating func pivot(
    _ aggregate: Aggregate, _ column: Expression, _ values: [NamedExpression]?, _ input: Relation
  )
    -> Relation
  {
    let scope = self.scope(input)
    let key = expression(column, scope, Place(clause: "PIVOT"))
    if key.contents.contains(.fault) { return nothing }
    var wanted: [(name: String, value: Expression)] = []
    if let values {
      for value in values {
        let constant = expression(value.expression, Scope([]), Place(clause: "PIVOT … IN"))
        wanted.append((value.name ?? constant.name, value.expression))
      }
    } else {
      do {
        let found = try catalog.distinctValues(input, key.sql, limit: 10_001)
        guard found.count <= 10_000 else {
          fail(
            "PIVOT_TOO_MANY_VALUES", "The column '\(key.name)' has more than 10,000 values. List those that you need.")
          return nothing
        }
        wanted = found.map { ($0.columnName == "NULL" ? "null" : $0.columnName, .literal($0)) }
      } catch {
        fail("", "\(error)")
        return nothing
      }
    }
    var list: [Expression] = []
    for (name, value) in wanted {
      for item in aggregate.aggregates {
        let condition = Expression.call("<=>", column, value)
        let label = aggregate.aggregates.count == 1 ? name : "\(name)_\(itemName(item, scope))"
        list.append(.alias(item.withoutAlias.filtered(condition, isAggregate), [label]))
      }
    }
    var grouping = aggregate.grouping
    if grouping == [.star()] {
      // All columns that the clause does not name.
      var named: Set<Int> = []
      for expression in aggregate.aggregates + [column] {
        _ = expression.contains { part in
          if case .attribute(let parts, nil) = part, case .found(let entry, _) = scope.match(parts) {
            named.insert(entry.attribute.id)
          }
          return false
        }
      }
      grouping = input.columns.filter { !named.contains($0.id) }.map { .attribute([Self.idName($0.id)]) }
    }
    return self.aggregate(Aggregate(grouping: grouping, aggregates: list, .oneRow), input)
  }

  private mutating func itemName(_ item: Expression, _ scope: Scope) -> String {
    if case .alias(_, let names) = item, let name = names.first { return name }
    let before = faults
    defer { faults = before }
    return expression(item, scope, .list).name
  }
}

extension Expression {
  var withoutAlias: Expression { if case .alias(let child, _) = self { child.withoutAlias } else { self } }

  /// The expression, whose aggregate functions take only the rows that satisfy a condition.
  fileprivate func filtered(_ condition: Expression, _ isAggregate: (String) -> Bool) -> Expression {
    guard case .function(var call) = self, isAggregate(call.name) else {
      return mapChildren { $0.filtered(condition, isAggregate) }
    }
    call.filter = call.filter.map { .call("and", $0, condition) } ?? condition
    return .function(call)
  }
}
