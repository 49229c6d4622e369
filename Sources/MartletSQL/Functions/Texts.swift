extension FunctionRegistry {
  static let texts: [FunctionRule] = [
    scalar("upper", "ucase", takes: [.text], gives: .of(.string), as: "martlet_upper($1)"),
    scalar("lower", "lcase", takes: [.text], gives: .of(.string), as: "lower($1)"),
    scalar("initcap", takes: [.text], gives: .of(.string), as: "martlet_initcap($1)"),
    special("length", "char_length", "character_length", "len", arity: 1...1) { context in
      guard context.convert([.textOrBinary]) else { return fault }
      let value = context.arguments[0]
      return context.result(
        "CAST(\(value.type == .binary ? "octet_length" : "length")(\(value.sql)) AS INTEGER)", .integer)
    },
    special("octet_length", arity: 1...1) { context in
      guard context.convert([.textOrBinary]) else { return fault }
      let value = context.arguments[0]
      return context.result(
        "CAST(\(value.type == .binary ? "octet_length" : "strlen")(\(value.sql)) AS INTEGER)", .integer)
    },
    special("bit_length", arity: 1...1) { context in
      guard context.convert([.textOrBinary]) else { return fault }
      let value = context.arguments[0]
      return context.result(
        "CAST(8 * \(value.type == .binary ? "octet_length" : "strlen")(\(value.sql)) AS INTEGER)", .integer)
    },
    trim("trim", "trim"), trim("btrim", "trim"), trim("ltrim", "ltrim"), trim("rtrim", "rtrim"),
    special("substring", "substr", "mid", arity: 2...3) { context in
      guard context.convert([context.arguments[0].type == .binary ? .any : .text, .int, .int]) else { return fault }
      let a = context.arguments
      let name = "\(context.call.name)(\(a.map(\.name).joined(separator: ", "))\(a.count == 2 ? ", 2147483647" : ""))"
      let count = a.count > 2 ? a[2].sql : "2147483647"
      if a[0].type == .binary {
        return context.result(
          "unhex(martlet_substring(hex(\(a[0].sql)), 2 * \(a[1].sql) - 1, 2 * \(count)))", .binary, name: name)
      }
      return context.result("martlet_substring(\(a[0].sql), \(a[1].sql), \(count))", .string, name: name)
    },
    scalar("left", takes: [.text, .int], gives: .of(.string), as: "left($1, greatest($2, 0))"),
    scalar("right", takes: [.text, .int], gives: .of(.string), as: "right($1, greatest($2, 0))"),
    special("concat", arity: 0...(.max)) { context in
      if context.arguments.isEmpty { return context.result("''", .string, nullable: false) }
      let types = context.arguments.map(\.type)
      if types.contains(where: { if case .array = $0 { true } else { false } }) {
        guard context.convert([.same], repeating: true) else { return fault }
        let lists = context.arguments.map(\.sql)
        return context.result("(" + lists.joined(separator: " || ") + ")", context.arguments[0].type)
      }
      if types.allSatisfy({ $0 == .binary }) {
        return context.result("(" + context.arguments.map(\.sql).joined(separator: " || ") + ")", .binary)
      }
      guard context.convert([.text], repeating: true) else { return fault }
      return context.result("(" + context.arguments.map(\.sql).joined(separator: " || ") + ")", .string)
    },
    special("concat_ws", arity: 1...(.max)) { context in
      var parts: [String] = []
      for argument in context.arguments.dropFirst() {
        if case .array = argument.type {
          let list = argument.converted(to: .array(.string)).sql
          parts.append("(CASE WHEN len(\(list)) > 0 THEN array_to_string(\(list), \(context.arguments[0].sql)) END)")
        } else {
          parts.append(argument.converted(to: .string).sql)
        }
      }
      if parts.isEmpty {
        return context.result("(CASE WHEN \(context.arguments[0].sql) IS NOT NULL THEN '' END)", .string)
      }
      return context.result(
        "concat_ws(\(([context.arguments[0].sql] + parts).joined(separator: ", ")))", .string,
        nullable: context.arguments[0].nullable)
    },
    scalar("repeat", takes: [.text, .int], gives: .of(.string), as: "repeat($1, greatest($2, 0))"),
    scalar("space", takes: [.int], gives: .of(.string), as: "repeat(' ', greatest($1, 0))"),
    special("reverse", arity: 1...1) { context in
      if case .array = context.arguments[0].type {
        return context.result("list_reverse(\(context.arguments[0].sql))", context.arguments[0].type)
      }
      guard context.convert([.text]) else { return fault }
      return context.result("reverse(\(context.arguments[0].sql))", .string)
    },
    pad("lpad"), pad("rpad"),
    scalar("instr", takes: [.text, .text], gives: .of(.integer), as: "instr($1, $2)", casts: true),
    special("locate", "position", "charindex", arity: 2...3) { context in
      guard context.convert([.text, .text, .int]) else { return fault }
      let a = context.arguments
      let start = a.count > 2 ? a[2].sql : "1"
      let name = "\(context.call.name)(\(a[0].name), \(a[1].name), \(a.count > 2 ? a[2].name : "1"))"
      return context.result("martlet_locate(\(a[0].sql), \(a[1].sql), \(start))", .integer, name: name)
    },
    special("replace", arity: 2...3) { context in
      guard context.convert([.text, .text, .text]) else { return fault }
      let a = context.arguments
      let name = "replace(\(a[0].name), \(a[1].name), \(a.count > 2 ? a[2].name : ""))"
      return context.result(
        "(CASE WHEN \(a[1].sql) = '' THEN \(a[0].sql) ELSE replace(\(a[0].sql), \(a[1].sql), \(a.count > 2 ? a[2].sql : "''")) END)",
        .string,
        name: name)
    },
    scalar("translate", takes: [.text, .text, .text], gives: .of(.string), as: "translate($1, $2, $3)"),
    scalar(
      "ascii", takes: [.text], gives: .of(.integer), as: "(CASE WHEN $1 = '' THEN 0 ELSE ascii($1) END)", casts: true),
    scalar(
      "char", "chr", takes: [.long], gives: .of(.string),
      as: "(CASE WHEN $1 < 0 THEN '' ELSE chr(CAST($1 % 256 AS INTEGER)) END)"),
    scalar(
      "split_part", takes: [.text, .text, .int], gives: .of(.string),
      as:
        "(CASE WHEN $3 = 0 THEN error('[INVALID_INDEX_OF_ZERO] The index 0 does not exist: split_part counts from 1.') ELSE split_part($1, $2, $3) END)"
    ),
    special("split", arity: 2...3) { context in
      guard context.convert([.text, .text, .int]) else { return fault }
      let a = context.arguments
      let name = "split(\(a[0].name), \(a[1].name), \(a.count > 2 ? a[2].name : "-1"))"
      let all = "string_split_regex(\(a[0].sql), \(a[1].sql))"
      let sql = a.count > 2 ? "martlet_split(\(a[0].sql), \(a[1].sql), \(a[2].sql))" : all
      return context.result(sql, .array(.string), name: name)
    },
    scalar(
      "substring_index", takes: [.text, .text, .int], gives: .of(.string), as: "martlet_substring_index($1, $2, $3)"),
    special("levenshtein", arity: 2...3) { context in
      guard context.convert([.text, .text, .int]) else { return fault }
      let a = context.arguments
      let distance = "CAST(levenshtein(\(a[0].sql), \(a[1].sql)) AS INTEGER)"
      return context.result(
        a.count > 2 ? "(CASE WHEN \(distance) <= \(a[2].sql) THEN \(distance) ELSE -1 END)" : distance, .integer)
    },
    scalar("soundex", takes: [.text], gives: .of(.string), as: "martlet_soundex($1)"),
    scalar(
      "find_in_set", takes: [.text, .text], gives: .of(.integer),
      as:
        "(CASE WHEN contains($1, ',') THEN 0 ELSE coalesce(list_position(string_split($2, ','), $1), CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE 0 END) END)",
      casts: true),
    special("elt", arity: 2...(.max)) { context in
      guard context.convert([.int, .text], repeating: true) else { return fault }
      let (index, values) = (context.arguments[0].sql, context.arguments.dropFirst().map(\.sql))
      let message =
        "'[INVALID_ARRAY_INDEX] elt has ' || \(values.count) || ' values, but the index is ' || \(index) || '.'"
      return context.result(
        "(CASE WHEN \(index) < 1 OR \(index) > \(values.count) THEN error(\(message)) ELSE ([\(values.joined(separator: ", "))])[\(index)] END)",
        .string, nullable: true)
    },
    special("overlay", arity: 3...4) { context in
      guard context.convert([.text, .text, .int, .int]) else { return fault }
      let a = context.arguments.map(\.sql)
      let count = a.count > 3 ? a[3] : "length(\(a[1]))"
      let name =
        "overlay(\(context.arguments.prefix(3).map(\.name).joined(separator: ", ")), \(a.count > 3 ? context.arguments[3].name : "-1"))"
      return context.result(
        "(martlet_substring(\(a[0]), 1, \(a[2]) - 1) || \(a[1]) || martlet_substring(\(a[0]), \(a[2]) + \(count), 2147483647))",
        .string, name: name)
    },
    scalar("startswith", takes: [.text, .text], gives: .of(.boolean), as: "starts_with($1, $2)"),
    scalar("endswith", takes: [.text, .text], gives: .of(.boolean), as: "ends_with($1, $2)"),
    scalar("contains", takes: [.text, .text], gives: .of(.boolean), as: "contains($1, $2)"),
    special("regexp_replace", arity: 3...4) { context in
      guard context.convert([.text, .text, .text, .int]) else { return fault }
      let a = context.arguments
      let name = "regexp_replace(\(a.prefix(3).map(\.name).joined(separator: ", ")), \(a.count > 3 ? a[3].name : "1"))"
      // Groups are $1 in Java and \1 in the engine.
      let replacement: String
      if case .string(let text)? = a[2].literal {
        replacement = quotedText(
          text.replacing("\\", with: "\\\\").replacing("\\\\$", with: "\u{1}").replacing("$", with: "\\").replacing(
            "\u{1}", with: "$"))
      } else {
        replacement = "replace(\(a[2].sql), '$', '\\')"
      }
      func replaced(_ text: String) -> String { "regexp_replace(\(text), \(a[1].sql), \(replacement), 'g')" }
      guard a.count > 3, a[3].literal?.integer != 1 else {
        return context.result(replaced(a[0].sql), .string, name: name)
      }
      let (text, start) = (a[0].sql, a[3].sql)
      return context.result(
        "(left(\(text), \(start) - 1) || \(replaced("substring(\(text), \(start))")))", .string, name: name)
    },
    special("regexp_extract", arity: 2...3) { context in
      guard context.convert([.text, .text, .int]) else { return fault }
      let a = context.arguments
      let name = "regexp_extract(\(a[0].name), \(a[1].name), \(a.count > 2 ? a[2].name : "1"))"
      if let problem = groupProblem(a) { return context.fail("INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX", problem) }
      return context.result(
        "regexp_extract(\(a[0].sql), \(a[1].sql), \(a.count > 2 ? a[2].sql : "1"))", .string, name: name)
    },
    special("regexp_extract_all", arity: 2...3) { context in
      guard context.convert([.text, .text, .int]) else { return fault }
      let a = context.arguments
      let name = "regexp_extract_all(\(a[0].name), \(a[1].name), \(a.count > 2 ? a[2].name : "1"))"
      if let problem = groupProblem(a) { return context.fail("INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX", problem) }
      return context.result(
        "regexp_extract_all(\(a[0].sql), \(a[1].sql), \(a.count > 2 ? a[2].sql : "1"))", .array(.string), name: name)
    },
    scalar(
      "regexp_count", takes: [.text, .text], gives: .of(.integer), as: "len(regexp_extract_all($1, $2))", casts: true),
    scalar(
      "regexp_substr", takes: [.text, .text], gives: .of(.string),
      as: "(CASE WHEN regexp_matches($1, $2) THEN regexp_extract($1, $2) END)", nullable: true),
    special("regexp_instr", arity: 2...3) { context in
      guard context.convert([.text, .text, .int]) else { return fault }
      let a = context.arguments.map(\.sql)
      let name =
        "regexp_instr(\(context.arguments[0].name), \(context.arguments[1].name), \(a.count > 2 ? context.arguments[2].name : "0"))"
      return context.result(
        "(CASE WHEN \(a[0]) IS NULL OR \(a[1]) IS NULL THEN NULL WHEN regexp_matches(\(a[0]), \(a[1])) THEN CAST(instr(\(a[0]), regexp_extract(\(a[0]), \(a[1]))) AS INTEGER) ELSE 0 END)",
        .integer, name: name)
    },
    special("base64", arity: 1...1) { context in
      guard context.convert([.of(.binary)]) else { return fault }
      return context.result("to_base64(\(context.arguments[0].sql))", .string)
    },
    scalar("unbase64", takes: [.text], gives: .of(.binary), as: "from_base64($1)"),
    special("md5", arity: 1...1) { digest("md5", &$0) },
    special("sha", "sha1", arity: 1...1) { digest("sha1", &$0) },
    special("sha2", arity: 2...2) { context in
      guard context.convert([.of(.binary), .int]) else { return fault }
      let a = context.arguments
      let isEngines = a[1].literal?.integer == 256 || a[1].literal?.integer == 0
      return context.result(
        isEngines ? "sha256(\(a[0].sql))" : "martlet_sha2(hex(\(a[0].sql)), \(a[1].sql))", .string, nullable: true)
    },
    special("crc32", arity: 1...1) { context in
      guard context.convert([.of(.binary)]) else { return fault }
      return context.result("martlet_crc32(hex(\(context.arguments[0].sql)))", .long)
    },
    special("encode", arity: 2...2) { context in
      guard context.convert([.text, .text]) else { return fault }
      let a = context.arguments
      if case .string(let set)? = a[1].literal, ["UTF-8", "UTF8"].contains(set.uppercased()) {
        return context.result("encode(\(a[0].sql))", .binary)
      }
      return context.result("unhex(martlet_encode(\(a[0].sql), \(a[1].sql)))", .binary)
    },
    special("decode", arity: 2...(.max)) { context in
      if context.arguments.count == 2 {
        guard context.convert([.of(.binary), .text]) else { return fault }
        let a = context.arguments
        if case .string(let set)? = a[1].literal, ["UTF-8", "UTF8"].contains(set.uppercased()) {
          return context.result("decode(\(a[0].sql))", .string)
        }
        return context.result("martlet_decode(hex(\(a[0].sql)), \(a[1].sql))", .string)
      }
      return decodeCases(&context)
    },
    special("printf", "format_string", arity: 1...(.max)) { context in
      guard context.convert([.text]) else { return fault }
      let values = context.arguments.dropFirst().map {
        "martlet_argument(\($0.type == .null ? "NULL::VARCHAR" : $0.converted(to: .string).sql))"
      }
      return context.result(
        "martlet_format(\(context.arguments[0].sql), \(values.isEmpty ? "''" : values.joined(separator: " || ")))",
        .string, nullable: context.arguments[0].nullable)
    },
    special("format_number", arity: 2...2) { context in
      guard context.convert([.number]) else { return fault }
      let a = context.arguments
      let value = a[0].converted(to: .string).sql
      return context.result(
        a[1].type == .string
          ? "martlet_format_pattern(\(value), \(a[1].sql))"
          : "martlet_format_digits(\(value), \(a[1].converted(to: .integer).sql))", .string, nullable: true)
    },
    scalar("url_encode", takes: [.text], gives: .of(.string), as: "replace(url_encode($1), '%20', '+')"),
    scalar("url_decode", takes: [.text], gives: .of(.string), as: "martlet_url_decode($1)"),
    scalar(
      "try_url_decode", takes: [.text], gives: .of(.string), as: "martlet_try_url_decode($1)", nullable: true),
    scalar(
      "parse_url", takes: [.text, .text, .optional(.text, "NULL::VARCHAR")], gives: .of(.string),
      as: "martlet_parse_url($1, $2, $3)", nullable: true),
    scalar(
      "try_parse_url", takes: [.text, .text, .optional(.text, "NULL::VARCHAR")], gives: .of(.string),
      as: "martlet_try_parse_url($1, $2, $3)", nullable: true),
    special("mask", arity: 1...5) { context in
      guard context.convert([.text, .text, .text, .text, .text]) else { return fault }
      let a = context.arguments.map(\.sql)
      let marks = ["'X'", "'x'", "'n'", "NULL"].enumerated().map { index, standard in
        "coalesce(left(\(index + 1 < a.count ? a[index + 1] : standard), 1), '\u{1}')"
      }
      return context.result(
        "martlet_mask(\(a[0]), \(marks.joined(separator: " || ")))", .string, nullable: context.arguments[0].nullable)
    },
    scalar("luhn_check", takes: [.text], gives: .of(.boolean), as: "martlet_luhn($1)"),
    special("sentences", arity: 1...3) { context in
      guard context.convert([.text, .text, .text]) else { return fault }
      return context.result(
        "from_json(martlet_sentences(\(context.arguments[0].sql)), '[[\"VARCHAR\"]]')", .array(.array(.string)))
    },
    special("to_base32", arity: 1...1) { context in
      guard context.convert([.of(.binary)]) else { return fault }
      return context.result("martlet_to_base32(hex(\(context.arguments[0].sql)))", .string)
    },
    scalar("from_base32", takes: [.text], gives: .of(.binary), as: "unhex(martlet_from_base32($1))"),
    special("hmac", arity: 2...3) { context in
      guard context.convert([.of(.binary), .of(.binary), .text]) else { return fault }
      let a = context.arguments.map(\.sql)
      return context.result(
        "unhex(martlet_hmac(hex(\(a[0])), hex(\(a[1])), \(a.count > 2 ? a[2] : "'SHA256'")))", .binary)
    },
    scalar(
      "jaro_winkler_similarity", takes: [.text, .text], gives: .of(.double), as: "jaro_winkler_similarity($1, $2)"),
    numberFormat("to_number", "martlet_to_number"), numberFormat("try_to_number", "martlet_try_to_number"),
    special("to_char", "to_varchar", arity: 2...2) { context in
      guard let format = context.constantText(1) else { return fault }
      let value = context.arguments[0]
      if value.type.isDateOrTime { return FunctionRegistry.formatted(&context) }
      if value.type == .binary {
        switch format.lowercased() {
        case "hex": return context.result("hex(\(value.sql))", .string)
        case "base64": return context.result("to_base64(\(value.sql))", .string)
        default: return context.result("decode(\(value.sql))", .string)
        }
      }
      guard NumberFormat(format) != nil else {
        return context.fail("INVALID_FORMAT.UNEXPECTED_TOKEN", "'\(format)' is no format of numbers, such as 999.99.")
      }
      guard context.convert([.number]) else { return fault }
      return context.result(
        "martlet_to_char(\(context.arguments[0].converted(to: .string).sql), \(quotedText(format)))", .string)
    },
    scalar("quote", takes: [.text], gives: .of(.string), as: "('''' || replace($1, '''', '\\''') || '''')"),
    scalar(
      "to_binary", takes: [.text, .optional(.text, "'hex'")], gives: .of(.binary),
      as: "unhex(martlet_binary_text($1, $2))"),
    scalar(
      "try_to_binary", takes: [.text, .optional(.text, "'hex'")], gives: .of(.binary),
      as: "unhex(martlet_try_binary_text($1, $2))", nullable: true),
    scalar("is_valid_utf8", takes: [.text], gives: .of(.boolean), as: "(CASE WHEN $1 IS NOT NULL THEN true END)"),
    // The texts of the engine are valid UTF-8.
    scalar("validate_utf8", "make_valid_utf8", "try_validate_utf8", takes: [.text], gives: .of(.string), as: "$1"),
  ]

  /// A problem of the group of a regular expression, if both are constants.
  private static func groupProblem(_ a: [TypedExpression]) -> String? {
    guard case .string(let pattern)? = a[1].literal, let group = a.count > 2 ? a[2].literal?.integer : 1 else {
      return nil
    }
    var count = 0
    var isInClass = false
    var rest = pattern[...]
    while let character = rest.popFirst() {
      switch character {
      case "\\": rest = rest.dropFirst()
      case "[": isInClass = true
      case "]": isInClass = false
      case "(" where !isInClass:
        if !rest.hasPrefix("?") || rest.hasPrefix("?<") && !rest.hasPrefix("?<=") && !rest.hasPrefix("?<!") {
          count += 1
        }
      default: break
      }
    }
    guard group < 0 || group > count else { return nil }
    return "The regular expression '\(pattern)' has \(count) groups, but the group \(group) is asked for."
  }

  private static func numberFormat(_ name: String, _ engine: String) -> FunctionRule {
    special(name, arity: 2...2) { context in
      guard context.convert([.text, .text]), let format = context.constantText(1) else { return fault }
      guard let type = NumberFormat(format)?.type else {
        return context.fail("INVALID_FORMAT.UNEXPECTED_TOKEN", "'\(format)' is no format of numbers, such as 999.99.")
      }
      return context.result(
        "CAST(\(engine)(\(context.arguments[0].sql), \(quotedText(format))) AS \(type.engineName))", type,
        nullable: true)
    }
  }

  private static func trim(_ name: String, _ engine: String) -> FunctionRule {
    special(name, arity: 1...2) { context in
      guard context.convert([.text, .text]) else { return fault }
      let a = context.arguments
      let side = ["trim": "BOTH", "btrim": "BOTH", "ltrim": "LEADING", "rtrim": "TRAILING"][name] ?? ""
      // All but btrim take the characters first.
      let (text, set) = a.count == 1 ? (a[0], nil) : name == "btrim" ? (a[0], a[1]) : (a[1], a[0])
      let label = a.count == 1 || name == "btrim" ? context.columnName : "TRIM(\(side) \(a[0].name) FROM \(text.name))"
      return context.result("\(engine)(\(text.sql), \(set?.sql ?? "' '"))", .string, name: label)
    }
  }

  private static func pad(_ name: String) -> FunctionRule {
    special(name, arity: 2...3) { context in
      guard context.convert([.text, .int, .text]) else { return fault }
      let a = context.arguments
      let label = "\(name)(\(a[0].name), \(a[1].name), \(a.count > 2 ? a[2].name : " "))"
      let fill = a.count > 2 ? a[2].sql : "' '"
      return context.result(
        "(CASE WHEN \(fill) = '' THEN left(\(a[0].sql), greatest(\(a[1].sql), 0)) ELSE \(name)(\(a[0].sql), greatest(\(a[1].sql), 0), \(fill)) END)",
        .string, name: label)
    }
  }

  private static func digest(_ function: String, _ context: inout CallContext) -> TypedExpression {
    guard context.convert([.of(.binary)]) else { return fault }
    return context.result("\(function)(\(context.arguments[0].sql))", .string)
  }

  /// `decode(value, key, result, …, default)`
  private static func decodeCases(_ context: inout CallContext) -> TypedExpression {
    let a = context.arguments
    var sql = "CASE"
    var results: [Int] = []
    for i in stride(from: 2, to: a.count, by: 2) { results.append(i) }
    if a.count % 2 == 0 { results.append(a.count - 1) }
    guard let type = Coercion.common(results.map { a[$0].type }) else {
      return context.fail("DATATYPE_MISMATCH.DATA_DIFF_TYPES", "The results of decode have no common type.")
    }
    for i in stride(from: 1, to: a.count - 1, by: 2) {
      guard let key = Coercion.common(a[0].type, a[i].type) else {
        return context.fail(
          "DATATYPE_MISMATCH.DATA_DIFF_TYPES", "decode compares \(a[0].name) with \(a[i].name) of type \(a[i].type).")
      }
      sql +=
        " WHEN \(a[0].converted(to: key).sql) IS NOT DISTINCT FROM \(a[i].converted(to: key).sql) THEN \(a[i + 1].converted(to: type).sql)"
    }
    if a.count % 2 == 0 { sql += " ELSE \(a[a.count - 1].converted(to: type).sql)" }
    return context.result("(\(sql) END)", type, nullable: true)
  }
}
