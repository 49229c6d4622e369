/// Dates and times as ISO 8601 writes them, which all databases read.
enum TimeText {
  static let microsecondsPerDay: Int64 = 86_400_000_000

  /// `2024-02-29`. Years after 9999 have more digits; those before 1 are refused by most databases.
  static func date(days: Int) -> String {
    let (year, month, day) = civil(days)
    let digits = String(abs(year))
    let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
    return "\(year < 0 ? "-" : "")\(zeros)\(digits)-\(two(month))-\(two(day))"
  }

  /// `2024-02-29 12:30:00.500000`; the fraction is left out if it is 0.
  static func timestamp(microseconds: Int64) -> String {
    var (days, rest) = microseconds.quotientAndRemainder(dividingBy: microsecondsPerDay)
    if rest < 0 {
      days -= 1
      rest += microsecondsPerDay
    }
    let seconds = Int(rest / 1_000_000)
    let fraction = rest % 1_000_000
    let time = "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    return "\(date(days: Int(days))) \(time)\(fraction == 0 ? "" : "." + String(1_000_000 + fraction).dropFirst())"
  }

  /// The days of a text such as `2024-02-29`, `-0043-03-15` or `0044-03-15 BC`; `nil` if it has another form.
  static func days(_ text: some StringProtocol) -> Int? {
    let isBeforeChrist = text.hasSuffix(" BC")
    let isNegative = text.hasPrefix("-")
    let parts = text.dropLast(isBeforeChrist ? 3 : 0).dropFirst(isNegative ? 1 : 0)
      .split(separator: "-", omittingEmptySubsequences: false)
    // Years that all systems have are shorter than these.
    guard parts.count == 3, let number = Int(parts[0]), abs(number) < 10_000_000, let month = Int(parts[1]),
      let day = Int(parts[2]), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    let days = days(isBeforeChrist ? 1 - number : isNegative ? -number : number, month, day)
    // There is no 30 February.
    let found = civil(days)
    return found.month == month && found.day == day ? days : nil
  }

  /// The microseconds of a text such as `2024-02-29 12:30:00.5+01:30`; `nil` if it has another form, or is beyond the range
  /// of 64 bits.
  static func microseconds(_ text: some StringProtocol) -> Int64? {
    let isBeforeChrist = text.hasSuffix(" BC")
    let text = Substring(text.dropLast(isBeforeChrist ? 3 : 0))
    let space = text.firstIndex { $0 == " " || $0 == "T" } ?? text.endIndex
    guard let days = days(text[..<space] + (isBeforeChrist ? " BC" : "")) else { return nil }
    guard let time = space == text.endIndex ? 0 : microsecondsOfDay(text[text.index(after: space)...]) else {
      return nil
    }
    let (midnight, isTooFar) = Int64(days).multipliedReportingOverflow(by: microsecondsPerDay)
    let (sum, isBeyond) = midnight.addingReportingOverflow(time)
    return isTooFar || isBeyond ? nil : sum
  }

  /// The microseconds of a time such as `12:30:00.5+01:30`, less those of its zone.
  private static func microsecondsOfDay(_ text: Substring) -> Int64? {
    var clock = text
    var offset = 0
    if clock.last == "Z" {
      clock = clock.dropLast()
    } else if let sign = clock.lastIndex(where: { $0 == "+" || $0 == "-" }) {
      let parts = clock[clock.index(after: sign)...].split(separator: ":").compactMap { Int($0) }
      guard (1...3).contains(parts.count), parts.allSatisfy({ (0..<60).contains($0) }) else { return nil }
      let seconds = parts[0] * 3600 + (parts.count > 1 ? parts[1] * 60 : 0) + (parts.count > 2 ? parts[2] : 0)
      offset = clock[sign] == "-" ? -seconds : seconds
      clock = clock[..<sign]
    }
    let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), let hour = Int(parts[0]), let minute = Int(parts[1]),
      (0...24).contains(hour), (0..<60).contains(minute)
    else { return nil }
    var micros: Int64 = 0
    if parts.count == 3 {
      let second = parts[2].split(separator: ".", omittingEmptySubsequences: false)
      guard (1...2).contains(second.count), let whole = Int64(second[0]), (0...60).contains(whole) else { return nil }
      micros = whole * 1_000_000
      if second.count == 2 {
        guard let digits = Int64("1" + (second[1] + "000000").prefix(6)) else { return nil }
        micros += digits - 1_000_000
      }
    }
    return Int64(hour * 3600 + minute * 60 - offset) * 1_000_000 + micros
  }

  /// The number of days since 1970-01-01 in the Gregorian calendar, which is extended to all years.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    // Years begin in March here, so that a leap day is the last one.
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let march = (5 * dayOfYear + 2) / 153
    let month = march < 10 ? march + 3 : march - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
