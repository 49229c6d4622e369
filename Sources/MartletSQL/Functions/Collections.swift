extension FunctionRegistry {
  static let collections: [FunctionRule] = [
    special("array", arity: 0...(.max)) { context in
      if context.arguments.isEmpty { return context.result("[]", .array(.null), nullable: false) }
      guard context.convert([.same], repeating: true) else { return fault }
      return context.result(
        "[\(context.arguments.map(\.sql).joined(separator: ", "))]", .array(context.arguments[0].type), nullable: false)
    },
    special("map", "create_map", arity: 0...(.max)) { context in
      let a = context.arguments
      guard a.count % 2 == 0 else {
        return context.fail(
          "WRONG_NUM_ARGS", "map takes pairs of a key and a value, but \(a.count) arguments are given.")
      }
      if a.isEmpty { return context.result("MAP {}", .map(key: .null, value: .null), nullable: false) }
      guard let key = Coercion.common(stride(from: 0, to: a.count, by: 2).map { a[$0].type }),
        let value = Coercion.common(stride(from: 1, to: a.count, by: 2).map { a[$0].type })
      else {
        return context.fail(
          "DATATYPE_MISMATCH.CREATE_MAP_KEY_DIFF_TYPES", "The keys or values of map have no common type.")
      }
      let pairs = stride(from: 0, to: a.count, by: 2).map { i in
        "\(a[i].converted(to: key).sql): \(a[i + 1].converted(to: value).sql)"
      }
      return context.result("MAP {\(pairs.joined(separator: ", "))}", .map(key: key, value: value), nullable: false)
    },
    special("named_struct", arity: 0...(.max)) { context in
      let count = context.arguments.count
      guard count % 2 == 0 else {
        return context.fail(
          "WRONG_NUM_ARGS", "named_struct takes pairs of a name and a value, but \(count) arguments are given.")
      }
      var fields: [(String, TypedExpression)] = []
      for i in stride(from: 0, to: count, by: 2) {
        guard let name = context.constantText(i) else { return fault }
        fields.append((name, context.arguments[i + 1]))
      }
      return structure(fields, context, context.columnName)
    },
    special("struct", arity: 1...(.max)) { context in
      let fields = context.arguments.enumerated().map { index, argument in
        let isNamed: Bool =
          if argument.attribute != nil { true } else if case .alias = context.call.arguments[index] {
            true
          } else if case .extract = context.call.arguments[index] { true } else { false }
        return (isNamed ? argument.name : "col\(index + 1)", argument)
      }
      return structure(fields, context, "struct(\(fields.map { $0.1.name }.joined(separator: ", ")))")
    },
    special("size", "cardinality", arity: 1...1) { context in
      let value = context.arguments[0]
      switch value.type {
      case .array: return context.result("CAST(len(\(value.sql)) AS INTEGER)", .integer)
      case .map: return context.result("CAST(cardinality(\(value.sql)) AS INTEGER)", .integer)
      case .null: return context.result("CAST(NULL AS INTEGER)", .integer)
      default:
        return context.fail(
          "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
          "size takes an array or a map, not \(value.name) of type \(value.type).")
      }
    },
    scalar("array_size", takes: [.array], gives: .of(.integer), as: "len($1)", casts: true),
    withElement("array_contains", .boolean) {
      "(CASE WHEN list_contains(\($0), \($1)) THEN true WHEN len(list_filter(\($0), lambda e: e IS NULL)) > 0 THEN NULL ELSE list_contains(\($0), \($1)) END)"
    },
    withElement("array_position", .long) {
      "CAST(coalesce(list_position(\($0), \($1)), CASE WHEN \($0) IS NOT NULL AND \($1) IS NOT NULL THEN 0 END) AS BIGINT)"
    },
    withElement("array_remove", nil) {
      "(CASE WHEN \($1) IS NOT NULL THEN list_filter(\($0), lambda e: e IS DISTINCT FROM \($1)) END)"
    },
    withElement("array_append", nil) { "(CASE WHEN \($0) IS NOT NULL THEN list_append(\($0), \($1)) END)" },
    withElement("array_prepend", nil) { "(CASE WHEN \($0) IS NOT NULL THEN list_prepend(\($1), \($0)) END)" },
    special("element_at", "try_element_at", arity: 2...2) { context in
      let isTry = context.call.name.lowercased().hasPrefix("try")
      let (value, key) = (context.arguments[0], context.arguments[1])
      switch value.type {
      case .array(let element):
        guard key.type.isIntegral else {
          return context.fail(
            "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
            "The index of element_at is of type \(key.type), not a whole number.")
        }
        return context.result(
          "martlet_\(isTry ? "try_" : "")element_at(\(value.sql), \(key.sql))", element, nullable: true)
      case .map(let type, let item):
        return context.result("\(value.sql)[\(key.converted(to: type).sql)]", item, nullable: true)
      default:
        return context.fail(
          "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
          "element_at takes an array or a map, not \(value.name) of type \(value.type).")
      }
    },
    scalar(
      "get", takes: [.array, .int], gives: .element(0), as: "(CASE WHEN $2 >= 0 THEN ($1)[$2 + 1] END)", nullable: true),
    scalar(
      "array_distinct", takes: [.array], gives: .argument(0),
      as: "(CASE WHEN $1 IS NOT NULL THEN martlet_distinct($1) END)"),
    scalar("array_max", takes: [.array], gives: .element(0), as: "list_max($1)", nullable: true),
    scalar("array_min", takes: [.array], gives: .element(0), as: "list_min($1)", nullable: true),
    scalar("array_compact", takes: [.array], gives: .argument(0), as: "list_filter($1, lambda e: e IS NOT NULL)"),
    special("array_repeat", arity: 2...2) { context in
      let a = context.arguments
      return context.result(
        "list_transform(range(greatest(\(a[1].converted(to: .integer).sql), 0)), lambda i: \(a[0].sql))",
        .array(a[0].type), nullable: false)
    },
    special("array_join", arity: 2...3) { context in
      guard context.convert([.any, .text, .text]) else { return fault }
      guard case .array = context.arguments[0].type else {
        return context.fail(
          "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "array_join takes an array, not \(context.arguments[0].type).")
      }
      let a = context.arguments
      let list = a[0].converted(to: .array(.string)).sql
      let filled = a.count > 2 ? "list_transform(\(list), lambda e: coalesce(e, \(a[2].sql)))" : list
      return context.result("array_to_string(\(filled), \(a[1].sql))", .string)
    },
    twoArrays("array_union") { "martlet_distinct(\($0) || \($1))" },
    twoArrays("array_intersect") {
      "list_filter(martlet_distinct(\($0)), lambda e: len(list_filter(\($1), lambda f: f IS NOT DISTINCT FROM e)) > 0)"
    },
    twoArrays("array_except") {
      "list_filter(martlet_distinct(\($0)), lambda e: len(list_filter(\($1), lambda f: f IS NOT DISTINCT FROM e)) = 0)"
    },
    twoArrays("arrays_overlap", gives: .boolean) {
      "(CASE WHEN list_has_any(list_filter(\($0), lambda e: e IS NOT NULL), list_filter(\($1), lambda e: e IS NOT NULL)) THEN true WHEN len(\($0)) > 0 AND len(\($1)) > 0 AND (len(list_filter(\($0), lambda e: e IS NULL)) > 0 OR len(list_filter(\($1), lambda e: e IS NULL)) > 0) THEN NULL ELSE list_has_any(\($0), \($1)) END)"
    },
    special("arrays_zip", arity: 1...(.max)) { context in
      var fields: [StructField] = []
      for (index, argument) in context.arguments.enumerated() {
        guard case .array(let element) = argument.type else {
          return context.fail(
            "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
            "arrays_zip takes arrays, not \(argument.name) of type \(argument.type).")
        }
        fields.append(StructField(argument.attribute?.name ?? "\(index)", element))
      }
      let length = "greatest(\(context.arguments.map { "len(\($0.sql))" }.joined(separator: ", ")))"
      let values = zip(fields, context.arguments).map { "\(quoted($0.name)) := (\($1.sql))[i + 1]" }
      let missing = context.arguments.map { "\($0.sql) IS NULL" }.joined(separator: " OR ")
      return context.result(
        "(CASE WHEN NOT (\(missing)) THEN list_transform(range(\(length)), lambda i: struct_pack(\(values.joined(separator: ", ")))) END)",
        .array(.struct(StructType(fields))))
    },
    special("flatten", arity: 1...1) { context in
      guard case .array(.array(let element)) = context.arguments[0].type else {
        return context.fail(
          "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
          "flatten takes an array of arrays, not \(context.arguments[0].type).")
      }
      let list = context.arguments[0].sql
      return context.result(
        "(CASE WHEN len(list_filter(\(list), lambda e: e IS NULL)) > 0 THEN NULL ELSE flatten(\(list)) END)",
        .array(element), nullable: true)
    },
    special("sequence", arity: 2...3) { context in sequence(&context) },
    scalar("shuffle", takes: [.array], gives: .argument(0), as: "list_sort($1, 'ASC')"),
    scalar("slice", takes: [.array, .int, .int], gives: .argument(0), as: "martlet_slice($1, $2, $3)"),
    special("sort_array", arity: 1...2) { context in
      guard context.convert([.array, .boolean]) else { return fault }
      let a = context.arguments
      let name = "sort_array(\(a[0].name), \(a.count > 1 ? a[1].name : "true"))"
      let isDescending = a.count > 1 && a[1].literal == .boolean(false)
      return context.result(
        "list_sort(\(a[0].sql), '\(isDescending ? "DESC" : "ASC")', 'NULLS \(isDescending ? "LAST" : "FIRST")')",
        a[0].type, name: name)
    },
    special("array_insert", arity: 3...3) { context in
      guard case .array(let element) = context.arguments[0].type,
        let type = Coercion.common(element, context.arguments[2].type)
      else {
        return context.fail(
          "DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES",
          "array_insert takes an array and a value of its elements' type.")
      }
      let list = context.arguments[0].converted(to: .array(type)).sql
      let index = context.arguments[1].converted(to: .integer).sql
      let value = context.arguments[2].converted(to: type).sql
      return context.result(
        "(CASE WHEN \(index) = 0 THEN error('[INVALID_INDEX_OF_ZERO] array_insert counts from 1.') ELSE "
          + "martlet_insert(\(list), \(index), \(value)) END)", .array(type))
    },
    scalar("map_keys", takes: [.map], gives: .by(keys), as: "map_keys($1)"),
    scalar("map_values", takes: [.map], gives: .by(values), as: "map_values($1)"),
    scalar("map_entries", takes: [.map], gives: .by(entries), as: "map_entries($1)"),
    special("map_from_arrays", arity: 2...2) { context in
      guard case .array(let key) = context.arguments[0].type, case .array(let value) = context.arguments[1].type else {
        return context.fail("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "map_from_arrays takes two arrays.")
      }
      return context.result(
        "map(\(context.arguments[0].sql), \(context.arguments[1].sql))", .map(key: key, value: value))
    },
    special("map_from_entries", arity: 1...1) { context in
      guard case .array(.struct(let type)) = context.arguments[0].type, type.fields.count == 2 else {
        return context.fail(
          "DATATYPE_MISMATCH.MAP_FROM_ENTRIES_WRONG_TYPE", "map_from_entries takes an array of structs with two fields."
        )
      }
      return context.result(
        "map_from_entries(\(context.arguments[0].sql))", .map(key: type.fields[0].type, value: type.fields[1].type))
    },
    special("map_concat", arity: 0...(.max)) { context in
      if context.arguments.isEmpty {
        return context.result("MAP {}", .map(key: .string, value: .string), nullable: false)
      }
      guard context.convert([.same], repeating: true) else { return fault }
      return context.result(
        "map_concat(\(context.arguments.map(\.sql).joined(separator: ", ")))", context.arguments[0].type)
    },
    special("map_contains_key", arity: 2...2) { context in
      guard case .map(let key, _) = context.arguments[0].type else {
        return context.fail(
          "DATATYPE_MISMATCH.MAP_FUNCTION_DIFF_TYPES", "map_contains_key takes a map, not \(context.arguments[0].type)."
        )
      }
      return context.result(
        "list_contains(map_keys(\(context.arguments[0].sql)), \(context.arguments[1].converted(to: key).sql))", .boolean
      )
    },
    special("str_to_map", arity: 1...3) { context in
      guard context.convert([.text, .text, .text]) else { return fault }
      let a = context.arguments
      let name = "str_to_map(\(a[0].name), \(a.count > 1 ? a[1].name : ","), \(a.count > 2 ? a[2].name : ":"))"
      let (pair, colon) = (a.count > 1 ? a[1].sql : "','", a.count > 2 ? a[2].sql : "':'")
      let list = "string_split_regex(\(a[0].sql), \(pair))"
      return context.result(
        "map_from_entries(list_transform(\(list), lambda e: struct_pack(k := string_split_regex(e, \(colon))[1], v := CASE WHEN regexp_matches(e, \(colon)) THEN substring(e, length(string_split_regex(e, \(colon))[1]) + 2) END)))",
        .map(key: .string, value: .string), name: name)
    },
  ]

  static func keys(_ types: [DataType]) -> DataType {
    if case .map(let key, _) = types[0] { .array(key) } else { .null }
  }
  static func values(_ types: [DataType]) -> DataType {
    if case .map(_, let value) = types[0] { .array(value) } else { .null }
  }
  static func entries(_ types: [DataType]) -> DataType {
    guard case .map(let key, let value) = types[0] else { return .null }
    return .array(.struct(StructType([StructField("key", key, nullable: false), StructField("value", value)])))
  }

  static func structure(
    _ fields: [(String, TypedExpression)], _ context: CallContext, _ name: String
  ) -> TypedExpression {
    let type = StructType(fields.map { StructField($0.0, $0.1.type, nullable: $0.1.nullable) })
    let values = fields.map { "\(quoted($0.0)) := \($0.1.sql)" }
    return context.result("struct_pack(\(values.joined(separator: ", ")))", .struct(type), nullable: false, name: name)
  }

  private static func withElement(
    _ name: String, _ type: DataType?, _ sql: @escaping @Sendable (String, String) -> String
  ) -> FunctionRule {
    special(name, arity: 2...2) { context in
      guard case .array(let element) = context.arguments[0].type else {
        return context.fail(
          "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
          "\(name) takes an array, not \(context.arguments[0].name) of type \(context.arguments[0].type).")
      }
      if context.arguments[1].type == .null, ["array_contains", "array_position", "array_remove"].contains(name) {
        return context.fail("DATATYPE_MISMATCH.NULL_TYPE", "\(name) cannot look for NULL, whose type is unknown.")
      }
      guard let common = Coercion.common(element, context.arguments[1].type) else {
        return context.fail(
          "DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES",
          "\(name) takes an array of \(element) and a value of type \(context.arguments[1].type).")
      }
      let list = context.arguments[0].converted(to: .array(common)).sql
      return context.result(sql(list, context.arguments[1].converted(to: common).sql), type ?? .array(common))
    }
  }

  private static func twoArrays(
    _ name: String, gives type: DataType? = nil, _ sql: @escaping @Sendable (String, String) -> String
  ) -> FunctionRule {
    special(name, arity: 2...2) { context in
      guard context.convert([.array, .array]), context.convert([.same, .same]) else { return fault }
      return context.result(sql(context.arguments[0].sql, context.arguments[1].sql), type ?? context.arguments[0].type)
    }
  }

  private static func sequence(_ context: inout CallContext) -> TypedExpression {
    let a = context.arguments
    if a[0].type.isIntegral || a[0].type == .null {
      guard context.convert([.integral, .integral, .integral]), context.convert([.same], repeating: true) else {
        return fault
      }
      let type = context.arguments[0].type
      let b = context.arguments.map(\.sql)
      let step = b.count > 2 ? b[2] : "CASE WHEN \(b[0]) <= \(b[1]) THEN 1 ELSE -1 END"
      return context.result(
        "CAST(generate_series(CAST(\(b[0]) AS BIGINT), CAST(\(b[1]) AS BIGINT), CAST(\(step) AS BIGINT)) AS \(type.engineName)[])",
        .array(type))
    }
    guard a[0].type.isDateOrTime, a[1].type.isDateOrTime || a[1].type == .null,
      a.count < 3 || a[2].type.isInterval || a[2].type == .string
    else {
      return context.fail(
        "DATATYPE_MISMATCH.SEQUENCE_WRONG_INPUT_TYPES",
        "sequence takes whole numbers, or dates or timestamps with an interval, not \(listed(a.map { "\($0.type)" })).")
    }
    let type: DataType = a[0].type == .date && a[1].type == .date ? .date : .timestamp
    if a.count > 2, case .yearMonthInterval = a[2].type {
      // Months are added to the first value, so that the last days of months do not move.
      let (first, last, months) = (
        a[0].converted(to: .timestampNTZ).sql, a[1].converted(to: .timestampNTZ).sql, "martlet_months(\(a[2].sql))"
      )
      let count = "CAST(trunc(date_sub('month', \(first), \(last)) / \(months)) AS BIGINT) + 1"
      let steps = "list_transform(range(0, \(count)), lambda i: \(first) + to_months(CAST(i * \(months) AS INTEGER)))"
      let list = "list_filter(\(steps), lambda t: CASE WHEN \(months) > 0 THEN t <= \(last) ELSE t >= \(last) END)"
      return context.result("CAST(\(list) AS \(type.engineName)[])", .array(type))
    }
    let (start, end) = (a[0].converted(to: .timestampNTZ).sql, a[1].converted(to: .timestampNTZ).sql)
    let step = a.count > 2 ? a[2].sql : "INTERVAL 1 DAY"
    return context.result("CAST(generate_series(\(start), \(end), \(step)) AS \(type.engineName)[])", .array(type))
  }
}

extension FunctionRegistry {
  /// Functions that take functions.
  static let higherOrder: [FunctionRule] = [
    special("transform", arity: 2...2) { context in
      guard let element = element(&context) else { return fault }
      let list = context.arguments[0].sql
      if case .lambda(_, let names)? = context.lambdas[1], names.count == 2 {
        guard let (body, names) = context.lambda(1, [element, .integer]) else { return fault }
        return higher(
          "list_transform(\(list), lambda \(names[0]), i: \(body.sql.replacing(names[1], with: "CAST(i - 1 AS INTEGER)")))",
          .array(body.type), context)
      }
      guard let (body, names) = context.lambda(1, [element]) else { return fault }
      return higher("list_transform(\(list), lambda \(names[0]): \(body.sql))", .array(body.type), context)
    },
    special("filter", arity: 2...2) { context in
      guard let element = element(&context) else { return fault }
      let list = context.arguments[0].sql
      if case .lambda(_, let names)? = context.lambdas[1], names.count == 2 {
        guard let (body, names) = context.lambda(1, [element, .integer]) else { return fault }
        return higher(
          "list_filter(\(list), lambda \(names[0]), i: coalesce(\(body.sql.replacing(names[1], with: "CAST(i - 1 AS INTEGER)")), false))",
          context.arguments[0].type, context)
      }
      guard let (body, names) = context.lambda(1, [element]) else { return fault }
      return higher(
        "list_filter(\(list), lambda \(names[0]): coalesce(\(body.sql), false))", context.arguments[0].type, context)
    },
    special("exists", arity: 2...2) { context in
      guard let element = element(&context), let (body, names) = context.lambda(1, [element]) else { return fault }
      return higher(
        "martlet_any(list_transform(\(context.arguments[0].sql), lambda \(names[0]): \(body.converted(to: .boolean).sql)))",
        .boolean, context)
    },
    special("forall", arity: 2...2) { context in
      guard let element = element(&context), let (body, names) = context.lambda(1, [element]) else { return fault }
      return higher(
        "martlet_all(list_transform(\(context.arguments[0].sql), lambda \(names[0]): \(body.converted(to: .boolean).sql)))",
        .boolean, context)
    },
    special("aggregate", "reduce", arity: 3...4) { context in
      guard let element = element(&context) else { return fault }
      let start = context.arguments[1]
      guard let (body, names) = context.lambda(2, [start.type, element]) else { return fault }
      // The accumulator has the type of the start value.
      guard Coercion.canConvert(body.type, to: start.type) else {
        return context.fail(
          "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
          "The function of aggregate gives \(body.type), but the start value is of type \(start.type).")
      }
      let list = context.arguments[0].sql
      let next = body.converted(to: start.type).sql
      // One type for both: the accumulator travels in a struct beside the element.
      let boxed = "list_transform(\(list), lambda e: struct_pack(a := CAST(NULL AS \(start.type.engineName)), e := e))"
      let first =
        "struct_pack(a := CAST(\(start.sql) AS \(start.type.engineName)), e := CAST(NULL AS \(element.engineName)))"
      let step = next.replacing(names[0], with: "struct_extract(x, 'a')").replacing(
        names[1], with: "struct_extract(y, 'e')")
      var sql =
        "struct_extract(list_reduce(list_prepend(\(first), \(boxed)), lambda x, y: struct_pack(a := CAST(\(step) AS \(start.type.engineName)), e := struct_extract(y, 'e'))), 'a')"
      sql = "(CASE WHEN \(list) IS NOT NULL THEN \(sql) END)"
      guard context.lambdas[3] != nil else { return higher(sql, start.type, context) }
      guard let (finish, finishNames) = context.lambda(3, [start.type]) else { return fault }
      return higher("list_transform([\(sql)], lambda \(finishNames[0]): \(finish.sql))[1]", finish.type, context)
    },
    special("zip_with", arity: 3...3) { context in
      guard case .array(let x) = context.arguments[0].type, case .array(let y) = context.arguments[1].type else {
        return context.fail("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "zip_with takes two arrays and a function.")
      }
      guard let (body, names) = context.lambda(2, [x, y]) else { return fault }
      let (a, b) = (context.arguments[0].sql, context.arguments[1].sql)
      let value = body.sql.replacing(names[0], with: "(\(a))[i + 1]").replacing(names[1], with: "(\(b))[i + 1]")
      return higher(
        "(CASE WHEN \(a) IS NOT NULL AND \(b) IS NOT NULL THEN list_transform(range(greatest(len(\(a)), len(\(b)))), lambda i: \(value)) END)",
        .array(body.type), context)
    },
    special("transform_values", arity: 2...2) { context in
      guard case .map(let key, let value) = context.arguments[0].type else { return notMap(&context) }
      guard let (body, names) = context.lambda(1, [key, value]) else { return fault }
      let item = body.sql.replacing(names[0], with: "e.key").replacing(names[1], with: "e.value")
      return higher(mapped(context.arguments[0].sql, "e.key", item), .map(key: key, value: body.type), context)
    },
    special("transform_keys", arity: 2...2) { context in
      guard case .map(let key, let value) = context.arguments[0].type else { return notMap(&context) }
      guard let (body, names) = context.lambda(1, [key, value]) else { return fault }
      let item = body.sql.replacing(names[0], with: "e.key").replacing(names[1], with: "e.value")
      return higher(mapped(context.arguments[0].sql, item, "e.value"), .map(key: body.type, value: value), context)
    },
    special("map_filter", arity: 2...2) { context in
      guard case .map(let key, let value) = context.arguments[0].type else { return notMap(&context) }
      guard let (body, names) = context.lambda(1, [key, value]) else { return fault }
      let test = body.sql.replacing(names[0], with: "e.key").replacing(names[1], with: "e.value")
      return higher(
        "map_from_entries(list_filter(map_entries(\(context.arguments[0].sql)), lambda e: coalesce(\(test), false)))",
        context.arguments[0].type, context)
    },
    special("map_zip_with", arity: 3...3) { context in
      guard case .map(let key, let x) = context.arguments[0].type, case .map(_, let y) = context.arguments[1].type
      else { return notMap(&context) }
      guard let (body, names) = context.lambda(2, [key, x, y]) else { return fault }
      let (a, b) = (context.arguments[0].sql, context.arguments[1].sql)
      let item = body.sql.replacing(names[0], with: "e").replacing(names[1], with: "\(a)[e]").replacing(
        names[2], with: "\(b)[e]")
      return higher(
        "map_from_entries(list_transform(martlet_distinct(map_keys(\(a)) || map_keys(\(b))), lambda e: struct_pack(k := e, v := \(item))))",
        .map(key: key, value: body.type), context)
    },
    special("array_sort", arity: 1...2) { context in
      guard element(&context) != nil else { return fault }
      guard context.lambdas.isEmpty else {
        return context.fail(
          "UNSUPPORTED_FEATURE",
          "array_sort with a function is not supported. Sort by a key: array_sort(transform(a, x -> struct(key, x))).")
      }
      return higher("list_sort(\(context.arguments[0].sql), 'ASC', 'NULLS LAST')", context.arguments[0].type, context)
    },
  ]

  private static func mapped(_ map: String, _ key: String, _ value: String) -> String {
    "map_from_entries(list_transform(map_entries(\(map)), lambda e: struct_pack(k := \(key), v := \(value))))"
  }

  private static func element(_ context: inout CallContext) -> DataType? {
    guard case .array(let element) = context.arguments.first?.type else {
      _ = context.fail(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        "\(context.name) takes an array, not \(context.arguments.first?.type.description ?? "nothing").")
      return nil
    }
    return element
  }

  private static func notMap(_ context: inout CallContext) -> TypedExpression {
    context.fail(
      "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
      "\(context.name) takes a map, not \(context.arguments.first?.type.description ?? "nothing").")
  }

  private static func higher(_ sql: String, _ type: DataType, _ context: CallContext) -> TypedExpression {
    var names = context.arguments.map(\.name)
    names += context.lambdas.keys.sorted().map { context.lambdaNames[$0] ?? "lambdafunction()" }
    // The function that aggregate applies to its result by default is the identity.
    if ["aggregate", "reduce"].contains(context.call.name.lowercased()), context.lambdas.count == 1 {
      names.append("lambdafunction(namedlambdavariable(), namedlambdavariable())")
    }
    return context.result(sql, type, nullable: true, name: "\(context.call.name)(\(names.joined(separator: ", ")))")
  }
}
