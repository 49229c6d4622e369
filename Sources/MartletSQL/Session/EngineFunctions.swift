internal import MartletCore
internal import MartletDuckDB

/// The functions that the SQL of plans calls where the engine's own ones differ from Spark's.
enum EngineFunctions {
  /// A value that a cast cannot convert.
  struct InvalidCast: Error, CustomStringConvertible {
    var text: String
    var type: String

    var description: String {
      "[CAST_INVALID_INPUT] The text '\(text.prefix(100))' cannot be cast to \(type). Use try_cast to get NULL instead."
    }
  }

  /// A Boolean value that indicates whether a query may call one of the functions: all have names that begin with `martlet_`, as
  /// have the functions that read tables in memory and rows of Swift.
  static func mayOccur(in query: String) -> Bool {
    var rest = Substring(query).utf8
    while let start = rest.firstIndex(of: UInt8(ascii: "m")) {
      rest = rest[start...]
      if rest.starts(with: "martlet_".utf8), !sources.contains(where: { rest.starts(with: $0) }) { return true }
      rest = rest.dropFirst()
    }
    return false
  }

  /// The functions that the database has from the beginning.
  private static let sources = ["martlet_table(".utf8, "martlet_source(".utf8]

  static let closures = values + numbers + hashes + texts + times + FolderNumbers.functions + [BadRecords.function]

  private static let values: [ScalarFunction] = [
    ScalarFunction("martlet_double_text") { (value: Double) in javaText(value) },
    ScalarFunction("martlet_float_text") { (value: Float) in javaText(value) },
    ScalarFunction("martlet_integer") { (text: String, type: String) throws -> Int64 in
      guard let value = Int64(trimmed(text)), limits(type).contains(value) else {
        throw InvalidCast(text: text, type: type)
      }
      return value
    },
    ScalarFunction("martlet_try_integer") { (text: String) -> Int64? in Int64(trimmed(text)) },
    ScalarFunction("martlet_double") { (text: String) throws -> Double in
      guard let value = number(text) else { throw InvalidCast(text: text, type: "double") }
      return value
    },
    ScalarFunction("martlet_try_double") { (text: String) -> Double? in number(text) },
    ScalarFunction("martlet_boolean") { (text: String) throws -> Bool in
      guard let value = boolean(text) else { throw InvalidCast(text: text, type: "boolean") }
      return value
    },
    ScalarFunction("martlet_try_boolean") { (text: String) -> Bool? in boolean(text) },
    ScalarFunction("martlet_days") { (text: String) throws -> Int32 in
      guard let value = date(text) else { throw InvalidCast(text: text, type: "date") }
      return value
    },
    ScalarFunction("martlet_try_days") { (text: String) -> Int32? in date(text) },
    ScalarFunction("martlet_micros") { (text: String) throws -> Int64 in
      guard let value = SQLTimestamp(trimmed(text)) else { throw InvalidCast(text: text, type: "timestamp") }
      return value.microseconds
    },
    ScalarFunction("martlet_try_micros") { (text: String) -> Int64? in SQLTimestamp(trimmed(text))?.microseconds },
    ScalarFunction("martlet_decimal_text") { (text: String) in javaText(decimal: text) },
    CSVLine.function,
    JSONLevels.function,
    ScalarFunction("martlet_soundex") { (text: String) in soundex(text) },
    ScalarFunction("martlet_crc32") { (hex: String) -> Int64 in crc32(hex) },
    ScalarFunction("martlet_conv_text") { (text: String, from: Int32, to: Int32) -> String? in
      converted(text, from: Int(from), to: Int(to))
    },
    ScalarFunction("martlet_initcap") { (text: String) in
      var isStart = true
      return String(
        text.lowercased().map { character -> String in
          defer { isStart = character == " " }
          return isStart ? character.uppercased() : String(character)
        }.joined())
    },
  ]

  static let macros: [String] = [
    "martlet_integer_text(x, t) AS martlet_integer(x, t)", "martlet_try_integer_text(x, t) AS martlet_try_integer(x)",
    "martlet_number_text(x, t) AS martlet_double(x)", "martlet_try_number_text(x, t) AS martlet_try_double(x)",
    "martlet_text_to_boolean(x) AS martlet_boolean(x)", "martlet_try_text_to_boolean(x) AS martlet_try_boolean(x)",
    "martlet_text_to_date(x) AS (DATE '1970-01-01' + martlet_days(x))",
    "martlet_try_text_to_date(x) AS (DATE '1970-01-01' + martlet_try_days(x))",
    "martlet_text_to_timestamp(x) AS make_timestamp(martlet_micros(x))",
    "martlet_try_text_to_timestamp(x) AS make_timestamp(martlet_try_micros(x))",
    "martlet_months(x) AS CAST(datepart('year', x) * 12 + datepart('month', x) AS BIGINT)",
    """
    martlet_interval_text(x) AS martlet_calendar_text(martlet_months(x), CAST(datepart('day', x) AS BIGINT), \
    CAST(datepart('hour', x) * 3600000000 + datepart('minute', x) * 60000000 + datepart('microsecond', x) AS BIGINT))
    """,
    "martlet_joined(x) AS array_to_string(x, ', ')",
    """
    martlet_element(a, i) AS CASE WHEN i < 0 OR i >= len(a) THEN error('[INVALID_ARRAY_INDEX] The index ' || i || \
    ' does not exist: the array has ' || len(a) || ' elements. Use get to get NULL instead.') ELSE a[i + 1] END
    """,
    """
    martlet_element_at(a, i) AS CASE WHEN i = 0 THEN error('[INVALID_INDEX_OF_ZERO] The index 0 does not exist: \
    element_at counts from 1.') WHEN abs(i) > len(a) THEN error('[INVALID_ARRAY_INDEX_IN_ELEMENT_AT] The index ' || i || \
    ' does not exist: the array has ' || len(a) || ' elements. Use try_element_at to get NULL instead.') ELSE a[i] END
    """,
    """
    martlet_try_element_at(a, i) AS CASE WHEN i = 0 THEN error('[INVALID_INDEX_OF_ZERO] The index 0 does not exist: \
    element_at counts from 1.') ELSE a[i] END
    """,
    """
    martlet_substring(s, p, n) AS substring(s, greatest(CASE WHEN p > 0 THEN p - 1 WHEN p < 0 THEN length(s) + p ELSE 0 \
    END, 0) + 1, greatest(CAST(n AS BIGINT) + least(CASE WHEN p < 0 THEN length(s) + p ELSE 0 END, 0), 0))
    """,
    """
    martlet_locate(x, s, p) AS CAST(CASE WHEN x IS NULL OR s IS NULL OR p IS NULL THEN NULL WHEN p < 1 THEN 0 WHEN \
    instr(substring(s, p), x) = 0 THEN 0 ELSE instr(substring(s, p), x) + p - 1 END AS INTEGER)
    """,
    """
    martlet_substring_index(s, d, n) AS CASE WHEN d = '' OR n = 0 THEN (CASE WHEN s IS NOT NULL THEN '' END) WHEN n > 0 \
    THEN array_to_string(string_split(s, d)[1:n], d) ELSE array_to_string(string_split(s, d)[greatest(len(string_split(s, \
    d)) + n + 1, 1):], d) END
    """,
    """
    martlet_split(s, r, n) AS CASE WHEN n <= 0 OR len(string_split_regex(s, r)) <= n THEN string_split_regex(s, r) ELSE \
    list_append(string_split_regex(s, r)[1:n - 1], substring(s, length(array_to_string(string_split_regex(s, r)[1:n - 1], \
    '')) + coalesce(list_sum(list_transform(regexp_extract_all(s, r)[1:n - 1], lambda e: length(e))), 0)::BIGINT + 1)) END
    """,
    "martlet_conv(s, a, b) AS martlet_conv_text(s, a, b)",
    """
    martlet_width_bucket(v, lo, hi, n) AS CASE WHEN n <= 0 OR lo = hi THEN NULL WHEN lo < hi THEN CASE WHEN v < lo THEN 0 \
    WHEN v >= hi THEN n + 1 ELSE floor((v - lo) * n / (hi - lo)) + 1 END ELSE CASE WHEN v > lo THEN 0 WHEN v <= hi THEN \
    n + 1 ELSE floor((lo - v) * n / (lo - hi)) + 1 END END
    """,
    """
    martlet_months_between(a, b) AS CASE WHEN day(a) = day(b) OR (last_day(a) = CAST(a AS DATE) AND last_day(b) = CAST(b \
    AS DATE)) THEN (year(a) - year(b)) * 12 + month(a) - month(b) ELSE (year(a) - year(b)) * 12 + month(a) - month(b) + \
    ((day(a) - day(b)) * 86400.0::DOUBLE + (epoch(a) - epoch(date_trunc('day', a))) - (epoch(b) - epoch(date_trunc('day', \
    b)))) / (31 * 86400.0::DOUBLE) END
    """,
    "martlet_next_day(d, w) AS d + ((martlet_day_of_week(w) - isodow(d) + 7) % 7 + 1)::INTEGER",
    """
    martlet_from_utc(t, z) AS CASE WHEN martlet_zone_offset(z) IS NOT NULL THEN t + to_seconds(martlet_zone_offset(z)) \
    ELSE timezone(z, timezone('UTC', t)) END
    """,
    """
    martlet_to_utc(t, z) AS CASE WHEN martlet_zone_offset(z) IS NOT NULL THEN t - to_seconds(martlet_zone_offset(z)) \
    ELSE timezone('UTC', timezone(z, t)) END
    """,
    """
    martlet_strptime(x, f) AS CASE WHEN x IS NULL THEN NULL ELSE coalesce(try_strptime(x, f), error('[CANNOT_PARSE_TIMESTAMP] \
    The text ''' || x || ''' does not have the pattern. Use try_to_timestamp to get NULL instead.')) END
    """,
    """
    martlet_distinct(a) AS list_transform(list_filter(list_zip(a, range(len(a))), lambda e: list_position(a, e[1]) = e[2] + 1 \
    OR e[1] IS NULL AND len(list_filter(a[1:e[2]], lambda f: f IS NULL)) = 0), lambda e: e[1])
    """,
    """
    martlet_slice(a, i, n) AS CASE WHEN a IS NULL OR i IS NULL OR n IS NULL THEN NULL WHEN i = 0 THEN error('[INVALID_PARAMETER_VALUE.START] \
    slice counts from 1.') WHEN n < 0 THEN error('[INVALID_PARAMETER_VALUE.LENGTH] The length of slice is negative.') WHEN \
    abs(i) > len(a) OR n = 0 THEN a[1:0] ELSE a[(CASE WHEN i < 0 THEN len(a) + i + 1 ELSE i END):(CASE WHEN i < 0 THEN \
    len(a) + i ELSE i - 1 END + n)] END
    """,
    """
    martlet_insert(a, i, v) AS CASE WHEN i = 0 THEN error('[INVALID_INDEX_OF_ZERO] The index 0 does not exist: \
    array_insert counts from 1.') WHEN i > 0 THEN list_concat(list_concat(list_resize(a[1:i - 1], i - 1), [v]), a[i:]) \
    ELSE list_concat(list_concat(a[1:len(a) + i + 1], [v]), a[len(a) + i + 2:]) END
    """,
    """
    martlet_any(a) AS CASE WHEN a IS NULL THEN NULL WHEN list_contains(a, true) THEN true WHEN len(list_filter(a, lambda e: \
    e IS NULL)) > 0 THEN NULL ELSE false END
    """,
    """
    martlet_all(a) AS CASE WHEN a IS NULL THEN NULL WHEN list_contains(a, false) THEN false WHEN len(list_filter(a, lambda \
    e: e IS NULL)) > 0 THEN NULL ELSE true END
    """,
    """
    martlet_json_text(x, p) AS CASE WHEN NOT json_valid(x) THEN NULL WHEN json_type(json_extract(x, p)) = 'NULL' THEN NULL \
    ELSE json_extract_string(x, p) END
    """,
    // One value stands alone, and several are an array.
    """
    martlet_json_list(x, p) AS CASE WHEN json_valid(x) THEN CASE len(json_extract(x, p)) WHEN 0 THEN NULL WHEN 1 THEN \
    CAST(json_extract(x, p)[1] AS VARCHAR) ELSE '[' || array_to_string(list_transform(json_extract(x, p), lambda e: \
    CAST(e AS VARCHAR)), ',') || ']' END END
    """,
    "martlet_upper(x) AS upper(replace(x, 'ß', 'SS'))",
    "martlet_argument(x) AS coalesce(strlen(x) || ':' || x, '-')",
    "martlet_floor_divide(x, y) AS (x - ((x % y) + y) % y) // y",
    """
    martlet_whole(x) AS CASE WHEN x IS NULL THEN NULL WHEN x >= -9223372036854775808.0::DOUBLE AND x < \
    9223372036854775808.0::DOUBLE THEN CAST(x AS BIGINT) ELSE error('[ARITHMETIC_OVERFLOW] The number ' || x || ' is no \
    bigint.') END
    """,
    """
    martlet_lpad(n, c) AS lpad(CAST(n AS VARCHAR), CAST(greatest(c, length(CAST(n AS VARCHAR))) AS INTEGER), '0')
    """,
    "martlet_pow(x, y) AS CASE WHEN x = 0 AND y < 0 THEN 'Infinity'::DOUBLE ELSE pow(x, y) END",
    // The engine counts the last day of a month as the end of a longer one too.
    """
    martlet_whole_months(x, y) AS CASE WHEN x <= y THEN date_diff('month', x, y) - CASE WHEN (day(y), CAST(y AS TIME)) < \
    (day(x), CAST(x AS TIME)) THEN 1 ELSE 0 END ELSE date_diff('month', x, y) + CASE WHEN (day(y), CAST(y AS TIME)) > (day(x), \
    CAST(x AS TIME)) THEN 1 ELSE 0 END END
    """,
    "martlet_unhex(x) AS CASE WHEN regexp_full_match(x, '[0-9a-fA-F]*') THEN unhex(x) END",
    """
    martlet_random_text(n) AS array_to_string(list_transform(range(n), lambda i: substr('0123456789\
    abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', 1 + CAST(floor(random() * 62) AS INTEGER), 1)), '')
    """,
    // The average is subtracted first: differences of large sums would have no exact digits. Over a window, the engine takes
    // macros with one aggregate function.
    """
    martlet_skewness(x) AS list_transform([list(x)], lambda l: list_transform([list_avg(l)], lambda m: \
    list_avg(list_transform(l, lambda v: pow(v - m, 3))) / \
    pow(nullif(list_avg(list_transform(l, lambda v: pow(v - m, 2))), 0), 1.5))[1])[1]
    """,
    """
    martlet_kurtosis(x) AS list_transform([list(x)], lambda l: list_transform([list_avg(l)], lambda m: \
    list_avg(list_transform(l, lambda v: pow(v - m, 4))) / \
    pow(nullif(list_avg(list_transform(l, lambda v: pow(v - m, 2))), 0), 2) - 3)[1])[1]
    """,
  ]

  // MARK: Texts

  private static func limits(_ type: String) -> ClosedRange<Int64> {
    switch type {
    case "tinyint": Int64(Int8.min)...Int64(Int8.max)
    case "smallint": Int64(Int16.min)...Int64(Int16.max)
    case "int": Int64(Int32.min)...Int64(Int32.max)
    default: Int64.min...Int64.max
    }
  }

  static func trimmed(_ text: String) -> Substring {
    func isSpace(_ byte: UInt8) -> Bool { byte <= 32 }
    let bytes = text.utf8
    guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
    else {
      return ""
    }
    return text[first...last]
  }

  private static func number(_ text: String) -> Double? {
    let text = trimmed(text)
    if let value = Double(text),
      text.utf8.allSatisfy({ $0 != UInt8(ascii: "x") && $0 != UInt8(ascii: "X") && $0 != UInt8(ascii: "p") })
    {
      return text.utf8.contains(where: { $0 >= 48 && $0 <= 57 }) ? value : named(text)
    }
    if let last = text.utf8.last, "dDfF".utf8.contains(last), let value = Double(text.dropLast()),
      text.utf8.contains(where: { $0 >= 48 && $0 <= 57 })
    {
      return value
    }
    return named(text)
  }

  private static func named(_ text: Substring) -> Double? {
    switch text.lowercased() {
    case "nan": .nan
    case "inf", "+inf", "infinity", "+infinity": .infinity
    case "-inf", "-infinity": -.infinity
    default: nil
    }
  }

  private static func boolean(_ text: String) -> Bool? {
    switch trimmed(text).lowercased() {
    case "t", "true", "y", "yes", "1": true
    case "f", "false", "n", "no", "0": false
    default: nil
    }
  }

  /// A date; a time after it is ignored.
  static func date(_ text: String) -> Int32? {
    let text = trimmed(text)
    let day = text.prefix { $0 != " " && $0 != "T" }
    return SQLDate(day)?.days
  }

  private static func soundex(_ text: String) -> String {
    let codes: [UInt8] = Array("01230120022455012623010202".utf8)
    let letters = text.uppercased().utf8
    guard let first = letters.first, first >= 65, first <= 90 else { return text }
    var result = [first]
    var last = codes[Int(first) - 65]
    for letter in letters.dropFirst() {
      guard letter >= 65, letter <= 90 else {
        last = 48
        continue
      }
      let code = codes[Int(letter) - 65]
      // H and W do not separate equal codes.
      if letter == UInt8(ascii: "H") || letter == UInt8(ascii: "W") { continue }
      if code != 48, code != last { result.append(code) }
      last = code
      if result.count == 4 { break }
    }
    while result.count < 4 { result.append(48) }
    return String(decoding: result, as: UTF8.self)
  }

  private static func crc32(_ hex: String) -> Int64 {
    var crc: UInt32 = 0xffff_ffff
    var high: UInt8?
    for digit in hex.utf8 {
      let value = digit < 58 ? digit - 48 : (digit | 32) - 87
      guard let first = high else {
        high = value
        continue
      }
      high = nil
      crc ^= UInt32(first << 4 | value)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    return Int64(~crc)
  }

  /// A number in another base.
  private static func converted(_ text: String, from: Int, to: Int) -> String? {
    guard (2...36).contains(from), (2...36).contains(abs(to)) else { return nil }
    var digits = trimmed(text)
    let isNegative = digits.hasPrefix("-")
    if isNegative { digits = digits.dropFirst() }
    var value: UInt64 = 0
    for character in digits {
      guard let digit = character.hexOrLetterValue, digit < from else { break }
      let (product, overflow) = value.multipliedReportingOverflow(by: UInt64(from))
      let (sum, overflow2) = product.addingReportingOverflow(UInt64(digit))
      if overflow || overflow2 {
        value = .max
        break
      }
      value = sum
    }
    if isNegative { value = 0 &- value }
    if to < 0 { return String(Int64(bitPattern: value), radix: -to, uppercase: true) }
    return String(value, radix: to, uppercase: true)
  }
}

extension Character {
  fileprivate var hexOrLetterValue: Int? {
    guard let value = asciiValue else { return nil }
    switch value {
    case 48...57: return Int(value) - 48
    case 65...90: return Int(value) - 55
    case 97...122: return Int(value) - 87
    default: return nil
    }
  }
}
