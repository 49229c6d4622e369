internal import MartletCore
public import MartletDatabases
public import MartletSQL

extension DatabaseSink where Element == Row {
  /// Creates a sink for the rows of a query, which go into the columns of the same names.
  ///
  /// ```swift
  /// try readings.transformSQL("SELECT sensor, max(value) AS value FROM batch GROUP BY sensor", "sensor", "value")
  ///   .write(to: DatabaseSink(plant, table: "peaks"))
  /// ```
  /// The guarantee and the parameters are those of ``DatabaseSink``.
  /// - Throws: `MartletError(.invalidArgument)` if a name is invalid.
  public init(
    _ database: Database, table: String, mode: WriteMode = .append, stream: String? = nil,
    settings: DatabaseSinkSettings = DatabaseSinkSettings()
  ) throws {
    try self.init(database, table: table, stream: stream, mode: mode, settings: settings, columns: []) {
      let columns = RowColumns()
      return RowMaker(columns: { columns.names }) { row, writer in try columns.append(row, to: &writer) }
    }
  }
}

/// The columns of the rows of one part. One task uses it.
private final class RowColumns {
  private(set) var names: [String] = []

  func append(_ row: Row, to writer: inout DatabaseRowWriter) throws {
    if names.isEmpty {
      _ = try row.schema.databaseColumns()
      names = row.fieldNames
    }
    guard row.size == names.count else {
      throw MartletError(.invalidArgument, "A row has \(row.size) values, and the first one had \(names.count).")
    }
    for (index, value) in row.values.enumerated() {
      guard let value = value.databaseValue else {
        throw MartletError(
          .invalidArgument, "The column '\(names[index])' has a value with parts, which databases do not have.")
      }
      writer.append(value, width: names.count)
    }
  }
}
