/// The time zone of a session, for one thread that reads times of this zone from files.
struct FileZone: Sendable {
  /// The seconds that the zone is east of Greenwich at a time; `nil` for UTC.
  private let secondsFromUTC: (@Sendable (SQLTimestamp) -> Int)?
  /// Zones change at full quarters of an hour, so that most times need no call.
  private var quarter = Int64.min
  private var offset: Int64 = 0

  private static let perQuarter: Int64 = 900_000_000

  init(_ state: SessionState) {
    let zone = state.timeZone
    let engine = state.engine
    if zone == "UTC" {
      secondsFromUTC = nil
    } else {
      secondsFromUTC = { (time: SQLTimestamp) -> Int in engine.secondsFromUTC(zone, at: time) }
    }
  }

  /// The microseconds from 1970 in UTC to a time, which is given as the microseconds to its date and time of day.
  @inline(__always)
  mutating func utc(_ local: Int64) -> Int64 { secondsFromUTC == nil ? local : converted(local) }

  private mutating func converted(_ local: Int64) -> Int64 {
    // The offset is that at the time itself, which is not known yet.
    let near = local &- offset(at: local)
    return local &- offset(at: near)
  }

  private mutating func offset(at time: Int64) -> Int64 {
    let quarter = time / Self.perQuarter - (time % Self.perQuarter < 0 ? 1 : 0)
    if quarter != self.quarter {
      self.quarter = quarter
      offset = Int64(secondsFromUTC?(SQLTimestamp(microseconds: time)) ?? 0) * SQLTimestamp.perSecond
    }
    return offset
  }
}
