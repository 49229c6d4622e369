// Unsafe code. Invariant: `connection` is that of an open libpq connection until `deinit`, which closes it. Each result is
// cleared once, by the scope that got it; the texts in it are read before that. One thread at a time uses a connection,
// which libpq permits.

import CDatabases
import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A connection to PostgreSQL by libpq. Values go there and back as text, whose form is that of the server's types.
final class PostgresConnection: DatabaseConnection {
  let dialect = Dialect.postgres
  let connection: pq_connection
  /// The tables that take the rows of upserts first, which exist until the connection ends. A transaction that is rolled
  /// back may have created them.
  var stagingTables: [InsertTarget: TableName] = [:]
  /// Those that certainly exist.
  var readyStagingTables: Set<TableName> = []
  /// The number of rows that the transaction has copied.
  var copiedRows: Int64 = 0
  /// The time for which an answer is waited for.
  let answerTimeout: Duration

  init(_ database: Database, answerTimeout: Duration) throws {
    try ClientLibrary.postgres.load()
    var options = database.options
    options.removeValue(forKey: "socketTimeout")
    self.answerTimeout = database.answerTimeout ?? answerTimeout
    // A server that vanishes must not make a batch wait for hours.
    var keywords = [
      "connect_timeout": "10", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
      "tcp_user_timeout": "60000", "application_name": "martlet",
    ]
    if let milliseconds = options.removeValue(forKey: "connectTimeout") { keywords["connect_timeout"] = milliseconds }
    if let name = options.removeValue(forKey: "ApplicationName") { keywords["application_name"] = name }
    let schema = options.removeValue(forKey: "currentSchema")
    keywords.merge(options) { _, given in given }
    if !database.host.isEmpty { keywords["host"] = database.host }
    if let port = database.port { keywords["port"] = "\(port)" }
    if !database.name.isEmpty { keywords["dbname"] = database.name }
    if let user = database.user { keywords["user"] = user }
    if let password = database.password { keywords["password"] = password }
    keywords["client_encoding"] = "UTF8"
    let pairs = keywords.sorted { $0.key < $1.key }
    let opened = withCStrings(pairs.map(\.key)) { names in
      withCStrings(pairs.map(\.value)) { values in pq_connect(names, values, 0) }
    }
    guard let opened else { throw DatabaseError(.other, "There is no memory for a connection.") }
    connection = opened
    pq_ignore_notices(opened)
    guard pq_status(opened) == 0 else { throw Self.cannotConnect(message, password: database.password) }
    // Times go and come in UTC and in the ISO form, whatever the server's settings are.
    let settings =
      [
        "timezone": "UTC", "datestyle": "ISO, YMD", "intervalstyle": "iso_8601", "extra_float_digits": "3",
        "bytea_output": "hex", "lock_timeout": "60s",
      ].merging(schema.map { ["search_path": dialect.quoted($0)] } ?? [:]) { $1 }
    let calls = (0..<settings.count).map { "set_config($\(2 * $0 + 1), $\(2 * $0 + 2), false)" }
    _ = try execute(
      "SELECT \(calls.joined(separator: ", "))", settings.flatMap { [.text(Text($0.key)), .text(Text($0.value))] })
  }

  deinit { pq_finish(connection) }

  private var message: String { pq_error_message(connection).map { String(cString: $0) } ?? "" }

  func execute(_ sql: String, _ parameters: [DatabaseValue]) throws -> Int {
    let result = try run(sql, parameters)
    defer { pq_clear(result) }
    try check(result)
    return pq_rows_changed(result).flatMap { Int(String(cString: $0)) } ?? 0
  }

  func rows(_ sql: String, _ parameters: [DatabaseValue]) throws -> [[DatabaseValue]] {
    let result = try run(sql, parameters)
    defer { pq_clear(result) }
    try check(result)
    let columns = Self.columns(of: result)
    var batch = RowBatch(width: columns.count)
    try Self.read(result, columns, into: &batch)
    return (0..<batch.count).map { Array(batch[$0]) }
  }

  func cursor(_ sql: String, rowsAtOnce: Int?) throws -> any DatabaseCursor {
    try PostgresCursor(self, sql, rowsAtOnce)
  }

  static func read(_ result: pq_result?, _ columns: [DatabaseColumn], into batch: inout RowBatch) throws {
    for row in 0..<pq_row_count(result) {
      for (index, column) in columns.enumerated() {
        let index = Int32(index)
        guard pq_is_null(result, row, index) == 0, let bytes = pq_value(result, row, index) else {
          batch.append(.null)
          continue
        }
        let text = UnsafeRawBufferPointer(start: bytes, count: Int(pq_value_length(result, row, index)))
        batch.append(try PostgresText.value(text, column))
      }
    }
  }

  func describe(query: String) throws -> [DatabaseColumn] {
    let result = try run("SELECT * FROM (\(query)) martlet_query LIMIT 0")
    defer { pq_clear(result) }
    try check(result)
    return Self.columns(of: result)
  }

  func describe(table: TableName) throws -> TableDescription? {
    do {
      let result = try run("SELECT * FROM \(dialect.quoted(table)) LIMIT 0")
      defer { pq_clear(result) }
      try check(result)
      return TableDescription(columns: Self.columns(of: result))
    } catch let error as DatabaseError where error.kind == .missingTable { return nil }
  }

  func begin() throws {
    copiedRows = 0
    try execute("BEGIN")
  }

  func commit() throws {
    // A transaction that has failed is rolled back by COMMIT, without an error.
    guard pq_transaction_status(connection) == 2 else {
      throw pq_status(connection) == 0
        ? DatabaseError(.other, "The transaction cannot be committed, because a statement in it has failed.")
        : DatabaseError(.connectionLost, "The connection was lost before the commit.")
    }
    try execute("COMMIT")
  }

  func rollBack() {
    readyStagingTables = []
    // If this fails, so does the next statement.
    _ = try? execute("ROLLBACK")
  }

  // MARK: Results

  func check(_ result: pq_result?) throws {
    // PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_COPY_IN and PGRES_SINGLE_TUPLE.
    if let result, [1, 2, 4, 9].contains(pq_result_status(result)) { return }
    throw failure(result)
  }

  /// The error of a result, or of the connection.
  func failure(_ result: pq_result?) -> DatabaseError {
    func field(_ code: Character) -> String? {
      guard let result, let ascii = code.asciiValue else { return nil }
      return pq_result_error_field(result, Int32(ascii)).map { String(cString: $0) }
    }
    let state = field("C") ?? ""
    if pq_status(connection) != 0 || state.hasPrefix("08") || state.hasPrefix("57P") {
      return DatabaseError(.connectionLost, code: state, field("M") ?? PostgresErrors.firstLines(message))
    }
    var text = field("M") ?? PostgresErrors.firstLines(message)
    if let detail = field("D") { text += ": \(detail)" }
    // The line and the column of a COPY.
    if let context = field("W")?.split(separator: "\n").first, context.hasPrefix("COPY") { text += " (\(context))" }
    return DatabaseError(PostgresErrors.kind(state), code: state, text, column: field("c"))
  }

  private static func cannotConnect(_ message: String, password: String?) -> DatabaseError {
    var message = PostgresErrors.firstLines(message)
    if let password, !password.isEmpty { message = message.replacing(password, with: "…") }
    if message.contains("password") || message.contains("authentication") || message.contains("role \"") {
      return DatabaseError(.authentication, message)
    }
    if message.contains("database \""), message.contains("does not exist") {
      return DatabaseError(.missingDatabase, message)
    }
    return DatabaseError(message.contains("invalid connection option") ? .other : .unreachable, message)
  }

  static func columns(of result: pq_result?) -> [DatabaseColumn] {
    (0..<pq_column_count(result)).map { index in
      DatabaseColumn(
        name: pq_column_name(result, index).map { String(cString: $0) } ?? "",
        type: PostgresText.type(pq_column_type(result, index), modifier: Int(pq_column_modifier(result, index))))
    }
  }
}

/// The rows that a query passes on at once, unless they are large.
let rowsAtOnce = 2048
/// The bytes of rows that a query or an insert collects.
let bytesAtOnce = 1 << 20

/// Calls `body` with texts as C has them, and a null after the last one.
func withCStrings<Result>(
  _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) throws -> Result
) rethrows -> Result {
  let copies = texts.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return try (copies.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { pointers in
    // Safe: there is at least one element.
    try body(pointers.baseAddress.unsafelyUnwrapped)
  }
}
