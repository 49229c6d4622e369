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

  /// Creates the time `milliseconds` after 1970-01-01 00:00 UTC, limited to the range of some 292 years before and
  /// after.
  public init(milliseconds: Int) { nanoseconds = Duration.milliseconds(milliseconds).nanoseconds }

  /// The time that the machine's wall clock shows.
  public static var now: Time {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Time(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// The number of whole milliseconds since 1970-01-01 00:00 UTC.
  public var milliseconds: Int {
    let quotient = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return Int(quotient.remainder < 0 ? quotient.quotient - 1 : quotient.quotient)
  }

  /// The number of whole microseconds since 1970-01-01 00:00 UTC.
  public var microseconds: Int { Int((nanoseconds >= 0 ? nanoseconds : nanoseconds - 999) / 1000) }

  /// The latest time, not after this one, that is a whole number of `interval`s after `zero`, by default 1970. This
  /// time itself if `interval` is not positive.
  public func floor(_ interval: Duration, _ zero: Time = Time(milliseconds: 0)) -> Time {
    let length = interval.nanoseconds
    guard length > 0 else { return self }
    let remainder = nanoseconds.subtractingSaturated(zero.nanoseconds) % length
    return Time(nanoseconds: nanoseconds.subtractingSaturated(remainder < 0 ? remainder + length : remainder))
  }

  /// Returns a Boolean value that indicates whether this time is a whole number of `interval`s after 1970. Always
  /// `false` if `interval` is zero.
  public func isMultiple(of interval: Duration) -> Bool {
    let length = interval.nanoseconds
    // The remainder of a division by -1 overflows for the least number.
    return length == -1 || length != 0 && nanoseconds % length == 0
  }

  /// The times from this one up to, but not including, `end`, at a distance of `interval`; none if that is not
  /// positive.
  public func until(_ end: Time, _ interval: Duration) -> [Time] {
    times(interval) { $0 < end.nanoseconds }
  }

  /// The times from this one up to and including `end`, at a distance of `interval`; none if that is not positive.
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

  /// The time `interval` later, limited to the last possible time, some 292 years after 1970.
  public static func + (time: Time, interval: Duration) -> Time {
    Time(nanoseconds: time.nanoseconds.addingSaturated(interval.nanoseconds))
  }

  /// The time `interval` earlier, limited to the first possible time.
  public static func - (time: Time, interval: Duration) -> Time {
    Time(nanoseconds: time.nanoseconds.subtractingSaturated(interval.nanoseconds))
  }

  /// The duration from `earlier` to this time.
  public static func - (time: Time, earlier: Time) -> Duration {
    .nanoseconds(time.nanoseconds.subtractingSaturated(earlier.nanoseconds))
  }

  // Batches compare many times, from other modules.
  @inlinable public static func < (a: Time, b: Time) -> Bool { a.nanoseconds < b.nanoseconds }
  @inlinable public static func == (a: Time, b: Time) -> Bool { a.nanoseconds == b.nanoseconds }

  /// The milliseconds since 1970, as Spark prints a time: `1763806504000 ms`.
  public var description: String { "\(milliseconds) ms" }

  /// The date and time in the machine's time zone, such as `2026-11-22 10:15:04`, with milliseconds if there are any.
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
  /// Returns true if this duration is a multiple of `other`, which must be positive.
  package func isMultiple(of other: Duration) -> Bool {
    other.nanoseconds > 0 && nanoseconds % other.nanoseconds == 0
  }

  /// A text for display: `250 ms`, `2 s`, `0.5 ms`.
  package var text: String {
    let n = nanoseconds
    if n % 1_000_000_000 == 0 { return "\(n / 1_000_000_000) s" }
    if n % 1_000_000 == 0 { return "\(n / 1_000_000) ms" }
    return "\(Double(n) / 1_000_000) ms"
  }

  /// The number of milliseconds, with its fraction.
  package var inMilliseconds: Double { Double(nanoseconds) / 1_000_000 }
}

extension Time: Codable {
  /// Decodes nanoseconds since 1970-01-01 00:00 UTC.
  public init(from decoder: any Decoder) throws {
    nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  /// Encodes nanoseconds since 1970-01-01 00:00 UTC.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }
}
