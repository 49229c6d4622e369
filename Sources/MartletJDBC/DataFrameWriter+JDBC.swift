internal import MartletCore
public import MartletSQL

extension DataFrameWriter {
  /// Writes the rows to a table of a database, in one transaction: all of them, or none.
  ///
  /// ```swift
  /// try await totals.write.mode(.overwrite).jdbc("jdbc:sqlite:totals.db", "totals")
  /// ```
  /// A table that does not exist is created. With the mode `overwrite`, a new table takes the place of the old one; with
  /// the option `truncate`, the table stays, and its rows are replaced. The option `upsertKeys`, with names of columns,
  /// replaces rows that have the same values in them.
  ///
  /// Guarantee: a batch of a stream that calls this writes its rows again if it runs again after a crash. For exactly once,
  /// write a stream of rows to a ``DatabaseSink``.
  /// - Parameters:
  ///   - url: the address of the database, in the form of ``Database``.
  ///   - table: the table.
  ///   - mode: the treatment of a table that exists; by default that of `mode(_:)`.
  ///   - properties: the user, the password, and the options of the format `jdbc`.
  /// - Throws: `MartletError`. Nothing is written then.
  public func jdbc(
    _ url: String, _ table: String, mode: SaveMode? = nil, _ properties: [String: String] = [:],
    file: StaticString = #fileID, line: UInt = #line
  ) throws {
    try jdbcWriter(url, table, mode, properties).save(file: file, line: line)
  }

  /// Writes the rows to a table of a database, in one transaction: all of them, or none. See the other form.
  /// - Throws: `MartletError`. Nothing is written then.
  public func jdbc(
    _ url: String, _ table: String, mode: SaveMode? = nil, _ properties: [String: String] = [:],
    file: StaticString = #fileID, line: UInt = #line
  ) async throws {
    try await jdbcWriter(url, table, mode, properties).save(file: file, line: line)
  }

  private func jdbcWriter(
    _ url: String, _ table: String, _ mode: SaveMode?, _ properties: [String: String]
  ) -> DataFrameWriter {
    let writer = options(properties).option("url", url).option("dbtable", table).format("jdbc")
    return mode.map { writer.mode($0) } ?? writer
  }
}
