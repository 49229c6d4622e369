/// A span of time: the value of an `INTERVAL` column.
///
/// Months, days and microseconds are separate, because a month has no fixed number of days, and a day with a change to
/// summer time has no fixed number of hours.
public struct SQLInterval: Hashable, Sendable, Codable {
  public var months: Int32
  public var days: Int32
  public var microseconds: Int64

  public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
    self.months = months
    self.days = days
    self.microseconds = microseconds
  }
}

extension SQLInterval: CustomStringConvertible {
  /// The interval as Spark prints it: `1 years 2 months 3 days 4 hours 5 minutes 6.789 seconds`.
  public var description: String {
    var parts: [String] = []
    func add(_ number: Int64, _ unit: String) { if number != 0 { parts.append("\(number) \(unit)") } }
    add(Int64(months / 12), "years")
    add(Int64(months % 12), "months")
    add(Int64(days), "days")
    add(microseconds / (3600 * SQLTimestamp.perSecond), "hours")
    add(microseconds / (60 * SQLTimestamp.perSecond) % 60, "minutes")
    let seconds = microseconds % (60 * SQLTimestamp.perSecond)
    if seconds != 0 {
      let whole = seconds.magnitude / UInt64(SQLTimestamp.perSecond)
      var fraction = Substring(
        String(UInt64(SQLTimestamp.perSecond) + seconds.magnitude % UInt64(SQLTimestamp.perSecond)).dropFirst())
      while fraction.last == "0" { fraction.removeLast() }
      parts.append("\(seconds < 0 ? "-" : "")\(whole)\(fraction.isEmpty ? "" : "." + fraction) seconds")
    }
    return parts.isEmpty ? "0 seconds" : parts.joined(separator: " ")
  }
}

extension SQLInterval {
  /// The interval as Spark casts it to text: `INTERVAL '1 02:03:04.5' DAY TO SECOND` for an interval of such a type.
  public func description(as type: DataType) -> String {
    switch type {
    case .yearMonthInterval(let first, let last):
      let sign = months < 0 ? "-" : ""
      let text =
        first == last
        ? "\(first == .year ? months.magnitude / 12 : months.magnitude)"
        : "\(months.magnitude / 12)-\(months.magnitude % 12)"
      return Self.framed(sign + text, first, last)
    case .dayTimeInterval(let first, let last):
      let total = Int64(days) &* SQLTimestamp.perDay &+ microseconds
      let sizes: [UInt64] = [86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000]
      var rest = total.magnitude
      var text = total < 0 ? "-" : ""
      for field in [IntervalField.day, .hour, .minute, .second] where first <= field && field <= last {
        let size = sizes[field.rawValue - IntervalField.day.rawValue]
        let number = rest / size
        rest %= size
        if field != first { text += field == .hour ? " " : ":" }
        text += field == first || number > 9 ? "\(number)" : "0\(number)"
      }
      if last == .second, rest > 0 {
        var digits = String(1_000_000 + rest).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        text += "." + digits
      }
      return Self.framed(text, first, last)
    default: return description
    }
  }

  private static func framed(_ text: String, _ first: IntervalField, _ last: IntervalField) -> String {
    let fields = first == last ? "\(first)" : "\(first) to \(last)"
    return "INTERVAL '\(text)' \(fields.uppercased())"
  }
}
