internal import Logging
internal import MartletCore
internal import MartletDuckDB
internal import MartletRDD
internal import Synchronization

/// The database engine of a `MartletContext`, which all of its sessions share.
final class SQLEngine: Sendable {
  let database: DuckDatabase
  private let pool: WorkerPool
  /// The work that the context's threads do for the database while it runs queries.
  private let tasks: DuckTasks
  private let offsets = Mutex<[String: Int]>([:])
  private let idle = Mutex<[DuckConnection]>([])
  /// The connections that are lent.
  private let busy = Mutex<[ObjectIdentifier: DuckConnection]>([:])
  private let tracksProgress = Atomic<Bool>(false)
  private let hasFunctions = Mutex(false)
  /// Views in the database `global_temp`, by their names in lower case.
  let globalViews = Mutex<[String: SessionView]>([:])
  /// The file with the tables that outlive the program.
  let warehouseState = Warehouse.State()

  let logger: Logger
  /// The number of threads that run queries.
  let threads: Int
  /// The most bytes of a line of a file.
  let maximumLineLength: Int

  init(_ context: MartletContext) throws {
    logger = context.logger
    threads = context.threads
    // A text of the engine is shorter than 4 GiB.
    maximumLineLength = min(try context.settings.get().maximumLineLength, Int(UInt32.max) - 2)
    // The engine has no threads of its own: a query runs on the thread that waits for its result, and on those of the
    // context's threads that have no task.
    var configuration = DuckConfiguration(
      threads: context.threads,
      memoryLimit: try context.conf.get(.sqlMemoryBytes) ?? max(64 << 20, MachineLimits.current.memory / 2),
      temporaryFolder: try context.conf.get(.localDirectory) ?? DuckConfiguration.systemTemporaryFolder)
    configuration.callersThreads = context.threads
    database = try DuckDatabase.inMemory(configuration)
    pool = context.pool
    tasks = DuckTasks(database)
    let connection = try database.connect()
    // Timestamps are stored in UTC, and are shown in the time zone of the session.
    try connection.execute("SET GLOBAL TimeZone = 'UTC'")
    idle.withLock { $0.append(connection) }
  }

  /// Creates the functions that SQL of plans calls, before the first query that may call one. It takes longer than many queries
  /// do.
  private func createFunctions() throws {
    try hasFunctions.withLock { hasFunctions in
      guard !hasFunctions else { return }
      let connection = try database.connect()
      // One transaction is faster than one for each function.
      try connection.execute("BEGIN TRANSACTION")
      for function in EngineFunctions.closures { try connection.register(function) }
      for macro in EngineFunctions.macros { try connection.execute("CREATE MACRO \(macro)") }
      try connection.execute("COMMIT")
      hasFunctions = true
    }
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

  /// A connection for one use.
  ///
  /// - Parameter query: the only text that will run, if it is known.
  func borrow(for query: String? = nil) throws -> DuckConnection {
    if query.map(EngineFunctions.mayOccur) ?? true { try createFunctions() }
    let connection = try idle.withLock({ $0.popLast() }) ?? database.connect()
    if tracksProgress.load(ordering: .relaxed) { try connection.trackProgress() }
    busy.withLock { $0[ObjectIdentifier(connection)] = connection }
    pool.lend { [tasks] in tasks.runOne() }
    return connection
  }

  /// Ends the use of a connection that must not be used again.
  func discard(_ connection: DuckConnection) {
    pool.endLoan()
    busy.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(connection)) }
  }

  func giveBack(_ connection: DuckConnection) {
    discard(connection)
    idle.withLock { if $0.count < 16 { $0.append(connection) } }
  }

  // MARK: Running queries

  /// Makes `progress` available for queries that begin later.
  func trackProgress() { tracksProgress.store(true, ordering: .relaxed) }

  /// The part of the query that is done, from 0 to 1; of several, that of the one which is nearest to its end. `nil` if it
  /// is unknown.
  var progress: Double? { busy.withLock { $0.values.compactMap(\.progress).max() } }

  /// Ends the running queries with an error of the code `cancelled`.
  func interrupt() { busy.withLock { for connection in $0.values { connection.interrupt() } } }
}

/// A view: a plan whose names are resolved, so that later changes of tables do not change its columns.
struct SessionView: Sendable {
  var name: String
  var relation: Relation
}
