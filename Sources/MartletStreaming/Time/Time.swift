#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore

/// A point in time, such as that of a batch: Spark's Time.
public struct Time: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Nanoseconds since 1970-01-01 00:00 UTC.
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The time so many milliseconds after 1970-01-01 00:00 UTC.
  public init(milliseconds: Int) { nanoseconds = Int64(milliseconds) * 1_000_000 }

  /// Whole milliseconds since 1970-01-01 00:00 UTC.
  public var milliseconds: Int {
    let quotient = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return Int(quotient.remainder < 0 ? quotient.quotient - 1 : quotient.quotient)
  }

  /// Whole microseconds since 1970-01-01 00:00 UTC.
  public var microseconds: Int { Int((nanoseconds >= 0 ? nanoseconds : nanoseconds - 999) / 1000) }

  /// The latest time, not after this one, that lies a whole number of `interval`s after `zero` (1970 if not given).
  public func floor(_ interval: Duration, _ zero: Time = Time(milliseconds: 0)) -> Time {
    let length = interval.nanoseconds
    let since = nanoseconds - zero.nanoseconds
    let remainder = since % length
    return Time(nanoseconds: nanoseconds - (remainder < 0 ? remainder + length : remainder))
  }

  /// Whether this time lies a whole number of `interval`s after 1970.
  public func isMultiple(of interval: Duration) -> Bool { nanoseconds % interval.nanoseconds == 0 }

  /// The times from this one up to, and without, `end`, at a distance of `interval`.
  public func until(_ end: Time, _ interval: Duration) -> [Time] {
    stride(from: nanoseconds, to: end.nanoseconds, by: Int(interval.nanoseconds)).map { Time(nanoseconds: $0) }
  }

  /// The times from this one up to, and with, `end`, at a distance of `interval`.
  public func to(_ end: Time, _ interval: Duration) -> [Time] {
    stride(from: nanoseconds, through: end.nanoseconds, by: Int(interval.nanoseconds)).map { Time(nanoseconds: $0) }
  }

  public static func + (time: Time, interval: Duration) -> Time {
    Time(nanoseconds: time.nanoseconds + interval.nanoseconds)
  }

  public static func - (time: Time, interval: Duration) -> Time {
    Time(nanoseconds: time.nanoseconds - interval.nanoseconds)
  }

  /// How long after `earlier` this time is.
  public static func - (time: Time, earlier: Time) -> Duration {
    .nanoseconds(time.nanoseconds - earlier.nanoseconds)
  }

  public static func < (a: Time, b: Time) -> Bool { a.nanoseconds < b.nanoseconds }

  /// The milliseconds since 1970, as Spark prints a time: `1763806504000 ms`.
  public var description: String { "\(milliseconds) ms" }

  /// Date and time of day in the machine's time zone, as `2026-11-22 10:15:04`, with milliseconds if there are any.
  public var localDescription: String {
    var seconds = time_t(milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000)
    let fraction = milliseconds - Int(seconds) * 1000
    var parts = tm()
    localtime_r(&seconds, &parts)
    func two(_ number: some BinaryInteger) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let date = "\(Int(parts.tm_year) + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    let time = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    guard fraction > 0 else { return "\(date) \(time)" }
    return "\(date) \(time).\(String(fraction + 1000).dropFirst())"
  }
}

extension Duration {
  /// Whether this duration is a whole number of `other`s.
  package func isMultiple(of other: Duration) -> Bool { nanoseconds % other.nanoseconds == 0 }

  /// For people: `250 ms`, `2 s`, `0.5 ms`.
  package var text: String {
    let n = nanoseconds
    if n % 1_000_000_000 == 0 { return "\(n / 1_000_000_000) s" }
    if n % 1_000_000 == 0 { return "\(n / 1_000_000) ms" }
    return "\(Double(n) / 1_000_000) ms"
  }

  /// Milliseconds with their fraction.
  package var inMilliseconds: Double { Double(nanoseconds) / 1_000_000 }
}
