// Unsafe code. Invariant: `connection` is open until `deinit`, which closes it after the statements. The memory that a
// statement's binds point to lives until the statement has run. One thread at a time uses a connection.

import CDatabases
import MartletCore
import Synchronization

/// A connection to MariaDB or MySQL by their C library.
final class MariaDBConnection: DatabaseConnection {
  let dialect = Dialect.mariaDB
  private let connection: my_connection
  /// The statement that inserts as many rows as one may.
  private var inserting: (sql: String, statement: MariaDBStatement)?
  private var isClosed = false
  /// The largest packet that the server accepts, in bytes.
  private var largestPacket = 1 << 20

  /// The first call of `mysql_init` prepares the library, which only one thread may do.
  private static let initialization = Mutex<Void>(())

  init(_ database: Database, answerTimeout: Duration) throws {
    try ClientLibrary.mariaDB.load()
    guard let opened = Self.initialization.withLock({ _ in my_init(nil) }) else {
      throw DatabaseError(.other, "There is no memory for a connection.")
    }
    connection = opened
    func set(_ option: Int32, _ value: UInt32) {
      var value = value
      _ = my_options(opened, option, &value)
    }
    // MYSQL_OPT_CONNECT_TIMEOUT, READ_TIMEOUT and WRITE_TIMEOUT, in seconds: a server that vanishes must not make a batch
    // wait for hours.
    let milliseconds = UInt32(database.number("connectTimeout") ?? 10_000)
    set(0, max(1, milliseconds / 1000))
    let limit = database.answerTimeout ?? answerTimeout
    let seconds = UInt32(clamping: max(1, limit.components.seconds))
    set(11, seconds)
    set(12, seconds)
    // MYSQL_SET_CHARSET_NAME: all of Unicode.
    _ = my_options(opened, 7, "utf8mb4")
    // MYSQL_OPT_LOCAL_INFILE: a server must not be able to ask for files.
    set(8, 0)
    try Self.setEncryption(opened, database.options)
    let connected = my_connect(
      opened, database.host.isEmpty ? nil : database.host, database.user, database.password,
      database.name.isEmpty ? nil : database.name, UInt32(database.port ?? 0), database.options["localSocket"], 0)
    guard connected != nil else {
      let error = connectionFailure()
      throw error.kind == .connectionLost ? DatabaseError(.unreachable, code: error.code, error.message) : error
    }
    // Times go and come in UTC, and values that do not fit are errors.
    try execute(
      "SET SESSION time_zone = '+00:00', sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION')"
    )
    if case .integer(let bytes)? = try rows("SELECT CAST(@@max_allowed_packet AS SIGNED)", []).first?.first {
      largestPacket = Int(bytes)
    }
  }

  deinit {
    inserting = nil
    close()
  }

  private static func setEncryption(_ connection: my_connection, _ options: [String: String]) throws {
    let mode = (options["sslMode"] ?? options["useSsl"] ?? "").lowercased()
    var (enforced, verified): (CChar, CChar) = (0, 0)
    switch mode {
    // The default of the library, which encrypts if the server can.
    case "": return
    case "disable", "disabled", "false": break
    case "trust", "require", "required": enforced = 1
    case "verify-ca", "verify-full", "verify_ca", "verify_identity", "true": (enforced, verified) = (1, 1)
    default:
      throw DatabaseError(
        .other, "The option sslMode is '\(mode)'. It is one of disable, trust, verify-ca and verify-full")
    }
    // MYSQL_OPT_SSL_ENFORCE and MYSQL_OPT_SSL_VERIFY_SERVER_CERT of libmariadb.
    _ = my_options(connection, 38, &enforced)
    _ = my_options(connection, 21, &verified)
  }

  func execute(_ sql: String, _ parameters: [DatabaseValue]) throws -> Int {
    let statement = try MariaDBStatement(connection, sql)
    try statement.run(parameters[...], columns: [])
    return statement.rowsChanged
  }

  func rows(_ sql: String, _ parameters: [DatabaseValue]) throws -> [[DatabaseValue]] {
    let statement = try MariaDBStatement(connection, sql)
    try statement.run(parameters[...], columns: [])
    let reader = try MariaDBRows(statement)
    var rows: [[DatabaseValue]] = []
    while let row = try reader.next() { rows.append(row) }
    return rows
  }

  func cursor(_ sql: String, rowsAtOnce: Int?) throws -> any DatabaseCursor {
    let statement = try MariaDBStatement(connection, sql)
    // The rows come as they are fetched, and the library does not collect them.
    try statement.run([], columns: [])
    return Cursor(self, try MariaDBRows(statement), rowsAtOnce)
  }

  /// The rows of a statement.
  private final class Cursor: DatabaseCursor {
    private let connection: MariaDBConnection
    private let reader: MariaDBRows
    private let rowLimit: Int
    private var isAtEnd = false

    init(_ connection: MariaDBConnection, _ reader: MariaDBRows, _ rowLimit: Int?) {
      self.connection = connection
      self.reader = reader
      self.rowLimit = rowLimit ?? rowsAtOnce
    }

    // Otherwise the library would read all other rows.
    deinit { if !isAtEnd { connection.close() } }

    func next() throws -> RowBatch? {
      var batch = RowBatch(width: reader.columns.count)
      while !isAtEnd, batch.count < rowLimit, batch.memory < bytesAtOnce {
        guard let row = try reader.next() else {
          isAtEnd = true
          break
        }
        for value in row { batch.append(value) }
      }
      return batch.count == 0 ? nil : batch
    }
  }

  private func close() {
    guard !isClosed else { return }
    isClosed = true
    my_close(connection)
  }

  func describe(query: String) throws -> [DatabaseColumn] {
    try MariaDBRows(try MariaDBStatement(connection, "SELECT * FROM (\(query)) martlet_query LIMIT 0")).columns
  }

  func describe(table: TableName) throws -> TableDescription? {
    let columns: [DatabaseColumn]
    do {
      columns = try MariaDBRows(MariaDBStatement(connection, "SELECT * FROM \(dialect.quoted(table)) LIMIT 0")).columns
    } catch let error as DatabaseError where error.kind == .missingTable { return nil }
    let schema = table.schema.map { DatabaseValue.text(Text($0)) } ?? .null
    let name = DatabaseValue.text(Text(table.last))
    let keys = try rows(
      """
      SELECT INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = coalesce(?, DATABASE()) \
      AND TABLE_NAME = ? AND NON_UNIQUE = 0 ORDER BY INDEX_NAME, SEQ_IN_INDEX
      """, [schema, name])
    var indexes: [(name: DatabaseValue, columns: [String])] = []
    for row in keys {
      guard case .text(let column) = row[1] else { continue }
      if indexes.last?.name == row[0] {
        indexes[indexes.count - 1].columns.append(String(column))
      } else {
        indexes.append((row[0], [String(column)]))
      }
    }
    let engine = try rows(
      """
      SELECT t.ENGINE, coalesce(e.TRANSACTIONS, 'NO') FROM information_schema.TABLES t \
      LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE \
      WHERE t.TABLE_SCHEMA = coalesce(?, DATABASE()) AND t.TABLE_NAME = ? AND t.ENGINE IS NOT NULL
      """, [schema, name])
    var flaw: String?
    if let row = engine.first, case .text(let engine) = row[0], row[1] != .text("YES") {
      flaw = "its engine \(engine) has no transactions: ALTER TABLE \(dialect.quoted(table)) ENGINE = InnoDB"
    }
    return TableDescription(columns: columns, uniqueKeys: indexes.map(\.columns), flaw: flaw)
  }

  // Not prepared: servers prepare no such statements.
  func begin() throws { try plain("START TRANSACTION") }
  func commit() throws { try plain("COMMIT") }
  // If this fails, so does the next statement.
  func rollBack() { _ = try? plain("ROLLBACK") }

  private func plain(_ sql: String) throws {
    guard my_query(connection, sql, UInt(sql.utf8.count)) == 0 else { throw connectionFailure() }
  }

  func insert(_ rows: RowBatch, _ target: InsertTarget) throws {
    let rowsAtMost = max(1, min(1000, dialect.maximumParameters / max(1, target.columns.count)))
    var start = 0
    while start < rows.count {
      // A statement is one packet.
      var end = start
      var bytes = 0
      while end < rows.count, end - start < rowsAtMost {
        let size = rows[end].reduce(0) { $0 + $1.memory }
        if end > start, bytes + size > min(largestPacket / 2, 4 << 20) { break }
        bytes += size
        end += 1
      }
      if end == start + 1, bytes > largestPacket - 1024 {
        throw DatabaseError(
          .data,
          "A row has \(bytes) bytes, and the server accepts \(largestPacket) at once. Raise its setting max_allowed_packet"
        )
      }
      let values = rows.values[start * rows.width..<end * rows.width]
      if end - start == rowsAtMost {
        let sql = dialect.insert(target, rows: rowsAtMost)
        if inserting?.sql != sql {
          inserting = nil
          inserting = (sql, try MariaDBStatement(connection, sql))
        }
        try inserting?.statement.run(values, columns: target.columns)
      } else {
        try MariaDBStatement(connection, dialect.insert(target, rows: end - start))
          .run(values, columns: target.columns)
      }
      start = end
    }
  }

  private func connectionFailure() -> DatabaseError {
    MariaDBErrors.error(my_error_number(connection), my_error_message(connection))
  }
}
