/// The units of interval constants.
enum IntervalText {
  enum Unit: Int {
    case microsecond, millisecond, second, minute, hour, day, week, month, year

    init?(_ keyword: SQLKeyword) {
      switch keyword {
      case .microsecond, .microseconds: self = .microsecond
      case .millisecond, .milliseconds: self = .millisecond
      case .second, .seconds: self = .second
      case .minute, .minutes: self = .minute
      case .hour, .hours: self = .hour
      case .day, .days: self = .day
      case .week, .weeks: self = .week
      case .month, .months: self = .month
      case .year, .years: self = .year
      default: return nil
      }
    }

    /// The field of a type to which the unit belongs.
    var field: IntervalField {
      switch self {
      case .microsecond, .millisecond, .second: .second
      case .minute: .minute
      case .hour: .hour
      case .day, .week: .day
      case .month: .month
      case .year: .year
      }
    }

    init?(_ word: Substring) {
      guard let keyword = SQLKeyword(Array(word.utf8)[...]) else { return nil }
      self.init(keyword)
    }
  }
}

/// What is wrong with an interval constant.
struct SQLIntervalError: Error {
  let message: String

  init(_ message: String) { self.message = message }
}

/// The sum of the parts of an interval constant.
struct SQLIntervalParts {
  private(set) var months: Int32 = 0
  private(set) var days: Int32 = 0
  private(set) var microseconds: Int64 = 0
  private var hasMonths = false
  private var hasTime = false
  private var fields: ClosedRange<IntervalField>?

  /// The type with the fields that the parts have.
  var type: DataType {
    guard let fields else { return .interval }
    let (first, last) = (fields.lowerBound, fields.upperBound)
    return hasMonths ? .yearMonthInterval(from: first, to: last) : .dayTimeInterval(from: first, to: last)
  }

  /// Adds a number of units, such as `-1.5` seconds.
  mutating func add(_ text: String, _ unit: IntervalText.Unit) throws(SQLIntervalError) {
    let field = unit.field
    fields = min(fields?.lowerBound ?? field, field)...max(fields?.upperBound ?? field, field)
    var text = text.trimmingSpaces()
    if let sign = text.first, sign == "-" || sign == "+" {
      text = String(sign) + String(text.dropFirst()).trimmingSpaces()
    }
    if unit == .second, text.contains(".") { return try add(seconds: text) }
    guard let number = Int64(text) else { throw SQLIntervalError("'\(text)' is no integer") }
    switch unit {
    case .year, .month:
      hasMonths = true
      months = try Self.sum(months, number, times: unit == .year ? 12 : 1)
    case .week, .day:
      hasTime = true
      days = try Self.sum(days, number, times: unit == .week ? 7 : 1)
    case .microsecond: try add(microseconds: number, times: 1)
    case .millisecond: try add(microseconds: number, times: 1000)
    case .second: try add(microseconds: number, times: 1_000_000)
    case .minute: try add(microseconds: number, times: 60_000_000)
    case .hour: try add(microseconds: number, times: 3_600_000_000)
    }
    // Spark has two types of intervals, between which no length of a month mediates.
    if hasMonths, hasTime { throw SQLIntervalError("years and months do not mix with days and times") }
  }

  private mutating func add(microseconds number: Int64, times factor: Int64) throws(SQLIntervalError) {
    hasTime = true
    microseconds = try Self.sum(microseconds, number, times: factor)
  }

  private static func sum<Value: FixedWidthInteger>(
    _ sum: Value, _ number: Int64, times factor: Int64
  ) throws(SQLIntervalError) -> Value {
    let product = number.multipliedReportingOverflow(by: factor)
    guard !product.overflow, let value = Value(exactly: product.partialValue) else {
      throw SQLIntervalError("it is out of range")
    }
    let (result, overflow) = sum.addingReportingOverflow(value)
    guard !overflow else { throw SQLIntervalError("it is out of range") }
    return result
  }

  /// Adds seconds with a fraction.
  private mutating func add(seconds text: String) throws(SQLIntervalError) {
    let isNegative = text.hasPrefix("-")
    let digits = text.drop { $0 == "-" || $0 == "+" }
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, text.count - digits.count < 2, parts[1].count <= 9,
      let whole = Int64(parts[0].isEmpty ? "0" : String(parts[0])), whole >= 0,
      parts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } }),
      let fraction = Int64((parts[1] + "000000").prefix(6))
    else { throw SQLIntervalError("'\(text)' is no number of seconds") }
    try add(microseconds: isNegative ? -whole : whole, times: 1_000_000)
    try add(microseconds: isNegative ? -fraction : fraction, times: 1)
    if hasMonths { throw SQLIntervalError("years and months do not mix with days and times") }
  }

  /// Adds the parts of a text such as `1 day -2 hours`.
  mutating func add(text: String) throws(SQLIntervalError) {
    var words = text.split { $0.isWhitespace }
    if words.first?.lowercased() == "interval" { words.removeFirst() }
    guard !words.isEmpty else { throw SQLIntervalError("'\(text)' has no number") }
    var position = 0
    while position < words.count {
      var number = String(words[position])
      if number == "-" || number == "+", position + 1 < words.count {
        position += 1
        number += words[position]
      }
      guard position + 1 < words.count, let unit = IntervalText.Unit(words[position + 1]) else {
        throw SQLIntervalError("'\(text)' has no unit after \(number)")
      }
      try add(number, unit)
      position += 2
    }
  }

  /// Adds the fields of a text such as `1 02:03:04.5`, which is `DAY TO SECOND`.
  mutating func add(
    fields text: String, from first: IntervalText.Unit, to last: IntervalText.Unit
  ) throws(SQLIntervalError) {
    var body = Substring(text.trimmingSpaces())
    let sign = body.hasPrefix("-") ? "-" : ""
    if body.hasPrefix("-") || body.hasPrefix("+") { body.removeFirst() }
    let units: [IntervalText.Unit]
    var fields: [Substring]
    if first == .year, last == .month {
      units = [.year, .month]
      fields = body.split(separator: "-", omittingEmptySubsequences: false)
    } else {
      let all: [IntervalText.Unit] = [.day, .hour, .minute, .second]
      guard let start = all.firstIndex(of: first), let end = all.firstIndex(of: last), start < end else {
        throw SQLIntervalError("it does not go from \(first) to \(last)")
      }
      units = Array(all[start...end])
      fields = body.split(separator: ":", omittingEmptySubsequences: false)
      if first == .day { fields = (fields.first?.split(separator: " ") ?? []) + fields.dropFirst() }
    }
    let limits: [IntervalText.Unit: Int] = [.month: 11, .hour: 23, .minute: 59, .second: 59]
    guard fields.count == units.count else { throw SQLIntervalError("'\(text)' has not \(units.count) fields") }
    for (position, (field, unit)) in zip(fields, units).enumerated() {
      guard let number = Int(field.prefix { $0 != "." }), number >= 0, position == 0 || number <= limits[unit] ?? .max
      else { throw SQLIntervalError("'\(field)' is no number of \(unit)s in '\(text)'") }
      try add(sign + field, unit)
    }
  }
}
