#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension FunctionRegistry {
  static let generators: [FunctionRule] =
    ["", "_outer"].flatMap { suffix -> [FunctionRule] in
      [
        special("explode\(suffix)", arity: 1...1, kind: .generator) {
          exploded(&$0, isOuter: !suffix.isEmpty, withPosition: false)
        },
        special("posexplode\(suffix)", arity: 1...1, kind: .generator) {
          exploded(&$0, isOuter: !suffix.isEmpty, withPosition: true)
        },
        special("inline\(suffix)", arity: 1...1, kind: .generator) { context in
          guard case .array(.struct(let type)) = context.arguments[0].type else {
            return context.fail(
              "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
              "inline takes an array of structs, not \(context.arguments[0].type).")
          }
          let list = suffix.isEmpty ? context.arguments[0].sql : orNull(context.arguments[0].sql)
          var result = context.result("NULL", .null)
          result.generated = type.fields.map { field in
            TypedExpression(
              sql: "struct_extract(unnest(\(list)), \(quotedText(field.name)))", type: field.type, name: field.name,
              contents: .generator)
          }
          return result
        },
      ]
    } + [
      special("stack", arity: 2...(.max), kind: .generator) { context in
        guard let count = context.arguments[0].literal?.integer, count > 0 else {
          return context.fail(
            "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", "The first argument of stack must be a constant number of rows.")
        }
        let values = Array(context.arguments.dropFirst())
        let width = (values.count + Int(count) - 1) / Int(count)
        var result = context.result("NULL", .null)
        for column in 0..<width {
          let cells = stride(from: column, to: Int(count) * width, by: width).map {
            $0 < values.count ? values[$0] : nil
          }
          guard let type = Coercion.common(cells.map { $0?.type ?? .null }) else {
            return context.fail(
              "DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES",
              "The values of column \(column + 1) of stack have no common type.")
          }
          let list = cells.map { $0?.converted(to: type).sql ?? "NULL" }.joined(separator: ", ")
          result.generated.append(
            TypedExpression(sql: "unnest([\(list)])", type: type, name: "col\(column)", contents: .generator))
        }
        return result
      },
      special("json_tuple", arity: 2...(.max), kind: .generator) { context in
        var result = context.result("NULL", .null)
        let value = context.arguments[0].converted(to: .string).sql
        for (index, key) in context.arguments.dropFirst().enumerated() {
          result.generated.append(
            TypedExpression(
              sql: "martlet_json_text(\(value), '$.\"' || \(key.converted(to: .string).sql) || '\"')", type: .string,
              name: "c\(index)", contents: .generator))
        }
        return result
      },
    ]

  /// A list with `NULL` as its element if it has none, so that its row is retained.
  private static func orNull(_ list: String) -> String { "(CASE WHEN len(\(list)) > 0 THEN \(list) ELSE [NULL] END)" }

  private static func exploded(_ context: inout CallContext, isOuter: Bool, withPosition: Bool) -> TypedExpression {
    let value = context.arguments[0]
    var result = context.result("NULL", .null)
    var columns: [TypedExpression] = []
    func list(_ sql: String) -> String { isOuter ? orNull(sql) : sql }
    func column(_ name: String, _ sql: String, _ type: DataType, nullable: Bool) {
      columns.append(TypedExpression(sql: sql, type: type, nullable: nullable, name: name, contents: .generator))
    }
    let length: String
    switch value.type {
    case .array(let element):
      length = "len(\(value.sql))"
      column("col", "unnest(\(list(value.sql)))", element, nullable: true)
    case .map(let key, let item):
      length = "cardinality(\(value.sql))"
      column("key", "unnest(\(list("map_keys(\(value.sql))")))", key, nullable: isOuter)
      column("value", "unnest(\(list("map_values(\(value.sql))")))", item, nullable: true)
    case .null:
      length = "0"
      column("col", "unnest(\(isOuter ? "[NULL]" : "[]"))", .null, nullable: true)
    default:
      return context.fail(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        "\(context.name) takes an array or a map, not \(value.name) of type \(value.type).")
    }
    if withPosition {
      columns.insert(
        TypedExpression(
          sql: "CAST(unnest(\(list("range(\(length))"))) AS INTEGER)", type: .integer, nullable: isOuter, name: "pos",
          contents: .generator), at: 0)
    }
    result.generated = columns
    return result
  }

  private static func vector(_ name: String, _ count: Int, _ sql: String) -> FunctionRule {
    scalar(
      name, takes: [Parameter](repeating: .of(.array(.float)), count: count), gives: .of(.float), as: sql, casts: true)
  }

  /// An aggregate function of bitmaps, whose values are joined to a text.
  private static func bitmap(_ name: String, _ type: DataType, _ function: String) -> FunctionRule {
    special(name, arity: 1...1, kind: .aggregate) { context in
      guard context.convert([.of(type)]) else { return fault }
      let value = context.arguments[0].sql
      let isBinary = type == .binary
      return context.aggregateCall(
        "list", isBinary ? "hex(\(value))" : "DISTINCT \(value)", .binary, filter: "\(value) IS NOT NULL",
        around: "unhex(\(function)(coalesce(array_to_string(\u{1}, ','), '')))", nullable: false)
    }
  }

  /// The hash of all arguments: each begins with the hash of those in front of it.
  private static func hash(
    _ function: String, _ seed: String, _ result: DataType, _ context: inout CallContext
  ) -> TypedExpression {
    var sql = seed
    for argument in context.arguments {
      guard let next = hash(function, argument.sql, argument.type, sql, result, 0) else {
        return context.fail(
          "DATATYPE_MISMATCH.HASH_MAP_TYPE", "\(context.name) does not take \(argument.name), which contains a map.")
      }
      sql = next
    }
    return context.result(sql, result, nullable: false)
  }

  private static func hash(
    _ function: String, _ value: String, _ type: DataType, _ seed: String, _ result: DataType, _ depth: Int
  ) -> String? {
    switch type {
    case .null: return seed
    case .boolean, .byte, .short, .integer: return "\(function)_int(CAST(\(value) AS INTEGER), \(seed))"
    case .date: return "\(function)_int(CAST(\(value) - DATE '1970-01-01' AS INTEGER), \(seed))"
    case .long: return "\(function)_long(\(value), \(seed))"
    case .timestamp, .timestampNTZ, .dayTimeInterval: return "\(function)_long(epoch_us(\(value)), \(seed))"
    case .yearMonthInterval: return "\(function)_int(CAST(martlet_months(\(value)) AS INTEGER), \(seed))"
    case .float: return "\(function)_float(\(value), \(seed))"
    case .double: return "\(function)_double(\(value), \(seed))"
    case .string: return "\(function)_text(\(value), \(seed))"
    case .binary: return "\(function)_hex(hex(\(value)), \(seed))"
    case .decimal(let precision, _):
      return "\(function)_decimal(CAST(\(value) AS VARCHAR), \(precision <= 18), \(seed))"
    case .array(let element):
      let (state, item) = ("s\(depth)", "h\(depth)")
      guard let next = hash(function, "\(state)b.v", element, "\(state).h", result, depth + 1) else { return nil }
      // The hash so far travels along the list, beside its elements.
      let zero = "CAST(0 AS \(result.engineName))"
      let list = "list_transform(\(value), lambda \(item): struct_pack(h := \(zero), v := \(item)))"
      let first = "struct_pack(h := \(seed), v := CAST(NULL AS \(element.engineName)))"
      let step = "struct_pack(h := \(next), v := CAST(NULL AS \(element.engineName)))"
      return
        "(CASE WHEN \(value) IS NULL THEN \(seed) ELSE list_reduce(\(list), lambda \(state), \(state)b: \(step), \(first)).h END)"
    case .struct(let type):
      var sql = seed
      for field in type.fields {
        let part = "struct_extract(\(value), \(quotedText(field.name)))"
        guard let next = hash(function, part, field.type, sql, result, depth) else { return nil }
        sql = next
      }
      return sql
    case .map, .interval: return nil
    }
  }

  private static let userName: String = {
    guard let name = getenv("USER") else { return "anonymous" }
    // Safe: the text that `getenv` returns ends with a zero.
    return String(cString: name)
  }()

  static let others: [FunctionRule] =
    [
      special("typeof", arity: 1...1) { context in
        context.result(quotedText(context.arguments[0].type.description), .string, nullable: false)
      },
      special("version", arity: 0...0) { context in context.result("'Martlet'", .string, nullable: false) },
      special("monotonically_increasing_id", arity: 0...0) { context in
        context.result("(row_number() OVER () - 1)", .long, nullable: false)
      },
      special("spark_partition_id", arity: 0...0) { context in context.result("0::INTEGER", .integer, nullable: false)
      },
      special("hash", arity: 1...(.max)) { hash("martlet_hash", "42::INTEGER", .integer, &$0) },
      special("xxhash64", arity: 1...(.max)) { hash("martlet_xxhash64", "42::BIGINT", .long, &$0) },
      special("current_database", "current_schema", arity: 0...0) { context in
        context.result(quotedText(context.analyzer.catalog.currentDatabase), .string, nullable: false)
      },
      special("current_catalog", arity: 0...0) { context in
        context.result("'spark_catalog'", .string, nullable: false)
      },
      special("current_user", "user", "session_user", arity: 0...0) { context in
        context.result(quotedText(userName), .string, nullable: false)
      },
      special("input_file_name", arity: 0...0) { context in context.result("''", .string, nullable: false) },
      scalar(
        "bitmap_bit_position", takes: [.long], gives: .of(.long),
        as: "(CASE WHEN $1 > 0 THEN ($1 - 1) % 32768 ELSE (- $1) % 32768 END)"),
      scalar(
        "bitmap_bucket_number", takes: [.long], gives: .of(.long),
        as: "(CASE WHEN $1 > 0 THEN 1 + ($1 - 1) // 32768 ELSE $1 // 32768 END)"),
      scalar(
        "bitmap_count", takes: [.of(.binary)], gives: .of(.long),
        as: "(CASE WHEN octet_length($1) = 0 THEN 0 ELSE bit_count(CAST($1 AS BIT)) END)", casts: true),
      bitmap("bitmap_construct_agg", .long, "martlet_bitmap"),
      bitmap("bitmap_or_agg", .binary, "martlet_bitmap_or"),
      bitmap("bitmap_and_agg", .binary, "martlet_bitmap_and"),
      vector("vector_norm", 1, "sqrt(list_dot_product($1, $1))"),
      vector("vector_inner_product", 2, "list_dot_product($1, $2)"),
      vector("vector_cosine_similarity", 2, "list_cosine_similarity($1, $2)"),
      vector("vector_l2_distance", 2, "list_distance($1, $2)"),
      scalar(
        "vector_normalize", takes: [.of(.array(.float))], gives: .of(.array(.float)),
        as: "list_transform($1, lambda e: CAST(e / sqrt(list_dot_product($1, $1)) AS FLOAT))"),
    ]
    // A type's name is a cast: int('1').
    + ([
      ("boolean", .boolean), ("tinyint", .byte), ("smallint", .short), ("int", .integer), ("bigint", .long),
      ("float", .float),
      ("double", .double), ("string", .string), ("binary", .binary), ("date", .date), ("timestamp", .timestamp),
      ("decimal", .decimal(precision: 10, scale: 0)),
    ] as [(String, DataType)]).map { name, type in
      special(name, arity: 1...1) { context in
        let value = context.arguments[0]
        guard Cast.exists(from: value.type, to: type) else {
          return context.fail(
            "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION",
            "\(value.name) is of type \(value.type), which cannot be cast to \(type).")
        }
        return context.result(
          Cast.sql(value.sql, from: value.type, to: type), type,
          name: value.attribute == nil ? "CAST(\(value.name) AS \(type.description.uppercased()))" : value.name)
      }
    }
}
