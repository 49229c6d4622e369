internal import MartletCore
internal import MartletDatabases
internal import MartletSQL

/// The conditions that divide a table into parts, which are read at the same time.
struct JDBCPartitions {
  /// One for each part; empty if there is one part.
  let conditions: [String]

  init(_ options: JDBCOptions, _ columns: [DatabaseColumn], _ dialect: Dialect) throws {
    guard let name = options["partitionColumn"] else {
      guard options["lowerBound"] == nil, options["upperBound"] == nil else {
        throw JDBCOptions.fault("The bounds need the option partitionColumn.")
      }
      conditions = []
      return
    }
    guard
      let column = columns.first(where: { $0.name == name })
        ?? columns.first(where: { $0.name.lowercased() == name.lowercased() })
    else { throw JDBCOptions.fault("There is no column '\(name)' for partitionColumn.") }
    func bound(_ key: String) throws -> Int64 {
      let text = try options.required(key, "with partitionColumn, it is a value of that column")
      let value: Int64? =
        switch column.type {
        case .date: SQLDate(text).map { Int64($0.days) }
        case .timestamp, .localTimestamp: SQLTimestamp(text)?.microseconds
        default: Int64(text)
        }
      guard let value else { throw JDBCOptions.fault("The option \(key) is '\(text)', which is no \(column.type).") }
      return value
    }
    let (lower, upper) = (try bound("lowerBound"), try bound("upperBound"))
    guard lower <= upper else { throw JDBCOptions.fault("The option lowerBound is greater than upperBound.") }
    guard let wanted = try options.number("numPartitions", upTo: 1000) else {
      throw JDBCOptions.fault("The option numPartitions is missing: with partitionColumn, it is the number of parts.")
    }
    // No more parts than values.
    let (distance, overflow) = upper.subtractingReportingOverflow(lower)
    let count = overflow ? wanted : Int(min(Int64(wanted), max(distance, 1)))
    guard count > 1 else {
      conditions = []
      return
    }
    let quoted = dialect.quoted(column.name)
    func literal(_ value: Int64) throws -> String {
      switch column.type {
      case .date: return "'\(SQLDate(days: Int32(clamping: value)))'"
      case .timestamp, .localTimestamp: return "'\(SQLTimestamp(microseconds: value))'"
      case .int8, .int16, .int32, .int64, .uint64, .float, .double, .decimal: return "\(value)"
      default:
        throw JDBCOptions.fault(
          "The column '\(column.name)' for partitionColumn is a \(column.type). It must be a number, a date or a timestamp."
        )
      }
    }
    let stride = upper / Int64(count) - lower / Int64(count)
    let limits = try (1..<count).map { try literal(lower + Int64($0) * stride) }
    // Rows beyond the bounds belong to the first and the last part, and those without a value to the first.
    conditions =
      ["\(quoted) < \(limits[0]) OR \(quoted) IS NULL"]
      + zip(limits, limits.dropFirst()).map { "\(quoted) >= \($0) AND \(quoted) < \($1)" }
      + ["\(quoted) >= \(limits[count - 2])"]
  }
}
