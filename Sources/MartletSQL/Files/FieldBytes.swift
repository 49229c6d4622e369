// Unsafe code. Invariant: no function reads bytes outside the buffer that it is given.

internal import MartletCore
internal import MartletDuckDB

/// The values of texts in files, from their bytes. They are those that `FieldText` makes in SQL, for files in which formats
/// are not given.
enum FieldBytes {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  /// Returns true if values of a type can be read by these functions.
  static func columnType(_ type: DataType) -> ColumnType? {
    switch type {
    case .boolean: .bool
    case .byte: .int8
    case .short: .int16
    case .integer: .int32
    case .long: .int64
    case .float: .float
    case .double: .double
    case .string: .string
    case .date: .date
    case .timestamp, .timestampNTZ: .timestamp
    default: nil
    }
  }

  /// Writes the value of a type other than `TIMESTAMP`; returns false if the text is none.
  @inline(__always)
  static func write(_ bytes: Bytes, _ type: DataType, _ output: RowOutput, _ column: Int, _ row: Int) -> Bool {
    switch type {
    case .string: output.write(utf8: bytes, column, row)
    case .byte: return write(integer(bytes).flatMap { Int8(exactly: $0) }, output, column, row)
    case .short: return write(integer(bytes).flatMap { Int16(exactly: $0) }, output, column, row)
    case .integer: return write(integer(bytes).flatMap { Int32(exactly: $0) }, output, column, row)
    case .long: return write(integer(bytes), output, column, row)
    case .float: return write(float(bytes), output, column, row)
    case .double: return write(double(bytes), output, column, row)
    case .boolean: return write(boolean(bytes), output, column, row)
    case .date: return write(date(bytes), output, column, row)
    case .timestampNTZ: return write(time(bytes)?.microseconds, output, column, row)
    default: return false
    }
    return true
  }

  @inline(__always)
  private static func write<Value: BitwiseCopyable>(
    _ value: Value?, _ output: RowOutput, _ column: Int, _ row: Int
  ) -> Bool {
    guard let value else { return false }
    output.write(value, column, row)
    return true
  }

  // MARK: Numbers

  /// `[+-]?[0-9]+`.
  static func integer(_ bytes: Bytes) -> Int64? {
    guard let first = bytes.first else { return nil }
    let isNegative = first == UInt8(ascii: "-")
    var index = isNegative || first == UInt8(ascii: "+") ? 1 : 0
    guard index < bytes.count else { return nil }
    var value: UInt64 = 0
    // 18 digits cannot overflow.
    if bytes.count <= 18 {
      while index < bytes.count {
        let digit = bytes[index] &- 0x30
        guard digit <= 9 else { return nil }
        value = value &* 10 &+ UInt64(digit)
        index &+= 1
      }
      return isNegative ? -Int64(value) : Int64(value)
    }
    while index < bytes.count {
      let digit = bytes[index] &- 0x30
      guard digit <= 9 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = product.addingReportingOverflow(UInt64(digit))
      guard !overflow, !overflows else { return nil }
      value = sum
      index &+= 1
    }
    if isNegative, value == Int64.min.magnitude { return .min }
    return Int64(exactly: value).map { isNegative ? -$0 : $0 }
  }

  /// A decimal number, perhaps with an exponent; infinity and NaN by their names.
  static func double(_ bytes: Bytes) -> Double? {
    guard let parts = DecimalParts(bytes) else { return named(bytes) }
    // Both the digits and the power of ten are exact, so that one operation rounds correctly.
    if parts.digits <= 1 << 53, abs(parts.exponent) <= 22 {
      let digits = Double(parts.digits), power = powers[abs(parts.exponent)]
      let value = parts.exponent < 0 ? digits / power : digits * power
      return parts.isNegative ? -value : value
    }
    return rounded(bytes, Double.self)
  }

  /// As `double`, with the precision of `Float`.
  static func float(_ bytes: Bytes) -> Float? {
    guard let parts = DecimalParts(bytes) else { return named(bytes).map { Float($0) } }
    if parts.digits <= 1 << 24, abs(parts.exponent) <= 10 {
      let digits = Float(parts.digits), power = Float(powers[abs(parts.exponent)])
      let value = parts.exponent < 0 ? digits / power : digits * power
      return parts.isNegative ? -value : value
    }
    return rounded(bytes, Float.self)
  }

  /// The digits of a number and the power of ten of the last one. Of many digits, `digits` is too large to be used.
  private struct DecimalParts {
    var isNegative = false
    var digits: UInt64 = 0
    var exponent = 0

    init?(_ bytes: Bytes) {
      var index = 0
      if let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
        isNegative = first == UInt8(ascii: "-")
        index = 1
      }
      var count = 0, significant = 0
      var inFraction = false
      while index < bytes.count {
        let digit = bytes[index] &- 0x30
        if digit <= 9 {
          count &+= 1
          if significant > 0 || digit > 0 { significant &+= 1 }
          digits = significant < 19 ? digits &* 10 &+ UInt64(digit) : .max
          exponent &-= inFraction ? 1 : 0
        } else if bytes[index] == UInt8(ascii: "."), !inFraction {
          inFraction = true
        } else {
          break
        }
        index &+= 1
      }
      guard count > 0 else { return nil }
      guard index < bytes.count else { return }
      guard bytes[index] | 0x20 == UInt8(ascii: "e") else { return nil }
      let written = Bytes(rebasing: bytes[(index + 1)...])
      // A power that is too large makes the number infinite or zero, as rounding does.
      guard let power = FieldBytes.integer(written), abs(power / 2) < 1 << 30 else {
        guard FieldBytes.isInteger(written) else { return nil }
        digits = .max
        return
      }
      exponent += Int(power)
    }
  }

  private static func isInteger(_ bytes: Bytes) -> Bool {
    var digits = bytes[...]
    if let first = digits.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      digits = digits.dropFirst()
    }
    return !digits.isEmpty && digits.allSatisfy { $0 &- 0x30 <= 9 }
  }

  @inline(never)
  private static func rounded<Number: LosslessStringConvertible>(_ bytes: Bytes, _ type: Number.Type) -> Number? {
    Number(String(decoding: bytes, as: UTF8.self))
  }

  @inline(never)
  private static func named(_ bytes: Bytes) -> Double? {
    guard bytes.count <= 9 else { return nil }
    return switch String(decoding: bytes, as: UTF8.self).lowercased() {
    case "nan", "+nan", "-nan": .nan
    case "inf", "+inf", "infinity", "+infinity": .infinity
    case "-inf", "-infinity": -.infinity
    default: nil
    }
  }

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  // MARK: Others

  /// `true` and `false`, in upper or lower case.
  static func boolean(_ bytes: Bytes) -> Bool? {
    func isWord(_ word: StaticString) -> Bool {
      bytes.count == word.utf8CodeUnitCount
        && bytes.enumerated().allSatisfy { $0.element | 0x20 == word.utf8Start[$0.offset] }
    }
    return isWord("true") ? true : isWord("false") ? false : nil
  }

  /// The days from 1970 to `yyyy-MM-dd`, and to the dates that a cast takes.
  static func date(_ bytes: Bytes) -> Int32? {
    if bytes.count == 10, let days = plainDays(bytes) { return Int32(days) }
    return SQLDate(EngineFunctions.trimmed(String(decoding: bytes, as: UTF8.self)))?.days
  }

  /// The microseconds from 1970 to `yyyy-MM-dd HH:mm:ss`, perhaps with a fraction, and to the times that a cast takes.
  /// `isUTC` is true if the text has an offset from UTC.
  @inline(__always)
  static func time(_ bytes: Bytes) -> (microseconds: Int64, isUTC: Bool)? {
    if bytes.count >= 19, bytes.count <= 26, bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "T"),
      let days = plainDays(bytes), let hour = twoDigits(bytes, 11), hour < 24, bytes[13] == UInt8(ascii: ":"),
      let minute = twoDigits(bytes, 14), minute < 60, bytes[16] == UInt8(ascii: ":"),
      let second = twoDigits(bytes, 17), second < 60, let fraction = fraction(bytes)
    {
      let seconds = Int64(days) &* 86_400 &+ Int64(hour &* 3600 &+ minute &* 60 &+ second)
      return (seconds &* 1_000_000 &+ Int64(fraction), false)
    }
    return otherTime(bytes)
  }

  @inline(never)
  private static func otherTime(_ bytes: Bytes) -> (microseconds: Int64, isUTC: Bool)? {
    SQLTimestamp.parsed(EngineFunctions.trimmed(String(decoding: bytes, as: UTF8.self)))
      .map { ($0.time.microseconds, $0.hasOffset) }
  }

  @inline(__always)
  private static func twoDigits(_ bytes: Bytes, _ index: Int) -> Int? {
    let tens = bytes[index] &- 0x30, ones = bytes[index &+ 1] &- 0x30
    return tens <= 9 && ones <= 9 ? Int(tens) &* 10 &+ Int(ones) : nil
  }

  /// The days from 1970 to the `yyyy-MM-dd` at the beginning.
  @inline(__always)
  private static func plainDays(_ bytes: Bytes) -> Int? {
    guard let century = twoDigits(bytes, 0), let year = twoDigits(bytes, 2), bytes[4] == UInt8(ascii: "-"),
      let month = twoDigits(bytes, 5), bytes[7] == UInt8(ascii: "-"), let day = twoDigits(bytes, 8)
    else { return nil }
    return SQLDateText.days(century &* 100 &+ year, month, day)
  }

  /// The microseconds of a fraction from byte 19 on: a point and 1 to 6 digits, or nothing.
  @inline(__always)
  private static func fraction(_ bytes: Bytes) -> Int? {
    guard bytes.count > 19 else { return 0 }
    guard bytes[19] == UInt8(ascii: "."), bytes.count > 20 else { return nil }
    var value = 0
    for index in 20..<26 {
      guard index < bytes.count else {
        value &*= 10
        continue
      }
      let digit = bytes[index] &- 0x30
      guard digit <= 9 else { return nil }
      value = value &* 10 &+ Int(digit)
    }
    return value
  }
}
