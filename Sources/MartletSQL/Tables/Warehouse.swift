internal import MartletCore
internal import MartletDuckDB
private import Synchronization

/// The file that has the tables of a context's sessions, which outlive the program.
///
/// The engine attaches the file when a table is first asked for, if it exists, or when the first table is written, so that
/// one query can read tables and views. It detaches it when the context stops.
struct Warehouse: Sendable {
  let engine: SQLEngine

  /// The name of the attached file, which is that of Spark's catalog.
  static let catalog = "spark_catalog"
  static let defaultDatabase = "default"
  /// The schema with the types of columns and the batches of streams.
  static let internalDatabase = "martlet_internal"
  static let fileName = "warehouse.duckdb"
  static let setting = "spark.sql.warehouse.dir"
  static let defaultFolder = "spark-warehouse"
  static let columnsTable = "\(quoted(catalog)).\(quoted(internalDatabase)).columns"
  static let batchesTable = "\(quoted(catalog)).\(quoted(internalDatabase)).batches"
  private static let formatTable = "\(quoted(catalog)).\(quoted(internalDatabase)).format"
  private static let format: Int64 = 2

  /// The state of a warehouse, which belongs to an engine.
  final class State: Sendable {
    fileprivate struct Opening {
      /// The folder that the sessions have asked for.
      var folder: String?
      /// The folder of the open file.
      var open: String?
      var isClosed = false
    }

    fileprivate let opening = Mutex(Opening())
    fileprivate let definitions = Mutex(Definitions())
  }

  fileprivate struct Definitions {
    var tables: [TableName: WarehouseTable] = [:]
    /// The number of changes to each table.
    var changes: [TableName: Int] = [:]
    /// The number of changes to definitions.
    var number = 0
  }

  private var state: State { engine.warehouseState }

  // MARK: The file

  /// Chooses the folder, before the first table is read or written.
  func setFolder(_ folder: String?) { state.opening.withLock { $0.folder = folder } }

  /// The path of the folder.
  func folder() throws -> String { try state.opening.withLock { try Self.folder($0) } }

  private static func folder(_ opening: State.Opening) throws -> String {
    normalizedPath(absolutePath(try localPath(opening.folder ?? opening.open ?? defaultFolder)))
  }

  /// Attaches the file if it exists; returns `false` if it does not.
  func openIfExists() throws -> Bool { try open(creates: false) }

  /// Attaches the file, which is created if it does not exist.
  func open() throws { _ = try open(creates: true) }

  private func open(creates: Bool) throws -> Bool {
    try state.opening.withLock { opening in
      guard !opening.isClosed else {
        throw MartletError(.invalidState, "The MartletContext of the session is stopped. Create another one.")
      }
      let folder = try Self.folder(opening)
      if let open = opening.open {
        guard open == folder else {
          throw MartletError(
            .invalidConfiguration,
            "[CANNOT_MODIFY_CONFIG] The warehouse of this context is \(open) already. Set \(Self.setting) to \(folder) "
              + "before the first table is read or written.")
        }
        return true
      }
      let path = "\(folder)/\(Self.fileName)"
      if try !Folder.nameIsTaken(path) {
        guard creates else { return false }
        try create(folder, path)
      }
      try engine.withConnection { try attach($0, path) }
      opening.open = folder
      return true
    }
  }

  /// Creates the file under another name first: a file that is there is complete.
  private func create(_ folder: String, _ path: String) throws {
    try Folder.create(folder)
    let hidden = "\(folder)/.\(Self.fileName).new"
    // A log without its file belongs to one that is gone.
    for name in [hidden, "\(hidden).wal", "\(path).wal"] where try Folder.nameIsTaken(name) { try Folder.remove(name) }
    try engine.withConnection { connection in
      try attach(connection, hidden)
      try connection.execute("DETACH \(quoted(Self.catalog))")
    }
    try Folder.rename(hidden, to: path)
    try Folder.synchronize(folder)
  }

  private func attach(_ connection: DuckConnection, _ path: String) throws {
    do {
      try connection.execute("ATTACH \(quotedText(path)) AS \(quoted(Self.catalog))")
    } catch let error as MartletError {
      throw Self.placed(error, path)
    }
    do { try prepare(connection, path) } catch {
      // The file is not used without its tables; this error is the cause.
      try? connection.execute("DETACH \(quoted(Self.catalog))")
      throw error
    }
  }

  private func prepare(_ connection: DuckConnection, _ path: String) throws {
    let schema = "\(quoted(Self.catalog)).\(quoted(Self.internalDatabase))"
    try connection.execute(
      """
      CREATE SCHEMA IF NOT EXISTS \(quoted(Self.catalog)).\(quoted(Self.defaultDatabase));
      CREATE SCHEMA IF NOT EXISTS \(schema);
      CREATE TABLE IF NOT EXISTS \(Self.columnsTable) (database_name VARCHAR, table_name VARCHAR, column_name VARCHAR,
        type VARCHAR, default_text VARCHAR, is_partition BOOLEAN);
      CREATE TABLE IF NOT EXISTS \(Self.batchesTable) (database_name VARCHAR, table_name VARCHAR, stream VARCHAR,
        checkpoint BIGINT, batch_time BIGINT);
      CREATE TABLE IF NOT EXISTS \(Self.formatTable) AS SELECT \(Self.format)::BIGINT AS number
      """)
    let number = try connection.query("SELECT max(number) FROM \(Self.formatTable)").scalar()?.number
    guard number == Self.format else {
      throw MartletError(
        .corruptData,
        "The warehouse \(path) has the format \(number.map { "\($0)" } ?? "of no version"); this version of Martlet reads "
          + "\(Self.format). Use the version that has written it.")
    }
  }

  /// The error of a file that cannot be attached, with the advice for it.
  private static func placed(_ error: MartletError, _ path: String) -> MartletError {
    let message = error.message
    if message.contains("Could not set lock") || message.contains("Conflicting lock") {
      return MartletError(
        .invalidState,
        "The warehouse \(path) is open in another process: only one can use it at a time. Stop that one, or set "
          + "\(setting) to another folder. (\(message))", underlying: error.underlying)
    }
    if message.contains("already attached") || message.contains("Unique file handle conflict") {
      return MartletError(
        .invalidState,
        "The warehouse \(path) is open in another context of this program, or a query of a stopped one still reads it. "
          + "Use one context, or set \(setting) to another folder. (\(message))", underlying: error.underlying)
    }
    let isDamaged = message.contains("not a valid DuckDB") || error.code == .corruptData || message.contains("orrupt")
    return MartletError(
      isDamaged ? .corruptData : error.code,
      isDamaged
        ? "The warehouse \(path) is damaged, or no warehouse: \(message) Restore it from a copy, or move it away."
        : "Cannot open the warehouse \(path): \(message)", underlying: error.underlying)
  }

  /// Detaches the file. Queries that read it end first.
  func close() {
    state.opening.withLock { opening in
      guard !opening.isClosed else { return }
      opening.isClosed = true
      guard opening.open != nil else { return }
      opening.open = nil
      // An engine that refuses this has failed before; the file is closed with it.
      try? engine.withConnection { try $0.execute("DETACH \(quoted(Self.catalog))") }
    }
  }

  // MARK: Definitions

  /// The definition of a table; `nil` if there is none.
  func table(_ name: TableName) throws -> WarehouseTable? {
    guard name.database != Self.internalDatabase, try openIfExists() else { return nil }
    let number = state.definitions.withLock { definitions in (definitions.number, definitions.tables[name]) }
    if let known = number.1 { return known }
    guard let table = try transaction({ try WarehouseTable(name, $0) }) else { return nil }
    // A definition that has changed meanwhile is read again.
    state.definitions.withLock { if $0.number == number.0 { $0.tables[name] = table } }
    return table
  }

  /// Forgets the definitions of all tables, and notes that these tables have other rows.
  func noteChange(of names: [TableName], definitions isDefined: Bool) {
    state.definitions.withLock { definitions in
      for name in names { definitions.changes[name, default: 0] += 1 }
      guard isDefined else { return }
      definitions.tables = [:]
      definitions.number += 1
    }
  }

  /// The table with the number of its changes so far.
  func version(_ name: TableName) -> TableVersion {
    TableVersion(name: name, number: state.definitions.withLock { $0.changes[name] ?? 0 })
  }

  /// The query that reads a table.
  func relation(_ table: WarehouseTable, withRowID: Bool = false) -> Relation {
    table.relation(
      LocalTable(reading: version(table.name), schema: table.schema, in: engine.database), withRowID: withRowID)
  }

  /// The databases, sorted by name.
  func databases() throws -> [String] {
    guard try openIfExists() else { return [Self.defaultDatabase] }
    return try engine.withConnection { connection in
      try connection.query(
        """
        SELECT lower(schema_name) FROM duckdb_schemas() WHERE database_name = ? AND NOT internal AND schema_name <> ?
        AND schema_name <> 'main' ORDER BY 1
        """, [.string(Self.catalog), .string(Self.internalDatabase)]
      ).rows().compactMap(\.first?.text)
    }
  }

  /// The names of the tables of a database, sorted.
  func tables(_ database: String) throws -> [TableName] {
    guard try openIfExists() else { return [] }
    return try engine.withConnection { connection in
      try connection.query(
        "SELECT lower(table_name) FROM duckdb_tables() WHERE database_name = ? AND lower(schema_name) = ? ORDER BY 1",
        [.string(Self.catalog), .string(database.lowercased())]
      ).rows().compactMap { $0.first?.text.map { TableName(database, $0) } }
    }
  }
}

/// Closes the warehouse of a context when the context stops.
final class WarehouseCloser: Sendable {
  private let engine: SQLEngine
  init(_ engine: SQLEngine) { self.engine = engine }
  deinit { Warehouse(engine: engine).close() }
}

extension SQLEngine {
  var warehouse: Warehouse { Warehouse(engine: self) }
}
