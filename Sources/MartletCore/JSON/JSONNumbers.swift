// Unsafe code. Invariant: no function reads past the count that it is given. The bytes are a number of JSON.

/// The values of numbers that are not small integers.
enum JSONNumbers {
  /// A number as digits and a power of ten.
  struct Parts {
    var isNegative = false
    /// The first significant digits: 38, and all that fit.
    var digits: UInt128 = 0
    /// The power of ten of the last of them.
    var exponent = 0
    /// True if digits other than zero follow them.
    var isInexact = false

    init(_ bytes: UnsafePointer<UInt8>, count: Int) {
      var index = 0
      if bytes[0] == UInt8(ascii: "-") {
        isNegative = true
        index = 1
      }
      var inFraction = false
      var isFull = false
      while index < count {
        let byte = bytes[index]
        let digit = byte &- 0x30
        if digit <= 9 {
          let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
          let (sum, overflowOfSum) = product.addingReportingOverflow(UInt128(digit))
          isFull = isFull || overflow || overflowOfSum
          if isFull {
            if digit != 0 { isInexact = true }
            exponent += inFraction ? 0 : 1
          } else {
            digits = sum
            exponent -= inFraction ? 1 : 0
          }
        } else if byte == UInt8(ascii: ".") {
          inFraction = true
        } else {
          break
        }
        index += 1
      }
      guard index < count else { return }
      // An exponent.
      index += 1
      let isNegativeExponent = bytes[index] == UInt8(ascii: "-")
      if isNegativeExponent || bytes[index] == UInt8(ascii: "+") { index += 1 }
      var power = 0
      while index < count {
        if power < 1_000_000_000 { power = power * 10 + Int(bytes[index] &- 0x30) }
        index += 1
      }
      exponent += isNegativeExponent ? -power : power
    }

    /// The number without its sign, if it is an integer that is not too large; `1.50e1` is 15.
    var magnitude: UInt128? {
      if digits == 0 { return 0 }
      guard !isInexact else { return nil }
      var (value, exponent) = (digits, exponent)
      while exponent < 0 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
        guard remainder == 0 else { return nil }
        (value, exponent) = (quotient, exponent + 1)
      }
      while exponent > 0 {
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        guard !overflow else { return nil }
        (value, exponent) = (product, exponent - 1)
      }
      return value
    }

    /// The number if it is an integer of this type.
    func integer<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
      guard let magnitude else { return nil }
      if !isNegative { return Number(exactly: magnitude) }
      if magnitude == Int128.min.magnitude { return Number(exactly: Int128.min) }
      return Int128(exactly: magnitude).flatMap { Number(exactly: -$0) }
    }

    /// True if the number is an integer, of any size.
    var isInteger: Bool { digits == 0 || exponent >= 0 || magnitude != nil }
  }

  /// The nearest `Double`; infinite if the number is too large.
  static func double(_ bytes: UnsafePointer<UInt8>, count: Int) -> Double {
    let isNegative = bytes[0] == UInt8(ascii: "-")
    var index = isNegative ? 1 : 0
    var digits: UInt64 = 0
    var significant = 0
    var exponent = 0
    var inFraction = false
    while index < count {
      let byte = bytes[index]
      let digit = byte &- 0x30
      if digit <= 9 {
        digits = digits &* 10 &+ UInt64(digit)
        // After too many digits, `digits` has wrapped around.
        significant &+= digits == 0 && significant == 0 ? 0 : 1
        exponent &-= inFraction ? 1 : 0
      } else if byte == UInt8(ascii: ".") {
        inFraction = true
      } else {
        break
      }
      index &+= 1
    }
    // Both the digits and the power of ten are exact, so that one operation rounds correctly.
    if index == count && significant <= 19 && digits <= 1 << 53 && exponent >= -22 {
      let value = Double(digits) / powers[-exponent]
      return isNegative ? -value : value
    }
    return rounded(bytes, count, Double.self)
  }

  /// The nearest `Float`; infinite if the number is too large.
  static func float(_ bytes: UnsafePointer<UInt8>, count: Int) -> Float { rounded(bytes, count, Float.self) }

  @inline(never)
  private static func rounded<Number: LosslessStringConvertible & BinaryFloatingPoint>(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ type: Number.Type
  ) -> Number {
    // Swift reads every number of JSON.
    Number(String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)) ?? .nan
  }

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
}
