/// A day of the calendar: the value of a `DATE` column.
///
/// ```swift
/// let day = SQLDate(year: 2024, month: 2, day: 29)!
/// print(day)  // 2024-02-29
/// ```
public struct SQLDate: Hashable, Sendable {
  /// The number of days since 1970-01-01.
  public let days: Int32

  /// Creates the date that is `days` days after 1970-01-01.
  public init(days: Int32) { self.days = days }

  /// Creates a date of the Gregorian calendar; `nil` if there is no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (-1_000_000...1_000_000).contains(year), (1...12).contains(month),
      (1...Self.length(ofMonth: month, year)).contains(day)
    else { return nil }
    // Counts days from 1 March, so that the leap day ends a year.
    let shifted = month > 2 ? year : year - 1
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    self.days = Int32(era * 146_097 + dayOfEra - 719_468)
  }

  /// Creates a date from text such as `2024-02-29`, `2024-2-9` or `2024`; `nil` if it is not a date.
  public init?(_ text: some StringProtocol) {
    var reader = DateReader(text)
    guard let date = reader.date(), reader.isAtEnd else { return nil }
    self = date
  }

  /// The year, the month from 1, and the day of the month from 1.
  public var components: (year: Int, month: Int, day: Int) {
    let shifted = Int(days) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  static func length(ofMonth month: Int, _ year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension SQLDate: Comparable {
  public static func < (a: SQLDate, b: SQLDate) -> Bool { a.days < b.days }
}

extension SQLDate: LosslessStringConvertible, Codable {
  /// The date as Spark prints it: `2024-02-29`.
  public var description: String {
    let (year, month, day) = components
    return "\(Self.text(ofYear: year))-\(twoDigits(month))-\(twoDigits(day))"
  }

  private static func text(ofYear year: Int) -> String {
    let digits = String(abs(year))
    let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return (year < 0 ? "-" : year > 9999 ? "+" : "") + padded
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = SQLDate(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a date")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }

/// A reader of dates and times in text, as Spark's casts accept them.
struct DateReader {
  private var rest: Substring.UTF8View

  /// Spark ignores blanks around dates.
  init(_ text: some StringProtocol) {
    let isBlank = { (byte: UInt8) in byte <= UInt8(ascii: " ") }
    var bytes = Substring(text).utf8[...]
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    rest = bytes.drop(while: isBlank)
  }

  var isAtEnd: Bool { rest.isEmpty }
  var remainder: Substring { Substring(rest) }

  mutating func skip(_ characters: String) -> Bool {
    guard let byte = rest.first, characters.utf8.contains(byte) else { return false }
    rest.removeFirst()
    return true
  }

  /// A number with so many digits, and the number of digits.
  mutating func number(_ digits: ClosedRange<Int>) -> (value: Int, digits: Int)? {
    var value = 0
    var count = 0
    while let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      guard count < digits.upperBound else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
      count += 1
      rest.removeFirst()
    }
    return digits.contains(count) ? (value, count) : nil
  }

  /// `[+-]yyyy[-[m]m[-[d]d]]`
  mutating func date() -> SQLDate? {
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    guard let year = number(4...7)?.value else { return nil }
    var (month, day) = (1, 1)
    if skip("-") {
      guard let number = number(1...2)?.value else { return nil }
      month = number
      if skip("-") {
        guard let number = self.number(1...2)?.value else { return nil }
        day = number
      }
    }
    return SQLDate(year: isNegative ? -year : year, month: month, day: day)
  }
}
