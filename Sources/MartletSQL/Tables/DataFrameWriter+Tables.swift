internal import MartletCore

// Tables of the warehouse. Each method has a form that blocks and one that suspends the task; in async code, Swift takes the
// second.

extension DataFrameWriter {
  /// Writes the rows to a table of the warehouse, which outlives the program.
  ///
  /// ```swift
  /// try counts.write.mode(.append).saveAsTable("counts")
  /// ```
  /// A table that does not exist is created with the columns of the frame. If it exists, `append` adds the rows, whose
  /// columns correspond by name; `overwrite` puts a new table in its place; the default is an error. Readers see the table
  /// before the write or after it. When this returns, the rows are on disk.
  ///
  /// In `foreachRDD` and `foreachDataFrame`, a batch that runs again appends its rows again: at least once. Use
  /// `DStream.saveAsTable` for exactly once.
  /// - Throws: `MartletError`. Nothing is written then.
  public func saveAsTable(_ name: String, file: StaticString = #fileID, line: UInt = #line) throws {
    try save(asTable: name, OperatorSite("saveAsTable", file, line))
  }

  /// Writes the rows to a table of the warehouse, which outlives the program.
  /// - Throws: `MartletError`. Nothing is written then.
  public func saveAsTable(_ name: String, file: StaticString = #fileID, line: UInt = #line) async throws {
    let site = OperatorSite("saveAsTable", file, line)
    try await frame.session.running(site) { try save(asTable: name, site) }
  }

  /// Inserts the rows into a table of the warehouse that exists. Columns correspond by position, whatever their names.
  ///
  /// With `overwrite: true`, the rows take the place of those in the table, as with the mode `overwrite`.
  /// - Throws: `MartletError` if there is no such table, or its columns do not fit. Nothing is written then.
  public func insertInto(
    _ name: String, overwrite: Bool? = nil, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    try insert(intoTable: name, overwrite, OperatorSite("insertInto", file, line))
  }

  /// Inserts the rows into a table of the warehouse that exists. Columns correspond by position, whatever their names.
  /// - Throws: `MartletError` if there is no such table, or its columns do not fit. Nothing is written then.
  public func insertInto(
    _ name: String, overwrite: Bool? = nil, file: StaticString = #fileID, line: UInt = #line
  ) async throws {
    let site = OperatorSite("insertInto", file, line)
    try await frame.session.running(site) { try insert(intoTable: name, overwrite, site) }
  }

  private func save(asTable name: String, _ site: OperatorSite) throws {
    let spark = frame.session.spark
    try spark.placed(site) {
      if let fault { throw AnalysisError(faults: [fault]) }
      let table = try spark.tableName(try Self.parts(name))
      var relation = try spark.relation(frame.input, site, computes: true)
      if saveMode == .append, try spark.state.engine.warehouse.table(table) != nil {
        return try spark.insert(relation, into: table, .name(isComplete: true), overwrites: false)
      }
      let columns = relation.columns.map { WarehouseTable.Column(StructField($0.name, $0.type)) }
      let (ordered, order) = try spark.partitioned(columns, by: partitionColumns, table)
      relation.columns = order.map { relation.columns[$0] }
      try spark.createTable(table, ordered, rows: relation, mode: saveMode)
    }
  }

  private func insert(intoTable name: String, _ overwrite: Bool?, _ site: OperatorSite) throws {
    let spark = frame.session.spark
    try spark.placed(site) {
      if let fault { throw AnalysisError(faults: [fault]) }
      let table = try spark.existingTable(try Self.parts(name))
      let relation = try spark.relation(frame.input, site, computes: true)
      try spark.insert(relation, into: table.name, .position, overwrites: overwrite ?? (saveMode == .overwrite))
    }
  }

  private static func parts(_ name: String) throws -> [String] {
    do { return try SQLParser.parseName(name) } catch {
      throw AnalysisError("PARSE_SYNTAX_ERROR", "\(error)")
    }
  }
}
