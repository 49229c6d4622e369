extension FunctionRegistry {
  static let dates: [FunctionRule] =
    [
      special("current_date", "curdate", arity: 0...0) { context in
        context.result(
          "CAST(\(context.analyzer.local("timezone('UTC', now())")) AS DATE)", .date, nullable: false,
          name: "current_date()")
      },
      special("current_timestamp", "now", arity: 0...0) { context in
        context.result(
          "timezone('UTC', now())", .timestamp, nullable: false, name: "\(context.call.name.lowercased())()")
      },
      special("localtimestamp", arity: 0...0) { context in
        context.result(context.analyzer.local("timezone('UTC', now())"), .timestampNTZ, nullable: false)
      },
      special("current_timezone", arity: 0...0) { context in
        context.result(quotedText(context.analyzer.catalog.timeZone), .string, nullable: false)
      },
      scalar("dayofweek", takes: [.localTime], gives: .of(.integer), as: "(dayofweek($1) + 1)", casts: true),
      scalar("weekday", takes: [.localTime], gives: .of(.integer), as: "(isodow($1) - 1)", casts: true),
      scalar("dayname", takes: [.localTime], gives: .of(.string), as: "strftime($1, '%a')"),
      scalar("monthname", takes: [.localTime], gives: .of(.string), as: "strftime($1, '%b')"),
      scalar("date_add", "dateadd", takes: [.date, .int], gives: .of(.date), as: "($1 + $2)"),
      scalar("date_sub", takes: [.date, .int], gives: .of(.date), as: "($1 - $2)"),
      scalar("datediff", "date_diff", takes: [.date, .date], gives: .of(.integer), as: "($1 - $2)", casts: true),
      scalar("add_months", takes: [.date, .int], gives: .of(.date), as: "($1 + to_months($2))", casts: true),
      special("months_between", arity: 2...3) { context in
        let name =
          "months_between(\(context.arguments[0].name), \(context.arguments[1].name), \(context.arguments.count > 2 ? context.arguments[2].name : "true"))"
        guard context.convert([.localTime, .localTime, .boolean]) else { return fault }
        let a = context.arguments
        let value = "martlet_months_between(\(a[0].sql), \(a[1].sql))"
        return context.result(
          a.count > 2 && a[2].literal == .boolean(false) ? value : "round(\(value), 8)", .double, name: name)
      },
      scalar("last_day", takes: [.date], gives: .of(.date), as: "last_day($1)"),
      scalar("next_day", takes: [.date, .text], gives: .of(.date), as: "martlet_next_day($1, $2)", nullable: true),
      special("trunc", arity: 2...2) { context in
        guard context.convert([.date, .text]) else { return fault }
        return truncated(context.arguments[1], context.arguments[0].sql, .date, &context)
      },
      special("date_trunc", arity: 2...2) { context in
        let name = context.columnName
        let type = context.arguments[1].type
        guard context.convert([.text, .localTime]) else { return fault }
        var result = truncated(context.arguments[0], context.arguments[1].sql, .timestampNTZ, &context)
        if result.contents.contains(.fault) { return result }
        if type != .timestampNTZ {
          result.sql = context.analyzer.utc(result.sql)
          result.type = .timestamp
        }
        result.name = name
        return result
      },
      special("to_date", "try_to_date", arity: 1...2) { context in
        let isTry = context.call.name.lowercased().hasPrefix("try")
        return parsed(&context, .date, isTry: isTry)
      },
      special("to_timestamp", "try_to_timestamp", arity: 1...2) { context in
        let isTry = context.call.name.lowercased().hasPrefix("try")
        return parsed(&context, .timestamp, isTry: isTry)
      },
      special("to_timestamp_ntz", arity: 1...2) { parsed(&$0, .timestampNTZ, isTry: false) },
      special("date_format", arity: 2...2) { context in
        guard context.convert([.localTime, .text]), let pattern = context.constantText(1) else { return fault }
        switch DatePattern.printed(pattern, context.arguments[0].sql) {
        case .success(let sql): return context.result(sql, .string)
        case .failure(let problem): return context.fail("INVALID_DATETIME_PATTERN", problem.message)
        }
      },
      special("unix_timestamp", "to_unix_timestamp", arity: 0...2) { context in
        if context.arguments.isEmpty { return context.result("(epoch_us(now()) // 1000000)", .long, nullable: false) }
        let name =
          "\(context.call.name)(\(context.arguments[0].name), \(context.arguments.count > 1 ? context.arguments[1].name : "yyyy-MM-dd HH:mm:ss"))"
        var value =
          context.arguments[0].type == .string
          ? parsed(&context, .timestamp, isTry: false) : context.arguments[0].converted(to: .timestamp)
        if value.contents.contains(.fault) { return value }
        value.sql = "CAST(floor(epoch_us(\(value.sql)) / 1000000) AS BIGINT)"
        value.type = .long
        value.name = name
        return value
      },
      special("from_unixtime", arity: 1...2) { context in
        guard context.convert([.long, .text]) else { return fault }
        let a = context.arguments
        let name = "from_unixtime(\(a[0].name), \(a.count > 1 ? a[1].name : "yyyy-MM-dd HH:mm:ss"))"
        guard let pattern = a.count > 1 ? context.constantText(1) : "yyyy-MM-dd HH:mm:ss" else { return fault }
        switch DatePattern.printed(pattern, context.analyzer.local("make_timestamp(\(a[0].sql) * 1000000)")) {
        case .success(let sql): return context.result(sql, .string, name: name)
        case .failure(let problem): return context.fail("INVALID_DATETIME_PATTERN", problem.message)
        }
      },
      scalar(
        "timestamp_seconds", takes: [.number], gives: .of(.timestamp),
        as: "make_timestamp(CAST($1 * 1000000 AS BIGINT))"),
      scalar("timestamp_millis", takes: [.long], gives: .of(.timestamp), as: "make_timestamp($1 * 1000)"),
      scalar("timestamp_micros", takes: [.long], gives: .of(.timestamp), as: "make_timestamp($1)"),
      scalar(
        "unix_seconds", takes: [.of(.timestamp)], gives: .of(.long), as: "floor(epoch_us($1) / 1000000)", casts: true),
      scalar("unix_millis", takes: [.of(.timestamp)], gives: .of(.long), as: "floor(epoch_us($1) / 1000)", casts: true),
      scalar("unix_micros", takes: [.of(.timestamp)], gives: .of(.long), as: "epoch_us($1)"),
      scalar("unix_date", takes: [.date], gives: .of(.integer), as: "($1 - DATE '1970-01-01')", casts: true),
      scalar("date_from_unix_date", takes: [.int], gives: .of(.date), as: "(DATE '1970-01-01' + $1)"),
      scalar("make_date", takes: [.int, .int, .int], gives: .of(.date), as: "make_date($1, $2, $3)"),
      special("make_timestamp", arity: 6...6) { context in
        guard context.convert([.int, .int, .int, .int, .int, .double]) else { return fault }
        return context.result(
          context.analyzer.utc("make_timestamp(\(context.arguments.map(\.sql).joined(separator: ", ")))"), .timestamp)
      },
      special("make_timestamp_ntz", arity: 6...6) { context in
        guard context.convert([.int, .int, .int, .int, .int, .double]) else { return fault }
        return context.result("make_timestamp(\(context.arguments.map(\.sql).joined(separator: ", ")))", .timestampNTZ)
      },
      special("make_interval", arity: 0...7) { context in
        guard context.convert([.int, .int, .int, .int, .int, .int, .double]) else { return fault }
        let units = ["to_years", "to_months", "to_weeks", "to_days", "to_hours", "to_minutes", "to_seconds"]
        let parts = zip(units, context.arguments).map { "\($0)(\($1.sql))" }
        return context.result(parts.isEmpty ? "INTERVAL 0 DAY" : "(\(parts.joined(separator: " + ")))", .interval)
      },
      special("date_part", "datepart", "extract", arity: 2...2) { context in
        guard let field = context.constantText(0) else { return fault }
        let names: [String: String] = [
          "y": "year", "years": "year", "yr": "year", "yrs": "year", "qtr": "quarter", "mon": "month",
          "months": "month",
          "w": "week", "weeks": "week", "d": "day", "days": "day", "h": "hour", "hours": "hour", "hr": "hour",
          "m": "minute", "min": "minute", "mins": "minute", "minutes": "minute", "s": "second", "sec": "second",
          "seconds": "second",
          "dow": "dayofweek", "doy": "dayofyear", "dow_iso": "dayofweek_iso", "dayofweek_iso": "dayofweek_iso",
          "yearofweek": "yearofweek",
        ]
        let name = names[field.lowercased()] ?? field.lowercased()
        let label =
          context.call.name.lowercased() == "extract"
          ? "extract(\(field.uppercased()) FROM \(context.arguments[1].name))" : context.columnName
        guard context.convert([.text, .localTime]) else { return fault }
        let value = context.arguments[1].sql
        switch name {
        case "second":
          return context.result(
            "CAST(extract('microsecond' FROM \(value)) / 1000000.0 AS DECIMAL(8, 6))", .decimal(precision: 8, scale: 6),
            name: label)
        case "dayofweek": return context.result("CAST(dayofweek(\(value)) + 1 AS INTEGER)", .integer, name: label)
        case "dayofweek_iso": return context.result("CAST(isodow(\(value)) AS INTEGER)", .integer, name: label)
        case "yearofweek": return context.result("CAST(isoyear(\(value)) AS INTEGER)", .integer, name: label)
        case "year", "quarter", "month", "week", "day", "hour", "minute", "dayofyear":
          return context.result("CAST(extract('\(name)' FROM \(value)) AS INTEGER)", .integer, name: label)
        default:
          return context.fail(
            "INVALID_EXTRACT_FIELD",
            "'\(field)' is not a part of a date. Use year, month, day, hour, minute, second, week, quarter, dow or doy."
          )
        }
      },
      special("from_utc_timestamp", arity: 2...2) { context in
        guard context.convert([.of(.timestamp), .text]) else { return fault }
        return context.result(
          "timezone(\(context.arguments[1].sql), timezone('UTC', \(context.arguments[0].sql)))", .timestamp)
      },
      special("to_utc_timestamp", arity: 2...2) { context in
        guard context.convert([.of(.timestamp), .text]) else { return fault }
        return context.result(
          "timezone('UTC', timezone(\(context.arguments[1].sql), \(context.arguments[0].sql)))", .timestamp)
      },
      special("convert_timezone", arity: 2...3) { context in
        let zones = context.arguments.dropLast().map(\.sql)
        let from = zones.count == 2 ? zones[0] : quotedText(context.analyzer.catalog.timeZone)
        guard let last = context.arguments.last else { return fault }
        let value = last.converted(to: .timestampNTZ).sql
        return context.result("timezone(\(zones[zones.count - 1]), timezone(\(from), \(value)))", .timestampNTZ)
      },
      special("window", arity: 2...4) { window(&$0) },
      special("window_time", arity: 1...1) { context in
        context.result("(struct_extract(\(context.arguments[0].sql), 'end') - to_microseconds(1))", .timestamp)
      },
    ]
    + [
      ("year", "year"), ("quarter", "quarter"), ("month", "month"), ("day", "day"), ("dayofmonth", "day"),
      ("weekofyear", "week"), ("dayofyear", "dayofyear"), ("hour", "hour"), ("minute", "minute"), ("second", "second"),
    ].map { name, part in scalar(name, takes: [.localTime], gives: .of(.integer), as: "\(part)($1)", casts: true) }

  private static func truncated(
    _ unit: TypedExpression, _ value: String, _ type: DataType, _ context: inout CallContext
  )
    -> TypedExpression
  {
    guard case .string(let name)? = unit.literal else {
      return context.fail(
        "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", "The unit of \(context.name) must be a constant text.")
    }
    let units = [
      "year": "year", "yyyy": "year", "yy": "year", "quarter": "quarter", "month": "month", "mon": "month",
      "mm": "month",
      "week": "week", "day": "day", "dd": "day", "hour": "hour", "minute": "minute", "second": "second",
      "millisecond": "milliseconds", "microsecond": "microseconds",
    ]
    let dates = ["year", "quarter", "month", "week"]
    guard let known = units[name.lowercased()], type != .date || dates.contains(known) else {
      // A unit that does not exist gives NULL, as in Spark.
      return context.result("CAST(NULL AS \(type.engineName))", type, nullable: true)
    }
    return context.result("CAST(date_trunc('\(known)', \(value)) AS \(type.engineName))", type, nullable: true)
  }

  /// A date or timestamp from a text, with a pattern if there is a second argument.
  private static func parsed(_ context: inout CallContext, _ type: DataType, isTry: Bool) -> TypedExpression {
    let name = context.columnName
    let value = context.arguments[0]
    if context.arguments.count == 1 || value.type != .string {
      guard Coercion.canConvert(value.type, to: type) || value.type.isNumeric && type == .timestamp else {
        return context.fail(
          "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
          "\(context.name) takes a text, not \(value.name) of type \(value.type).")
      }
      let zone = type == .timestamp && value.type == .string
      let sql = Cast.sql(value.sql, from: value.type, to: zone ? .timestampNTZ : type, isTry: isTry)
      return context.result(zone ? context.analyzer.utc(sql) : sql, type, nullable: isTry ? true : nil, name: name)
    }
    guard let pattern = context.constantText(1) else { return fault }
    switch DatePattern.parsed(pattern) {
    case .failure(let problem): return context.fail("INVALID_DATETIME_PATTERN", problem.message)
    case .success(let format):
      let text =
        isTry
        ? "try_strptime(\(value.sql), \(quotedText(format)))" : "martlet_strptime(\(value.sql), \(quotedText(format)))"
      let zoned = type == .timestamp ? context.analyzer.utc(text) : text
      return context.result("CAST(\(zoned) AS \(type.engineName))", type, nullable: true, name: name)
    }
  }

  /// `window(time, '10 minutes', '5 minutes', '2 minutes')`: the start and end of the windows that contain a time.
  private static func window(_ context: inout CallContext) -> TypedExpression {
    guard context.convert([.of(.timestamp)]) else { return fault }
    var spans: [Int64] = []
    for i in 1..<context.arguments.count {
      guard let text = context.constantText(i) else { return fault }
      guard let span = intervalMicroseconds(text) else {
        return context.fail(
          "CANNOT_PARSE_INTERVAL",
          "'\(text)' is not a duration for window. Write it as '10 minutes'; months have no fixed length.")
      }
      spans.append(span)
    }
    let length = spans[0]
    let slide = spans.count > 1 ? spans[1] : length
    let offset = spans.count > 2 ? spans[2] : 0
    guard length > 0, slide > 0, slide <= length else {
      return context.fail(
        "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION",
        "The slide of window must be positive, and at most its length.")
    }
    let time = "epoch_us(\(context.arguments[0].sql))"
    let last = "(\(time) - ((\(time) - \(offset)) % \(slide) + \(slide)) % \(slide))"
    let type = DataType.struct(StructType([StructField("start", .timestamp), StructField("end", .timestamp)]))
    func pair(_ start: String) -> String {
      "struct_pack(\"start\" := make_timestamp(\(start)), \"end\" := make_timestamp(\(start) + \(length)))"
    }
    var result: TypedExpression
    if slide == length {
      result = context.result(
        "(CASE WHEN \(context.arguments[0].sql) IS NOT NULL THEN \(pair(last)) END)", type, nullable: false,
        name: "window")
    } else {
      let count = (length + slide - 1) / slide
      let list =
        "list_filter(list_transform(range(\(count)), lambda i: \(last) - i * \(slide)), lambda s: s + \(length) > \(time))"
      result = context.result(
        "unnest(list_transform(\(list), lambda s: \(pair("s"))))", type, nullable: false, name: "window")
      result.contents.insert(.generator)
    }
    return result
  }
}

/// The microseconds of a duration such as `10 minutes` or `1 hour 30 seconds`; `nil` if it has months, or is no duration.
func intervalMicroseconds(_ text: String) -> Int64? {
  let units: [String: Int64] = [
    "microsecond": 1, "millisecond": 1_000, "second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000,
    "day": 86_400_000_000, "week": 604_800_000_000,
  ]
  var words = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
  if words.first == "interval" { words.removeFirst() }
  guard !words.isEmpty, words.count % 2 == 0 else { return nil }
  var sum: Int64 = 0
  for i in stride(from: 0, to: words.count, by: 2) {
    let name = words[i + 1].hasSuffix("s") ? String(words[i + 1].dropLast()) : words[i + 1]
    guard let count = Int64(words[i]), let unit = units[name] else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    let (next, overflow2) = sum.addingReportingOverflow(product)
    if overflow || overflow2 { return nil }
    sum = next
  }
  return sum
}

/// Patterns of dates and times, such as `yyyy-MM-dd`, as the engine's formats, such as `%Y-%m-%d`.
enum DatePattern {
  struct Problem: Error { var message: String }

  /// A format for reading.
  static func parsed(_ pattern: String) -> Result<String, Problem> {
    pieces(pattern).flatMap { pieces in
      var format = ""
      for piece in pieces {
        switch piece {
        case .text(let text): format += text.replacing("%", with: "%%")
        case .field(let letter, let count):
          guard let part = read(letter, count) else { return .failure(unknown(letter, count, pattern)) }
          format += part
        }
      }
      return .success(format)
    }
  }

  /// The SQL that writes `value`, a timestamp without time zone, with a pattern.
  static func printed(_ pattern: String, _ value: String) -> Result<String, Problem> {
    pieces(pattern).flatMap { pieces in
      var parts: [String] = []
      var format = ""
      func flush() {
        if !format.isEmpty { parts.append("strftime(\(value), \(quotedText(format)))") }
        format = ""
      }
      for piece in pieces {
        switch piece {
        case .text(let text): format += text.replacing("%", with: "%%")
        case .field(let letter, let count):
          if let part = write(letter, count) {
            format += part
          } else if let sql = computed(letter, count, value) {
            flush()
            parts.append(sql)
          } else {
            return .failure(unknown(letter, count, pattern))
          }
        }
      }
      flush()
      return .success(
        parts.isEmpty ? "(CASE WHEN \(value) IS NOT NULL THEN '' END)" : "(" + parts.joined(separator: " || ") + ")")
    }
  }

  private enum Piece {
    case text(String)
    case field(Character, Int)
  }

  private static func pieces(_ pattern: String) -> Result<[Piece], Problem> {
    var pieces: [Piece] = []
    var rest = pattern[...]
    while let first = rest.first {
      if first == "'" {
        rest.removeFirst()
        if rest.first == "'" {
          pieces.append(.text("'"))
          rest.removeFirst()
          continue
        }
        var text = ""
        var isClosed = false
        while let next = rest.popFirst() {
          if next == "'" {
            if rest.first == "'" {
              rest.removeFirst()
            } else {
              isClosed = true
              break
            }
          }
          text.append(next)
        }
        guard isClosed else {
          return .failure(Problem(message: "The pattern \"\(pattern)\" has a quote that does not end."))
        }
        pieces.append(.text(text))
      } else if first.isASCII, first.isLetter {
        let run = rest.prefix { $0 == first }
        pieces.append(.field(first, run.count))
        rest = rest[run.endIndex...]
      } else {
        rest.removeFirst()
        if first != "[" && first != "]" { pieces.append(.text(String(first))) }
      }
    }
    return .success(pieces)
  }

  private static func unknown(_ letter: Character, _ count: Int, _ pattern: String) -> Problem {
    Problem(
      message:
        "The pattern \"\(pattern)\" contains \(String(repeating: letter, count: count)), which is not supported. Known are y, M, d, H, h, m, s, S, a, E, D, Q, and text in quotes."
    )
  }

  private static func write(_ letter: Character, _ count: Int) -> String? {
    switch (letter, count) {
    case ("y", 2), ("u", 2): "%y"
    case ("y", 4), ("u", 4): "%Y"
    case ("M", 2), ("L", 2): "%m"
    case ("M", 1), ("L", 1): "%-m"
    case ("M", 3), ("L", 3): "%b"
    case ("M", 4), ("L", 4): "%B"
    case ("d", 2): "%d"
    case ("d", 1): "%-d"
    case ("H", 2): "%H"
    case ("H", 1): "%-H"
    case ("h", 2): "%I"
    case ("h", 1): "%-I"
    case ("m", 2): "%M"
    case ("m", 1): "%-M"
    case ("s", 2): "%S"
    case ("s", 1): "%-S"
    case ("S", 6): "%f"
    case ("S", 3): "%g"
    case ("a", 1): "%p"
    case ("E", 1...3): "%a"
    case ("E", 4): "%A"
    case ("D", 3): "%j"
    case ("D", 1): "%-j"
    default: nil
    }
  }

  private static func computed(_ letter: Character, _ count: Int, _ value: String) -> String? {
    switch (letter, count) {
    case ("y", 1), ("u", 1): "CAST(year(\(value)) AS VARCHAR)"
    case ("y", 3...), ("u", 3...): "lpad(CAST(year(\(value)) AS VARCHAR), \(count), '0')"
    case ("S", 1...9):
      count <= 6
        ? "left(strftime(\(value), '%f'), \(count))" : "rpad(strftime(\(value), '%f'), \(count), '0')"
    case ("k", 1...2):
      "lpad(CAST(CASE WHEN hour(\(value)) = 0 THEN 24 ELSE hour(\(value)) END AS VARCHAR), \(count), '0')"
    case ("K", 1...2): "lpad(CAST(hour(\(value)) % 12 AS VARCHAR), \(count), '0')"
    case ("D", 2):
      "lpad(CAST(dayofyear(\(value)) AS VARCHAR), greatest(2, length(CAST(dayofyear(\(value)) AS VARCHAR))), '0')"
    case ("Q", 1...2), ("q", 1...2): "lpad(CAST(quarter(\(value)) AS VARCHAR), \(count), '0')"
    case ("Q", 3), ("q", 3): "('Q' || CAST(quarter(\(value)) AS VARCHAR))"
    case ("G", 1...3): "(CASE WHEN \(value) IS NOT NULL THEN 'AD' END)"
    case ("F", 1): "CAST((day(\(value)) - 1) % 7 + 1 AS VARCHAR)"
    default: nil
    }
  }

  private static func read(_ letter: Character, _ count: Int) -> String? {
    switch (letter, count) {
    case ("y", 1), ("u", 1), ("y", 3...), ("u", 3...): "%Y"
    case ("M", 1...2), ("L", 1...2): "%m"
    case ("d", 1...2): "%d"
    case ("H", 1...2): "%H"
    case ("h", 1...2): "%I"
    case ("m", 1...2): "%M"
    case ("s", 1...2): "%S"
    case ("S", 1...9): "%f"
    default: write(letter, count)
    }
  }
}
