/// A point in time in microseconds: the value of a `TIMESTAMP` column; without a time zone, of a `TIMESTAMP_NTZ` column.
///
/// ```swift
/// let start = SQLTimestamp("2024-02-29 12:30:00.5")!
/// print(start.microseconds)  // 1709209800500000
/// ```
public struct SQLTimestamp: Hashable, Sendable {
  /// The number of microseconds since 1970-01-01 00:00:00 (UTC, unless the timestamp has no time zone).
  public let microseconds: Int64

  /// Creates the time that is `microseconds` after 1970-01-01 00:00:00.
  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// Creates the beginning of a day.
  public init(_ date: SQLDate) { self.microseconds = Int64(date.days) * Self.perDay }

  /// Creates a time from text: a date, optionally with a time of day and an offset from UTC, such as `2024-02-29`,
  /// `2024-02-29 12:30`, `2024-02-29T12:30:00.5Z` or `2024-02-29 12:30:00+01:00`. Text without an offset is in UTC.
  ///
  /// The result is `nil` if the text is not a time. Digits after the sixth of a fraction are ignored.
  public init?(_ text: some StringProtocol) {
    guard let parsed = Self.parsed(text) else { return nil }
    self = parsed.time
  }

  /// The time of a text as `init(_:)` reads it, and whether the text has an offset from UTC.
  static func parsed(_ text: some StringProtocol) -> (time: SQLTimestamp, hasOffset: Bool)? {
    var reader = DateReader(text)
    guard let date = reader.date() else { return nil }
    var microseconds = Int64(date.days) * Self.perDay
    var hasOffset = false
    if reader.skip(" T"), !reader.isAtEnd {
      guard let time = reader.timeOfDay() else { return nil }
      microseconds += time
      if !reader.isAtEnd {
        guard let offset = reader.offset(), reader.isAtEnd else { return nil }
        microseconds -= offset
        hasOffset = true
      }
    }
    guard reader.isAtEnd else { return nil }
    return (SQLTimestamp(microseconds: microseconds), hasOffset)
  }

  /// The date in UTC.
  public var date: SQLDate { split.date }

  /// The microseconds since the beginning of the day in UTC.
  public var microsecondsOfDay: Int64 { split.rest }

  static let perSecond: Int64 = 1_000_000
  static let perDay: Int64 = 86_400_000_000

  private var split: (date: SQLDate, rest: Int64) {
    var (days, rest) = microseconds.quotientAndRemainder(dividingBy: Self.perDay)
    if rest < 0 {
      days -= 1
      rest += Self.perDay
    }
    return (SQLDate(days: Int32(clamping: days)), rest)
  }

  /// The time as Spark prints it, in a time zone that is so many seconds east of Greenwich: `2024-02-29 12:30:00.5`.
  public func description(secondsFromUTC offset: Int) -> String {
    let local = SQLTimestamp(microseconds: microseconds &+ Int64(offset) &* Self.perSecond)
    let (date, rest) = local.split
    let seconds = Int(rest / Self.perSecond)
    let fraction = rest % Self.perSecond
    var text = "\(date) \(twoDigits(seconds / 3600)):\(twoDigits(seconds / 60 % 60)):\(twoDigits(seconds % 60))"
    if fraction > 0 {
      var digits = Substring(String(Self.perSecond + fraction).dropFirst())
      while digits.last == "0" { digits.removeLast() }
      text += "." + digits
    }
    return text
  }
}

extension SQLTimestamp: Comparable {
  public static func < (a: SQLTimestamp, b: SQLTimestamp) -> Bool { a.microseconds < b.microseconds }
}

extension SQLTimestamp: LosslessStringConvertible, Codable {
  /// The time in UTC as Spark prints it: `2024-02-29 12:30:00.5`.
  public var description: String { description(secondsFromUTC: 0) }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = SQLTimestamp(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a timestamp")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension DateReader {
  /// `[h]h:[m]m[:[s]s[.fraction]]`, in microseconds.
  fileprivate mutating func timeOfDay() -> Int64? {
    guard let hour = number(1...2)?.value, skip(":"), let minute = number(1...2)?.value, hour < 24, minute < 60 else {
      return nil
    }
    var time = Int64(hour * 3600 + minute * 60) * SQLTimestamp.perSecond
    if skip(":") {
      guard let second = number(1...2)?.value, second < 60 else { return nil }
      time += Int64(second) * SQLTimestamp.perSecond
      if skip(".") {
        guard let fraction = number(1...18) else { return nil }
        var value = fraction.value
        for _ in 0..<max(0, 6 - fraction.digits) { value *= 10 }
        for _ in 0..<max(0, fraction.digits - 6) { value /= 10 }
        time += Int64(value)
      }
    }
    return time
  }

  /// `Z`, `UTC`, `+h`, `+hh:mm`, `+hhmm`, in microseconds.
  fileprivate mutating func offset() -> Int64? {
    _ = skip(" ")
    for name in ["UTC", "GMT", "Z"] where remainder == name {
      while !isAtEnd { _ = skip(name) }
      return 0
    }
    let isNegative = remainder.first == "-"
    guard skip("+-"), var hours = number(1...4) else { return nil }
    var minutes = 0
    if hours.digits > 2 {
      minutes = hours.value % 100
      hours.value /= 100
    } else if skip(":") {
      guard let number = number(1...2)?.value else { return nil }
      minutes = number
    }
    guard hours.value <= 18, minutes < 60 else { return nil }
    let offset = Int64(hours.value * 3600 + minutes * 60) * SQLTimestamp.perSecond
    return isNegative ? -offset : offset
  }
}
