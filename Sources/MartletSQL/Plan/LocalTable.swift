internal import MartletDuckDB

/// Columns in memory. Two tables are equal only if they are the same object.
///
/// The columns live as long as something refers to the table: a `DataFrame`, a view, or a query that reads it.
public final class LocalTable: Hashable, Sendable {
  /// The columns.
  public let schema: StructType
  /// The table in `FROM`.
  let sql: String
  /// The database that can read the table.
  let database: DuckDatabase
  /// The files that the query of a relation reads, if this object stands for files.
  let files: [String]
  /// Releases the columns when it is released.
  private let owner: any Sendable
  /// The table of the warehouse that this stands for, with the number of its changes.
  let tableVersion: TableVersion?

  /// Makes columns readable for a database.
  init(_ table: ColumnTable, schema: StructType, in database: DuckDatabase) {
    self.schema = schema
    self.database = database
    let registration = database.register(table)
    sql = registration.sql
    files = []
    owner = registration
    tableVersion = nil
  }

  /// Takes a table of the engine.
  init(_ table: EngineTable, schema: StructType) {
    self.schema = schema
    database = table.database
    sql = table.name
    files = []
    owner = table
    tableVersion = nil
  }

  /// Notes that a query reads a table of the warehouse.
  init(reading version: TableVersion, schema: StructType, in database: DuckDatabase) {
    self.schema = schema
    self.database = database
    sql = version.name.sql
    files = []
    owner = version
    tableVersion = version
  }

  /// Stands for files that a query reads in place, so that they are known to all relations made from it.
  ///
  /// - Parameters:
  ///   - schema: the columns in the files.
  ///   - sql: the files in `FROM`.
  ///   - owner: an object that is needed while the query runs.
  init(files: [String], schema: StructType, sql: String, owner: any Sendable, in database: DuckDatabase) {
    self.schema = schema
    self.sql = sql
    self.files = files
    self.database = database
    self.owner = owner
    tableVersion = nil
  }

  public static func == (a: LocalTable, b: LocalTable) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
