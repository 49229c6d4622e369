extension FunctionRegistry {
  static let aggregates: [FunctionRule] =
    [
      count,
      aggregate(
        "count_if", takes: [.boolean], gives: .of(.long), as: "count", with: "*", filter: "$1", nullable: false),
      special("sum", arity: 1...1, kind: .aggregate) { sum(&$0, isTry: false) },
      special("try_sum", arity: 1...1, kind: .aggregate) { sum(&$0, isTry: true) },
      special("avg", "mean", "try_avg", arity: 1...1, kind: .aggregate) { context in
        guard context.convert([context.arguments[0].type.isInterval ? .any : .number]) else { return fault }
        let value = context.arguments[0]
        if case .dayTimeInterval = value.type {
          return context.aggregateCall(
            "avg", "epoch_us(\(value.sql))", .dayToSecond, around: "to_microseconds(CAST(round(\u{1}) AS BIGINT))")
        }
        if case .yearMonthInterval = value.type {
          return context.aggregateCall(
            "avg", "martlet_months(\(value.sql))", .yearToMonth, around: "to_months(CAST(round(\u{1}) AS INTEGER))")
        }
        if case .decimal(let p, let s) = value.type {
          let type = Coercion.bounded(precision: p + 4, scale: min(s + 4, 38))
          return context.aggregateCall("avg", value.sql, type, around: "CAST(\u{1} AS \(type.engineName))")
        }
        return context.aggregateCall("avg", value.sql, value.type == .interval ? .interval : .double)
      },
      special("min", arity: 1...1, kind: .aggregate) { extreme("min", &$0) },
      special("max", arity: 1...1, kind: .aggregate) { extreme("max", &$0) },
      special("first", "first_value", arity: 1...2, kind: .aggregate) { edge("first", &$0) },
      special("last", "last_value", arity: 1...2, kind: .aggregate) { edge("last", &$0) },
      special("any_value", arity: 1...2, kind: .aggregate) { edge("first", &$0) },
      special("max_by", arity: 2...3, kind: .aggregate) { context in
        let a = context.arguments
        if a.count > 2 {
          let list = "\(a[0].sql), \(a[1].sql), \(a[2].converted(to: .long).sql)"
          return context.aggregateCall("max_by", list, .array(a[0].type))
        }
        return context.aggregateCall("arg_max_null", "\(a[0].sql), \(a[1].sql)", a[0].type)
      },
      special("min_by", arity: 2...3, kind: .aggregate) { context in
        let a = context.arguments
        if a.count > 2 {
          let list = "\(a[0].sql), \(a[1].sql), \(a[2].converted(to: .long).sql)"
          return context.aggregateCall("min_by", list, .array(a[0].type))
        }
        return context.aggregateCall("arg_min_null", "\(a[0].sql), \(a[1].sql)", a[0].type)
      },
      aggregate(
        "collect_union", takes: [.array], gives: .argument(0), as: "list",
        around: "coalesce(list_distinct(flatten($0)), [])",
        filter: "$1 IS NOT NULL", nullable: false),
      aggregate(
        "collect_list", "array_agg", takes: [.any], gives: .arrayOf(0), as: "list", around: "coalesce($0, [])",
        filter: "$1 IS NOT NULL", nullable: false),
      aggregate(
        "collect_set", takes: [.any], gives: .arrayOf(0), as: "list", with: "DISTINCT $1", around: "coalesce($0, [])",
        filter: "$1 IS NOT NULL", nullable: false),
      aggregate(
        "approx_count_distinct", takes: [.any, .optional(.double, "")], gives: .of(.long), as: "approx_count_distinct",
        with: "$1", casts: true, nullable: false),
      aggregate("bool_and", "every", takes: [.boolean], gives: .of(.boolean), as: "bool_and"),
      aggregate("bool_or", "some", "any", takes: [.boolean], gives: .of(.boolean), as: "bool_or"),
      aggregate("bit_and", takes: [.integral], gives: .argument(0), as: "bit_and"),
      aggregate("bit_or", takes: [.integral], gives: .argument(0), as: "bit_or"),
      aggregate("bit_xor", takes: [.integral], gives: .argument(0), as: "bit_xor"),
      aggregate("product", takes: [.double], gives: .of(.double), as: "product"),
      aggregate("skewness", takes: [.double], gives: .of(.double), as: "martlet_skewness"),
      aggregate("kurtosis", takes: [.double], gives: .of(.double), as: "martlet_kurtosis"),
      aggregate("median", takes: [.double], gives: .of(.double), as: "median"),
      special("mode", arity: 0...2, kind: .aggregate) { context in
        if let value = context.arguments.first { return context.aggregateCall("mode", value.sql, value.type) }
        guard context.call.order.count == 1, let order = context.call.order.first else {
          return context.fail("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "mode() needs WITHIN GROUP (ORDER BY …).")
        }
        let value = context.analyzer.resolve(order.expression, context.scope, context.place)
        if value.contents.contains(.fault) { return value }
        return context.aggregateCall(
          "mode", value.sql, value.type,
          name: "mode() WITHIN GROUP (ORDER BY \(value.name)\(order.isDescending ? " DESC" : ""))")
      },
      special("percentile", arity: 2...3, kind: .aggregate) { percentile("quantile_cont", &$0, .double) },
      special("percentile_approx", "approx_percentile", arity: 2...3, kind: .aggregate) {
        percentile("quantile_disc", &$0, nil)
      },
      special("percentile_cont", arity: 1...1, kind: .aggregate) { within("quantile_cont", &$0) },
      special("percentile_disc", arity: 1...1, kind: .aggregate) { within("quantile_disc", &$0) },
      special("listagg", "string_agg", arity: 1...2, kind: .aggregate) { context in
        guard context.convert([.text, .text]) else { return fault }
        let separator = context.arguments.count > 1 ? context.arguments[1].sql : "''"
        return context.aggregateCall("string_agg", "\(context.arguments[0].sql), \(separator)", .string)
      },
      special("grouping", arity: 1...1, kind: .aggregate) { context in
        guard context.isGroupedBySets else {
          return context.fail("UNSUPPORTED_GROUPING_EXPRESSION", "grouping needs GROUPING SETS, ROLLUP or CUBE.")
        }
        let key = context.analyzer.groupKey(context.arguments[0])
        return context.aggregateCall("grouping", key, .byte, casts: true, nullable: false)
      },
      special("grouping_id", arity: 0...(.max), kind: .aggregate) { context in
        guard context.isGroupedBySets else {
          return context.fail("UNSUPPORTED_GROUPING_EXPRESSION", "grouping_id needs GROUPING SETS, ROLLUP or CUBE.")
        }
        let list = (context.arguments.isEmpty ? context.grouping?.resolved ?? [] : context.arguments)
          .map(context.analyzer.groupKey)
        return context.aggregateCall("grouping", list.joined(separator: ", "), .long, casts: true, nullable: false)
      },
      special("histogram_numeric", arity: 2...2, kind: .aggregate) { context in
        context.fail(
          "UNSUPPORTED_FEATURE", "histogram_numeric is not supported. Use percentile_approx, or df.rdd.histogram.")
      },
    ]
    + [
      ("stddev", "stddev_samp"), ("std", "stddev_samp"), ("stddev_samp", "stddev_samp"), ("stddev_pop", "stddev_pop"),
      ("variance", "var_samp"),
      ("var_samp", "var_samp"), ("var_pop", "var_pop"),
    ].map { name, engine in aggregate(name, takes: [.double], gives: .of(.double), as: engine) }
    + [
      ("corr", "corr"), ("covar_pop", "covar_pop"), ("covar_samp", "covar_samp"), ("regr_avgx", "regr_avgx"),
      ("regr_avgy", "regr_avgy"),
      ("regr_slope", "regr_slope"), ("regr_intercept", "regr_intercept"), ("regr_r2", "regr_r2"),
      ("regr_sxx", "regr_sxx"),
      ("regr_sxy", "regr_sxy"), ("regr_syy", "regr_syy"),
    ].map { name, engine in aggregate(name, takes: [.double, .double], gives: .of(.double), as: engine) }
    + [
      aggregate(
        "regr_count", takes: [.double, .double], gives: .of(.long), as: "regr_count", casts: true, nullable: false)
    ]

  private static let count: FunctionRule = {
    var rule = FunctionRule(names: ["count"], kind: .aggregate, arity: 1...(.max)) { context in
      let a = context.arguments
      guard let first = a.first else {
        return context.aggregateCall("count", "*", .long, nullable: false, name: "count(1)")
      }
      if a.count == 1 {
        // count(1) counts rows.
        return context.aggregateCall("count", first.sql, .long, nullable: false)
      }
      if context.call.isDistinct {
        let row = "(\(a.map(\.sql).joined(separator: ", ")))"
        let condition = a.map { "\($0.sql) IS NOT NULL" }.joined(separator: " AND ")
        return context.aggregateCall("count", row, .long, filter: condition, nullable: false)
      }
      let condition = a.map { "\($0.sql) IS NOT NULL" }.joined(separator: " AND ")
      return context.aggregateCall("count", "*", .long, filter: condition, nullable: false)
    }
    rule.takesStar = true
    return rule
  }()

  private static func sum(_ context: inout CallContext, isTry: Bool) -> TypedExpression {
    guard context.convert([context.arguments[0].type.isInterval ? .any : .number]) else { return fault }
    let value = context.arguments[0]
    let cast = isTry ? "TRY_CAST" : "CAST"
    switch value.type {
    case .decimal(let p, let s):
      let type = Coercion.bounded(precision: p + 10, scale: s)
      return context.aggregateCall("sum", value.sql, type, around: "\(cast)(\u{1} AS \(type.engineName))")
    case .float, .double: return context.aggregateCall("sum", value.converted(to: .double).sql, .double)
    case .dayTimeInterval:
      return context.aggregateCall(
        "sum", "epoch_us(\(value.sql))", value.type, around: "to_microseconds(\(cast)(\u{1} AS BIGINT))")
    case .yearMonthInterval:
      return context.aggregateCall(
        "sum", "martlet_months(\(value.sql))", value.type, around: "to_months(\(cast)(\u{1} AS INTEGER))")
    case .interval:
      return context.fail(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        "sum takes numbers, or intervals of days and times or of years and months, not \(value.name).")
    // The engine adds in 128 bits; a sum beyond 64 is an error.
    default:
      return context.aggregateCall(
        "sum", value.sql, .long, around: "\(cast)(\u{1} AS BIGINT)")
    }
  }

  private static func extreme(_ function: String, _ context: inout CallContext) -> TypedExpression {
    let value = context.arguments[0]
    guard value.type.isOrdered else {
      return context.fail(
        "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
        "\(function)(\(value.name)) needs values with an order, not \(value.type).")
    }
    return context.aggregateCall(function, value.sql, value.type)
  }

  private static func edge(_ function: String, _ context: inout CallContext) -> TypedExpression {
    let value = context.arguments[0]
    let ignores =
      context.call.ignoresNulls || context.arguments.count > 1 && context.arguments[1].literal == .boolean(true)
    let filter = ignores ? "\(value.sql) IS NOT NULL" : nil
    let name = "\(context.call.name)(\(value.name))\(context.call.ignoresNulls ? " IGNORE NULLS" : "")"
    var result = context.aggregateCall(function, value.sql, value.type, filter: filter, name: name)
    result.call?.windowCore = "\(function)_value(\(value.sql)\(ignores ? " IGNORE NULLS" : ""))"
    return result
  }

  private static func percentile(_ function: String, _ context: inout CallContext, _ type: DataType?) -> TypedExpression
  {
    guard context.convert([type == nil ? .number : .double]) else { return fault }
    let a = context.arguments
    let value = a[0]
    let result = type ?? value.type
    let name =
      "\(context.call.name)(\(value.name), \(a[1].name), \(a.count > 2 ? a[2].name : type == nil ? "10000" : "1"))"
    if case .array = a[1].type {
      return context.aggregateCall(
        function, "\(value.sql), \(a[1].converted(to: .array(.double)).sql)", .array(result), name: name)
    }
    return context.aggregateCall(function, "\(value.sql), \(a[1].converted(to: .double).sql)", result, name: name)
  }

  /// `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)`
  private static func within(_ function: String, _ context: inout CallContext) -> TypedExpression {
    guard context.call.order.count == 1, let order = context.call.order.first else {
      return context.fail(
        "INVALID_WITHIN_GROUP_EXPRESSION", "\(context.name) needs WITHIN GROUP (ORDER BY …) with one expression.")
    }
    let value = context.analyzer.resolve(order.expression, context.scope, context.place)
    if value.contents.contains(.fault) { return value }
    let part = context.arguments[0].converted(to: .double).sql
    let direction = order.isDescending ? "1 - \(part)" : part
    let name =
      "\(context.call.name)(\(context.arguments[0].name)) WITHIN GROUP (ORDER BY \(value.name)\(order.isDescending ? " DESC" : ""))"
    var inner = context
    let call = FunctionCall(context.call.name, context.call.arguments, filter: context.call.filter)
    inner = CallContext(
      name: context.name, arguments: context.arguments, call: call, analyzer: context.analyzer, scope: context.scope,
      place: context.place, grouping: context.grouping, lambdas: [:])
    let result = inner.aggregateCall(function, "\(value.converted(to: .double).sql), \(direction)", .double, name: name)
    context.analyzer = inner.analyzer
    return result
  }
}

extension FunctionRegistry {
  static let windows: [FunctionRule] = [
    windowFunction("row_number", gives: .of(.integer), as: "row_number", casts: true),
    windowFunction("rank", gives: .of(.integer), as: "rank", casts: true),
    windowFunction("dense_rank", gives: .of(.integer), as: "dense_rank", casts: true),
    windowFunction("percent_rank", gives: .of(.double), as: "percent_rank"),
    windowFunction("cume_dist", gives: .of(.double), as: "cume_dist"),
    windowFunction("ntile", takes: [.optional(.int, "1")], gives: .of(.integer), as: "ntile", with: "$1", casts: true),
    special("lag", arity: 1...3, kind: .window) { shifted("lag", &$0) },
    special("lead", arity: 1...3, kind: .window) { shifted("lead", &$0) },
    windowFunction("nth_value", takes: [.any, .int], gives: .argument(0), as: "nth_value", nullable: true),
  ]

  private static func shifted(_ function: String, _ context: inout CallContext) -> TypedExpression {
    let a = context.arguments
    let type = a[0].type
    var arguments = a[0].sql
    if a.count > 1 { arguments += ", \(a[1].converted(to: .integer).sql)" }
    if a.count > 2 { arguments += ", \(a[2].converted(to: type).sql)" }
    if context.call.ignoresNulls { arguments += " IGNORE NULLS" }
    let engine = EngineCall(core: "\(function)(\(arguments))")
    let name = "\(function)(\(a[0].name), \(a.count > 1 ? a[1].name : "1"), \(a.count > 2 ? a[2].name : "NULL"))"
    var value = TypedExpression(
      sql: engine.sql, type: type, nullable: a.count > 2 ? a[0].nullable || a[2].nullable : true, name: name)
    value.call = engine
    return value
  }
}
