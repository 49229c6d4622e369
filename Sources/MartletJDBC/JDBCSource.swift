internal import MartletDatabases
package import MartletSQL

/// The format `jdbc`, which `MartletSQL` finds by the name of this type.
// Not internal: the optimizer removes internal types to which nothing refers.
package struct JDBCSource: ExternalSource {
  package init() {}

  package func table(_ options: [String: String]) throws -> ExternalTable {
    let table = try JDBCTable(JDBCOptions(options))
    return ExternalTable(schema: table.schema, source: table)
  }

  package func write(_ rows: ExternalRows, _ options: [String: String], _ mode: SaveMode) throws {
    try JDBCWrite(rows, JDBCOptions(options)).run(mode)
  }
}
