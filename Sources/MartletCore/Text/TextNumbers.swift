extension FixedWidthInteger {
  /// The integer that `text` represents in decimal digits, or `nil`. Accepts the same texts as `Self(String(text))`,
  /// without creating a string.
  ///
  /// ```swift
  /// let port = Int("8080" as Text)   // 8080
  /// ```
  @inlinable
  public init?(_ text: Text) {
    guard let value = text.withUTF8Bytes({ Self.decimal($0) }) else { return nil }
    self = value
  }

  /// The integer that `text` represents in digits of base `radix`, or `nil`. Accepts the same texts as
  /// `Self(String(text), radix:)`.
  @inlinable
  public init?(_ text: Text, radix: Int) { self.init(String(text), radix: radix) }

  /// The integer that `bytes` represent: an optional sign, then one digit or more.
  @inlinable
  static func decimal(_ bytes: UnsafeBufferPointer<UInt8>) -> Self? {
    guard let first = bytes.first else { return nil }
    let isNegative = first == UInt8(ascii: "-")
    let start = isNegative || first == UInt8(ascii: "+") ? 1 : 0
    let count = bytes.count
    if start == count { return nil }
    if count &- start <= 18 {
      // Eighteen digits fit in 63 bits.
      var magnitude: Int64 = 0
      for i in start..<count {
        let digit = bytes[i] &- 0x30
        if digit > 9 { return nil }
        magnitude = magnitude &* 10 &+ Int64(digit)
      }
      return Self(exactly: isNegative ? 0 &- magnitude : magnitude)
    }
    var value: Self = 0
    for i in start..<count {
      guard let digit = Self(exactly: bytes[i] &- 0x30), digit <= 9 else { return nil }
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) =
        isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      if tooLarge || overflow { return nil }
      value = sum
    }
    return value
  }
}

extension Double {
  /// The number that `text` represents, or `nil`. Accepts the same texts as `Double(String(text))`.
  ///
  /// A plain decimal fraction of at most 15 digits, such as `"-12.75"`, is converted without creating a string.
  public init?(_ text: Text) {
    if let value = text.withUTF8Bytes(Double.shortDecimal) {
      self = value
    } else {
      self.init(String(text))
    }
  }

  /// The number that `bytes` represent if they are at most 15 digits, with an optional sign and fraction; otherwise
  /// `nil`.
  ///
  /// Both the digits and the power of ten are exact as `Double`, so that their quotient is rounded correctly.
  private static func shortDecimal(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    guard let first = bytes.first, bytes.count <= 17 else { return nil }
    let isNegative = first == UInt8(ascii: "-")
    let start = isNegative || first == UInt8(ascii: "+") ? 1 : 0
    var digits: Int64 = 0
    var digitCount = 0
    var divisor: Double = 1
    var inFraction = false
    for byte in bytes[start...] {
      let digit = byte &- 0x30
      if digit <= 9 {
        digits = digits &* 10 &+ Int64(digit)
        digitCount += 1
        if inFraction { divisor *= 10 }
      } else if byte == UInt8(ascii: "."), !inFraction, digitCount > 0 {
        inFraction = true
      } else {
        return nil
      }
    }
    guard (1...15).contains(digitCount) else { return nil }
    let value = Double(digits) / divisor
    return isNegative ? -value : value
  }
}

extension Float {
  /// The number that `text` represents, or `nil`. Accepts the same texts as `Float(String(text))`.
  public init?(_ text: Text) { self.init(String(text)) }
}

#if !(os(macOS) && arch(x86_64))
  extension Float16 {
    /// The number that `text` represents, or `nil`. Accepts the same texts as `Float16(String(text))`.
    public init?(_ text: Text) { self.init(String(text)) }
  }
#endif

#if arch(x86_64) && !os(Windows)
  extension Float80 {
    /// The number that `text` represents, or `nil`. Accepts the same texts as `Float80(String(text))`.
    public init?(_ text: Text) { self.init(String(text)) }
  }
#endif

extension Bool {
  /// The truth value that `text` represents, or `nil`: accepts `"true"` and `"false"`, as `Bool(String(text))` does.
  public init?(_ text: Text) { self.init(String(text)) }
}
