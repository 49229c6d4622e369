import MartletCore

/// The text of PostgreSQL's values.
enum PostgresText {
  /// Appends a value, which is not null.
  /// - Parameter escaping: true in the data of a `COPY`.
  static func append(_ value: DatabaseValue, to bytes: inout [UInt8], escaping: Bool) throws {
    switch value {
    case .null: bytes += escaping ? [UInt8(ascii: "\\"), UInt8(ascii: "N")] : []
    case .bool(let value): bytes.append(UInt8(ascii: value ? "t" : "f"))
    case .integer(let value): append(value, to: &bytes)
    case .unsigned(let value): bytes += "\(value)".utf8
    case .float(let value): bytes += number(Double(value), "\(value)").utf8
    case .double(let value): bytes += number(value, "\(value)").utf8
    case .decimal(let digits): try append(Text(digits), to: &bytes, escaping: escaping)
    case .text(let text): try append(text, to: &bytes, escaping: escaping)
    case .bytes(let content):
      if escaping { bytes.append(UInt8(ascii: "\\")) }
      bytes += [UInt8(ascii: "\\"), UInt8(ascii: "x")]
      for byte in content { bytes += [hex(byte >> 4), hex(byte & 15)] }
    case .date(let days): bytes += era(TimeText.date(days: Int(days))).utf8
    case .timestamp(let time): bytes += era(TimeText.timestamp(microseconds: time), "+00").utf8
    case .localTimestamp(let time): bytes += era(TimeText.timestamp(microseconds: time)).utf8
    }
  }

  private static func append(_ text: Text, to bytes: inout [UInt8], escaping: Bool) throws {
    try text.withUTF8Bytes { content throws(DatabaseError) in
      if !content.contains(where: { $0 <= 13 || $0 == UInt8(ascii: "\\") }) {
        bytes += content
        return
      }
      for byte in content {
        if byte == 0 {
          throw DatabaseError(
            .data,
            "The text \(excerpt(text)) has a NUL in it, which PostgreSQL's text cannot hold. Leave such values out, or remove the NUL"
          )
        }
        guard escaping else {
          bytes.append(byte)
          continue
        }
        switch byte {
        case UInt8(ascii: "\\"): bytes += [byte, byte]
        case 9: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
        case 10: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
        case 13: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
        default: bytes.append(byte)
        }
      }
    }
  }

  /// The digits of an integer, without a string.
  private static func append(_ value: Int64, to bytes: inout [UInt8]) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    let start = bytes.count
    var rest = value.magnitude
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }

  private static func number(_ value: Double, _ text: String) -> String {
    value.isFinite ? text : value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
  }

  /// The form of years before 1.
  private static func era(_ text: String, _ zone: String = "") -> String {
    guard text.hasPrefix("-") || text.hasPrefix("0000") else { return text + zone }
    let digits = text.drop { $0 == "-" }.prefix { $0 != "-" }
    let year = 1 - (text.hasPrefix("-") ? -1 : 1) * (Int(digits) ?? 0)
    let number = String(year)
    let rest = text.drop { $0 == "-" }.dropFirst(digits.count)
    return "\(String(repeating: "0", count: max(0, 4 - number.count)))\(number)\(rest)\(zone) BC"
  }

  private static func hex(_ digit: UInt8) -> UInt8 {
    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
  }

  /// The nearest type for a column of a result.
  static func type(_ oid: UInt32, modifier: Int) -> DatabaseType {
    switch oid {
    case 16: .bool
    case 21: .int16
    case 23: .int32
    case 20, 26: .int64
    case 700: .float
    case 701: .double
    case 17: .bytes
    case 1082: .date
    case 1114: .localTimestamp
    case 1184: .timestamp
    // The modifier has the precision and the scale, which is signed since PostgreSQL 15, and 4 more.
    case 1700 where modifier >= 4:
      decimal(precision: (modifier - 4) >> 16 & 0xFFFF, scale: (((modifier - 4) & 0x7FF) ^ 1024) - 1024)
    // Spark also takes these for numbers without a precision.
    case 1700: .decimal(precision: 38, scale: 18)
    default: .text
    }
  }

  private static func decimal(precision: Int, scale: Int) -> DatabaseType {
    precision <= 38 && (0...precision).contains(scale)
      ? .decimal(precision: precision, scale: scale) : .decimal(precision: 38, scale: min(max(scale, 0), 18))
  }

  /// The value that a text stands for.
  static func value(_ bytes: UnsafeRawBufferPointer, _ column: DatabaseColumn) throws -> DatabaseValue {
    let text = String(decoding: bytes, as: UTF8.self)
    let value: DatabaseValue? =
      switch column.type {
      case .text, .uint64: .text(Text(text))
      case .bool: .bool(text == "t")
      case .int8, .int16, .int32, .int64: Int64(text).map { .integer($0) }
      case .float: Float(text).map { .float($0) }
      case .double: Double(text).map { .double($0) }
      case .decimal: .decimal(text)
      case .bytes: self.bytes(bytes)
      case .date: TimeText.days(text).flatMap { Int32(exactly: $0) }.map { .date($0) }
      case .timestamp: TimeText.microseconds(text).map { .timestamp($0) }
      case .localTimestamp: TimeText.microseconds(text).map { .localTimestamp($0) }
      }
    guard let value else {
      throw DatabaseError(
        .data,
        "The value \(excerpt(Text(text))) of the column '\(column.name)' has no counterpart here, such as an infinite date. Cast the column to text in a query"
      )
    }
    return value
  }

  private static func bytes(_ text: UnsafeRawBufferPointer) -> DatabaseValue? {
    guard text.count >= 2, text.count % 2 == 0, text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x") else {
      return nil
    }
    func digit(_ byte: UInt8) -> UInt8 { byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : (byte & 0xDF) - 55 }
    return .bytes(stride(from: 2, to: text.count, by: 2).map { digit(text[$0]) << 4 | digit(text[$0 + 1]) })
  }
}

/// The beginning of a text for an error.
func excerpt(_ text: Text) -> String {
  let text = String(text)
  return text.count <= 60 ? text.debugDescription : String(text.prefix(60)).debugDescription + "…"
}
