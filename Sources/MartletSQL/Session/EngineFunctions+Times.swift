internal import MartletDuckDB

extension EngineFunctions {
  static let times: [ScalarFunction] = [
    ScalarFunction("martlet_zone_offset") { (zone: String) -> Int64? in TimePattern.offset(zone) },
    ScalarFunction("martlet_zone_text") { (seconds: Int64, pattern: String) -> String? in
      TimePattern.zone(Int(seconds), pattern)
    },
    ScalarFunction("martlet_pattern_micros") { (text: String, pattern: String) throws -> Int64 in
      guard let value = TimePattern.microseconds(text, pattern) else {
        throw EngineFault(
          "[CANNOT_PARSE_TIMESTAMP] The text '\(text.prefix(100))' does not have the pattern '\(pattern)'. "
            + "Use try_to_timestamp to get NULL instead.")
      }
      return value
    },
    ScalarFunction("martlet_try_pattern_micros") { (text: String, pattern: String) -> Int64? in
      TimePattern.microseconds(text, pattern)
    },
    ScalarFunction("martlet_day_of_week") { (text: String) throws -> Int32 in
      guard let day = weekday(text) else {
        throw EngineFault("[ILLEGAL_DAY_OF_WEEK] '\(text.prefix(100))' is no day of the week, such as Mon or Monday.")
      }
      return day
    },
    ScalarFunction("martlet_day_time_text") { (microseconds: Int64, first: Int32, last: Int32) -> String in
      guard let first = IntervalField(rawValue: Int(first)), let last = IntervalField(rawValue: Int(last)) else {
        return ""
      }
      return SQLInterval(microseconds: microseconds).description(as: .dayTimeInterval(from: first, to: last))
    },
    ScalarFunction("martlet_year_month_text") { (months: Int64, first: Int32, last: Int32) -> String in
      guard let first = IntervalField(rawValue: Int(first)), let last = IntervalField(rawValue: Int(last)) else {
        return ""
      }
      return SQLInterval(months: Int32(clamping: months)).description(as: .yearMonthInterval(from: first, to: last))
    },
    ScalarFunction("martlet_calendar_text") { (months: Int64, days: Int64, microseconds: Int64) -> String in
      SQLInterval(months: Int32(clamping: months), days: Int32(clamping: days), microseconds: microseconds).description
    },
    ScalarFunction("martlet_interval_micros") { (text: String, first: Int32, last: Int32) throws -> Int64 in
      guard let value = interval(text, Int(first), Int(last)) else {
        throw InvalidCast(text: text, type: "interval")
      }
      return Int64(value.days) * SQLTimestamp.perDay + value.microseconds
    },
    ScalarFunction("martlet_interval_months") { (text: String, first: Int32, last: Int32) throws -> Int64 in
      guard let value = interval(text, Int(first), Int(last)) else {
        throw InvalidCast(text: text, type: "interval")
      }
      return Int64(value.months)
    },
  ]

  private static func weekday(_ text: String) -> Int32? {
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
    let name = text.uppercased()
    return days.firstIndex { $0 == name || $0.prefix(3) == name || $0.prefix(2) == name }.map { Int32($0) }
  }

  /// The interval of a text such as `3`, `1 02:03` or `INTERVAL '1-6' YEAR TO MONTH`, as a cast reads it.
  private static func interval(_ text: String, _ first: Int, _ last: Int) -> SQLIntervalParts? {
    let units: [IntervalText.Unit] = [.year, .month, .day, .hour, .minute, .second]
    guard units.indices.contains(first), units.indices.contains(last) else { return nil }
    var body = text.trimmingSpaces()
    if let start = body.firstIndex(of: "'"), let end = body.lastIndex(of: "'"), start < end {
      body = String(body[body.index(after: start)..<end])
    }
    var parts = SQLIntervalParts()
    do {
      if first == last {
        try parts.add(body, units[first])
      } else {
        try parts.add(fields: body, from: units[first], to: units[last])
      }
      return parts
    } catch { return nil }
  }
}

/// Times with a pattern of Java that contains a time zone, which the engine cannot read.
enum TimePattern {
  /// The seconds from UTC of a time zone such as `+02:00` or `GMT+2`; `nil` if it is a name of a region.
  static func offset(_ zone: String) -> Int64? {
    var rest = Substring(zone)
    for prefix in ["UTC", "GMT", "UT"] where rest.hasPrefix(prefix) {
      rest = rest.dropFirst(prefix.count)
      break
    }
    if rest.isEmpty || rest == "Z" { return 0 }
    guard let sign = rest.first, sign == "+" || sign == "-" else { return nil }
    rest = rest.dropFirst()
    let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count), let hours = Int64(parts[0]), hours <= 18, (1...2).contains(parts[0].count)
    else {
      return nil
    }
    var seconds = hours * 3600
    for (part, unit) in zip(parts.dropFirst(), [60, 1] as [Int64]) {
      guard let value = Int64(part), value < 60 else { return nil }
      seconds += value * unit
    }
    return sign == "-" ? -seconds : seconds
  }

  /// The offset from UTC in the form of a letter of patterns, such as `XXX`.
  static func zone(_ seconds: Int, _ pattern: String) -> String? {
    let sign = seconds < 0 ? "-" : "+"
    let hours = twoDigits(abs(seconds) / 3600)
    let minutes = twoDigits(abs(seconds) / 60 % 60)
    switch pattern {
    case "X", "XX", "XXX", "ZZZZZ":
      if seconds == 0 { return "Z" }
      return zone(seconds, pattern == "ZZZZZ" ? "xxx" : pattern.lowercased())
    case "x": return sign + hours + (minutes == "00" ? "" : minutes)
    case "xx", "Z", "ZZ", "ZZZ": return sign + hours + minutes
    case "xxx": return sign + hours + ":" + minutes
    case "O": return seconds == 0 ? "GMT" : "GMT\(sign)\(abs(seconds) / 3600)" + (minutes == "00" ? "" : ":\(minutes)")
    case "OOOO", "ZZZZ": return seconds == 0 ? "GMT" : "GMT\(sign)\(hours):\(minutes)"
    default: return nil
    }
  }

  /// The microseconds since 1970 in UTC of a text with a pattern.
  static func microseconds(_ text: String, _ pattern: String) -> Int64? {
    guard case .success(let pieces) = DatePattern.pieces(pattern) else { return nil }
    var rest = text[...]
    var fields: [Character: Int] = [:]
    var microseconds = 0
    var offset: Int64 = 0
    func number(_ least: Int, _ most: Int) -> Int? {
      let digits = rest.prefix(most).prefix { $0.isASCII && $0.isNumber }
      guard digits.count >= least, let value = Int(digits) else { return nil }
      rest = rest[digits.endIndex...]
      return value
    }
    func name(_ names: [String], _ isShort: Bool) -> Int? {
      for (index, name) in names.enumerated() {
        let name = isShort ? String(name.prefix(3)) : name
        if rest.lowercased().hasPrefix(name.lowercased()) {
          rest = rest.dropFirst(name.count)
          return index
        }
      }
      return nil
    }
    for piece in pieces {
      switch piece {
      case .text(let literal):
        guard rest.hasPrefix(literal) else { return nil }
        rest = rest.dropFirst(literal.count)
      case .field("M", let count) where count >= 3, .field("L", let count) where count >= 3:
        guard let month = name(months, count == 3) else { return nil }
        fields["M"] = month + 1
      case .field("E", let count):
        guard name(days, count < 4) != nil else { return nil }
      case .field("a", _):
        guard let half = name(["AM", "PM"], false) else { return nil }
        fields["a"] = half
      case .field("S", let count):
        guard let fraction = number(count, count) else { return nil }
        microseconds = fraction
        for _ in count..<max(count, 6) { microseconds *= 10 }
        for _ in 6..<max(count, 6) { microseconds /= 10 }
      case .field("X", _), .field("x", _), .field("Z", _), .field("V", _), .field("z", _), .field("O", _):
        let zone = rest.prefix { $0.isLetter || $0.isNumber || "+-:/_".contains($0) }
        var text = String(zone)
        if let sign = text.first, sign == "+" || sign == "-", text.count == 5, !text.contains(":") {
          text.insert(":", at: text.index(text.startIndex, offsetBy: 3))
        }
        guard let seconds = Self.offset(text) else { return nil }
        offset = seconds
        rest = rest[zone.endIndex...]
      case .field(let letter, let count):
        guard "yMdHhms".contains(letter) else { return nil }
        var (least, most) = (count == 1 ? 1 : 2, 2)
        if letter == "y", count != 2 { (least, most) = count == 4 ? (4, 4) : (1, 9) }
        guard let value = number(least, most) else { return nil }
        fields[letter] = letter == "y" && count == 2 ? 2000 + value : value
      }
    }
    guard rest.isEmpty else { return nil }
    var hour = fields["H"] ?? 0
    if let half = fields["h"] { hour = half % 12 + 12 * (fields["a"] ?? 0) }
    guard let date = SQLDate(year: fields["y"] ?? 1970, month: fields["M"] ?? 1, day: fields["d"] ?? 1), hour < 24,
      fields["m"] ?? 0 < 60, fields["s"] ?? 0 < 60
    else { return nil }
    let seconds = Int64(hour * 3600 + (fields["m"] ?? 0) * 60 + (fields["s"] ?? 0)) - offset
    return Int64(date.days) * SQLTimestamp.perDay + seconds * SQLTimestamp.perSecond + Int64(microseconds)
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  private static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
}
