internal import MartletCore
internal import MartletDuckDB
internal import MartletRDD
internal import Synchronization

/// The database engine of a `MartletContext`, which all of its sessions share.
final class SQLEngine: Sendable {
  let database: DuckDatabase
  private let offsets = Mutex<[String: Int]>([:])
  private let idle = Mutex<[DuckConnection]>([])
  /// Views in the database `global_temp`, by their names in lower case.
  let globalViews = Mutex<[String: SessionView]>([:])
  /// The file with the tables that outlive the program.
  let warehouseState = Warehouse.State()

  init(_ context: MartletContext) throws {
    database = try DuckDatabase.inMemory(DuckConfiguration(threads: context.threads))
    for function in EngineFunctions.closures { try database.register(function) }
    let connection = try database.connect()
    // Timestamps are stored in UTC, and are shown in the time zone of the session.
    try connection.execute("SET GLOBAL TimeZone = 'UTC'")
    for macro in EngineFunctions.macros { try connection.execute("CREATE MACRO \(macro)") }
    idle.withLock { $0.append(connection) }
  }

  /// The seconds that a time zone is east of Greenwich at a time. Zones change at full quarters of an hour, so each quarter is
  /// asked for once.
  func secondsFromUTC(_ zone: String, at time: SQLTimestamp) -> Int {
    let quarter = time.microseconds / 900_000_000 - (time.microseconds % 900_000_000 < 0 ? 1 : 0)
    let key = "\(zone) \(quarter)"
    if let known = offsets.withLock({ $0[key] }) { return known }
    let utc = "make_timestamp(\(quarter * 900_000_000)::BIGINT)"
    let sql = "SELECT CAST(epoch(timezone(\(quotedText(zone)), timezone('UTC', \(utc)))) - epoch(\(utc)) AS BIGINT)"
    // A zone that does not exist has failed where it was set, or fails where a query uses it.
    guard let value = try? withConnection({ try $0.query(sql).scalar() }), case .int64(let seconds) = value else {
      return 0
    }
    offsets.withLock { offsets in
      if offsets.count > 10_000 { offsets = [:] }
      offsets[key] = Int(seconds)
    }
    return Int(seconds)
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
