internal import MartletCore

/// The columns of lines of JSON, and the options with which they are read.
struct JSONLineForm: Sendable {
  let schema: StructType
  let mode: ParseMode
  /// The column that is filled with the lines that do not parse, if the schema has it.
  let corruptColumn: Int?
  private let dateFormat: String?
  private let timestampFormat: String?
  private let timestampNTZFormat: String?
  /// The seconds that the zone of the session is east of Greenwich at a time.
  private let secondsFromUTC: @Sendable (SQLTimestamp) -> Int

  init(_ schema: StructType, _ options: FileOptions, _ spark: SparkSession) throws {
    let records = try Records(schema, options, spark.state)
    mode = records.mode
    corruptColumn = records.corruptColumn
    for (index, field) in schema.fields.enumerated()
    where schema.fields[..<index].contains(where: { $0.name == field.name }) {
      throw AnalysisError(faults: [
        AnalysisFault("COLUMN_ALREADY_EXISTS", "The schema has the column '\(field.name)' twice. Rename one of them.")
      ])
    }
    // Any field may be missing.
    self.schema = StructType(schema.fields.map { StructField($0.name, $0.type) })
    for key in ["dateFormat", "timestampFormat", "timestampNTZFormat"] { _ = try options.pattern(key) }
    dateFormat = options["dateFormat"]
    timestampFormat = options["timestampFormat"]
    timestampNTZFormat = options["timestampNTZFormat"]
    secondsFromUTC = { spark.secondsFromUTC(at: $0) }
  }

  static func options(_ values: [String: String]) throws -> FileOptions {
    var options: [String: String] = [:]
    for (key, value) in values { options[key.lowercased()] = value }
    return try FileOptions(
      "JSON", options,
      [
        "mode", "columnNameOfCorruptRecord", "dateFormat", "timestampFormat", "timestampNTZFormat",
        "primitivesAsString",
      ])
  }

  // MARK: Values

  /// The value as one of a type; `NULL`, with `isBad` set, if it is none.
  func value(_ record: JSONRecord, _ index: Int, _ type: DataType, _ isBad: inout Bool) -> Value {
    if record[index].kind == .null { return .null }
    guard let value = value(record, index, type, inside: &isBad) else {
      isBad = true
      return .null
    }
    return value
  }

  private func value(_ record: JSONRecord, _ index: Int, _ type: DataType, inside isBad: inout Bool) -> Value? {
    let kind = record[index].kind
    let text = kind == .string ? record.string(index) : nil
    switch type {
    case .null: return nil
    case .boolean: return kind == .true ? .boolean(true) : kind == .false ? .boolean(false) : nil
    case .byte: return record.wholeNumber(index).flatMap { Int8(exactly: $0) }.map { .byte($0) }
    case .short: return record.wholeNumber(index).flatMap { Int16(exactly: $0) }.map { .short($0) }
    case .integer: return record.wholeNumber(index).flatMap { Int32(exactly: $0) }.map { .integer($0) }
    case .long: return record.wholeNumber(index).map { .long($0) }
    case .float: return Self.double(record, index).map { .float(Float($0)) }
    case .double: return Self.double(record, index).map { .double($0) }
    case .decimal(let precision, let scale):
      return SQLDecimal(text ?? record.number(index, if: kind)).flatMap { $0.rounded(precision, scale) }
        .map { .decimal($0) }
    case .string: return .string(text ?? String(record.json(index)))
    case .binary: return kind == .string ? record.base64(index).map { .binary($0) } : nil
    case .date: return text.flatMap { date($0) }.map { .date($0) }
    case .timestamp:
      if let text { return timestamp(text, timestampFormat, isLocal: true).map { .timestamp($0) } }
      // Seconds since 1970.
      return record.wholeNumber(index).flatMap { Self.microseconds(seconds: $0) }
        .map { .timestamp(SQLTimestamp(microseconds: $0)) }
    case .timestampNTZ:
      return text.flatMap { timestamp($0, timestampNTZFormat, isLocal: false) }.map { .timestampNTZ($0) }
    case .interval, .dayTimeInterval, .yearMonthInterval: return nil
    case .array(let element):
      guard kind == .array else { return nil }
      var items: [Value] = []
      var item = index + 1
      while item < record[index].end {
        items.append(value(record, item, element, &isBad))
        item = record.index(after: item)
      }
      return .array(items)
    case .map(.string, let element):
      guard kind == .object else { return nil }
      var entries: [Value.MapEntry] = []
      record.forEachKey(of: index) { key in
        entries.append(Value.MapEntry(.string(record.string(key)), value(record, key + 1, element, &isBad)))
        return true
      }
      return .map(entries)
    case .map: return nil
    case .struct(let type):
      guard kind == .object else { return nil }
      var values = [Value](repeating: .null, count: type.fields.count)
      record.forEachKey(of: index) { key in
        let name = record.string(key)
        if let position = type.fields.firstIndex(where: { $0.name == name }) {
          values[position] = value(record, key + 1, type.fields[position].type, &isBad)
        }
        return true
      }
      return .row(Row(values: values, schema: type))
    }
  }

  /// A number, or the text of one that JSON has not.
  static func double(_ record: JSONRecord, _ index: Int) -> Double? {
    guard record[index].kind == .string else { return record.nearestDouble(index) }
    switch record.string(index) {
    case "NaN": return .nan
    case "Infinity", "+Infinity", "INF", "+INF": return .infinity
    case "-Infinity", "-INF": return -.infinity
    default: return nil
    }
  }

  /// The seconds since 1970 in microseconds; `nil` if that is too much.
  static func microseconds(seconds: Int64) -> Int64? {
    let (microseconds, overflow) = seconds.multipliedReportingOverflow(by: SQLTimestamp.perSecond)
    return overflow ? nil : microseconds
  }

  private func date(_ text: String) -> SQLDate? {
    guard let dateFormat else { return EngineFunctions.date(text).map { SQLDate(days: $0) } }
    return TimePattern.microseconds(text, dateFormat).map { SQLTimestamp(microseconds: $0).date }
  }

  /// - Parameter isLocal: true if a text without an offset is in the time zone of the session.
  private func timestamp(_ text: String, _ format: String?, isLocal: Bool) -> SQLTimestamp? {
    let time: SQLTimestamp
    var hasOffset = false
    if let format {
      guard let microseconds = TimePattern.microseconds(text, format) else { return nil }
      time = SQLTimestamp(microseconds: microseconds)
      hasOffset = DatePattern.hasZone(format)
    } else {
      guard let parsed = SQLTimestamp.parsed(EngineFunctions.trimmed(text)) else { return nil }
      (time, hasOffset) = parsed
    }
    guard isLocal, !hasOffset else { return time }
    // The offset is that at the time itself, which is not known yet.
    let near = SQLTimestamp(microseconds: time.microseconds &- offset(at: time))
    return SQLTimestamp(microseconds: time.microseconds &- offset(at: near))
  }

  private func offset(at time: SQLTimestamp) -> Int64 { Int64(secondsFromUTC(time)) * SQLTimestamp.perSecond }
}

extension JSONRecord {
  fileprivate func number(_ index: Int, if kind: JSONNode.Kind) -> String {
    kind == .integer || kind == .number ? number(index) : ""
  }
}

extension SQLDecimal {
  /// The number as one of a column; `nil` if it has too many digits before the point. Digits after the last one of the
  /// column are rounded, halves away from zero.
  func rounded(_ precision: Int, _ scale: Int) -> SQLDecimal? {
    var digits: Int128
    if scale >= self.scale {
      guard let exact = scaled(to: scale) else { return nil }
      digits = exact
    } else {
      let divisor = Int128.powerOfTen(self.scale - scale)
      let (quotient, remainder) = unscaled.quotientAndRemainder(dividingBy: divisor)
      digits = quotient
      if remainder.magnitude >= divisor.magnitude - remainder.magnitude { digits += unscaled < 0 ? -1 : 1 }
    }
    guard digits.magnitude < Int128.powerOfTen(precision).magnitude else { return nil }
    return SQLDecimal(unscaled: digits, scale: scale)
  }
}
