/// The rules by which Spark converts values without a cast in the query, with `spark.sql.ansi.enabled`, its default.
enum Coercion {
  /// The type to which both can be converted without loss, for operators and for rows of the same column; `nil` if there
  /// is none.
  static func common(_ a: DataType, _ b: DataType) -> DataType? {
    if a == b { return a }
    switch (a, b) {
    case (.null, _): return b
    case (_, .null): return a
    case (.string, _) where b.isAtomic: return forText(b)
    case (_, .string) where a.isAtomic: return forText(a)
    case (.decimal(let p1, let s1), .decimal(let p2, let s2)):
      let scale = max(s1, s2)
      return bounded(precision: max(p1 - s1, p2 - s2) + scale, scale: scale)
    case (.decimal, _) where b.isIntegral: return common(a, decimal(of: b))
    case (_, .decimal) where a.isIntegral: return common(decimal(of: a), b)
    case (.decimal, _) where b.isFractional, (_, .decimal) where a.isFractional: return .double
    case (.array(let x), .array(let y)): return common(x, y).map { .array($0) }
    case (.map(let k1, let v1), .map(let k2, let v2)):
      guard let key = common(k1, k2), let value = common(v1, v2) else { return nil }
      return .map(key: key, value: value)
    case (.struct(let x), .struct(let y)):
      guard x.fields.count == y.fields.count else { return nil }
      var fields: [StructField] = []
      for (f, g) in zip(x.fields, y.fields) {
        guard let type = common(f.type, g.type) else { return nil }
        fields.append(StructField(f.name, type, nullable: f.nullable || g.nullable))
      }
      return .struct(StructType(fields))
    case (.dayTimeInterval(let f1, let t1), .dayTimeInterval(let f2, let t2)):
      return .dayTimeInterval(from: min(f1, f2), to: max(t1, t2))
    case (.yearMonthInterval(let f1, let t1), .yearMonthInterval(let f2, let t2)):
      return .yearMonthInterval(from: min(f1, f2), to: max(t1, t2))
    case (.date, .timestamp), (.timestamp, .date), (.timestampNTZ, .timestamp), (.timestamp, .timestampNTZ):
      return .timestamp
    case (.date, .timestampNTZ), (.timestampNTZ, .date): return .timestampNTZ
    default:
      guard let x = rank(a), let y = rank(b) else { return nil }
      // An integer with a float is a double.
      if (a == .float && b.isIntegral) || (b == .float && a.isIntegral) { return .double }
      return x < y ? b : a
    }
  }

  static func common(_ types: some Sequence<DataType>) -> DataType? {
    var result: DataType? = .null
    for type in types {
      guard let current = result else { return nil }
      result = common(current, type)
    }
    return result
  }

  /// The type in which a text and a value of another type meet.
  private static func forText(_ other: DataType) -> DataType {
    switch other {
    case .byte, .short, .integer, .long: .long
    case .float, .decimal: .double
    default: other
    }
  }

  private static func rank(_ type: DataType) -> Int? {
    switch type {
    case .byte: 0
    case .short: 1
    case .integer: 2
    case .long: 3
    case .float: 4
    case .double: 5
    default: nil
    }
  }

  /// The decimal that holds all values of an integer type.
  static func decimal(of type: DataType) -> DataType {
    switch type {
    case .byte: .decimal(precision: 3, scale: 0)
    case .short: .decimal(precision: 5, scale: 0)
    case .integer: .decimal(precision: 10, scale: 0)
    case .long: .decimal(precision: 20, scale: 0)
    default: type
    }
  }

  /// A decimal of at most 38 digits. If there are too many, digits after the point are given up, down to six.
  static func bounded(precision: Int, scale: Int) -> DataType {
    guard precision > 38 else { return .decimal(precision: precision, scale: scale) }
    return .decimal(precision: 38, scale: max(38 - (precision - scale), min(scale, 6)))
  }

  /// A Boolean value that indicates whether Spark converts an argument without a cast in the query.
  static func canConvert(_ type: DataType, to wanted: DataType) -> Bool {
    if type == wanted || type == .null { return true }
    switch (type, wanted) {
    case (_, .string): return type.isAtomic
    case (.string, _): return wanted.isAtomic
    case (.date, .timestamp), (.date, .timestampNTZ), (.timestamp, .date), (.timestampNTZ, .date),
      (.timestampNTZ, .timestamp), (.timestamp, .timestampNTZ):
      return true
    case (.dayTimeInterval, .dayTimeInterval), (.yearMonthInterval, .yearMonthInterval), (.dayTimeInterval, .interval),
      (.yearMonthInterval, .interval):
      return true
    case (.array(let a), .array(let b)): return canConvert(a, to: b)
    case (.map(let k1, let v1), .map(let k2, let v2)): return canConvert(k1, to: k2) && canConvert(v1, to: v2)
    case (.struct(let a), .struct(let b)):
      return a.fields.count == b.fields.count && zip(a.fields, b.fields).allSatisfy { canConvert($0.type, to: $1.type) }
    default: return type.isNumeric && wanted.isNumeric
    }
  }
}

extension DataType {
  var isAtomic: Bool {
    switch self {
    case .array, .map, .struct: false
    default: true
    }
  }
}

/// The conversion of values between types.
enum Cast {
  /// A Boolean value that indicates whether `CAST` exists between the types.
  static func exists(from type: DataType, to wanted: DataType) -> Bool {
    if type == wanted || type == .null { return true }
    switch (type, wanted) {
    case (_, .string): return true
    case (.string, _): return wanted.isAtomic
    case (.dayTimeInterval, .dayTimeInterval), (.yearMonthInterval, .yearMonthInterval), (.dayTimeInterval, .interval),
      (.yearMonthInterval, .interval):
      return true
    case (.dayTimeInterval(let first, let last), _), (.yearMonthInterval(let first, let last), _):
      return first == last && wanted.isNumeric
    case (_, .dayTimeInterval(let first, let last)), (_, .yearMonthInterval(let first, let last)):
      return first == last && type.isIntegral
    case (_, .binary): return type.isIntegral
    case (.boolean, _): return wanted.isNumeric
    case (_, .boolean): return type.isNumeric
    case (.date, _), (.timestampNTZ, _): return wanted.isDateOrTime
    case (.timestamp, _): return wanted.isDateOrTime || wanted.isNumeric
    case (_, .timestamp): return type.isNumeric
    case (.array(let a), .array(let b)): return exists(from: a, to: b)
    case (.map(let k1, let v1), .map(let k2, let v2)): return exists(from: k1, to: k2) && exists(from: v1, to: v2)
    case (.struct(let a), .struct(let b)):
      return a.fields.count == b.fields.count
        && zip(a.fields, b.fields).allSatisfy { exists(from: $0.type, to: $1.type) }
    default: return type.isNumeric && wanted.isNumeric
    }
  }

  /// The SQL of a conversion, with Spark's meaning. `isTry` makes `NULL` of values that cannot be converted, which are
  /// errors otherwise.
  static func sql(_ sql: String, from type: DataType, to wanted: DataType, isTry: Bool = false) -> String {
    if type == wanted { return sql }
    let cast = isTry ? "TRY_CAST" : "CAST"
    func plain(_ sql: String) -> String { "\(cast)(\(sql) AS \(wanted.engineName))" }
    let variant = isTry ? "try_" : ""
    switch (type, wanted) {
    case (.null, _): return "CAST(NULL AS \(wanted.engineName))"
    case (.timestamp, .timestampNTZ), (.timestampNTZ, .timestamp): return sql
    case (.string, _) where wanted.isIntegral:
      // DuckDB would round '1.5'.
      return plain("martlet_\(variant)integer_text(\(sql), '\(wanted)')")
    case (.string, .decimal(let precision, let scale)):
      return plain("martlet_\(variant)decimal(\(sql), \(precision), \(scale))")
    case (.float, .decimal(let precision, let scale)), (.double, .decimal(let precision, let scale)):
      // The digits that the number prints as are rounded, not those of its binary value.
      return plain(
        "martlet_\(variant)decimal(\(Cast.sql(sql, from: type, to: .string)), \(precision), \(scale))")
    case (.string, .float), (.string, .double):
      return plain("martlet_\(variant)number_text(\(sql), '\(wanted)')")
    case (.string, .boolean): return "martlet_\(variant)text_to_boolean(\(sql))"
    case (.string, .date): return "martlet_\(variant)text_to_date(\(sql))"
    case (.string, .timestamp), (.string, .timestampNTZ): return "martlet_\(variant)text_to_timestamp(\(sql))"
    case (.string, .binary): return "encode(\(sql))"
    case (.binary, .string): return "decode(\(sql))"
    case (.float, .string): return "martlet_float_text(\(sql))"
    case (.double, .string): return "martlet_double_text(\(sql))"
    case (.array, .string), (.map, .string), (.struct, .string): return nested(sql, type)
    case (.interval, .string): return "martlet_interval_text(\(sql))"
    case (.dayTimeInterval(let first, let last), .string):
      return "martlet_day_time_text(epoch_us(\(sql)), \(first.rawValue), \(last.rawValue))"
    case (.yearMonthInterval(let first, let last), .string):
      return "martlet_year_month_text(martlet_months(\(sql)), \(first.rawValue), \(last.rawValue))"
    case (.string, .dayTimeInterval(let first, let last)):
      return attempt("to_microseconds(martlet_interval_micros(\(sql), \(first.rawValue), \(last.rawValue)))", isTry)
    case (.string, .yearMonthInterval(let first, let last)):
      return attempt(
        "to_months(CAST(martlet_interval_months(\(sql), \(first.rawValue), \(last.rawValue)) AS INTEGER))", isTry)
    case (.dayTimeInterval(_, let last), .dayTimeInterval(_, let wantedLast)):
      guard wantedLast < last else { return sql }
      return "to_microseconds(epoch_us(\(sql)) // \(wantedLast.microseconds) * \(wantedLast.microseconds))"
    case (.yearMonthInterval(_, let last), .yearMonthInterval(_, let wantedLast)):
      return wantedLast < last ? "to_months(CAST(martlet_months(\(sql)) // 12 * 12 AS INTEGER))" : sql
    case (.dayTimeInterval, .interval), (.yearMonthInterval, .interval): return sql
    case (.dayTimeInterval(let field, _), _) where wanted.isIntegral:
      return plain("epoch_us(\(sql)) // \(field.microseconds)")
    case (.dayTimeInterval(let field, _), _): return plain("epoch_us(\(sql)) / \(field.microseconds)")
    case (.yearMonthInterval(let field, _), _):
      return plain("martlet_months(\(sql)) // \(field == .year ? 12 : 1)")
    case (_, .dayTimeInterval(let field, _)):
      return "to_microseconds(CAST(\(sql) AS BIGINT) * \(field.microseconds))"
    case (_, .yearMonthInterval(let field, _)):
      return "to_months(CAST(\(sql) AS INTEGER) * \(field == .year ? 12 : 1))"
    // DuckDB rounds; Spark cuts digits off.
    case (.float, _) where wanted.isIntegral, (.double, _) where wanted.isIntegral: return plain("trunc(\(sql))")
    case (.decimal, _) where wanted.isIntegral: return plain("trunc(\(sql))")
    case (.timestamp, _) where wanted.isIntegral: return plain("martlet_floor_divide(epoch_us(\(sql)), 1000000)")
    case (.timestamp, _) where wanted.isNumeric: return plain("(epoch_us(\(sql)) / 1000000)")
    case (_, .timestamp) where type.isIntegral: return "make_timestamp(CAST(\(sql) AS BIGINT) * 1000000)"
    case (_, .timestamp) where type.isNumeric: return "make_timestamp(CAST(trunc(\(sql) * 1000000) AS BIGINT))"
    case (.boolean, .decimal), (.boolean, .float), (.boolean, .double): return plain("CAST(\(sql) AS INTEGER)")
    case (_, .boolean) where type.isNumeric: return "(\(sql) <> 0)"
    case (.byte, .binary), (.short, .binary), (.integer, .binary), (.long, .binary):
      return "unhex(lpad(to_hex(\(sql)), \(2 * (type.byteCount ?? 8)), '0'))"
    case (.array(let a), .array(let b)):
      return "list_transform(\(sql), lambda e: \(Cast.sql("e", from: a, to: b, isTry: isTry)))"
    case (.struct(let a), .struct(let b)):
      // Fields correspond by position; the engine would match them by name.
      let fields = zip(a.fields, b.fields).map { pair in
        let value = "struct_extract(\(sql), \(quotedText(pair.0.name)))"
        return "\(quoted(pair.1.name)) := \(Cast.sql(value, from: pair.0.type, to: pair.1.type, isTry: isTry))"
      }
      return "(CASE WHEN \(sql) IS NOT NULL THEN struct_pack(\(fields.joined(separator: ", "))) END)"
    default: return plain(sql)
    }
  }

  /// An expression whose errors are `NULL` if `isTry`.
  private static func attempt(_ sql: String, _ isTry: Bool) -> String { isTry ? "try(\(sql))" : sql }

  /// The text of nested values, as in Spark: `[1, 2]`, `{a, 1}`, `{k -> v}`, with `null`.
  private static func nested(_ sql: String, _ type: DataType) -> String {
    func element(_ sql: String, _ type: DataType) -> String {
      "coalesce(\(Cast.sql(sql, from: type, to: .string)), 'null')"
    }
    switch type {
    case .array(let item):
      return "('[' || martlet_joined(list_transform(\(sql), lambda e: \(element("e", item)))) || ']')"
    case .map(let key, let value):
      let pair = "\(element("e.key", key)) || ' -> ' || \(element("e.value", value))"
      return "('{' || martlet_joined(list_transform(map_entries(\(sql)), lambda e: \(pair))) || '}')"
    case .struct(let type):
      let fields = type.fields.map { element("(\(sql)).\(quoted($0.name))", $0.type) }
      return "CASE WHEN \(sql) IS NULL THEN NULL ELSE '{' || \(fields.joined(separator: " || ', ' || ")) || '}' END"
    default: return element(sql, type)
    }
  }
}

extension IntervalField {
  /// The length of the field, which is neither a year nor a month.
  var microseconds: Int64 {
    switch self {
    case .year, .month, .day: 86_400_000_000
    case .hour: 3_600_000_000
    case .minute: 60_000_000
    case .second: 1_000_000
    }
  }
}

extension DataType {
  var byteCount: Int? {
    switch self {
    case .byte: 1
    case .short: 2
    case .integer: 4
    case .long: 8
    default: nil
    }
  }
}

extension TypedExpression {
  /// The expression converted to another type.
  func converted(to wanted: DataType) -> TypedExpression {
    guard type != wanted else { return self }
    var result = self
    result.sql = Cast.sql(sql, from: type, to: wanted)
    result.type = wanted
    result.attribute = nil
    if wanted == .timestamp || wanted == .timestampNTZ || !type.isNumeric { result.literal = nil }
    result.call = nil
    return result
  }
}
