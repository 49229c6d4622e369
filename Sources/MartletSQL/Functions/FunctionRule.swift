/// A function of Spark: the arguments that it takes, the type of its result, and its SQL in the engine.
struct FunctionRule: Sendable {
  enum Kind: Sendable { case scalar, aggregate, window, generator }

  var names: [String]
  var kind = Kind.scalar
  var arity: ClosedRange<Int>
  /// True for `count(*)`.
  var takesStar = false
  /// The name in column names, if it is not the one in the query.
  var displayName: String?
  /// Resolves a call, whose arguments are resolved already.
  var apply: @Sendable (inout CallContext) -> TypedExpression

  /// The number of arguments, for messages.
  var arityText: String {
    let (low, high) = (arity.lowerBound, arity.upperBound)
    func arguments(_ count: Int) -> String { count == 1 ? "1 argument" : "\(count) arguments" }
    if high == .max { return "at least \(arguments(low))" }
    return low == high ? arguments(low) : "\(low) to \(arguments(high))"
  }
}

/// A call of a function whose arguments are resolved.
struct CallContext {
  let name: String
  var arguments: [TypedExpression]
  let call: FunctionCall
  var analyzer: Analyzer
  let scope: Scope
  let place: Analyzer.Place
  /// The grouping of the query around the call.
  var grouping: Grouping?
  /// The arguments that are functions, by their positions among all arguments.
  let lambdas: [Int: Expression]
  /// The names of those arguments in names of columns.
  var lambdaNames: [Int: String] = [:]

  /// An expression with a mistake, which is recorded.
  mutating func fail(_ kind: String, _ message: String) -> TypedExpression { analyzer.faulty(kind, message) }

  /// The name of the column, such as `upper(name)`.
  var columnName: String {
    "\(name)(\(call.isDistinct ? "DISTINCT " : "")\(arguments.map(\.name).joined(separator: ", ")))"
  }

  /// An expression of the arguments.
  func result(_ sql: String, _ type: DataType, nullable: Bool? = nil, name: String? = nil) -> TypedExpression {
    TypedExpression(
      sql: sql, type: type, nullable: nullable ?? arguments.contains(where: \.nullable), name: name ?? columnName)
  }

  /// The body of a function of arrays and maps, with parameters of these types, and its SQL.
  mutating func lambda(_ index: Int, _ types: [DataType]) -> (body: TypedExpression, parameters: [String])? {
    guard case .lambda(let body, let names)? = lambdas[index] else {
      _ = fail(
        "INVALID_LAMBDA_FUNCTION_CALL", "Argument \(index + 1) of \(name) must be a function, such as x -> x + 1.")
      return nil
    }
    guard names.count == types.count else {
      _ = fail(
        "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH",
        "The function that \(name) takes has \(types.count) parameters, but \(names.count) are given: \(listed(names))."
      )
      return nil
    }
    var inner = scope
    // Names of their own, so that no parameter hides a column.
    let parameters = names.map { "p\(scope.parameters.count)_\($0.filter { $0.isLetter || $0.isNumber })" }
    for ((name, type), parameter) in zip(zip(names, types), parameters) {
      inner.parameters.append(
        (name, TypedExpression(sql: quoted(parameter), type: type, name: "namedlambdavariable()")))
    }
    let value = analyzer.resolve(body, inner, place)
    let parts = [value.name] + names.map { _ in "namedlambdavariable()" }
    lambdaNames[index] = "lambdafunction(\(parts.joined(separator: ", ")))"
    return value.contents.contains(.fault) ? nil : (value, parameters.map(quoted))
  }

  var isGroupedBySets: Bool {
    guard let clause = grouping?.clause else { return false }
    return ["ROLLUP", "CUBE", "GROUPING SETS"].contains { clause.hasPrefix($0) }
  }

  /// The constant text of an argument.
  mutating func constantText(_ index: Int) -> String? {
    guard case .string(let text)? = arguments[index].literal else {
      _ = fail(
        "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
        "Argument \(index + 1) of \(name) must be a constant text, not \(arguments[index].name).")
      return nil
    }
    return text
  }
}

/// The arguments that a function takes, which are converted to this type if Spark does that.
enum Parameter: Sendable {
  case any
  case of(DataType)
  /// A number of any type. A text becomes a double.
  case number
  /// A whole number of any type.
  case integral
  case textOrBinary
  /// A date or a timestamp. A text becomes a timestamp.
  case dateOrTime
  /// A timestamp, as a date and time of day in the time zone of the session.
  case localTime
  case array
  case map
  /// The common type of all arguments with this mark.
  case same
  /// An argument that may be missing, and its SQL then.
  indirect case optional(Parameter, String)

  static let text = Parameter.of(.string)
  static let int = Parameter.of(.integer)
  static let long = Parameter.of(.long)
  static let double = Parameter.of(.double)
  static let boolean = Parameter.of(.boolean)
  static let date = Parameter.of(.date)
}

/// The type of a function's result.
enum ResultType: Sendable {
  case of(DataType)
  /// The type of an argument, after its conversion.
  case argument(Int)
  /// The type of the elements of an argument.
  case element(Int)
  case arrayOf(Int)
  /// Computed from the types of the arguments, after their conversion.
  case by(@Sendable ([DataType]) -> DataType)

  func type(_ arguments: [DataType]) -> DataType {
    switch self {
    case .of(let type): return type
    case .argument(let index): return arguments[index]
    case .arrayOf(let index): return .array(arguments[index])
    case .element(let index):
      if case .array(let element) = arguments[index] { return element }
      return .null
    case .by(let rule): return rule(arguments)
    }
  }
}

extension CallContext {
  /// Converts the arguments to the types of the parameters; returns `false` after a mistake.
  mutating func convert(_ parameters: [Parameter], repeating: Bool = false) -> Bool {
    var isRight = true
    var same: DataType?
    let shared = arguments.indices.filter { index in
      if case .same = Self.parameter(parameters, index, repeating) { true } else { false }
    }
    if !shared.isEmpty {
      same = Coercion.common(shared.map { arguments[$0].type })
      if same == nil {
        let types = shared.map { "\(arguments[$0].name) \(arguments[$0].type)" }
        _ = fail("DATATYPE_MISMATCH.DATA_DIFF_TYPES", "The arguments of \(name) have no common type: \(listed(types)).")
        return false
      }
    }
    for index in arguments.indices {
      let argument = arguments[index]
      func mismatch(_ wanted: String) {
        _ = fail(
          "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
          "Argument \(index + 1) of \(name) is \(argument.name) of type \(argument.type), not \(wanted).")
        isRight = false
      }
      func make(_ type: DataType) {
        guard Coercion.canConvert(argument.type, to: type) else { return mismatch("\(type)") }
        arguments[index] = argument.converted(to: type)
        arguments[index].name = argument.name
      }
      switch Self.parameter(parameters, index, repeating) {
      case .any, .optional: break
      case .of(let type): make(type)
      case .number:
        if argument.type == .string {
          make(.double)
        } else if argument.type == .null {
          make(.double)
        } else if !argument.type.isNumeric {
          mismatch("a number")
        }
      case .integral:
        if argument.type == .string {
          make(.long)
        } else if argument.type == .null {
          make(.integer)
        } else if !argument.type.isIntegral {
          mismatch("a whole number")
        }
      case .textOrBinary: if argument.type != .binary { make(.string) }
      case .dateOrTime:
        if argument.type == .string || argument.type == .null {
          make(.timestamp)
        } else if !argument.type.isDateOrTime {
          mismatch("a date or timestamp")
        }
      case .localTime:
        switch argument.type {
        case .string, .null, .date: make(.timestampNTZ)
        case .timestamp:
          arguments[index].sql = analyzer.local(argument.sql)
          arguments[index].type = .timestampNTZ
        case .timestampNTZ: break
        default: mismatch("a date or timestamp")
        }
      case .array: if case .array = argument.type {} else { mismatch("an array") }
      case .map: if case .map = argument.type {} else { mismatch("a map") }
      case .same: if let same { make(same) }
      }
    }
    return isRight
  }

  private static func parameter(_ parameters: [Parameter], _ index: Int, _ repeating: Bool) -> Parameter {
    let parameter = index < parameters.count ? parameters[index] : repeating ? parameters[parameters.count - 1] : .any
    if case .optional(let inner, _) = parameter { return inner }
    return parameter
  }

  /// The template with the arguments in place of `$1`, `$2` and so on, and all of them in place of `$*`.
  func filled(_ template: String, _ parameters: [Parameter]) -> String {
    var text = ""
    var rest = template[...]
    while let mark = rest.firstIndex(of: "$") {
      text += rest[..<mark]
      let next = rest.index(after: mark)
      if next < rest.endIndex, rest[next] == "*" {
        text += arguments.map(\.sql).joined(separator: ", ")
        rest = rest[rest.index(after: next)...]
      } else if next < rest.endIndex, let number = rest[next].wholeNumberValue, number > 0 {
        if number <= arguments.count {
          text += arguments[number - 1].sql
        } else if number <= parameters.count, case .optional(_, let value) = parameters[number - 1] {
          text += value
        }
        rest = rest[rest.index(after: next)...]
      } else {
        text += "$"
        rest = rest[next...]
      }
    }
    return text + rest
  }
}

// MARK: Short forms for tables of functions

/// A function of values, whose SQL has the arguments in place of `$1`, `$2` and so on.
///
/// - Parameters:
///   - casts: true if the engine's result may have another type, and is cast.
///   - nullable: whether the result may be `NULL`; `nil` if it may only if an argument may.
func scalar(
  _ names: String..., takes parameters: [Parameter], gives result: ResultType, as template: String, casts: Bool = false,
  repeating: Bool = false, nullable: Bool? = nil
) -> FunctionRule {
  let needed = parameters.filter { if case .optional = $0 { false } else { true } }.count
  return FunctionRule(names: names, arity: needed...(repeating ? .max : parameters.count)) { context in
    guard context.convert(parameters, repeating: repeating) else {
      return TypedExpression(sql: "NULL", type: .null, name: "?", contents: .fault)
    }
    let type = result.type(context.arguments.map(\.type))
    var sql = context.filled(template, parameters)
    if casts { sql = "CAST(\(sql) AS \(type.engineName))" }
    return context.result(sql, type, nullable: nullable)
  }
}

/// A function of the rows of a group. `DISTINCT`, `FILTER` and `OVER` apply to the call in the middle.
///
/// - Parameters:
///   - template: the arguments of the engine's function, as for ``scalar(_:takes:gives:as:casts:repeating:nullable:)``.
///   - around: the text around the call, which stands in place of `$0`.
///   - filter: a condition for the rows that the function takes.
func aggregate(
  _ names: String..., takes parameters: [Parameter], gives result: ResultType, as function: String,
  with template: String = "$*", around: String = "$0", filter: String? = nil, casts: Bool = false,
  repeating: Bool = false, nullable: Bool = true, sortable: Bool = false
) -> FunctionRule {
  let needed = parameters.filter { if case .optional = $0 { false } else { true } }.count
  return FunctionRule(names: names, kind: .aggregate, arity: needed...(repeating ? .max : parameters.count)) {
    context in
    guard context.convert(parameters, repeating: repeating) else {
      return TypedExpression(sql: "NULL", type: .null, name: "?", contents: .fault)
    }
    let type = result.type(context.arguments.map(\.type))
    let arguments = context.filled(template, parameters)
    return context.aggregateCall(
      function, arguments, type, filter: filter.map { context.filled($0, parameters) },
      around: context.filled(around.replacing("$0", with: "\u{1}"), parameters), casts: casts, nullable: nullable)
  }
}

extension CallContext {
  /// A call of an aggregate function with its `DISTINCT`, `ORDER BY` and `FILTER`.
  mutating func aggregateCall(
    _ function: String, _ arguments: String, _ type: DataType, filter: String? = nil, around: String = "\u{1}",
    casts: Bool = false, nullable: Bool = true, name: String? = nil
  ) -> TypedExpression {
    var conditions = filter.map { [$0] } ?? []
    var columnName = name ?? columnName
    if let condition = call.filter {
      var place = place
      place.allowsAggregates = false
      let value = analyzer.expression(condition, scope, place)
      if value.contents.contains(.fault) { return value }
      conditions.append(value.converted(to: .boolean).sql)
      columnName += " FILTER (WHERE \(value.name))"
    }
    var order = ""
    if !call.order.isEmpty {
      let terms = call.order.map { term in Analyzer.text(term, analyzer.resolve(term.expression, scope, place).sql) }
      order = " ORDER BY " + terms.joined(separator: ", ")
    }
    var core = "\(function)(\(call.isDistinct ? "DISTINCT " : "")\(arguments)\(order))"
    if !conditions.isEmpty { core += " FILTER (WHERE \(conditions.joined(separator: " AND ")))" }
    let parts = around.split(separator: "\u{1}", maxSplits: 1, omittingEmptySubsequences: false)
    var engine = EngineCall(core: core, before: String(parts[0]), after: parts.count > 1 ? String(parts[1]) : "")
    if casts {
      engine.before = "CAST(" + engine.before
      engine.after += " AS \(type.engineName))"
    }
    var result = TypedExpression(sql: engine.sql, type: type, nullable: nullable, name: columnName)
    result.call = engine
    return result
  }
}

/// A function of windows, such as `rank`.
func windowFunction(
  _ names: String..., takes parameters: [Parameter] = [], gives result: ResultType, as function: String,
  with template: String = "$*", casts: Bool = false, nullable: Bool = false
) -> FunctionRule {
  let needed = parameters.filter { if case .optional = $0 { false } else { true } }.count
  return FunctionRule(names: names, kind: .window, arity: needed...parameters.count) { context in
    guard context.convert(parameters) else {
      return TypedExpression(sql: "NULL", type: .null, name: "?", contents: .fault)
    }
    let type = result.type(context.arguments.map(\.type))
    var arguments = context.filled(template, parameters)
    if context.call.ignoresNulls { arguments += " IGNORE NULLS" }
    var engine = EngineCall(core: "\(function)(\(arguments))")
    if casts {
      engine.before = "CAST("
      engine.after = " AS \(type.engineName))"
    }
    var value = TypedExpression(sql: engine.sql, type: type, nullable: nullable, name: context.columnName)
    value.call = engine
    return value
  }
}

/// A function with rules of its own.
func special(
  _ names: String..., arity: ClosedRange<Int>, kind: FunctionRule.Kind = .scalar,
  _ apply: @escaping @Sendable (inout CallContext) -> TypedExpression
) -> FunctionRule {
  FunctionRule(names: names, kind: kind, arity: arity, apply: apply)
}
