import MartletCore

/// The form in which values go to MariaDB.
enum MariaDBValues {
  /// Appends the bytes of a value.
  static func append(
    _ value: DatabaseValue, to bytes: inout [UInt8]
  ) throws(DatabaseError) -> MariaDBStatement.FieldType {
    switch value {
    case .null: return .null
    case .bool(let value): append(Int64(value ? 1 : 0), &bytes)
    case .integer(let value): append(value, &bytes)
    case .unsigned(let value):
      append(value, &bytes)
      return .unsigned
    case .float(let value):
      try refuseUnlessFinite(Double(value))
      // The shortest digits: 0.1 would have those of the nearest double otherwise.
      bytes += "\(value)".utf8
      return .text
    case .double(let value):
      try refuseUnlessFinite(value)
      append(value, &bytes)
      return .double
    case .decimal(let digits):
      bytes += digits.utf8
      return .text
    case .text(let text):
      text.withUTF8Bytes { bytes += $0 }
      return .text
    case .bytes(let content):
      bytes += content
      return .bytes
    case .date(let days):
      bytes += TimeText.date(days: Int(days)).utf8
      return .text
    case .timestamp(let time), .localTimestamp(let time):
      bytes += TimeText.timestamp(microseconds: time).utf8
      return .text
    }
    return .integer
  }

  private static func append<Number: BitwiseCopyable>(_ number: Number, _ bytes: inout [UInt8]) {
    withUnsafeBytes(of: number) { bytes += $0 }
  }

  private static func refuseUnlessFinite(_ value: Double) throws(DatabaseError) {
    guard !value.isFinite else { return }
    throw DatabaseError(
      .data, "\(value) is not a value of MariaDB, which has neither NaN nor infinities. Write an optional, or a text")
  }

  /// The nearest type for a column of a result.
  /// - Parameters:
  ///   - type: the number of the type in the protocol.
  ///   - isBinary: true for the character set of bytes.
  static func type(
    _ type: Int32, length: Int, decimals: Int, isUnsigned: Bool, isBinary: Bool
  ) -> DatabaseType {
    switch type {
    // TINYINT(1) is the type that BOOLEAN stands for, as in Spark.
    case 1: length == 1 ? .bool : isUnsigned ? .int16 : .int8
    case 2: isUnsigned ? .int32 : .int16
    case 3: isUnsigned ? .int64 : .int32
    case 9, 13: .int32
    case 8: isUnsigned ? .decimal(precision: 20, scale: 0) : .int64
    case 4: .float
    case 5: .double
    case 0, 246: decimal(length: length, decimals: decimals, isUnsigned: isUnsigned)
    case 10, 14: .date
    // A TIMESTAMP is an instant; a DATETIME has no time zone.
    case 7: .timestamp
    case 12: .localTimestamp
    case 16: length == 1 ? .bool : .bytes
    case 249...254, 15: isBinary ? .bytes : .text
    case 255: .bytes
    default: .text
    }
  }

  private static func decimal(length: Int, decimals: Int, isUnsigned: Bool) -> DatabaseType {
    // The length includes the point and the sign.
    let precision = length - (decimals > 0 ? 1 : 0) - (isUnsigned ? 0 : 1)
    return precision <= 38 && (0...max(0, precision)).contains(decimals) && precision > 0
      ? .decimal(precision: precision, scale: decimals) : .decimal(precision: 38, scale: min(decimals, 18))
  }

  /// The value for the text in which it comes; `nil` if it is none of the type.
  static func value(_ bytes: UnsafeRawBufferPointer, _ type: DatabaseType, fieldType: Int32) -> DatabaseValue? {
    if type == .bytes { return .bytes(Array(bytes)) }
    if fieldType == 16 { return .bool(bytes.first != 0 && bytes.first != UInt8(ascii: "0")) }
    let text = String(decoding: bytes, as: UTF8.self)
    return switch type {
    case .bool: Int64(text).map { .bool($0 != 0) }
    case .int8, .int16, .int32, .int64: Int64(text).map { .integer($0) }
    case .float: Float(text).map { .float($0) }
    case .double: Double(text).map { .double($0) }
    case .decimal, .uint64: .decimal(text)
    case .date: TimeText.days(text).flatMap { Int32(exactly: $0) }.map { .date($0) }
    case .timestamp: TimeText.microseconds(text).map { .timestamp($0) }
    case .localTimestamp: TimeText.microseconds(text).map { .localTimestamp($0) }
    case .text, .bytes: .text(Text(text))
    }
  }
}
