extension FunctionRegistry {
  static let mathematics: [FunctionRule] =
    simple.map { name, engine in scalar(name, takes: [.double], gives: .of(.double), as: engine) } + [
      special("abs", arity: 1...1) { context in
        let value = context.arguments[0]
        if value.type.isInterval {
          return context.result(
            "(CASE WHEN \(value.sql) < to_days(0) THEN - \(value.sql) ELSE \(value.sql) END)", value.type)
        }
        guard context.convert([.number]) else { return fault }
        return context.result("abs(\(context.arguments[0].sql))", context.arguments[0].type)
      },
      rounding("ceil", "ceil"), rounding("ceiling", "ceil"), rounding("floor", "floor"),
      round("round", "round"), round("bround", "round_even"),
      scalar("pow", "power", takes: [.double, .double], gives: .of(.double), as: "martlet_pow($1, $2)"),
      scalar("atan2", takes: [.double, .double], gives: .of(.double), as: "atan2($1, $2)"),
      scalar("hypot", takes: [.double, .double], gives: .of(.double), as: "sqrt($1 * $1 + $2 * $2)"),
      special("log", arity: 1...2) { context in
        guard context.convert([.double, .double]) else { return fault }
        let a = context.arguments.map(\.sql)
        let name =
          a.count == 1
          ? "ln(\(context.arguments[0].name))" : "LOG(\(context.arguments[0].name), \(context.arguments[1].name))"
        let sql =
          a.count == 1
          ? "(CASE WHEN \(a[0]) > 0 THEN ln(\(a[0])) END)"
          : "(CASE WHEN \(a[0]) > 0 AND \(a[1]) > 0 THEN ln(\(a[1])) / ln(\(a[0])) END)"
        return context.result(sql, .double, nullable: true, name: name)
      },
      scalar(
        "factorial", takes: [.int], gives: .of(.long),
        as: "(CASE WHEN $1 BETWEEN 0 AND 20 THEN CAST(factorial($1) AS BIGINT) END)", nullable: true),
      scalar("pi", takes: [], gives: .of(.double), as: "pi()"),
      scalar("e", takes: [], gives: .of(.double), as: "exp(1.0::DOUBLE)"),
      special("sign", "signum", arity: 1...1) { context in
        guard context.convert([.double]) else { return fault }
        return context.result("CAST(sign(\(context.arguments[0].sql)) AS DOUBLE)", .double)
      },
      special("pmod", arity: 2...2) { context in
        guard context.convert([.number, .number]), context.convert([.same, .same]) else { return fault }
        let (x, y) = (context.arguments[0], context.arguments[1])
        let message = "[REMAINDER_BY_ZERO] Remainder by zero. Use try_mod to get NULL instead."
        return context.result(
          "(CASE WHEN \(y.sql) = 0 THEN error(\(quotedText(message))) WHEN \(x.sql) % \(y.sql) < 0 THEN CAST(((\(x.sql) % \(y.sql)) + \(y.sql)) % \(y.sql) AS \(x.type.engineName)) ELSE CAST(\(x.sql) % \(y.sql) AS \(x.type.engineName)) END)",
          x.type)
      },
      shift("shiftleft", "left"), shift("shiftright", "right"), shift("shiftrightunsigned", "right_unsigned"),
      special("bit_count", arity: 1...1) { context in
        guard context.arguments[0].type == .boolean || context.convert([.integral]) else { return fault }
        return context.result("CAST(bit_count(CAST(\(context.arguments[0].sql) AS BIGINT)) AS INTEGER)", .integer)
      },
      scalar(
        "bit_get", "getbit", takes: [.integral, .int], gives: .of(.byte), as: "((CAST($1 AS BIGINT) >> $2) & 1)",
        casts: true),
      scalar("bin", takes: [.long], gives: .of(.string), as: "bin($1)"),
      special("hex", arity: 1...1) { context in
        let type = context.arguments[0].type
        if type.isIntegral {
          guard context.convert([.long]) else { return fault }
        } else {
          guard context.convert([.textOrBinary]) else { return fault }
        }
        return context.result("upper(\(type.isIntegral ? "to_hex" : "hex")(\(context.arguments[0].sql)))", .string)
      },
      scalar("unhex", takes: [.text], gives: .of(.binary), as: "martlet_unhex($1)", nullable: true),
      scalar("conv", takes: [.text, .int, .int], gives: .of(.string), as: "martlet_conv($1, $2, $3)", nullable: true),
      scalar(
        "width_bucket", takes: [.double, .double, .double, .long], gives: .of(.long),
        as: "martlet_width_bucket($1, $2, $3, $4)", casts: true, nullable: true),
      special("rand", "random", arity: 0...1) { context in context.result("random()", .double, nullable: false) },
      special("randn", arity: 0...1) { context in
        context.result("(sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))", .double, nullable: false)
      },
      special("uniform", arity: 2...3) { context in
        guard let type = Coercion.common(context.arguments[0].type, context.arguments[1].type), type.isNumeric else {
          return context.fail("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "uniform takes two numbers.")
        }
        let (low, high) = (context.arguments[0].converted(to: type).sql, context.arguments[1].converted(to: type).sql)
        let value = "CAST(\(low) AS DOUBLE) + random() * (CAST(\(high) AS DOUBLE) - CAST(\(low) AS DOUBLE))"
        return context.result(
          "CAST(\(type.isIntegral ? "trunc(\(value))" : "(\(value))") AS \(type.engineName))", type)
      },
      special("randstr", arity: 1...2) { context in
        guard context.convert([.int]) else { return fault }
        return context.result("martlet_random_text(\(context.arguments[0].sql))", .string)
      },
      special("uuid", arity: 0...1) { context in context.result("CAST(uuid() AS VARCHAR)", .string, nullable: false) },
    ]

  /// Functions of one double. Where the engine reports an error, Spark has NaN or `NULL`.
  private static let simple: [(String, String)] = [
    ("sqrt", "(CASE WHEN $1 < 0 THEN 'NaN'::DOUBLE ELSE sqrt($1) END)"), ("cbrt", "cbrt($1)"), ("exp", "exp($1)"),
    ("expm1", "martlet_expm1($1)"), ("ln", "(CASE WHEN $1 > 0 THEN ln($1) END)"),
    ("log10", "(CASE WHEN $1 > 0 THEN log10($1) END)"), ("log2", "(CASE WHEN $1 > 0 THEN log2($1) END)"),
    ("log1p", "(CASE WHEN $1 > -1 THEN martlet_log1p($1) END)"), ("sin", "sin($1)"), ("cos", "cos($1)"),
    ("tan", "tan($1)"),
    ("asin", "(CASE WHEN abs($1) > 1 THEN 'NaN'::DOUBLE ELSE asin($1) END)"),
    ("acos", "(CASE WHEN abs($1) > 1 THEN 'NaN'::DOUBLE ELSE acos($1) END)"), ("atan", "atan($1)"),
    ("sinh", "sinh($1)"), ("cosh", "cosh($1)"), ("tanh", "tanh($1)"), ("asinh", "asinh($1)"),
    ("acosh", "(CASE WHEN $1 < 1 THEN 'NaN'::DOUBLE ELSE acosh($1) END)"),
    ("atanh", "(CASE WHEN abs($1) > 1 THEN 'NaN'::DOUBLE ELSE atanh($1) END)"), ("cot", "(1 / tan($1))"),
    ("sec", "(1 / cos($1))"), ("csc", "(1 / sin($1))"), ("degrees", "degrees($1)"), ("radians", "radians($1)"),
    ("rint", "round_even($1, 0)"),
  ]

  private static func rounding(_ name: String, _ engine: String) -> FunctionRule {
    special(name, arity: 1...2) { context in
      guard context.convert([.number, .int]) else { return fault }
      let value = context.arguments[0]
      let label = "\(name == "ceiling" ? "ceil" : name)(\(context.arguments.map(\.name).joined(separator: ", ")))"
        .replacing("ceil(", with: "CEIL(").replacing("floor(", with: "FLOOR(")
      if context.arguments.count == 2 {
        guard let digits = context.arguments[1].literal?.integer, (-38...38).contains(digits) else {
          return context.fail("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", "The digits of \(name) must be a constant.")
        }
        let exact =
          value.type.isDecimal
          ? value
          : value.converted(
            to: value.type.isIntegral ? Coercion.decimal(of: value.type) : .decimal(precision: 30, scale: 15))
        guard case .decimal(let p, let s) = exact.type else { return fault }
        let scale = max(0, min(Int(digits), s))
        let type = Coercion.bounded(precision: max(p - s + 1 + scale, 1 - Int(digits)), scale: scale)
        let factor = "pow(10::DOUBLE, \(digits))"
        return context.result(
          "CAST(\(engine)(CAST(\(exact.sql) AS DOUBLE) * \(factor)) / \(factor) AS \(type.engineName))", type,
          name: label)
      }
      switch value.type {
      case .decimal(let p, let s):
        let type = DataType.decimal(precision: min(p - s + 1, 38), scale: 0)
        return context.result("CAST(\(engine)(\(value.sql)) AS \(type.engineName))", type, name: label)
      case .float, .double: return context.result("martlet_whole(\(engine)(\(value.sql)))", .long, name: label)
      default: return context.result("CAST(\(value.sql) AS BIGINT)", .long, name: label)
      }
    }
  }

  /// A shift in 32 bits, or in 64 for `bigint`.
  private static func shift(_ name: String, _ direction: String) -> FunctionRule {
    special(name, arity: 2...2) { context in
      guard context.convert([.integral, .int]) else { return fault }
      let type: DataType = context.arguments[0].type == .long ? .long : .integer
      let value = context.arguments[0].converted(to: type).sql
      return context.result(
        "martlet_shift_\(direction)_\(type == .long ? "long" : "int")(\(value), \(context.arguments[1].sql))", type)
    }
  }

  private static func round(_ name: String, _ engine: String) -> FunctionRule {
    special(name, arity: 1...2) { context in
      var label = context.columnName
      if context.arguments.count == 1 { label = "\(name)(\(context.arguments[0].name), 0)" }
      guard context.convert([.number, .int]) else { return fault }
      let value = context.arguments[0]
      let digits = context.arguments.count > 1 ? context.arguments[1].sql : "0"
      switch value.type {
      case .decimal(let p, let s):
        guard let count = context.arguments.count > 1 ? context.arguments[1].literal?.integer : 0 else {
          return context.fail("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", "The digits of \(name) must be a constant.")
        }
        let scale = max(0, min(s, Int(count)))
        let type = Coercion.bounded(precision: max(p - s + 1 + scale, 1), scale: scale)
        let half =
          name == "bround"
          ? "CAST(martlet_round_decimal(CAST(\(value.sql) AS VARCHAR), \(digits), true) AS \(type.engineName))"
          : "CAST(round(\(value.sql), \(digits)) AS \(type.engineName))"
        return context.result(half, type, name: label)
      case .float, .double:
        return context.result(
          "CAST(martlet_round_double(CAST(\(value.type == .float ? "CAST(\(value.sql) AS VARCHAR)" : value.sql) AS DOUBLE), \(digits), \(name == "bround")) AS \(value.type.engineName))",
          value.type, name: label)
      default:
        return context.result(
          "CAST(\(engine)(CAST(\(value.sql) AS DOUBLE), \(digits)) AS \(value.type.engineName))".replacing(
            "CAST(\(value.sql) AS DOUBLE)", with: name == "round" ? "\(value.sql)" : "CAST(\(value.sql) AS DOUBLE)"),
          value.type, name: label)
      }
    }
  }
}
