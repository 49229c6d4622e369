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
      scalar("next_day", takes: [.date, .text], gives: .of(.date), as: "martlet_next_day($1, $2)"),
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
      special("to_timestamp_ltz", arity: 1...2) { parsed(&$0, .timestamp, isTry: false) },
      special("to_timestamp_ntz", arity: 1...2) { parsed(&$0, .timestampNTZ, isTry: false) },
      special("date_format", arity: 2...2) { formatted(&$0) },
      special("unix_timestamp", "to_unix_timestamp", arity: 0...2) { context in
        if context.arguments.isEmpty { return context.result("(epoch_us(now()) // 1000000)", .long, nullable: false) }
        let name =
          "\(context.call.name)(\(context.arguments[0].name), \(context.arguments.count > 1 ? context.arguments[1].name : "yyyy-MM-dd HH:mm:ss"))"
        var value =
          context.arguments[0].type == .string
          ? parsed(&context, .timestamp, isTry: false) : context.arguments[0].converted(to: .timestamp)
        if value.contents.contains(.fault) { return value }
        value.sql = "martlet_floor_divide(epoch_us(\(value.sql)), 1000000)"
        value.type = .long
        value.name = name
        return value
      },
      special("from_unixtime", arity: 1...2) { context in
        guard context.convert([.long, .text]) else { return fault }
        let a = context.arguments
        let name = "from_unixtime(\(a[0].name), \(a.count > 1 ? a[1].name : "yyyy-MM-dd HH:mm:ss"))"
        guard let pattern = a.count > 1 ? context.constantText(1) : "yyyy-MM-dd HH:mm:ss" else { return fault }
        switch DatePattern.printed(
          pattern, context.analyzer.local("make_timestamp(\(a[0].sql) * 1000000)"), context.analyzer)
        {
        case .success(let sql): return context.result(sql, .string, name: name)
        case .failure(let problem): return context.fail(problem.kind, problem.message)
        }
      },
      scalar(
        "timestamp_seconds", takes: [.number], gives: .of(.timestamp),
        as: "make_timestamp(CAST($1 * 1000000 AS BIGINT))"),
      scalar("timestamp_millis", takes: [.long], gives: .of(.timestamp), as: "make_timestamp($1 * 1000)"),
      scalar("timestamp_micros", takes: [.long], gives: .of(.timestamp), as: "make_timestamp($1)"),
      scalar(
        "unix_seconds", takes: [.of(.timestamp)], gives: .of(.long), as: "martlet_floor_divide(epoch_us($1), 1000000)"),
      scalar(
        "unix_millis", takes: [.of(.timestamp)], gives: .of(.long), as: "martlet_floor_divide(epoch_us($1), 1000)"),
      scalar("unix_micros", takes: [.of(.timestamp)], gives: .of(.long), as: "epoch_us($1)"),
      scalar("unix_date", takes: [.date], gives: .of(.integer), as: "($1 - DATE '1970-01-01')", casts: true),
      scalar("date_from_unix_date", takes: [.int], gives: .of(.date), as: "(DATE '1970-01-01' + $1)"),
      scalar("make_date", takes: [.int, .int, .int], gives: .of(.date), as: "make_date($1, $2, $3)"),
      time("make_timestamp", .timestamp), time("make_timestamp_ltz", .timestamp),
      time("make_timestamp_ntz", .timestampNTZ), time("try_make_timestamp", .timestamp, isTry: true),
      time("try_make_timestamp_ltz", .timestamp, isTry: true),
      time("try_make_timestamp_ntz", .timestampNTZ, isTry: true),
      special("make_interval", "try_make_interval", arity: 0...7) { context in
        guard context.convert([.int, .int, .int, .int, .int, .int, .double]) else { return fault }
        let units = ["to_years", "to_months", "to_weeks", "to_days", "to_hours", "to_minutes", "to_seconds"]
        let parts = zip(units, context.arguments).map { "\($0)(\($1.sql))" }
        let sql = parts.isEmpty ? "INTERVAL 0 DAY" : "(\(parts.joined(separator: " + ")))"
        let isTry = context.call.name.lowercased().hasPrefix("try")
        return context.result(isTry ? "try(\(sql))" : sql, .interval, nullable: isTry ? true : nil)
      },
      special("make_dt_interval", arity: 0...4) { context in
        guard context.convert([.int, .int, .int, .of(.decimal(precision: 18, scale: 6))]) else { return fault }
        let parts = zip(["86400000000", "3600000000", "60000000", "1000000"], context.arguments).map {
          "CAST(\($1.sql) AS \($0 == "1000000" ? "DECIMAL(28, 6)" : "BIGINT")) * \($0)"
        }
        return context.result(
          "to_microseconds(CAST(\(parts.isEmpty ? "0" : parts.joined(separator: " + ")) AS BIGINT))", .dayToSecond)
      },
      special("make_ym_interval", arity: 0...2) { context in
        guard context.convert([.int, .int]) else { return fault }
        let parts = zip(["12", "1"], context.arguments).map { "\($1.sql) * \($0)" }
        return context.result("to_months(\(parts.isEmpty ? "0" : parts.joined(separator: " + ")))", .yearToMonth)
      },
      // Times of day are in the time zone of the session; the length of a day is not that of 24 hours there.
      special("timestampadd", arity: 3...3) { context in
        guard let unit = context.constantText(0) else { return fault }
        let names = [
          "YEAR": "to_years", "MONTH": "to_months", "WEEK": "to_weeks", "DAY": "to_days", "DAYOFYEAR": "to_days",
          "HOUR": "to_hours", "MINUTE": "to_minutes", "SECOND": "to_seconds", "MILLISECOND": "to_milliseconds",
          "MICROSECOND": "to_microseconds",
        ]
        let count = context.arguments[1].converted(to: .long).sql
        var time = context.arguments[2]
        if !time.type.isDateOrTime || time.type == .date { time = time.converted(to: .timestamp) }
        let interval: String
        if unit == "QUARTER" {
          interval = "to_months(CAST(3 * \(count) AS INTEGER))"
        } else if let name = names[unit] {
          let isSmall = ["YEAR", "MONTH", "WEEK", "DAY", "DAYOFYEAR"].contains(unit)
          interval = "\(name)(\(isSmall ? "CAST(\(count) AS INTEGER)" : count))"
        } else {
          return context.fail("INVALID_PARAMETER_VALUE.DATETIME_UNIT", "timestampadd has no unit \(unit).")
        }
        let isLocal =
          time.type == .timestamp && !["HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"].contains(unit)
        let sum = "(\(isLocal ? context.analyzer.local(time.sql) : time.sql) + \(interval))"
        return context.result(
          isLocal ? context.analyzer.utc(sum) : sum, time.type,
          name: "timestampadd(\(unit), \(context.arguments[1].name), \(context.arguments[2].name))")
      },
      special("timestampdiff", arity: 3...3) { context in
        guard let unit = context.constantText(0) else { return fault }
        let name = "timestampdiff(\(unit), \(context.arguments[1].name), \(context.arguments[2].name))"
        guard context.convert([.text, .localTime, .localTime]) else { return fault }
        let (x, y) = (context.arguments[1].sql, context.arguments[2].sql)
        let part = unit == "DAYOFYEAR" ? "day" : unit.lowercased()
        let months: [String: Int] = ["month": 1, "quarter": 3, "year": 12]
        if let months = months[part] {
          return context.result("martlet_whole_months(\(x), \(y)) // \(months)", .long, name: name)
        }
        return context.result("date_sub('\(part)', \(x), \(y))", .long, name: name)
      },
      special("time_bucket", arity: 2...3) { context in
        let (width, time) = (context.arguments[0], context.arguments[1])
        guard case .dayTimeInterval = width.type, time.type.isDateOrTime else {
          return context.fail(
            "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "time_bucket takes an interval of days or less, and a timestamp."
          )
        }
        let type: DataType = time.type == .date ? .timestamp : time.type
        let origin = context.arguments.count > 2 ? "epoch_us(\(context.arguments[2].converted(to: type).sql))" : "0"
        let value = "(epoch_us(\(time.converted(to: type).sql)) - \(origin))"
        let length = "epoch_us(\(width.sql))"
        return context.result(
          "make_timestamp(\(origin) + martlet_floor_divide(\(value), \(length)) * \(length))", type)
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
        if context.arguments[1].type.isInterval { return part(name, field, label, &context) }
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
          "martlet_from_utc(\(context.arguments[0].sql), \(context.arguments[1].sql))", .timestamp)
      },
      special("to_utc_timestamp", arity: 2...2) { context in
        guard context.convert([.of(.timestamp), .text]) else { return fault }
        return context.result(
          "martlet_to_utc(\(context.arguments[0].sql), \(context.arguments[1].sql))", .timestamp)
      },
      special("convert_timezone", arity: 2...3) { context in
        let zones = context.arguments.dropLast().map(\.sql)
        let from = zones.count == 2 ? zones[0] : quotedText(context.analyzer.catalog.timeZone)
        guard let last = context.arguments.last else { return fault }
        let value = last.converted(to: .timestampNTZ).sql
        return context.result(
          "martlet_from_utc(martlet_to_utc(\(value), \(from)), \(zones[zones.count - 1]))", .timestampNTZ)
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

  /// `make_timestamp` and its like, whose last argument may be a time zone.
  private static func time(_ name: String, _ type: DataType, isTry: Bool = false) -> FunctionRule {
    special(name, arity: 6...(type == .timestamp ? 7 : 6)) { context in
      guard context.convert([.int, .int, .int, .int, .int, .double, .text]) else { return fault }
      let a = context.arguments.map(\.sql)
      // The engine takes a minute of 61 seconds; Spark takes one of 60 as the next minute.
      let time = "make_timestamp(\(a[..<6].joined(separator: ", ")))"
      let zoned =
        a.count > 6 ? "martlet_to_utc(\(time), \(a[6]))" : type == .timestamp ? context.analyzer.utc(time) : time
      return context.result(isTry ? "try(\(zoned))" : zoned, type, nullable: isTry ? true : nil)
    }
  }

  /// `date_format`
  static func formatted(_ context: inout CallContext) -> TypedExpression {
    guard context.convert([.localTime, .text]), let pattern = context.constantText(1) else { return fault }
    switch DatePattern.printed(pattern, context.arguments[0].sql, context.analyzer) {
    case .success(let sql): return context.result(sql, .string)
    case .failure(let problem): return context.fail(problem.kind, problem.message)
    }
  }

  /// A part of an interval.
  private static func part(
    _ name: String, _ field: String, _ label: String, _ context: inout CallContext
  ) -> TypedExpression {
    let value = context.arguments[1]
    let microseconds = "epoch_us(\(value.sql))"
    let isMonths = if case .yearMonthInterval = value.type { true } else { false }
    let isTime = if case .dayTimeInterval = value.type { true } else { false }
    switch name {
    case "year" where !isTime:
      return context.result("CAST(datepart('year', \(value.sql)) AS INTEGER)", .integer, name: label)
    case "month" where !isTime:
      return context.result("CAST(datepart('month', \(value.sql)) AS TINYINT)", .byte, name: label)
    case "day" where isTime:
      return context.result("CAST(\(microseconds) // 86400000000 AS INTEGER)", .integer, name: label)
    case "day" where !isMonths:
      return context.result("CAST(datepart('day', \(value.sql)) AS INTEGER)", .integer, name: label)
    case "hour" where isTime:
      return context.result("CAST(\(microseconds) // 3600000000 % 24 AS TINYINT)", .byte, name: label)
    case "hour" where !isMonths:
      return context.result("CAST(datepart('hour', \(value.sql)) AS TINYINT)", .byte, name: label)
    case "minute" where !isMonths:
      return context.result("CAST(datepart('minute', \(value.sql)) AS TINYINT)", .byte, name: label)
    case "second" where !isMonths:
      return context.result(
        "CAST(CAST(datepart('microsecond', \(value.sql)) AS DECIMAL(18, 0)) * 0.000001 AS DECIMAL(8, 6))",
        .decimal(precision: 8, scale: 6), name: label)
    default:
      return context.fail("INVALID_EXTRACT_FIELD", "'\(field)' is not a part of an interval of the type \(value.type).")
    }
  }

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
    if DatePattern.hasZone(pattern) {
      let micros = "make_timestamp(martlet_\(isTry ? "try_" : "")pattern_micros(\(value.sql), \(quotedText(pattern))))"
      let time = type == .timestamp ? micros : context.analyzer.local(micros)
      return context.result("CAST(\(time) AS \(type.engineName))", type, nullable: true, name: name)
    }
    switch DatePattern.parsed(pattern) {
    case .failure(let problem): return context.fail(problem.kind, problem.message)
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
    let window = TimeWindow(
      context.arguments[0].sql, length: length, slide: slide, offset: offset)
    let type = DataType.struct(StructType([StructField("start", .timestamp), StructField("end", .timestamp)]))
    var result = context.result(window.values, type, nullable: false, name: "window")
    if slide < length { result.contents.insert(.generator) }
    result.window = window
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
  struct Problem: Error {
    var kind = "INVALID_DATETIME_PATTERN.WITH_SUGGESTION"
    var message: String
  }

  /// A Boolean value that indicates whether a pattern has a letter for a time zone.
  static func hasZone(_ pattern: String) -> Bool {
    guard case .success(let pieces) = pieces(pattern) else { return false }
    return pieces.contains { if case .field(let letter, _) = $0 { "XxZzVO".contains(letter) } else { false } }
  }

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
  static func printed(_ pattern: String, _ value: String, _ analyzer: Analyzer) -> Result<String, Problem> {
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
          } else if let sql = computed(letter, count, value) ?? zone(letter, count, value, analyzer) {
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

  /// The time zone of the session, or its offset from UTC at a time.
  private static func zone(_ letter: Character, _ count: Int, _ value: String, _ analyzer: Analyzer) -> String? {
    let zone = analyzer.catalog.timeZone
    switch (letter, count) {
    case ("V", 2): return quotedText(zone)
    case ("z", 1...3) where TimePattern.offset(zone) == 0: return "'UTC'"
    case ("X", 1...3), ("x", 1...3), ("Z", 1...5), ("O", 1), ("O", 4):
      let seconds = "CAST(epoch(\(value)) - epoch(\(analyzer.utc(value))) AS BIGINT)"
      return "martlet_zone_text(\(seconds), '\(String(repeating: letter, count: count))')"
    default: return nil
    }
  }

  enum Piece {
    case text(String)
    case field(Character, Int)
  }

  static func pieces(_ pattern: String) -> Result<[Piece], Problem> {
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
    if "YwWuec".contains(letter) {
      return Problem(
        kind: "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION",
        message:
          "The pattern \"\(pattern)\" contains \(letter), a letter for weeks, which Spark does not know any more.")
    }
    return Problem(
      message:
        "The pattern \"\(pattern)\" contains \(String(repeating: letter, count: count)), which is not supported. Known are y, M, d, H, h, m, s, S, a, E, D, Q, and text in quotes."
    )
  }

  private static func write(_ letter: Character, _ count: Int) -> String? {
    switch (letter, count) {
    case ("y", 2): "%y"
    case ("y", 4): "%Y"
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
    case ("y", 1): "CAST(year(\(value)) AS VARCHAR)"
    case ("y", 3...): "lpad(CAST(year(\(value)) AS VARCHAR), \(count), '0')"
    case ("S", 1...9):
      count <= 6
        ? "left(strftime(\(value), '%f'), \(count))" : "rpad(strftime(\(value), '%f'), \(count), '0')"
    case ("k", 1...2):
      "martlet_lpad(CASE WHEN hour(\(value)) = 0 THEN 24 ELSE hour(\(value)) END, \(count))"
    case ("K", 1...2): "martlet_lpad(hour(\(value)) % 12, \(count))"
    case ("D", 2):
      "martlet_lpad(dayofyear(\(value)), 2)"
    case ("Q", 1...2), ("q", 1...2): "martlet_lpad(quarter(\(value)), \(count))"
    case ("Q", 3), ("q", 3): "('Q' || CAST(quarter(\(value)) AS VARCHAR))"
    case ("G", 1...3): "(CASE WHEN \(value) IS NOT NULL THEN 'AD' END)"
    case ("F", 1): "CAST((day(\(value)) - 1) % 7 + 1 AS VARCHAR)"
    default: nil
    }
  }

  private static func read(_ letter: Character, _ count: Int) -> String? {
    switch (letter, count) {
    case ("y", 1), ("y", 3...): "%Y"
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
