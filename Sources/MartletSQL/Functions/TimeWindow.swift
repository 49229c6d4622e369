/// Windows of one length in time, as SQL.
struct TimeWindow: Sendable {
  /// The start of each window that contains a time; `NULL`, or no row, for `NULL`.
  let starts: String
  /// The windows: structs with a start and an end.
  let values: String
  /// The microseconds between start and end.
  let length: Int64

  /// The largest number of windows with a time for which the SQL lists all of them.
  private static let listed: Int64 = 100

  /// - Parameters:
  ///   - time: the SQL of a timestamp.
  ///   - slide: the microseconds between the starts of windows, at most the length.
  ///   - offset: the start of one of the windows, in microseconds since 1970.
  init(_ time: String, length: Int64, slide: Int64, offset: Int64) {
    self.length = length
    let origin = "make_timestamp(\(offset % slide)::BIGINT)"
    let last = "time_bucket(to_microseconds(\(slide)), \(time), \(origin))"
    let count = (length + slide - 1) / slide
    if count == 1 {
      starts = last
      values = Self.value(last, length: length)
      return
    }
    let list: String
    if length % slide == 0, count <= Self.listed {
      let starts = (0..<count).map { $0 == 0 ? last : "\(last) - to_microseconds(\($0 * slide))" }
      list = "CASE WHEN \(time) IS NOT NULL THEN [\(starts.joined(separator: ", "))] END"
    } else {
      // The earliest window may end before the time.
      list = """
        list_filter(list_transform(range(\(count)), lambda i: \(last) - to_microseconds(i * \(slide))), lambda s: s + \
        to_microseconds(\(length)) > \(time))
        """
    }
    starts = "unnest(\(list))"
    values = "unnest(list_transform(\(list), lambda s: \(Self.value("s", length: length))))"
  }

  /// The window that begins at a time.
  static func value(_ start: String, length: Int64) -> String {
    "(CASE WHEN \(start) IS NOT NULL THEN struct_pack(\"start\" := \(start), \"end\" := \(start) + to_microseconds(\(length))) END)"
  }
}
