/// An exact decimal number with up to 38 digits: the value of a `DECIMAL(p, s)` column.
///
/// ```swift
/// let price = SQLDecimal("12.30")!
/// print(price.unscaled, price.scale)  // 1230 2
/// ```
/// Two decimals are equal if they are the same number, so that `12.30` equals `12.3`.
public struct SQLDecimal: Sendable {
  /// The number without its decimal point: 1230 for 12.30.
  public let unscaled: Int128
  /// The number of digits after the point, from 0 to 38.
  public let scale: Int

  /// The largest number of digits.
  public static let maximumPrecision = 38

  /// Creates the number `unscaled` / 10^`scale`; `nil` if it has more than 38 digits.
  public init?(unscaled: Int128, scale: Int) {
    guard (0...Self.maximumPrecision).contains(scale), unscaled.magnitude < Self.limit else { return nil }
    self.unscaled = unscaled
    self.scale = scale
  }

  /// Creates a whole number.
  public init(_ integer: Int) { self.init(Int64(integer)) }

  /// Creates a whole number.
  public init(_ integer: Int64) {
    self.unscaled = Int128(integer)
    self.scale = 0
  }

  /// Creates a whole number.
  public init(_ integer: UInt64) {
    self.unscaled = Int128(integer)
    self.scale = 0
  }

  /// Creates a number from text such as `-12.30` or `1.5e3`; `nil` if it is not a number of at most 38 digits.
  public init?(_ text: some StringProtocol) {
    var bytes = Substring(text).utf8[...]
    var isNegative = false
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      bytes = bytes.dropFirst()
    }
    var magnitude: UInt128 = 0
    var scale = 0
    var hasDigits = false
    var hasPoint = false
    while let byte = bytes.first {
      if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        guard magnitude < Self.limit / 10 else { return nil }
        magnitude = magnitude * 10 + UInt128(byte - UInt8(ascii: "0"))
        hasDigits = true
        if hasPoint { scale += 1 }
      } else {
        break
      }
      bytes = bytes.dropFirst()
    }
    guard hasDigits else { return nil }
    if let mark = bytes.first {
      guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E"),
        let exponent = Int(Substring(bytes.dropFirst())), abs(exponent) <= 100
      else { return nil }
      scale -= exponent
      while scale < 0 {
        guard magnitude < Self.limit / 10 else { return nil }
        magnitude *= 10
        scale += 1
      }
    }
    self.init(unscaled: isNegative ? -Int128(magnitude) : Int128(magnitude), scale: scale)
  }

  /// Creates the number that a floating-point number prints as; `nil` if it is not finite or has more than 38 digits.
  public init?(_ number: Double) { self.init(number.description) }

  /// The nearest floating-point number.
  public var doubleValue: Double { Double(description) ?? .nan }

  /// The whole number; `nil` if there are digits other than zero after the point.
  public var integerValue: Int128? {
    let reduced = self.reduced
    return reduced.scale == 0 ? reduced.unscaled : nil
  }

  /// 10^38, which is above all numbers of 38 digits.
  private static let limit: UInt128 = {
    var limit: UInt128 = 1
    for _ in 0..<maximumPrecision { limit *= 10 }
    return limit
  }()

  /// The same number without zeros at the end.
  private var reduced: (unscaled: Int128, scale: Int) {
    var (unscaled, scale) = (unscaled, scale)
    while scale > 0, unscaled % 10 == 0 {
      unscaled /= 10
      scale -= 1
    }
    return (unscaled, scale)
  }

  /// The whole part, and the rest as a fraction of 10^38.
  private var parts: (whole: Int128, rest: Int128) {
    var divisor: Int128 = 1
    for _ in 0..<scale { divisor *= 10 }
    let (whole, rest) = unscaled.quotientAndRemainder(dividingBy: divisor)
    return (whole, rest * (Int128(Self.limit) / divisor))
  }
}

extension SQLDecimal: Hashable, Comparable {
  public static func == (a: SQLDecimal, b: SQLDecimal) -> Bool { a.reduced == b.reduced }

  public func hash(into hasher: inout Hasher) {
    let reduced = self.reduced
    hasher.combine(reduced.unscaled)
    hasher.combine(reduced.scale)
  }

  public static func < (a: SQLDecimal, b: SQLDecimal) -> Bool {
    a.scale == b.scale ? a.unscaled < b.unscaled : a.parts < b.parts
  }
}

extension SQLDecimal: LosslessStringConvertible, Codable {
  /// All digits, including zeros at the end: `12.30`.
  public var description: String {
    guard scale > 0 else { return String(unscaled) }
    let digits = String(unscaled.magnitude)
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    return (unscaled < 0 ? "-" : "") + padded.dropLast(scale) + "." + padded.suffix(scale)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = SQLDecimal(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not a decimal number of at most 38 digits")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
