extension FunctionRegistry {
  static let conditionals: [FunctionRule] = [
    special("when", arity: 2...(.max)) { context in
      let count = context.arguments.count
      let names = context.arguments.map(\.name)
      var values: [Int] = []
      for i in stride(from: 1, to: count, by: 2) { values.append(i) }
      if count % 2 == 1 { values.append(count - 1) }
      guard let type = Coercion.common(values.map { context.arguments[$0].type }) else {
        let types = values.map { "\(names[$0]) \(context.arguments[$0].type)" }
        return context.fail(
          "DATATYPE_MISMATCH.DATA_DIFF_TYPES", "The branches of CASE have no common type: \(listed(types)).")
      }
      var sql = "CASE"
      var name = "CASE"
      for i in stride(from: 0, to: count - 1, by: 2) {
        let condition = context.arguments[i]
        guard condition.type == .boolean || condition.type == .null else {
          return context.fail(
            "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
            "The condition \(names[i]) of CASE is of type \(condition.type), not boolean.")
        }
        sql += " WHEN \(condition.converted(to: .boolean).sql) THEN \(context.arguments[i + 1].converted(to: type).sql)"
        name += " WHEN \(names[i]) THEN \(names[i + 1])"
      }
      if count % 2 == 1 {
        sql += " ELSE \(context.arguments[count - 1].converted(to: type).sql)"
        name += " ELSE \(names[count - 1])"
      }
      let nullable = count % 2 == 0 || values.contains { context.arguments[$0].nullable }
      return context.result("(\(sql) END)", type, nullable: nullable, name: "\(name) END")
    },
    special("if", "iff", arity: 3...3) { context in
      guard context.convert([.boolean, .same, .same]) else { return fault }
      let a = context.arguments
      return context.result(
        "(CASE WHEN \(a[0].sql) THEN \(a[1].sql) ELSE \(a[2].sql) END)", a[1].type,
        nullable: a[1].nullable || a[2].nullable, name: "(IF(\(a[0].name), \(a[1].name), \(a[2].name)))")
    },
    special("coalesce", "ifnull", "nvl", arity: 1...(.max)) { context in
      guard context.convert([.same], repeating: true) else { return fault }
      return context.result(
        "coalesce(\(context.arguments.map(\.sql).joined(separator: ", ")))", context.arguments[0].type,
        nullable: context.arguments.allSatisfy(\.nullable))
    },
    special("nullif", arity: 2...2) { context in
      let (a, type) = (context.arguments, context.arguments[0].type)
      guard context.convert([.same, .same]) else { return fault }
      let sql = "(CASE WHEN \(context.arguments[0].sql) = \(context.arguments[1].sql) THEN NULL ELSE \(a[0].sql) END)"
      return context.result(sql, type, nullable: true)
    },
    scalar(
      "nvl2", takes: [.any, .same, .same], gives: .argument(1), as: "(CASE WHEN $1 IS NOT NULL THEN $2 ELSE $3 END)"),
    special("nullifzero", arity: 1...1) { zero(&$0, "nullif($0, 0)", nullable: true) },
    special("zeroifnull", arity: 1...1) { zero(&$0, "coalesce($0, 0)", nullable: false) },
    scalar("nanvl", takes: [.double, .double], gives: .of(.double), as: "(CASE WHEN isnan($1) THEN $2 ELSE $1 END)"),
    scalar("isnan", takes: [.double], gives: .of(.boolean), as: "coalesce(isnan($1), false)", nullable: false),
    scalar(
      "equal_null", takes: [.same, .same], gives: .of(.boolean), as: "($1 IS NOT DISTINCT FROM $2)", nullable: false),
    special("greatest", arity: 2...(.max)) { extreme("greatest", &$0) },
    special("least", arity: 2...(.max)) { extreme("least", &$0) },
    special("assert_true", arity: 1...2) { context in
      guard context.convert([.boolean, .text]) else { return fault }
      let a = context.arguments
      let message = a.count > 1 ? a[1].sql : quotedText("'\(a[0].name)' is not true!")
      return context.result(
        "(CASE WHEN \(a[0].sql) THEN NULL ELSE error('[USER_RAISED_EXCEPTION] ' || \(message)) END)", .null,
        nullable: true)
    },
    scalar(
      "raise_error", takes: [.text], gives: .of(.null), as: "error('[USER_RAISED_EXCEPTION] ' || $1)", nullable: true),
  ]

  /// An expression of a number and the whole number 0.
  private static func zero(_ context: inout CallContext, _ template: String, nullable: Bool) -> TypedExpression {
    let value = context.arguments[0]
    guard let type = Coercion.common(value.type, .integer), type.isNumeric else {
      return context.fail(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        "\(context.name) takes a number, not \(value.name) of type \(value.type).")
    }
    let sql = template.replacing("$0", with: value.converted(to: type).sql)
    return context.result("CAST(\(sql) AS \(type.engineName))", type, nullable: nullable)
  }

  private static func extreme(_ function: String, _ context: inout CallContext) -> TypedExpression {
    guard context.convert([.same], repeating: true) else { return fault }
    return context.result(
      "\(function)(\(context.arguments.map(\.sql).joined(separator: ", ")))", context.arguments[0].type,
      nullable: context.arguments.allSatisfy(\.nullable))
  }
}
