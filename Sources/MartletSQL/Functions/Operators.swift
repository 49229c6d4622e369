extension FunctionRegistry {
  static let operators: [FunctionRule] =
    [
      arithmetic("+"), arithmetic("-"), arithmetic("*"), division, integerDivision, remainder,
      comparison("==", "=", "="), comparison("=", "=", "="), comparison("!=", "<>", "="), comparison("<>", "<>", "="),
      comparison("<", "<", "<"), comparison("<=", "<=", "<="), comparison(">", ">", ">"), comparison(">=", ">=", ">="),
      comparison("<=>", "IS NOT DISTINCT FROM", "<=>"),
      logical("and"), logical("or"),
      special("not", "!", arity: 1...1) { context in
        guard context.convert([.boolean]) else { return fault }
        return context.result("(NOT \(context.arguments[0].sql))", .boolean, name: "(NOT \(context.arguments[0].name))")
      },
      special("negative", arity: 1...1) { context in
        guard context.convert([context.arguments[0].type.isInterval ? .any : .number]) else { return fault }
        let value = context.arguments[0]
        return context.result("(- \(value.sql))", value.type, name: "(- \(value.name))")
      },
      special("positive", arity: 1...1) { context in
        guard context.convert([.number]) else { return fault }
        return context.result(
          context.arguments[0].sql, context.arguments[0].type, name: "(+ \(context.arguments[0].name))")
      },
      bitwise("&"), bitwise("|"), bitwise("^"),
      special("~", "bitwise_not", arity: 1...1) { context in
        guard context.convert([.integral]) else { return fault }
        return context.result(
          "(~ \(context.arguments[0].sql))", context.arguments[0].type, name: "~\(context.arguments[0].name)")
      },
      isNull("isnull", "IS NULL", suffix: "IS NULL"), isNull("isnotnull", "IS NOT NULL", suffix: "IS NOT NULL"),
      special("in", arity: 2...(.max)) { context in
        let names = context.arguments.map(\.name)
        guard context.convert([.same], repeating: true) else { return fault }
        let list = context.arguments.dropFirst().map(\.sql).joined(separator: ", ")
        return context.result(
          "(\(context.arguments[0].sql) IN (\(list)))", .boolean,
          name: "(\(names[0]) IN (\(names.dropFirst().joined(separator: ", "))))")
      },
      special("between", arity: 3...3) { context in
        let names = context.arguments.map(\.name)
        guard context.convert([.same, .same, .same]) else { return fault }
        let a = context.arguments
        return context.result(
          "(\(a[0].sql) BETWEEN \(a[1].sql) AND \(a[2].sql))", .boolean,
          name: "between(\(names.joined(separator: ", ")))")
      },
      like("like", "LIKE"), like("ilike", "ILIKE"),
      special("rlike", "regexp", "regexp_like", arity: 2...2) { context in
        guard context.convert([.text, .text]) else { return fault }
        let a = context.arguments
        let isWord = context.call.name.lowercased() != "rlike"
        return context.result(
          "regexp_matches(\(a[0].sql), \(a[1].sql))", .boolean,
          name: isWord
            ? "\(context.call.name.uppercased())(\(a[0].name), \(a[1].name))" : "RLIKE(\(a[0].name), \(a[1].name))")
      },
    ] + tryForms

  /// The mark of a mistake that is recorded already.
  static let fault = TypedExpression(sql: "NULL", type: .null, name: "?", contents: .fault)

  // MARK: Arithmetic

  /// The types of both sides of an arithmetic operation: a decimal each, if one side is a decimal and the other a whole
  /// number.
  private static func sides(_ context: inout CallContext, _ symbol: String) -> (DataType, DataType)? {
    func numeric(_ type: DataType, _ other: DataType) -> DataType {
      switch type {
      case .string: other.isIntegral ? .long : other.isDecimal || other == .string || other == .null ? .double : other
      case .null: other == .string || other == .null ? .double : other
      default: type
      }
    }
    var (a, b) = (context.arguments[0].type, context.arguments[1].type)
    if a == .string, b == .string {
      let (x, y) = (context.arguments[0].name, context.arguments[1].name)
      _ = context.fail(
        "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE",
        "\(x) \(symbol) \(y) needs two numbers, but both are texts. Cast them to numbers.")
      return nil
    }
    (a, b) = (numeric(a, b), numeric(b, a))
    if a.isDecimal, b.isIntegral { b = exact(context.arguments[1]) ?? Coercion.decimal(of: b) }
    if b.isDecimal, a.isIntegral { a = exact(context.arguments[0]) ?? Coercion.decimal(of: a) }
    if a.isDecimal, b.isDecimal { return (a, b) }
    guard a.isNumeric, b.isNumeric, let type = Coercion.common(a, b) else {
      let (x, y) = (context.arguments[0], context.arguments[1])
      // A text takes the type of the other side.
      let isSame = x.type == y.type || x.type == .string || y.type == .string
      _ = context.fail(
        "DATATYPE_MISMATCH.BINARY_OP_\(isSame ? "WRONG_TYPE" : "DIFF_TYPES")",
        "\(x.name) \(symbol) \(y.name) needs two numbers, but they are of types \(x.type) and \(y.type).")
      return nil
    }
    return (type, type)
  }

  /// The smallest decimal that holds a constant.
  private static func exact(_ expression: TypedExpression) -> DataType? {
    expression.literal?.integer.map { .decimal(precision: "\($0.magnitude)".count, scale: 0) }
  }

  /// The name of an operation, such as `(a + b)`.
  private static func name(_ context: CallContext, _ symbol: String) -> String {
    "(\(context.arguments[0].name) \(symbol) \(context.arguments[1].name))"
  }

  /// The digits of a sum, a product or a quotient of decimals, as in Hive and SQL Server.
  private static func decimal(_ symbol: String, _ a: DataType, _ b: DataType) -> DataType {
    guard case .decimal(let p1, let s1) = a, case .decimal(let p2, let s2) = b else { return .double }
    switch symbol {
    case "*": return Coercion.bounded(precision: p1 + p2 + 1, scale: s1 + s2)
    case "/":
      let scale = max(6, s1 + p2 + 1)
      return Coercion.bounded(precision: p1 - s1 + s2 + scale, scale: scale)
    case "%": return Coercion.bounded(precision: min(p1 - s1, p2 - s2) + max(s1, s2), scale: max(s1, s2))
    default: return Coercion.bounded(precision: max(p1 - s1, p2 - s2) + max(s1, s2) + 1, scale: max(s1, s2))
    }
  }

  private static func arithmetic(_ symbol: String) -> FunctionRule {
    special(symbol, arity: 2...2) { context in
      if let result = withDates(symbol, &context) { return result }
      let name = name(context, symbol)
      guard let (a, b) = sides(&context, symbol) else { return fault }
      let type = a.isDecimal && b.isDecimal ? decimal(symbol, a, b) : a
      return context.result(arithmeticSQL(symbol, context, a, b, type), type, name: name)
    }
  }

  /// The engine computes in the type of the operands, and reports an overflow.
  private static func arithmeticSQL(
    _ symbol: String, _ context: CallContext, _ a: DataType, _ b: DataType, _ type: DataType
  )
    -> String
  {
    let x = context.arguments[0].converted(to: a).sql
    let y = context.arguments[1].converted(to: b).sql
    guard case .decimal(let precision, let scale) = type else { return "(\(x) \(symbol) \(y))" }
    // Beyond 38 digits the engine refuses the product of types, not of values.
    return precision >= 38 && symbol == "*"
      ? "CAST(martlet_multiply(CAST(\(x) AS VARCHAR), CAST(\(y) AS VARCHAR), \(precision), \(scale)) AS \(type.engineName))"
      : "CAST((\(x) \(symbol) \(y)) AS \(type.engineName))"
  }

  /// Sums and differences of dates, timestamps and intervals; `nil` if there are none among the operands.
  private static func withDates(_ symbol: String, _ context: inout CallContext) -> TypedExpression? {
    let (a, b) = (context.arguments[0], context.arguments[1])
    guard [a.type, b.type].contains(where: { $0.isDateOrTime || $0.isInterval }) else { return nil }
    let name = name(context, symbol)
    if a.type.isInterval, b.type.isInterval {
      guard symbol != "*", let type = Coercion.common(a.type, b.type) else {
        return context.fail(
          "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
          "\(a.name) \(symbol) \(b.name) mixes intervals of the types \(a.type) and \(b.type).")
      }
      return context.result("(\(a.sql) \(symbol) \(b.sql))", type, name: name)
    }
    if a.type.isInterval, b.type.isDateOrTime, symbol == "+" {
      context.arguments.swapAt(0, 1)
      let result = withDates(symbol, &context)
      context.arguments.swapAt(0, 1)
      return result
    }
    if a.type.isDateOrTime, b.type.isInterval, symbol != "*" {
      let sum = "(\(a.sql) \(symbol) \(b.sql))"
      switch (a.type, b.type) {
      case (.date, .dayTimeInterval(_, let last)) where last > .day:
        return context.result(context.analyzer.utc(sum), .timestamp, name: name)
      case (.date, _): return context.result("CAST(\(sum) AS DATE)", .date, name: name)
      // Hours pass at the same speed in all time zones; a month begins at midnight of the session's.
      case (.timestamp, .yearMonthInterval), (.timestamp, .interval):
        return context.result(
          context.analyzer.utc("(\(context.analyzer.local(a.sql)) \(symbol) \(b.sql))"), .timestamp, name: name)
      default: return context.result(sum, a.type, name: name)
      }
    }
    if symbol == "*", a.type.isInterval, b.type.isNumeric || b.type == .null {
      return scaled(a, b.converted(to: b.type.isIntegral ? .long : .double).sql, "*", context, name)
    }
    if symbol == "*", b.type.isInterval, a.type.isNumeric || a.type == .null {
      return scaled(b, a.converted(to: a.type.isIntegral ? .long : .double).sql, "*", context, name)
    }
    if a.type == .date, b.type.isIntegral, symbol != "*" {
      return context.result(
        "(\(a.sql) \(symbol) CAST(\(b.sql) AS INTEGER))", .date,
        name: "\(symbol == "+" ? "date_add" : "date_sub")(\(a.name), \(b.name))")
    }
    if a.type == .date, b.type == .date, symbol == "-" {
      return context.result(
        "to_days(CAST(\(a.sql) - \(b.sql) AS INTEGER))", .dayTimeInterval(from: .day, to: .day), name: name)
    }
    if a.type.isDateOrTime, b.type.isDateOrTime, symbol == "-" {
      let (x, y) = (a.converted(to: .timestampNTZ).sql, b.converted(to: .timestampNTZ).sql)
      return context.result("to_microseconds(epoch_us(\(x)) - epoch_us(\(y)))", .dayToSecond, name: name)
    }
    return context.fail(
      "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
      "\(a.name) \(symbol) \(b.name) does not exist for the types \(a.type) and \(b.type).")
  }

  /// An interval times a number, or divided by it.
  private static func scaled(
    _ interval: TypedExpression, _ number: String, _ symbol: String, _ context: CallContext, _ name: String
  ) -> TypedExpression {
    switch interval.type {
    case .yearMonthInterval:
      let months = "CAST(round(martlet_months(\(interval.sql)) \(symbol) \(number)) AS INTEGER)"
      return context.result("to_months(\(months))", .yearToMonth, name: name)
    case .dayTimeInterval:
      let microseconds = "CAST(round(epoch_us(\(interval.sql)) \(symbol) \(number)) AS BIGINT)"
      return context.result("to_microseconds(\(microseconds))", .dayToSecond, name: name)
    default:
      return context.result("(\(interval.sql) \(symbol) CAST(\(number) AS DOUBLE))", .interval, name: name)
    }
  }

  private static let zero = "[DIVIDE_BY_ZERO] Division by zero. Use try_divide to get NULL instead."

  private static func divided(_ x: String, _ y: String, _ quotient: String, _ isTry: Bool) -> String {
    "CASE WHEN \(y) = 0 AND \(x) IS NOT NULL THEN \(isTry ? "NULL" : "error(\(quotedText(zero)))") ELSE \(quotient) END"
  }

  private static func quotient(_ context: inout CallContext, _ name: String, isTry: Bool) -> TypedExpression {
    if context.arguments[0].type.isInterval {
      let (x, y) = (context.arguments[0], context.arguments[1].converted(to: .double).sql)
      var result = scaled(x, y, "/", context, name)
      result.sql = "(\(divided(x.sql, y, result.sql, isTry)))"
      result.nullable = result.nullable || isTry
      return result
    }
    guard var (a, b) = sides(&context, "/") else { return fault }
    let type: DataType
    if a.isDecimal, b.isDecimal {
      type = decimal("/", a, b)
    } else {
      type = .double
      (a, b) = (.double, .double)
    }
    let (x, y) = (context.arguments[0].converted(to: a).sql, context.arguments[1].converted(to: b).sql)
    let value: String
    if case .decimal(let precision, let scale) = type {
      value = "martlet_divide(CAST(\(x) AS VARCHAR), CAST(\(y) AS VARCHAR), \(precision), \(scale))"
      if isTry {
        return context.result("try(CAST(\(value) AS \(type.engineName)))", type, nullable: true, name: name)
      }
      return context.result(
        divided(x, y, "CAST(\(value) AS \(type.engineName))", isTry), type, nullable: isTry ? true : nil, name: name)
    }
    if !isTry { return context.result("martlet_divide_double(\(x), \(y))", .double, name: name) }
    value = "(\(x) / \(y))"
    return context.result("(\(divided(x, y, value, isTry)))", type, nullable: isTry ? true : nil, name: name)
  }

  private static let division = special("/", arity: 2...2) { context in
    let name = name(context, "/")
    return quotient(&context, name, isTry: false)
  }

  private static let integerDivision = special("div", arity: 2...2) { context in
    let name = name(context, "div")
    guard let (a, b) = sides(&context, "div") else { return fault }
    let (x, y) = (context.arguments[0].converted(to: a).sql, context.arguments[1].converted(to: b).sql)
    let value =
      a.isIntegral
      ? "CAST(\(x) AS BIGINT) // CAST(\(y) AS BIGINT)"
      : a.isDecimal
        ? "martlet_divide_whole(CAST(\(x) AS VARCHAR), CAST(\(y) AS VARCHAR))" : "CAST(trunc(\(x) / \(y)) AS BIGINT)"
    return context.result("(\(divided(x, y, value, false)))", .long, name: name)
  }

  private static let remainder = special("%", "mod", arity: 2...2) { context in
    let name =
      context.call.name.lowercased() == "mod"
      ? "mod(\(context.arguments[0].name), \(context.arguments[1].name))" : name(context, "%")
    return remainderValue(&context, name, isTry: false)
  }

  private static func remainderValue(_ context: inout CallContext, _ name: String, isTry: Bool) -> TypedExpression {
    guard let (a, b) = sides(&context, "%") else { return fault }
    let type = a.isDecimal && b.isDecimal ? decimal("%", a, b) : a
    let (x, y) = (context.arguments[0].converted(to: a).sql, context.arguments[1].converted(to: b).sql)
    // Without the error, which is volatile for the engine, windows can be partitioned by the remainder.
    if context.arguments[1].literal?.isNumberOtherThanZero == true {
      return context.result("CAST(\(x) % \(y) AS \(type.engineName))", type, nullable: isTry ? true : nil, name: name)
    }
    let message = "[REMAINDER_BY_ZERO] Remainder by zero. Use try_mod to get NULL instead."
    let failure = isTry ? "NULL" : "error(\(quotedText(message)))"
    return context.result(
      "(CASE WHEN \(y) = 0 AND \(x) IS NOT NULL THEN \(failure) ELSE CAST(\(x) % \(y) AS \(type.engineName)) END)",
      type,
      nullable: isTry ? true : nil, name: name)
  }

  /// `try_add` and others: `NULL` instead of an error.
  private static let tryForms: [FunctionRule] =
    [("try_add", "+"), ("try_subtract", "-"), ("try_multiply", "*")].map { name, symbol in
      special(name, arity: 2...2) { context in
        let label = context.columnName
        if var result = withDates(symbol, &context) {
          result.name = label
          return result
        }
        guard let (a, b) = sides(&context, symbol) else { return fault }
        let type = a.isDecimal && b.isDecimal ? decimal(symbol, a, b) : a
        let sql = "try(\(arithmeticSQL(symbol, context, a, b, type)))"
        return context.result(sql, type, nullable: true, name: label)
      }
    } + [
      special("try_divide", arity: 2...2) { context in
        let label = context.columnName
        return quotient(&context, label, isTry: true)
      },
      special("try_mod", arity: 2...2) { context in
        let label = context.columnName
        return remainderValue(&context, label, isTry: true)
      },
    ]

  private static func bitwise(_ symbol: String) -> FunctionRule {
    special(symbol, arity: 2...2) { context in
      let name = name(context, symbol)
      guard context.convert([.integral, .integral]), context.convert([.same, .same]) else { return fault }
      let (x, y) = (context.arguments[0], context.arguments[1])
      let sql = symbol == "^" ? "xor(\(x.sql), \(y.sql))" : "(\(x.sql) \(symbol) \(y.sql))"
      return context.result(sql, x.type, name: name)
    }
  }

  // MARK: Comparison

  private static func comparison(_ name: String, _ engine: String, _ shown: String) -> FunctionRule {
    special(name, arity: 2...2) { context in
      let names = context.arguments.map(\.name)
      guard context.convert([.same, .same]) else { return fault }
      let (x, y) = (context.arguments[0], context.arguments[1])
      if case .map = x.type {
        return context.fail(
          "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
          "\(names[0]) \(shown) \(names[1]) compares maps, which cannot be compared.")
      }
      let isNegated = engine == "<>"
      let text = "(\(names[0]) \(shown) \(names[1]))"
      return context.result(
        "(\(x.sql) \(engine) \(y.sql))", .boolean, nullable: name == "<=>" ? false : nil,
        name: isNegated ? "(NOT \(text))" : text)
    }
  }

  private static func logical(_ name: String) -> FunctionRule {
    special(name, arity: 2...2) { context in
      let names = context.arguments.map(\.name)
      guard context.convert([.boolean, .boolean]) else { return fault }
      let (x, y) = (context.arguments[0].sql, context.arguments[1].sql)
      return context.result(
        "(\(x) \(name.uppercased()) \(y))", .boolean, name: "(\(names[0]) \(name.uppercased()) \(names[1]))")
    }
  }

  private static func isNull(_ name: String, _ engine: String, suffix: String) -> FunctionRule {
    special(name, arity: 1...1) { context in
      context.result(
        "(\(context.arguments[0].sql) \(engine))", .boolean, nullable: false,
        name: "(\(context.arguments[0].name) \(suffix))")
    }
  }

  private static func like(_ name: String, _ engine: String) -> FunctionRule {
    special(name, arity: 2...3) { context in
      let names = context.arguments.map(\.name)
      guard context.convert([.text, .text, .text]) else { return fault }
      let a = context.arguments
      let escape = a.count > 2 ? a[2].sql : "'\\'"
      if case .string(let pattern)? = a[1].literal {
        var mark: Character? = "\\"
        if a.count > 2 { if case .string(let text)? = a[2].literal { mark = text.first } else { mark = nil } }
        var rest = pattern[...]
        while let character = rest.popFirst() {
          if character != mark { continue }
          guard let next = rest.popFirst() else {
            return context.fail(
              "INVALID_FORMAT.ESC_AT_THE_END", "The pattern '\(pattern)' ends with its escape character.")
          }
          guard next == "_" || next == "%" || next == mark else {
            return context.fail(
              "INVALID_FORMAT.ESC_IN_THE_MIDDLE",
              "The pattern '\(pattern)' has an escape character in front of \(next). It belongs in front of _, % and itself."
            )
          }
        }
      }
      let symbol = name == "like" ? "\(names[0]) LIKE \(names[1])" : "ilike(\(names[0]), \(names[1]))"
      return context.result("(\(a[0].sql) \(engine) \(a[1].sql) ESCAPE \(escape))", .boolean, name: symbol)
    }
  }
}

extension Literal {
  /// True for a number that can be a divisor.
  fileprivate var isNumberOtherThanZero: Bool {
    switch self {
    case .byte(let value): value != 0
    case .short(let value): value != 0
    case .integer(let value): value != 0
    case .long(let value): value != 0
    default: false
    }
  }
}
