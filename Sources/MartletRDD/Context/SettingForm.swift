import MartletCore

/// The form of the value of a setting.
package enum SettingForm: Sendable {
  case text
  /// The master, as `Master` parses it.
  case master
  /// The path of a local folder.
  case folder
  case integer(ClosedRange<Int>)
  /// A non-negative number.
  case number(allowsZero: Bool)
  case flag
  /// A length of time of at least a millisecond: `200ms`, `2s`, `1m`, `1h`, `1d`, or a number of milliseconds.
  case duration
  /// As `duration`, or nothing: `0`.
  case durationOrZero
  /// A duration that is rounded up to whole seconds.
  case wholeSeconds(maximum: Int)
  /// The only valid word.
  case word(String)

  /// The error for the value `text` of the setting `key`, with the accepted values; `nil` if it is valid.
  package func refusal(of text: String, for key: String) -> String? {
    let accepted: String
    switch self {
    case .text: return nil
    case .master: return Self.refusal(key) { _ = try Master(text) }
    case .folder:
      if !text.isEmpty { return Self.refusal(key) { _ = try localPath(text) } }
      accepted = "the path of a folder. Omit the setting to use the default"
    case .integer(let range):
      if let value = Int(text), range.contains(value) { return nil }
      accepted =
        "a whole number "
        + (range.upperBound == .max
          ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)")
    case .number(let allowsZero):
      if let value = Double(text), value.isFinite, value > 0 || allowsZero && value == 0 { return nil }
      accepted = "a \(allowsZero ? "non-negative" : "positive") number"
    case .flag:
      if Bool(text) != nil { return nil }
      accepted = "'true' or 'false'"
    case .duration:
      if Self.duration(text) != nil { return nil }
      accepted = "a time from 1 ms to 1000 days, in whole milliseconds, such as 200ms or 2s"
    case .durationOrZero:
      if Self.duration(text) != nil || text == "0" || text == "0s" { return nil }
      accepted = "0, or a time from 1 ms to 1000 days, in whole milliseconds, such as 200ms or 2s"
    case .wholeSeconds(let maximum):
      if let duration = Self.duration(text), Self.wholeSeconds(duration) <= maximum { return nil }
      accepted = "a time from 1 ms to \(maximum) s, such as 500ms or 60s"
    case .word(let word):
      if text == word { return nil }
      accepted = "'\(word)'"
    }
    return "The setting \(key) is '\(text)'; it must be \(accepted)."
  }

  private static func refusal(_ key: String, _ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "The setting \(key): \((error as? MartletError)?.message ?? "\(error)")"
    }
  }

  static func duration(_ text: String) -> Duration? {
    let units: [(String, Int)] = [
      ("ms", 1), ("s", 1000), ("min", 60_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("", 1),
    ]
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      guard let number = Int(text.dropLast(suffix.count)), (1...86_400_000_000 / factor).contains(number) else {
        return nil
      }
      return .milliseconds(number * factor)
    }
    return nil
  }

  /// Rounds up to whole seconds.
  package static func wholeSeconds(_ duration: Duration) -> Int64 {
    (duration + .milliseconds(999)).components.seconds
  }
}
