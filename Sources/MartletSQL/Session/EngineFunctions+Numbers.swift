internal import MartletDuckDB

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An error with the name of its kind in brackets.
struct EngineFault: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }

  static let divisionByZero = EngineFault("[DIVIDE_BY_ZERO] Division by zero. Use try_divide to get NULL instead.")

  /// A number that has too many digits for a decimal.
  static func tooLarge(_ text: some StringProtocol, _ precision: Int, _ scale: Int) -> EngineFault {
    EngineFault(
      "[NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION] The number \(text.prefix(100)) has more digits than "
        + "decimal(\(precision),\(scale)). Use try_cast, try_add, try_multiply or try_divide to get NULL instead.")
  }
}

/// The digits of a decimal number of any length: `digits` times 10^`exponent`.
struct DecimalDigits {
  var isNegative = false
  /// Values from 0 to 9, without zeros in front.
  private(set) var digits: [UInt8] = []
  private(set) var exponent = 0

  /// Reads text such as `-12.30` or `1.5e3`.
  init?(_ text: some StringProtocol) {
    var bytes = Substring(text).utf8[...]
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      bytes = bytes.dropFirst()
    }
    var hasDigits = false
    var hasPoint = false
    while let byte = bytes.first {
      if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else if (48...57).contains(byte) {
        hasDigits = true
        if !digits.isEmpty || byte != 48 { digits.append(byte - 48) }
        if hasPoint { exponent -= 1 }
      } else {
        break
      }
      bytes = bytes.dropFirst()
    }
    guard hasDigits else { return nil }
    guard let mark = bytes.first else { return }
    guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E"), let power = Int(Substring(bytes.dropFirst())),
      abs(power) <= 10_000
    else { return nil }
    exponent += power
  }

  /// The number of digits in front of the point.
  var wholeCount: Int { digits.isEmpty ? 0 : digits.count + exponent }

  /// Rounds to so many digits after the point: a half away from zero, or to the even digit.
  mutating func round(_ scale: Int, isEven: Bool = false) {
    let excess = -exponent - scale
    guard excess > 0 else { return }
    exponent = -scale
    guard excess <= digits.count else { return digits = [] }
    let rest = digits.suffix(excess)
    digits.removeLast(excess)
    guard let first = rest.first, first >= 5 else { return }
    if isEven, first == 5, rest.dropFirst().allSatisfy({ $0 == 0 }), (digits.last ?? 0) % 2 == 0 { return }
    var position = digits.count
    while position > 0 {
      position -= 1
      if digits[position] < 9 {
        digits[position] += 1
        return
      }
      digits[position] = 0
    }
    digits.insert(1, at: 0)
  }

  /// The digits in front of the point and after it, as ASCII.
  func parts(_ scale: Int) -> (whole: [UInt8], fraction: [UInt8]) {
    var all = digits.map { $0 + 48 }
    let missing = exponent + scale
    if missing > 0 { all += [UInt8](repeating: 48, count: missing) }
    if all.count <= scale { all.insert(contentsOf: [UInt8](repeating: 48, count: scale + 1 - all.count), at: 0) }
    return (Array(all.dropLast(scale)), Array(all.suffix(scale)))
  }

  /// The number with so many digits after the point, to which it is rounded already.
  func text(_ scale: Int) -> String {
    let (whole, fraction) = parts(max(scale, 0))
    let text = String(decoding: whole.isEmpty ? [48] : whole, as: UTF8.self)
    let sign = isNegative && !digits.isEmpty ? "-" : ""
    return sign + text + (scale > 0 ? "." + String(decoding: fraction, as: UTF8.self) : "")
  }
}

extension EngineFunctions {
  static let numbers: [ScalarFunction] = [
    ScalarFunction("martlet_round_double") { (value: Double, digits: Int32, isEven: Bool) -> Double in
      rounded(value, Int(digits), isEven)
    },
    ScalarFunction("martlet_round_decimal") { (text: String, digits: Int32, isEven: Bool) -> String? in
      guard var number = DecimalDigits(text) else { return nil }
      number.round(Int(digits), isEven: isEven)
      return number.text(max(0, Int(digits)))
    },
    ScalarFunction("martlet_decimal") { (text: String, precision: Int32, scale: Int32) throws -> String in
      guard let value = try decimal(text, Int(precision), Int(scale)) else {
        throw InvalidCast(text: text, type: "decimal(\(precision),\(scale))")
      }
      return value
    },
    ScalarFunction("martlet_try_decimal") { (text: String, precision: Int32, scale: Int32) -> String? in
      do { return try decimal(text, Int(precision), Int(scale)) } catch { return nil }
    },
    // The engine's own `error` is volatile, so that no window could be ordered by a quotient.
    ScalarFunction("martlet_divide_double") { (x: Double, y: Double) throws -> Double in
      if y == 0 { throw EngineFault.divisionByZero }
      return x / y
    },
    ScalarFunction("martlet_divide") { (x: String, y: String, precision: Int32, scale: Int32) throws -> String? in
      guard let x = SQLDecimal(x), let y = SQLDecimal(y) else { return nil }
      guard let (value, rest) = quotient(x, y, Int(scale)) else {
        throw EngineFault.tooLarge("\(x) / \(y)", Int(precision), Int(scale))
      }
      let divisor = y.unscaled.magnitude
      let isUp = rest >= divisor - rest
      return try text(
        value + (isUp ? 1 : 0), isNegative: (x.unscaled < 0) != (y.unscaled < 0), Int(precision), Int(scale))
    },
    ScalarFunction("martlet_divide_whole") { (x: String, y: String) throws -> Int64? in
      guard let x = SQLDecimal(x), let y = SQLDecimal(y) else { return nil }
      guard let (value, _) = quotient(x, y, 0), value <= UInt128(Int64.max) else {
        throw EngineFault("[ARITHMETIC_OVERFLOW] The quotient of \(x) and \(y) is no bigint.")
      }
      return (x.unscaled < 0) != (y.unscaled < 0) ? -Int64(value) : Int64(value)
    },
    ScalarFunction("martlet_multiply") { (x: String, y: String, precision: Int32, scale: Int32) throws -> String? in
      guard let x = SQLDecimal(x), let y = SQLDecimal(y) else { return nil }
      let product = x.unscaled.magnitude.multipliedFullWidth(by: y.unscaled.magnitude)
      let divisor = powers[min(max(0, x.scale + y.scale - Int(scale)), 38)]
      guard product.high < divisor else { throw EngineFault.tooLarge("\(x) * \(y)", Int(precision), Int(scale)) }
      var (value, rest) = divisor.dividingFullWidth(product)
      if divisor > 1, rest >= divisor - rest { value += 1 }
      rest = 0
      return try text(value, isNegative: (x.unscaled < 0) != (y.unscaled < 0), Int(precision), Int(scale))
    },
    ScalarFunction("martlet_shift_left_int") { (value: Int32, count: Int32) -> Int32 in value &<< count },
    ScalarFunction("martlet_shift_left_long") { (value: Int64, count: Int32) -> Int64 in value &<< Int64(count) },
    ScalarFunction("martlet_shift_right_int") { (value: Int32, count: Int32) -> Int32 in value &>> count },
    ScalarFunction("martlet_shift_right_long") { (value: Int64, count: Int32) -> Int64 in value &>> Int64(count) },
    ScalarFunction("martlet_shift_right_unsigned_int") { (value: Int32, count: Int32) -> Int32 in
      Int32(bitPattern: UInt32(bitPattern: value) &>> UInt32(bitPattern: count))
    },
    ScalarFunction("martlet_shift_right_unsigned_long") { (value: Int64, count: Int32) -> Int64 in
      Int64(bitPattern: UInt64(bitPattern: value) &>> UInt64(truncatingIfNeeded: count))
    },
    ScalarFunction("martlet_expm1") { (value: Double) -> Double in expm1(value) },
    ScalarFunction("martlet_log1p") { (value: Double) -> Double in log1p(value) },
  ]

  /// The powers of ten that a `UInt128` holds.
  private static let powers: [UInt128] = (0..<38).reduce(into: [1]) { powers, _ in
    powers.append(powers[powers.count - 1] * 10)
  }

  /// The number as Java's `BigDecimal` rounds the digits that it prints as.
  private static func rounded(_ value: Double, _ scale: Int, _ isEven: Bool) -> Double {
    guard value.isFinite, var number = DecimalDigits(value.description) else { return value }
    number.round(scale, isEven: isEven)
    return Double(number.text(max(0, scale))) ?? value
  }

  private static func decimal(_ text: String, _ precision: Int, _ scale: Int) throws(EngineFault) -> String? {
    guard var number = DecimalDigits(trimmed(text)) else { return nil }
    number.round(scale)
    guard number.wholeCount <= precision - scale else { throw EngineFault.tooLarge(trimmed(text), precision, scale) }
    return number.text(scale)
  }

  /// The quotient of two numbers, cut off after so many digits, and the rest; `nil` if it has more than 128 bits.
  private static func quotient(_ x: SQLDecimal, _ y: SQLDecimal, _ scale: Int) -> (UInt128, UInt128)? {
    var (dividend, divisor) = (x.unscaled.magnitude, y.unscaled.magnitude)
    guard divisor > 0 else { return nil }
    var shift = scale + y.scale - x.scale
    if shift < 0 {
      let (product, overflow) = divisor.multipliedReportingOverflow(by: powers[min(-shift, 38)])
      // The dividend is less than 10^38.
      if overflow || shift < -38 { return (0, 0) }
      divisor = product
      shift = 0
    }
    if shift > 38 {
      let (product, overflow) = dividend.multipliedReportingOverflow(by: powers[min(shift - 38, 38)])
      if overflow { return nil }
      dividend = product
      shift = 38
    }
    let wide = dividend.multipliedFullWidth(by: powers[shift])
    guard wide.high < divisor else { return nil }
    let (value, rest) = divisor.dividingFullWidth(wide)
    // The rest is compared with the divisor of the caller.
    return (value, divisor == y.unscaled.magnitude ? rest : rest >= divisor - rest ? y.unscaled.magnitude : 0)
  }

  private static func text(
    _ magnitude: UInt128, isNegative: Bool, _ precision: Int, _ scale: Int
  ) throws(EngineFault) -> String {
    let digits = String(magnitude)
    guard digits.utf8.count <= precision else { throw EngineFault.tooLarge(digits, precision, scale) }
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.utf8.count)) + digits
    let sign = isNegative && magnitude > 0 ? "-" : ""
    return sign + padded.dropLast(scale) + (scale > 0 ? "." + padded.suffix(scale) : "")
  }
}
