extension FunctionRegistry {
  static let json: [FunctionRule] = [
    scalar(
      "get_json_object", takes: [.text, .text], gives: .of(.string), as: "martlet_json_text($1, $2)", nullable: true),
    scalar(
      "json_array_length", takes: [.text], gives: .of(.integer),
      as: "(CASE WHEN json_valid($1) AND json_type($1) = 'ARRAY' THEN json_array_length($1) END)", casts: true,
      nullable: true),
    scalar(
      "json_object_keys", takes: [.text], gives: .of(.array(.string)),
      as: "(CASE WHEN json_valid($1) AND json_type($1) = 'OBJECT' THEN json_keys($1) END)", nullable: true),
    special("from_json", arity: 2...3) { context in
      guard let ddl = context.constantText(1) else { return fault }
      let type: DataType
      do { type = try parseType(ddl) } catch {
        return context.fail("INVALID_SCHEMA.PARSE_ERROR", "from_json cannot read the schema '\(ddl)': \(error)")
      }
      let value = context.arguments[0].converted(to: .string).sql
      return context.result(
        "(CASE WHEN json_valid(\(value)) THEN from_json(\(value), '\(jsonShape(type).replacing("'", with: "''"))') END)",
        type, nullable: true,
        name: "from_json(\(context.arguments[0].name))")
    },
    special("to_json", arity: 1...2) { context in
      context.result(
        "martlet_to_json(\(context.arguments[0].sql))", .string, name: "to_json(\(context.arguments[0].name))")
    },
  ]

  /// The structure that the engine's `from_json` takes.
  private static func jsonShape(_ type: DataType) -> String {
    func text(_ string: String) -> String {
      "\"" + string.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    switch type {
    case .array(let element): return "[\(jsonShape(element))]"
    case .struct(let type):
      return "{" + type.fields.map { "\(text($0.name)): \(jsonShape($0.type))" }.joined(separator: ", ") + "}"
    default: return text(type.engineName)
    }
  }

  /// Reads `a INT, b STRING`, or a type such as `array<int>`.
  private static func parseType(_ ddl: String) throws -> DataType {
    do { return .struct(try StructType(ddl: ddl)) } catch { return try DataType(ddl: ddl) }
  }

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
      scalar(
        "hash", takes: [.any], gives: .of(.integer), as: "CAST(hash($*) % 2147483647 AS INTEGER)", repeating: true,
        nullable: false),
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
