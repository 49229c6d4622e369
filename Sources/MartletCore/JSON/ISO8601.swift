/// Dates with times in the form of ISO 8601.
enum ISO8601 {
  /// The time that a text such as `2024-02-29T12:30:00.5+01:00` represents: whole seconds since 1970 and a fraction; `nil`
  /// if it is none.
  ///
  /// A space may stand in place of the `T`. The time of day, its seconds and the offset from UTC may be missing.
  static func time(_ text: UnsafeBufferPointer<UInt8>) -> (seconds: Int64, fraction: Double)? {
    var reader = Reader(text)
    guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
      let day = reader.digits(2), (1...12).contains(month), (1...length(ofMonth: month, year)).contains(day)
    else { return nil }
    var seconds = Int64(daysSince1970(year, month, day)) * 86_400
    if reader.isAtEnd { return (seconds, 0) }
    guard reader.skip("T") || reader.skip("t") || reader.skip(" "), let hour = reader.digits(2), reader.skip(":"),
      let minute = reader.digits(2), hour < 24, minute < 60
    else { return nil }
    seconds += Int64(hour * 3600 + minute * 60)
    var fraction = 0.0
    if reader.skip(":") {
      guard let second = reader.digits(2), second < 60 else { return nil }
      seconds += Int64(second)
      if reader.skip(".") || reader.skip(",") {
        guard let value = reader.fraction() else { return nil }
        fraction = value
      }
    }
    if reader.isAtEnd || reader.skip("Z") || reader.skip("z") { return reader.isAtEnd ? (seconds, fraction) : nil }
    let isWest = reader.skip("-")
    guard isWest || reader.skip("+"), let hours = reader.digits(2), hours <= 18 else { return nil }
    var minutes = 0
    if !reader.isAtEnd {
      _ = reader.skip(":")
      guard let number = reader.digits(2), number < 60, reader.isAtEnd else { return nil }
      minutes = number
    }
    let offset = Int64(hours * 3600 + minutes * 60)
    return (seconds + (isWest ? offset : -offset), fraction)
  }

  private static func length(ofMonth month: Int, _ year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// The number of days from 1970-01-01 to a day of a year after 0.
  private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    // Years begin in March, so that the leap day ends one; the year 0 of four digits has a March in the year -1.
    let shifted = (month > 2 ? year : year - 1) + 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468 - 146_097
  }

  private struct Reader {
    private var rest: Slice<UnsafeBufferPointer<UInt8>>

    init(_ text: UnsafeBufferPointer<UInt8>) { rest = text[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
      guard let byte = rest.first, UInt32(byte) == character.value else { return false }
      rest.removeFirst()
      return true
    }

    /// A number of exactly so many digits.
    mutating func digits(_ count: Int) -> Int? {
      var value = 0
      for _ in 0..<count {
        guard let byte = rest.first, byte &- 0x30 <= 9 else { return nil }
        value = value * 10 + Int(byte &- 0x30)
        rest.removeFirst()
      }
      return value
    }

    /// The digits after a decimal point, at least one; those after the 18th are ignored.
    mutating func fraction() -> Double? {
      var (value, scale, count) = (0.0, 1.0, 0)
      while let byte = rest.first, byte &- 0x30 <= 9 {
        if count < 18 {
          value = value * 10 + Double(byte &- 0x30)
          scale *= 10
        }
        count += 1
        rest.removeFirst()
      }
      return count > 0 ? value / scale : nil
    }
  }
}
