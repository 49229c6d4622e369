extension Analyzer {
  // MARK: Rows from values

  mutating func generate(_ generate: Generate) -> Relation {
    let input = relation(generate.input)
    let scope = self.scope(input)
    var generator = generate.generator
    if generate.isOuter, case .function(var call) = generator, !call.name.lowercased().hasSuffix("_outer") {
      call.name += "_outer"
      generator = .function(call)
    }
    var place = Place.list
    place.allowsAggregates = false
    var value = expression(generator, scope, place)
    if value.contents.contains(.fault) { return nothing }
    guard value.contents.contains(.generator) else {
      fail(
        "UNSUPPORTED_GENERATOR", "LATERAL VIEW needs a function that creates rows, such as explode, not \(value.name).")
      return nothing
    }
    if value.generated.isEmpty { value.generated = [value] }
    if !generate.columns.isEmpty {
      guard generate.columns.count == value.generated.count else {
        fail(
          "UDTF_ALIAS_NUMBER_MISMATCH",
          "\(value.name) has \(value.generated.count) columns, but \(generate.columns.count) names: \(listed(generate.columns))."
        )
        return nothing
      }
      for i in generate.columns.indices { value.generated[i].name = generate.columns[i] }
    }
    let before = scope.visible.map { entry in
      TypedExpression(
        sql: entry.sql, type: entry.attribute.type, nullable: entry.attribute.nullable, name: entry.attribute.name,
        attribute: entry.attribute)
    }
    var selection = Selection(scope: scope, items: [], from: input.columns.isEmpty ? "" : from(input))
    add(before + [value], to: &selection)
    for i in before.count..<selection.items.count {
      selection.items[i].attribute.qualifier = generate.table.map { [$0] } ?? []
    }
    var result = finish(selection, input)
    result.selection = nil
    return result
  }

  /// Columns become rows. Lists of the names and of the values are unnested side by side.
  mutating func unpivot(_ unpivot: Unpivot) -> Relation {
    let input = relation(unpivot.input)
    let scope = self.scope(input)
    let ids = expanded(unpivot.ids, scope).map { expression($0, scope, .filter) }
    let values: [TypedExpression]
    if let given = unpivot.values {
      values = expanded(given, scope).map { expression($0, scope, .filter) }
    } else {
      let taken = Set(ids.compactMap(\.attribute?.id))
      values = scope.entries.filter { !taken.contains($0.attribute.id) }.map { entry in
        TypedExpression(
          sql: entry.sql, type: entry.attribute.type, name: entry.attribute.name, attribute: entry.attribute)
      }
    }
    if (ids + values).contains(where: { $0.contents.contains(.fault) }) { return nothing }
    guard !values.isEmpty else {
      fail("UNPIVOT_REQUIRES_VALUE_COLUMNS", "unpivot needs at least one column that becomes rows.")
      return nothing
    }
    guard let type = Coercion.common(values.map(\.type)) else {
      let types = values.map { "\($0.name) \($0.type)" }
      fail("UNPIVOT_VALUE_DATA_TYPE_MISMATCH", "The columns that become rows have no common type: \(listed(types)).")
      return nothing
    }
    var variable = TypedExpression(
      sql: "unnest([\(values.map { quotedText($0.name) }.joined(separator: ", "))])", type: .string, nullable: false,
      name: unpivot.variableColumn)
    variable.contents = .generator
    let list = values.map { $0.converted(to: type).sql }.joined(separator: ", ")
    let value = TypedExpression(
      sql: "unnest([\(list)])", type: type, nullable: true, name: unpivot.valueColumn, contents: .generator)
    var selection = Selection(scope: scope, items: [], from: from(input))
    add(ids + [variable, value], to: &selection)
    var result = finish(selection, input)
    result.selection = nil
    if !unpivot.includesNulls, let column = result.columns.last {
      result.sql = "SELECT *\(from(result)) WHERE \(quoted(column.key)) IS NOT NULL"
    }
    return result
  }

  // MARK: NULL

  mutating func fillNulls(_ value: Literal, _ columns: [String], _ input: Relation) -> Relation {
    let named = Set(columns.compactMap { existing($0, input)?.id })
    return select(
      scope(input).entries.map { entry in
        let column = entry.attribute
        let fits =
          switch value.type {
          case .string: column.type == .string
          case .boolean: column.type == .boolean
          default: column.type.isNumeric
          }
        guard fits, columns.isEmpty || named.contains(column.id) else { return (column, entry.sql) }
        var filled = column
        filled.nullable = false
        let constant = Cast.sql(value.engineText, from: value.type, to: column.type)
        return (filled, "\(nanAsNull(entry.sql, column.type, "coalesce")), \(constant))")
      }, input)
  }

  /// The beginning of a `coalesce` in which NaN counts as `NULL`, as in Spark's `na` functions.
  private func nanAsNull(_ sql: String, _ type: DataType, _ function: String) -> String {
    type.isFractional ? "\(function)(CASE WHEN isnan(\(sql)) THEN NULL ELSE \(sql) END" : "\(function)(\(sql)"
  }

  mutating func dropNulls(_ columns: [String], _ minimum: Int?, _ input: Relation) -> Relation {
    let named = columns.compactMap { existing($0, input)?.id }
    let entries = scope(input).entries.filter { columns.isEmpty || named.contains($0.attribute.id) }
    let tests = entries.map { entry in
      entry.attribute.type.isFractional
        ? "(\(entry.sql) IS NOT NULL AND NOT isnan(\(entry.sql)))" : "(\(entry.sql) IS NOT NULL)"
    }
    var result = input
    result.selection = nil
    let count = tests.map { "CAST(\($0) AS INTEGER)" }.joined(separator: " + ")
    let condition = minimum.map { "\(count) >= \($0)" } ?? tests.joined(separator: " AND ")
    if !tests.isEmpty { result.sql = "SELECT *\(from(input)) WHERE \(condition)" }
    return result
  }

  mutating func replaceValues(_ columns: [String], _ replacements: [Replacement], _ input: Relation) -> Relation {
    let named = columns.compactMap { existing($0, input)?.id }
    return select(
      scope(input).entries.map { entry in
        let column = entry.attribute
        guard columns.isEmpty || named.contains(column.id) else { return (column, entry.sql) }
        let cases = replacements.filter { replacement in
          replacement.old.type == .string
            ? column.type == .string
            : replacement.old.type == .boolean ? column.type == .boolean : column.type.isNumeric
        }
        guard !cases.isEmpty else { return (column, entry.sql) }
        let texts = cases.map { replacement in
          let old = Cast.sql(replacement.old.engineText, from: replacement.old.type, to: column.type)
          let new = Cast.sql(replacement.new.engineText, from: replacement.new.type, to: column.type)
          return "WHEN \(entry.sql) = \(old) THEN \(new)"
        }
        var replaced = column
        replaced.nullable = replaced.nullable || cases.contains { if case .null = $0.new { true } else { false } }
        return (replaced, "CASE \(texts.joined(separator: " ")) ELSE \(entry.sql) END")
      }, input)
  }

  // MARK: Statistics

  mutating func summary(_ statistics: [String], _ columns: [String], _ input: Relation) -> Relation {
    let named = columns.compactMap { existing($0, input)?.id }
    let entries = scope(input).entries.filter { entry in
      columns.isEmpty
        ? entry.attribute.type.isNumeric || entry.attribute.type == .string : named.contains(entry.attribute.id)
    }
    var keys = ColumnKeys()
    let label = keys.key(for: "summary")
    let attributes = entries.map { Attribute($0.attribute.name, .string, key: keys.key(for: $0.attribute.name)) }
    var rows: [SQLFragment] = []
    for (index, statistic) in statistics.enumerated() {
      let cells = zip(entries, attributes).map { entry, attribute in
        "\(cell(statistic, entry)) AS \(quoted(attribute.key))"
      }
      let list = ["\(quotedText(statistic)) AS \(quoted(label))", "\(index) AS \"\u{1}position\""] + cells
      rows.append("(SELECT \(list.joined(separator: ", "))\(from(input)))")
    }
    guard !rows.isEmpty else { return nothing }
    let union = rows.dropFirst().reduce(rows[0]) { "\($0) UNION ALL \($1)" }
    let names = ([label] + attributes.map(\.key)).map(quoted).joined(separator: ", ")
    return Relation(
      sql: "SELECT \(names) FROM (\(union)) \(alias("h")) ORDER BY \"\u{1}position\"",
      columns: [Attribute("summary", .string, key: label)] + attributes, locals: input.locals)
  }

  /// One statistic of a column, as text; of a text as a number where it is one.
  private mutating func cell(_ statistic: String, _ entry: Scope.Entry) -> String {
    let type = entry.attribute.type
    let number = type == .string ? "TRY_CAST(\(entry.sql) AS DOUBLE)" : "CAST(\(entry.sql) AS DOUBLE)"
    switch statistic.lowercased() {
    case "count": return "CAST(count(\(entry.sql)) AS VARCHAR)"
    case "count_distinct": return "CAST(count(DISTINCT \(entry.sql)) AS VARCHAR)"
    case "approx_count_distinct": return "CAST(approx_count_distinct(\(entry.sql)) AS VARCHAR)"
    case "mean": return Cast.sql("avg(\(number))", from: .double, to: .string)
    case "stddev": return Cast.sql("stddev_samp(\(number))", from: .double, to: .string)
    case "min", "max": return Cast.sql("\(statistic.lowercased())(\(entry.sql))", from: type, to: .string)
    default:
      guard statistic.hasSuffix("%"), let percent = Double(statistic.dropLast()), (0...100).contains(percent) else {
        fail(
          "INVALID_PARAMETER_VALUE",
          "summary knows count, mean, stddev, min, max and percentages such as 25%, but not '\(statistic)'.")
        return "NULL"
      }
      let quantile = "quantile_disc(\(type == .string ? number : entry.sql), \(percent / 100))"
      return Cast.sql(quantile, from: type == .string ? .double : type, to: .string)
    }
  }
}
