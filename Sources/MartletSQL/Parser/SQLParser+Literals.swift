// Numbers, intervals, and constants with the name of a type before them.

extension SQLParser {
  // MARK: Numbers

  /// A number, perhaps after a minus. Its type follows from its last letters, its point and its exponent, and its size.
  mutating func number() throws -> Literal {
    let start = index
    let minus = skip(.minus) ? "-" : ""
    let text = text(of: advance()).uppercased()
    func checked<Value>(_ value: Value?, _ type: String) throws -> Value {
      guard let value else { throw error("\(minus)\(text) is out of the range of \(type)", at: start) }
      return value
    }
    func floating<Value: BinaryFloatingPoint & LosslessStringConvertible>(_ digits: some StringProtocol) -> Value? {
      Value(minus + digits).flatMap { $0.isFinite ? $0 : nil }
    }
    switch text.last {
    case "L": return .long(try checked(Int64(minus + text.dropLast()), "BIGINT"))
    case "S": return .short(try checked(Int16(minus + text.dropLast()), "SMALLINT"))
    case "Y": return .byte(try checked(Int8(minus + text.dropLast()), "TINYINT"))
    case "F": return .float(try checked(floating(text.dropLast()), "FLOAT"))
    case "D" where text.hasSuffix("BD"):
      return .decimal(try checked(Self.decimal(minus, String(text.dropLast(2))), "DECIMAL(38)"))
    case "D": return .double(try checked(floating(text.dropLast()), "DOUBLE"))
    default: break
    }
    if text.contains("E") { return .double(try checked(floating(text), "DOUBLE")) }
    if let value = Int32(minus + text) { return .integer(value) }
    if let value = Int64(minus + text) { return .long(value) }
    return .decimal(try checked(Self.decimal(minus, text), "DECIMAL(38)"))
  }

  /// The digits of a decimal, without an exponent and needless zeros; `nil` if there are more than 38.
  static func decimal(_ minus: String, _ text: String) -> String? {
    let parts = text.split(separator: "E", omittingEmptySubsequences: false)
    guard let exponent = parts.count > 1 ? Int(parts[1]) : 0, abs(exponent) < 100 else { return nil }
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    var digits = mantissa.joined()
    var scale = (mantissa.count > 1 ? mantissa[1].count : 0) - exponent
    if scale < 0 {
      digits += String(repeating: "0", count: -scale)
      scale = 0
    }
    let significant = digits.drop { $0 == "0" }
    guard significant.count <= 38, scale <= 38 else { return nil }
    let padded = String(repeating: "0", count: max(0, scale + 1 - significant.count)) + significant
    return minus + padded.dropLast(scale) + (scale > 0 ? "." + padded.suffix(scale) : "")
  }

  // MARK: Intervals

  /// `INTERVAL 1 DAY 2 HOURS`, `INTERVAL '1-2' YEAR TO MONTH`, `INTERVAL '1 day'`; `nil` if the word is a name here.
  mutating func interval() throws -> Expression? {
    let signs = token(after: 1).kind == .sign(.minus) || token(after: 1).kind == .sign(.plus) ? 1 : 0
    let value = token(after: 1 + signs)
    guard value.kind == .number || value.kind == .string else { return nil }
    let hasUnit = token(after: 2 + signs).keyword.flatMap(IntervalText.Unit.init) != nil
    guard hasUnit || (value.kind == .string && signs == 0) else { return nil }
    let start = index
    index += 1
    do throws(SQLIntervalError) {
      var interval = SQLIntervalParts()
      if !hasUnit {
        try interval.add(text: SQLText.string(source[advance().range]))
      } else {
        while let value = intervalValue() {
          guard let unit = next.keyword.flatMap(IntervalText.Unit.init) else {
            throw SQLIntervalError("a unit is missing")
          }
          index += 1
          if skip(.to) {
            guard let last = next.keyword.flatMap(IntervalText.Unit.init) else {
              throw SQLIntervalError("a unit is missing after TO")
            }
            index += 1
            try interval.add(fields: value, from: unit, to: last)
            break
          }
          try interval.add(value, unit)
        }
      }
      return .literal(
        .interval(
          months: interval.months, days: interval.days, microseconds: interval.microseconds, type: interval.type))
    } catch { throw self.error("invalid interval: \(error.message)", at: start) }
  }

  /// The sign and digits before a unit of an interval, if they are next.
  private mutating func intervalValue() -> String? {
    let minus = isNext(.minus)
    let signs = minus || isNext(.plus) ? 1 : 0
    let value = token(after: signs)
    guard value.kind == .number || value.kind == .string else { return nil }
    guard token(after: signs + 1).keyword.flatMap(IntervalText.Unit.init) != nil else { return nil }
    index += signs + 1
    let text = value.kind == .string ? SQLText.string(source[value.range]) : text(of: value)
    guard minus else { return text }
    return text.hasPrefix("-") ? String(text.dropFirst()) : "-" + text
  }

  // MARK: Constants of types

  /// `DATE '2020-01-31'`, `X'1F'`; `nil` if no string follows the word.
  mutating func typedLiteral() throws -> Expression? {
    guard token(after: 1).kind == .string else { return nil }
    let start = index
    let type = text(of: advance()).uppercased()
    let text = SQLText.string(source[advance().range])
    let trimmed = text.trimmingSpaces()
    func invalid() -> SQLSyntaxError { error("'\(text)' is no \(type)", at: start) }
    switch type {
    case "X":
      guard let bytes = Self.bytes(hexadecimal: text) else { throw invalid() }
      return .literal(.binary(bytes))
    case "DATE":
      if let special = Self.specialDate(trimmed) { return special }
      guard let date = SQLDateText.date(trimmed) else { throw invalid() }
      return .literal(.date(date))
    case "TIMESTAMP", "TIMESTAMP_LTZ", "TIMESTAMP_NTZ":
      if let special = Self.specialTimestamp(trimmed, isLocal: type == "TIMESTAMP_NTZ") { return special }
      guard let time = SQLDateText.timestamp(trimmed) else { throw invalid() }
      // The time without a time zone is the one that is written, whatever zone follows it.
      if type == "TIMESTAMP_NTZ" { return .literal(.timestampNTZ(time.microseconds)) }
      // Without an offset, the time zone of the session decides, and it alone knows the rules of named zones.
      guard case .offset(let seconds)? = time.zone else { return .cast(.literal(.string(trimmed)), .timestamp) }
      return .literal(.timestamp(time.microseconds - Int64(seconds) * 1_000_000))
    default:
      throw error("there are no constants of the type \(type): use CAST('…' AS \(type))", at: start)
    }
  }

  private static func bytes(hexadecimal text: String) -> [UInt8]? {
    let padded = Array((text.utf8.count % 2 == 0 ? text : "0" + text).utf8)
    guard padded.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    return stride(from: 0, to: padded.count, by: 2).compactMap {
      UInt8(String(decoding: padded[$0...($0 + 1)], as: UTF8.self), radix: 16)
    }
  }

  private static func specialDate(_ text: String) -> Expression? {
    switch text.lowercased() {
    case "epoch": .literal(.date(0))
    case "now", "today": .call("current_date")
    case "tomorrow": .call("date_add", .call("current_date"), .literal(.integer(1)))
    case "yesterday": .call("date_sub", .call("current_date"), .literal(.integer(1)))
    default: nil
    }
  }

  private static func specialTimestamp(_ text: String, isLocal: Bool) -> Expression? {
    switch text.lowercased() {
    case "epoch": .literal(isLocal ? .timestampNTZ(0) : .timestamp(0))
    case "now": .call(isLocal ? "localtimestamp" : "current_timestamp")
    default: specialDate(text).map { .cast($0, isLocal ? .timestampNTZ : .timestamp) }
    }
  }
}

extension String {
  /// The text without spaces and control characters at its ends, as Spark trims the texts of constants.
  func trimmingSpaces() -> String {
    let start = utf8.firstIndex { $0 > 32 } ?? endIndex
    let end = utf8.lastIndex { $0 > 32 }.map { utf8.index(after: $0) } ?? start
    return String(self[start..<end])
  }
}
