// PIVOT and UNPIVOT.

extension SQLParser {
  /// The plan with a `PIVOT` and `UNPIVOT` that follow it.
  mutating func pivoted(_ plan: Plan) throws -> Plan {
    var plan = plan
    if isNext(.pivot), token(after: 1).kind == .sign(.leftParenthesis) {
      index += 1
      plan = try aliasedPivot(try parenthesized { try $0.pivot(of: plan) })
    }
    if isNext(.unpivot) {
      switch (token(after: 1).kind, token(after: 2).keyword) {
      case (.sign(.leftParenthesis), _), (.word(.include?), .nulls?), (.word(.exclude?), .nulls?):
        index += 1
        plan = try aliasedPivot(try unpivot(of: plan))
      default: break
      }
    }
    return plan
  }

  private mutating func aliasedPivot(_ plan: Plan) throws -> Plan {
    if skip(.as) { return .alias(try name("the name of the table"), plan) }
    return isTableAliasNext ? .alias(try name(), plan) : plan
  }

  /// `sum(x) AS s FOR k IN ('a' AS aa, 'b')`
  private mutating func pivot(of plan: Plan) throws -> Plan {
    let aggregates = try list { try $0.namedExpression() }
    try require(.for)
    let column: Expression =
      if isNext(.leftParenthesis) {
        .call("struct", try names().map { .attribute([$0]) })
      } else {
        .attribute([try name("a column")])
      }
    try require(.in)
    let values = try parenthesized { parser in
      try parser.list { parser in
        switch try parser.namedExpression() {
        case .alias(let value, let names): NamedExpression(names.first, value)
        case let value: NamedExpression(nil, value)
        }
      }
    }
    // The rows are grouped by all columns that PIVOT does not mention.
    return .aggregate(
      Aggregate(
        .pivot(column, values: values), grouping: [.star(qualifier: [], except: [])], aggregates: aggregates, plan))
  }

  /// `INCLUDE NULLS (v FOR n IN (a AS x, b))`
  private mutating func unpivot(of plan: Plan) throws -> Plan {
    let includesNulls = isNext(.include)
    if !isNext(.leftParenthesis) { index += 2 }
    return try parenthesized { parser in
      guard !parser.isNext(.leftParenthesis) else {
        throw parser.error("UNPIVOT with several columns of values is not supported")
      }
      let valueColumn = try parser.name("the name of the column of values")
      try parser.require(.for)
      let variableColumn = try parser.name("the name of the column of names")
      try parser.require(.in)
      var columns: [[String]] = []
      let values = try parser.parenthesized { parser in
        try parser.list { parser in
          let column = try parser.qualifiedName("a column")
          columns.append(column)
          let hasName = parser.skip(.as) || parser.isNameNext
          return hasName ? .alias(.attribute(column), [try parser.name()]) : Expression.attribute(column)
        }
      }
      return .unpivot(
        Unpivot(
          ids: [.star(qualifier: [], except: columns)], values: values, variableColumn: variableColumn,
          valueColumn: valueColumn, includesNulls: includesNulls, plan))
    }
  }
}
