extension FunctionRegistry {
  static let json: [FunctionRule] = [
    special("get_json_object", arity: 2...2) { context in
      guard context.convert([.text, .text]) else { return fault }
      let a = context.arguments
      guard case .string(let text)? = a[1].literal else {
        return context.result("martlet_json_text(\(a[0].sql), martlet_json_path(\(a[1].sql)))", .string, nullable: true)
      }
      guard let path = JSONPath(text) else { return context.result("NULL::VARCHAR", .string, nullable: true) }
      return context.result(
        "martlet_json_\(path.hasWildcard ? "list" : "text")(\(a[0].sql), \(quotedText(path.engineText)))", .string,
        nullable: true)
    },
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
        return context.fail("PARSE_SYNTAX_ERROR", "from_json cannot read the schema '\(ddl)': \(error)")
      }
      let value = context.arguments[0].converted(to: .string).sql
      let reader = FieldReader(options(of: context, 2))
      let parsed = "from_json(\(value), '\(reader.shape(type).replacing("'", with: "''"))')"
      let invalid =
        reader.isStrict
        ? " WHEN \(value) IS NOT NULL THEN error(\(quotedText(FieldReader.malformed)))" : reader.empty(value, type)
      let result =
        reader.converts(type) ? "list_transform([\(parsed)], lambda j: \(reader.value("j", type)))[1]" : parsed
      return context.result(
        "(CASE WHEN json_valid(\(value)) THEN \(result)\(invalid) END)", type, nullable: true,
        name: "from_json(\(context.arguments[0].name))")
    },
    special("to_json", arity: 1...2) { context in
      let value = context.arguments[0]
      guard !value.type.isAtomic else {
        return context.fail(
          "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA",
          "to_json takes a struct, an array or a map, not \(value.name) of type \(value.type).")
      }
      let writer = FieldWriter(options(of: context, 1), context.analyzer)
      return context.result(writer.json(value.sql, value.type), .string, name: "to_json(\(value.name))")
    },
    special("from_csv", arity: 2...3) { context in
      guard let ddl = context.constantText(1) else { return fault }
      let type: StructType
      do { type = try StructType(ddl: ddl) } catch {
        return context.fail("PARSE_SYNTAX_ERROR", "from_csv cannot read the schema '\(ddl)': \(error)")
      }
      let value = context.arguments[0].converted(to: .string).sql
      let options = options(of: context, 2)
      let reader = FieldReader(options)
      let separator = quotedText(options["sep"] ?? options["delimiter"] ?? ",")
      let fields = type.fields.enumerated().map { index, field in
        "\(quoted(field.name)) := \(reader.leaf("f[\(index + 1)]", field.type, isText: true))"
      }
      let list = "from_json(martlet_csv_fields(\(value), \(separator)), '[\"VARCHAR\"]')"
      return context.result(
        "(CASE WHEN \(value) IS NOT NULL THEN list_transform([\(list)], lambda f: struct_pack(\(fields.joined(separator: ", "))))[1] END)",
        .struct(type), nullable: true, name: "from_csv(\(context.arguments[0].name))")
    },
    special("to_csv", arity: 1...2) { context in
      let value = context.arguments[0]
      guard case .struct(let type) = value.type else {
        return context.fail(
          "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "to_csv takes a struct, not \(value.name) of type \(value.type).")
      }
      let options = options(of: context, 1)
      let writer = FieldWriter(options, context.analyzer)
      let separator = quotedText(options["sep"] ?? options["delimiter"] ?? ",")
      let fields = type.fields.map { field in
        let part = "struct_extract(\(value.sql), \(quotedText(field.name)))"
        return "coalesce(martlet_csv_field(\(writer.text(part, field.type)), \(separator)), '')"
      }
      return context.result(
        "(CASE WHEN \(value.sql) IS NOT NULL THEN \(fields.joined(separator: " || \(separator) || ")) END)", .string,
        name: "to_csv(\(value.name))")
    },
    special("schema_of_json", arity: 1...2) { context in
      guard let text = context.constantText(0) else { return fault }
      guard JSONLevels.count(text) <= JSONLevels.maximum else {
        return context.fail(
          "INVALID_PARAMETER_VALUE", "The text of schema_of_json has more than \(JSONLevels.maximum) levels.")
      }
      return context.result("martlet_json_schema(CAST(json_structure(\(quotedText(text))) AS VARCHAR))", .string)
    },
    special("schema_of_csv", arity: 1...2) { context in
      guard let text = context.constantText(0) else { return fault }
      let options = options(of: context, 1)
      let separator = quotedText(options["sep"] ?? options["delimiter"] ?? ",")
      return context.result("martlet_csv_schema(martlet_csv_fields(\(quotedText(text)), \(separator)))", .string)
    },
  ]

  /// The constant map of options that a function takes as an argument.
  private static func options(of context: CallContext, _ index: Int) -> [String: String] {
    guard index < context.call.arguments.count, case .function(let call) = context.call.arguments[index],
      call.name.lowercased() == "map"
    else { return [:] }
    let texts = call.arguments.map { argument -> String? in
      guard case .literal(let literal) = argument else { return nil }
      return literal.columnName
    }
    var options: [String: String] = [:]
    for i in stride(from: 0, to: texts.count - 1, by: 2) {
      if let key = texts[i], let value = texts[i + 1] { options[key] = value }
    }
    return options
  }

  /// Reads `a INT, b STRING`, or a type such as `array<int>`.
  private static func parseType(_ ddl: String) throws -> DataType {
    do { return .struct(try StructType(ddl: ddl)) } catch { return try DataType(ddl: ddl) }
  }
}

/// A path such as `$.store.book[0]['the title']`, as `get_json_object` takes it.
struct JSONPath {
  private(set) var engineText = "$"
  private(set) var hasWildcard = false

  init?(_ text: String) {
    guard text.first == "$" else { return nil }
    var rest = text.dropFirst()
    func add(_ name: Substring) -> Bool {
      guard !name.isEmpty, !name.contains("\"") else { return false }
      engineText += name == "*" ? ".*" : ".\"\(name)\""
      return true
    }
    while let mark = rest.popFirst() {
      if mark == "." {
        let name = rest.prefix { $0 != "." && $0 != "[" }
        rest = rest[name.endIndex...]
        if name == "*" { hasWildcard = true }
        guard add(name) else { return nil }
      } else if mark == "[" {
        if rest.first == "'" {
          guard let end = rest.dropFirst().firstIndex(of: "'") else { return nil }
          let name = rest[rest.index(after: rest.startIndex)..<end]
          rest = rest[rest.index(after: end)...]
          guard rest.popFirst() == "]", add(name) else { return nil }
        } else {
          guard let end = rest.firstIndex(of: "]") else { return nil }
          let index = rest[..<end]
          if index == "*" {
            hasWildcard = true
          } else {
            guard let number = Int(index), number >= 0 else { return nil }
          }
          engineText += "[\(index)]"
          rest = rest[rest.index(after: end)...]
        }
      } else {
        return nil
      }
    }
  }
}

/// Reads values from JSON and CSV with the options of Spark.
struct FieldReader {
  static let malformed =
    "[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION] A record does not have the schema. The mode PERMISSIVE reads it as NULL."

  var dateFormat: String?
  var timestampFormat: String?
  /// True if a value of another type is an error, and not `NULL`.
  var isStrict: Bool

  init(_ options: [String: String]) {
    dateFormat = options["dateFormat"]
    timestampFormat = options["timestampFormat"]
    isStrict = options["mode"]?.uppercased() == "FAILFAST"
  }

  /// The structure that the engine's `from_json` takes. Numbers and texts are converted after it, which tells a number in
  /// quotes from one without.
  func shape(_ type: DataType) -> String {
    switch type {
    case .array(let element): "[\(shape(element))]"
    // The engine has no structures within maps: their values are converted from JSON.
    case .map(_, .string): "\"MAP(VARCHAR, VARCHAR)\""
    case .map: "\"MAP(VARCHAR, JSON)\""
    case .struct(let type):
      "{" + type.fields.map { "\(EngineFunctions.jsonText($0.name)): \(shape($0.type))" }.joined(separator: ", ") + "}"
    case .string: "\"VARCHAR\""
    default: "\"JSON\""
    }
  }

  /// A Boolean value that indicates whether the values of the shape need a conversion.
  func converts(_ type: DataType) -> Bool {
    switch type {
    case .array(let element): converts(element)
    case .struct(let type): type.fields.contains { converts($0.type) }
    case .string: false
    case .map(_, .string): false
    default: true
    }
  }

  /// The case of a text that is not JSON: its fields are `NULL`, if it has any.
  func empty(_ text: String, _ type: DataType) -> String {
    guard case .struct(let type) = type, !type.fields.isEmpty else { return "" }
    let fields = type.fields.map { "\(quoted($0.name)) := CAST(NULL AS \($0.type.engineName))" }
    return " WHEN trim(\(text)) <> '' THEN struct_pack(\(fields.joined(separator: ", ")))"
  }

  func value(_ sql: String, _ type: DataType, _ depth: Int = 0) -> String {
    guard converts(type) else { return sql }
    let name = "e\(depth)"
    switch type {
    case .array(let element): return "list_transform(\(sql), lambda \(name): \(value(name, element, depth + 1)))"
    case .struct(let type):
      let fields = type.fields.map { field in
        "\(quoted(field.name)) := "
          + value("struct_extract(\(sql), \(quotedText(field.name)))", field.type, depth)
      }
      return "(CASE WHEN \(sql) IS NOT NULL THEN struct_pack(\(fields.joined(separator: ", "))) END)"
    case .map(_, let item):
      let inner = "from_json(CAST(\(name).value AS VARCHAR), '\(shape(item).replacing("'", with: "''"))')"
      let converted: String
      switch item {
      case .array, .struct, .map: converted = value(inner, item, depth + 1)
      default: converted = leaf("CAST(\(name).value AS VARCHAR)", item, isText: false)
      }
      return
        "map_from_entries(list_transform(map_entries(\(sql)), lambda \(name): struct_pack(k := \(name).key, v := \(converted))))"
    default: return leaf("CAST(\(sql) AS VARCHAR)", type, isText: false)
    }
  }

  /// A value of an atomic type from text, which is a value in JSON or the text of a field.
  func leaf(_ sql: String, _ type: DataType, isText: Bool) -> String {
    // JSON in quotes is a text; other JSON is none.
    let text = isText ? sql : "(CASE WHEN \(sql) LIKE '\"%' THEN json_extract_string(\(sql), '$') END)"
    let number = isText ? sql : "(CASE WHEN \(sql) NOT LIKE '\"%' THEN \(sql) END)"
    let converted: String
    switch type {
    case .boolean:
      converted = "(CASE \(isText ? "lower(trim(\(sql)))" : sql) WHEN 'true' THEN true WHEN 'false' THEN false END)"
    case .byte, .short, .integer, .long:
      converted = "TRY_CAST(martlet_try_integer(\(number)) AS \(type.engineName))"
    case .float, .double:
      let special =
        isText
        ? number
        : "coalesce(\(number), CASE WHEN \(text) IN ('NaN', 'Infinity', '+Infinity', '-Infinity', 'INF', '+INF', '-INF') THEN \(text) END)"
      converted = "TRY_CAST(martlet_try_double(\(special)) AS \(type.engineName))"
    case .decimal:
      converted = Cast.sql(isText ? sql : "coalesce(\(number), \(text))", from: .string, to: type, isTry: true)
    case .date: converted = time(text, dateFormat, .date)
    case .timestamp: converted = time(text, timestampFormat, .timestamp)
    case .timestampNTZ: converted = time(text, timestampFormat, .timestampNTZ)
    case .binary: converted = "unhex(martlet_try_binary_text(\(text), 'base64'))"
    case .string: return sql
    default: converted = Cast.sql(text, from: .string, to: type, isTry: true)
    }
    guard isStrict else { return converted }
    let isMissing = isText ? "\(sql) IS NULL" : "\(sql) IS NULL OR \(sql) = 'null'"
    return "(CASE WHEN \(isMissing) THEN NULL ELSE coalesce(\(converted), error(\(quotedText(Self.malformed)))) END)"
  }

  private func time(_ text: String, _ format: String?, _ type: DataType) -> String {
    guard let format else { return Cast.sql(text, from: .string, to: type, isTry: true) }
    return "CAST(make_timestamp(martlet_try_pattern_micros(\(text), \(quotedText(format)))) AS \(type.engineName))"
  }
}

/// Writes values as JSON and CSV with the options of Spark.
struct FieldWriter {
  private var dateFormat: String?
  private var timestampFormat: String
  private var timestampNTZFormat: String
  private var ignoresNulls: Bool
  private let analyzer: Analyzer

  init(_ options: [String: String], _ analyzer: Analyzer) {
    dateFormat = options["dateFormat"]
    timestampFormat = options["timestampFormat"] ?? "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"
    timestampNTZFormat = options["timestampNTZFormat"] ?? "yyyy-MM-dd'T'HH:mm:ss.SSS"
    ignoresNulls = options["ignoreNullFields"]?.lowercased() != "false"
    self.analyzer = analyzer
  }

  /// The JSON of a value; `NULL` for `NULL`.
  func json(_ sql: String, _ type: DataType, _ depth: Int = 0) -> String {
    let name = "e\(depth)"
    switch type {
    case .struct(let type):
      let fields = type.fields.map { field in
        let part = "struct_extract(\(sql), \(quotedText(field.name)))"
        let value = json(part, field.type, depth)
        let key = quotedText(EngineFunctions.jsonText(field.name) + ":")
        return ignoresNulls ? "\(key) || \(value)" : "\(key) || coalesce(\(value), 'null')"
      }
      return
        "(CASE WHEN \(sql) IS NOT NULL THEN '{' || concat_ws(',', \(fields.isEmpty ? "NULL" : fields.joined(separator: ", "))) || '}' END)"
    case .array(let element):
      return
        "('[' || array_to_string(list_transform(\(sql), lambda \(name): coalesce(\(json(name, element, depth + 1)), 'null')), ',') || ']')"
    case .map(let key, let item):
      let pair =
        "CAST(to_json(\(Cast.sql("\(name).key", from: key, to: .string))) AS VARCHAR) || ':' || coalesce(\(json("\(name).value", item, depth + 1)), 'null')"
      return "('{' || array_to_string(list_transform(map_entries(\(sql)), lambda \(name): \(pair)), ',') || '}')"
    case .null: return "NULL::VARCHAR"
    case .boolean, .byte, .short, .integer, .long: return "CAST(\(sql) AS VARCHAR)"
    case .decimal: return text(sql, type)
    case .float, .double:
      let text = Cast.sql(sql, from: type, to: .string)
      return "(CASE WHEN isfinite(\(sql)) THEN \(text) ELSE '\"' || \(text) || '\"' END)"
    default: return "CAST(to_json(\(text(sql, type))) AS VARCHAR)"
    }
  }

  /// The text of a value.
  func text(_ sql: String, _ type: DataType) -> String {
    switch type {
    case .string: sql
    case .binary: "to_base64(\(sql))"
    case .decimal(_, let scale):
      // Small numbers have an exponent.
      scale > 6 ? "martlet_decimal_text(CAST(\(sql) AS VARCHAR))" : "CAST(\(sql) AS VARCHAR)"
    case .date: dateFormat.map { printed($0, sql) } ?? "CAST(\(sql) AS VARCHAR)"
    case .timestamp: printed(timestampFormat, analyzer.local(sql))
    case .timestampNTZ: printed(timestampNTZFormat, sql)
    default: Cast.sql(sql, from: type, to: .string)
    }
  }

  private func printed(_ pattern: String, _ sql: String) -> String {
    switch DatePattern.printed(pattern, sql, analyzer) {
    case .success(let text): text
    case .failure: "CAST(\(sql) AS VARCHAR)"
    }
  }
}
