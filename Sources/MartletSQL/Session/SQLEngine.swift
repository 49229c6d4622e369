internal import MartletCore
internal import MartletDuckDB
internal import MartletRDD
internal import Synchronization

/// The database engine of a `MartletContext`, which all of its sessions share.
final class SQLEngine: Sendable {
  let database: DuckDatabase
  private let idle = Mutex<[DuckConnection]>([])
  /// Views in the database `global_temp`, by their names in lower case.
  let globalViews = Mutex<[String: SessionView]>([:])

  init(_ context: MartletContext) throws {
    database = try DuckDatabase.inMemory(DuckConfiguration(threads: context.threads))
    for function in EngineFunctions.closures { try database.register(function) }
    let connection = try database.connect()
    // Timestamps are stored in UTC, and are shown in the time zone of the session.
    try connection.execute("SET GLOBAL TimeZone = 'UTC'")
    for macro in EngineFunctions.macros { try connection.execute("CREATE MACRO \(macro)") }
    idle.withLock { $0.append(connection) }
  }

  /// Lends a connection to `body`. A connection runs one query at a time.
  func withConnection<Result>(_ body: (DuckConnection) throws -> Result) throws -> Result {
    let connection = try borrow()
    defer { giveBack(connection) }
    return try body(connection)
  }

  func borrow() throws -> DuckConnection {
    if let connection = idle.withLock({ $0.popLast() }) { return connection }
    return try database.connect()
  }

  func giveBack(_ connection: DuckConnection) { idle.withLock { if $0.count < 16 { $0.append(connection) } } }
}

/// A view: a plan whose names are resolved, so that later changes of tables do not change its columns.
struct SessionView: Sendable {
  var name: String
  var relation: Relation
}
