/// The SQL that makes values of texts in files; `NULL` if a text is none.
struct FieldText {
  var timeZone: String
  /// Formats of the engine.
  var dateFormat: String?
  var timestampFormat: String?
  var timestampNTZFormat: String?

  /// A value as a cast makes it.
  func lenient(_ sql: String, _ type: DataType) -> String {
    if type == .timestamp { return utc(Cast.sql(sql, from: .string, to: .timestampNTZ, isTry: true)) }
    return Cast.sql(sql, from: .string, to: type, isTry: true)
  }

  /// A value of a column, which must be the name of one.
  func value(_ column: String, _ type: DataType) -> String {
    switch type {
    case .string: return column
    case .byte, .short, .integer, .long:
      return "CASE WHEN regexp_full_match(\(column), '[+-]?[0-9]+') THEN TRY_CAST(\(column) AS \(type.engineName)) END"
    case .float, .double, .decimal:
      return "CASE WHEN NOT contains(\(column), '_') THEN TRY_CAST(\(column) AS \(type.engineName)) END"
    case .boolean: return "CASE lower(\(column)) WHEN 'true' THEN true WHEN 'false' THEN false END"
    case .date:
      if let dateFormat { return "CAST(try_strptime(\(column), \(quotedText(dateFormat))) AS DATE)" }
      return
        "CASE WHEN length(\(column)) = 10 AND TRY_CAST(\(column) AS DATE) IS NOT NULL THEN TRY_CAST(\(column) AS DATE) "
        + "ELSE martlet_try_text_to_date(\(column)) END"
    case .timestamp: return utc(time(column, timestampFormat))
    case .timestampNTZ: return time(column, timestampNTZFormat)
    default: return lenient(column, type)
    }
  }

  private func time(_ column: String, _ format: String?) -> String {
    format.map { "CAST(try_strptime(\(column), \(quotedText($0))) AS TIMESTAMP)" }
      ?? "martlet_try_text_to_timestamp(\(column))"
  }

  private func utc(_ sql: String) -> String {
    timeZone == "UTC" ? sql : "timezone('UTC', timezone(\(quotedText(timeZone)), \(sql)))"
  }
}
