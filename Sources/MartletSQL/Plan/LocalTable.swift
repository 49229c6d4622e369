internal import MartletDuckDB

/// Columns in memory. Two tables are equal only if they are the same object.
///
/// The columns live as long as something refers to the table: a `DataFrame`, a view, or a query that reads it.
public final class LocalTable: Hashable, Sendable {
  /// The columns.
  public let schema: StructType
  let registration: TableRegistration
  /// The database that can read the table.
  let database: DuckDatabase

  /// Makes columns readable for a database.
  init(_ table: ColumnTable, schema: StructType, in database: DuckDatabase) {
    self.schema = schema
    self.database = database
    registration = database.register(table)
  }

  public static func == (a: LocalTable, b: LocalTable) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
