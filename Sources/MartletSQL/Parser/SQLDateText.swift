/// The dates and times that constants and casts of Spark accept.
enum SQLDateText {
  /// The zone of a time.
  enum Zone: Equatable {
    /// Seconds east of UTC.
    case offset(Int)
    /// A name, such as `Europe/Berlin`, whose rules are not known here.
    case named(String)
  }

  /// The days since 1970-01-01 of `yyyy`, `yyyy-[m]m` or `yyyy-[m]m-[d]d`, after which a space or `T` and anything may
  /// follow; `nil` if the text is something else.
  static func date(_ text: String) -> Int32? {
    var reader = DigitReader(text)
    guard let day = reader.date() else { return nil }
    guard reader.isAtEnd || reader.fieldCount == 3 && (reader.skip(" ") || reader.skip("T")) else { return nil }
    return Int32(exactly: day)
  }

  /// The microseconds since 1970-01-01 of a date, perhaps with a time, and the zone after it; `nil` if the text is
  /// something else.
  static func timestamp(_ text: String) -> (microseconds: Int64, zone: Zone?)? {
    var reader = DigitReader(text)
    guard let day = reader.date() else { return nil }
    var time: Int64 = 0
    var zone: Zone?
    if !reader.isAtEnd {
      guard reader.fieldCount == 3, reader.skip(" ") || reader.skip("T"), let clock = reader.time() else { return nil }
      time = clock
      let rest = reader.rest.trimmingSpaces()
      if !rest.isEmpty {
        guard let found = self.zone(rest) else { return nil }
        zone = found
      }
    }
    let (microseconds, overflow) = Int64(day).multipliedReportingOverflow(by: 86_400_000_000)
    let (sum, overflows) = microseconds.addingReportingOverflow(time)
    // Leaves room for the offset of a zone.
    guard !overflow, !overflows, abs(sum / 2) < Int64.max / 2 - 100_000_000_000 else { return nil }
    return (sum, zone)
  }

  private static func zone(_ text: String) -> Zone? {
    guard text.utf8.count <= 64 else { return nil }
    if text == "Z" { return .offset(0) }
    var rest = Substring(text)
    for prefix in ["UTC", "GMT", "UT"] where rest.hasPrefix(prefix) {
      rest = rest.dropFirst(prefix.count)
      if rest.isEmpty { return .offset(0) }
      break
    }
    if let first = rest.first, first == "+" || first == "-" {
      let parts = rest.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
      let digits = parts.joined()
      guard digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
      let fields: [Int?] =
        parts.count == 1 && digits.count > 2
        ? stride(from: 0, to: digits.count, by: 2).map { Int(digits.dropFirst($0).prefix(2)) } : parts.map { Int($0) }
      guard fields.count <= 3, parts.allSatisfy({ (1...6).contains($0.count) }) else { return nil }
      var numbers: [Int] = []
      for (position, field) in fields.enumerated() {
        guard let field, field <= (position == 0 ? 18 : 59) else { return nil }
        numbers.append(field)
      }
      numbers += Array(repeating: 0, count: 3 - numbers.count)
      let seconds = numbers[0] * 3600 + numbers[1] * 60 + numbers[2]
      return seconds <= 18 * 3600 ? .offset(first == "-" ? -seconds : seconds) : nil
    }
    let isName = text.utf8.allSatisfy { ($0 | 32) >= 97 && ($0 | 32) <= 122 || "0123456789/_+-".utf8.contains($0) }
    return isName ? .named(text) : nil
  }

  /// The days from 1970-01-01 to a date of the Gregorian calendar; `nil` if there is no such date.
  static func days(_ year: Int, _ month: Int, _ day: Int) -> Int? {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    guard (1...12).contains(month) else { return nil }
    // 31 days in January, March, May and July, and then in August, October and December.
    let length = month == 2 ? (isLeap ? 29 : 28) : 30 + ((month + month / 8) & 1)
    guard (1...length).contains(day) else { return nil }
    // Years that begin in March, in eras of 400 years.
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

/// A reader of the digits and signs of dates and times.
private struct DigitReader {
  private let bytes: [UInt8]
  private var position = 0
  /// How many of year, month and day were read.
  private(set) var fieldCount = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { position == bytes.count }

  var rest: String { String(decoding: bytes[position...], as: UTF8.self) }

  mutating func skip(_ sign: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: sign) else { return false }
    position += 1
    return true
  }

  /// The digits that follow, as a number, if they are as many.
  private mutating func digits(_ counts: ClosedRange<Int>) -> Int? {
    let run = bytes[position...].prefix { $0 >= 48 && $0 <= 57 }
    guard counts.contains(run.count) else { return nil }
    position += run.count
    return run.reduce(0) { $0 * 10 + Int($1) - 48 }
  }

  /// The digits of a fraction as microseconds; further digits are cut off.
  private mutating func microseconds() -> Int {
    let run = bytes[position...].prefix { $0 >= 48 && $0 <= 57 }
    position += run.count
    let digits = Array(run.prefix(6)) + Array(repeating: 48, count: max(0, 6 - run.count))
    return digits.reduce(0) { $0 * 10 + Int($1) - 48 }
  }

  mutating func date() -> Int? {
    let isNegative = skip("-")
    if !isNegative { _ = skip("+") }
    guard let year = digits(4...6) else { return nil }
    var fields = [isNegative ? -year : year, 1, 1]
    fieldCount = 1
    while fieldCount < 3, skip("-") {
      guard let field = digits(1...2) else { return nil }
      fields[fieldCount] = field
      fieldCount += 1
    }
    return SQLDateText.days(fields[0], fields[1], fields[2])
  }

  /// The microseconds of `h:m:s.f`, `h:m` or `h`.
  mutating func time() -> Int64? {
    var fields: [Int] = []
    repeat {
      guard let field = digits(1...2), field < (fields.isEmpty ? 24 : 60) else { return nil }
      fields.append(field)
    } while fields.count < 3 && skip(":")
    let microseconds = fields.count == 3 && skip(".") ? self.microseconds() : 0
    fields += Array(repeating: 0, count: 3 - fields.count)
    return Int64((fields[0] * 3600 + fields[1] * 60 + fields[2]) * 1_000_000 + microseconds)
  }
}
