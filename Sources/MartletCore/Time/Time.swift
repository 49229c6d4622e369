#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A point in time, such as that of a batch: Spark's Time.
@frozen public struct Time: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Nanoseconds since 1970-01-01 00:00 UTC.
  @usableFromInline package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The time so many milliseconds after 1970-01-01 00:00 UTC; the last or first that there is, some 292 years from then,
  /// if it lies beyond.
  public init(milliseconds: Int) { nanoseconds = Duration.milliseconds(milliseconds).nanoseconds }

  /// The time that the machine's wall clock shows.
  package static var now: Time {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Time(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// Whole milliseconds since 1970-01-01 00:00 UTC.
  public var milliseconds: Int {
    let quotient = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return Int(quotient.remainder < 0 ? quotient.quotient - 1 : quotient.quotient)
  }

  /// Whole microseconds since 1970-01-01 00:00 UTC.
  public var microseconds: Int { Int((nanoseconds >= 0 ? nanoseconds : nanoseconds - 999) / 1000) }

  /// The latest time, not after this one, that lies a whole number of `interval`s after `zero` (1970 if not given).
  /// This time itself if `interval` is not longer than nothing.
  public func floor(_ interval: Duration, _ zero: Time = Time(milliseconds: 0)) -> Time {
    let length = interval.nanoseconds
    guard length > 0 else { return self }
    let remainder = nanoseconds.subtractingSaturated(zero.nanoseconds) % length
    return Time(nanoseconds: nanoseconds.subtractingSaturated(remainder < 0 ? remainder + length : remainder))
  }

  /// Whether this time lies a whole number of `interval`s after 1970. None does if `interval` is zero.
  public func isMultiple(of interval: Duration) -> Bool {
    let length = interval.nanoseconds
    // The remainder of a division by -1 does not exist for every number.
    return length == -1 || length != 0 && nanoseconds % length == 0
  }

  /// The times from this one up to, and without, `end`, at a distance of `interval`; none if that is not longer than
  /// nothing.
  public func until(_ end: Time, _ interval: Duration) -> [Time] {
    times(interval) { $0 < end.nanoseconds }
  }

  /// The times from this one up to, and with, `end`, at a distance of `interval`; none if that is not longer than nothing.
  public func to(_ end: Time, _ interval: Duration) -> [Time] {
    times(interval) { $0 <= end.nanoseconds }
  }

  private func times(_ interval: Duration, while isWanted: (Int64) -> Bool) -> [Time] {
    let length = interval.nanoseconds
    var times: [Time] = []
    var next = nanoseconds
    while length > 0 && isWanted(next) {
      times.append(Time(nanoseconds: next))
      let (sum, overflow) = next.addingReportingOverflow(length)
      if overflow { break }
      next = sum
    }
    return times
  }

  /// The time so much later. A time beyond those that there are, some 292 years from 1970, becomes the last one.
  public static func + (time: Time, interval: Duration) -> Time {
    Time(nanoseconds: time.nanoseconds.addingSaturated(interval.nanoseconds))
  }

  /// The time so much earlier; the first one that there is if it lies beyond.
  public static func - (time: Time, interval: Duration) -> Time {
    Time(nanoseconds: time.nanoseconds.subtractingSaturated(interval.nanoseconds))
  }

  /// How long after `earlier` this time is.
  public static func - (time: Time, earlier: Time) -> Duration {
    .nanoseconds(time.nanoseconds.subtractingSaturated(earlier.nanoseconds))
  }

  // Batches compare many times, from other modules.
  @inlinable public static func < (a: Time, b: Time) -> Bool { a.nanoseconds < b.nanoseconds }
  @inlinable public static func == (a: Time, b: Time) -> Bool { a.nanoseconds == b.nanoseconds }

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
  /// Whether this duration is a whole number of `other`s, which must be longer than nothing.
  package func isMultiple(of other: Duration) -> Bool {
    other.nanoseconds > 0 && nanoseconds % other.nanoseconds == 0
  }

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

extension Time: Codable {
  /// Reads nanoseconds since 1970-01-01 00:00 UTC.
  public init(from decoder: any Decoder) throws {
    nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  /// Writes nanoseconds since 1970-01-01 00:00 UTC.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }
}
