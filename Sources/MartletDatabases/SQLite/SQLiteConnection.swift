// Unsafe code. Invariant: `database` is open until `deinit`, which closes it after the statements. Texts and bytes are
// copied when they are bound, and when they are read. One thread at a time uses a connection.

import CDatabases
import MartletCore

/// A connection to a file of SQLite.
final class SQLiteConnection: DatabaseConnection {
  let dialect = Dialect.sqlite
  private let database: lite_database
  /// The statement that inserts a row, and its text.
  private var inserting: (sql: String, statement: lite_statement)?
  /// The milliseconds for which locks of others are waited for.
  private let patience: Int32

  init(_ location: Database) throws {
    try ClientLibrary.sqlite.load()
    guard lite_thread_safety() != 0 else {
      throw DatabaseError(.other, "The library of SQLite was built without support for threads. Install another one.")
    }
    var opened: lite_database?
    // SQLITE_OPEN_READWRITE, CREATE and FULLMUTEX; without URI, so that any path is a path.
    let code = lite_open(location.name, &opened, 0x2 | 0x4 | 0x10000, nil)
    guard let opened else { throw DatabaseError(.other, "There is no memory for a connection.") }
    database = opened
    patience = location.number("busy_timeout") ?? 60_000
    if code != 0 { throw failure() }
    _ = lite_busy_timeout(opened, patience)
    do {
      // Reads the file for the first time.
      _ = try rows("PRAGMA schema_version", [])
    } catch let error as DatabaseError where error.code == "26" {
      throw DatabaseError(.other, code: error.code, "The file is not a database of SQLite")
    }
  }

  deinit {
    if let inserting { _ = lite_finalize(inserting.statement) }
    _ = lite_close(database)
  }

  func execute(_ sql: String, _ parameters: [DatabaseValue]) throws -> Int {
    let statement = try prepare(sql)
    defer { _ = lite_finalize(statement) }
    try bind(parameters[...], statement)
    try finish(statement)
    return Int(lite_changes(database))
  }

  func rows(_ sql: String, _ parameters: [DatabaseValue]) throws -> [[DatabaseValue]] {
    let statement = try prepare(sql)
    defer { _ = lite_finalize(statement) }
    try bind(parameters[...], statement)
    var rows: [[DatabaseValue]] = []
    let columns = columns(of: statement)
    while try step(statement) { rows.append(try columns.indices.map { try value(statement, $0, columns[$0]) }) }
    return rows
  }

  func cursor(_ sql: String, rowsAtOnce: Int?) throws -> any DatabaseCursor {
    Cursor(self, try prepare(sql), rowsAtOnce)
  }

  /// The rows of a statement.
  private final class Cursor: DatabaseCursor {
    private let connection: SQLiteConnection
    private let statement: lite_statement
    private let columns: [ResultColumn]
    private let rowLimit: Int
    private var isAtEnd = false

    init(_ connection: SQLiteConnection, _ statement: lite_statement, _ rowLimit: Int?) {
      self.rowLimit = rowLimit ?? rowsAtOnce
      self.connection = connection
      self.statement = statement
      columns = connection.columns(of: statement)
    }

    deinit { _ = lite_finalize(statement) }

    func next() throws -> RowBatch? {
      var batch = RowBatch(width: columns.count)
      while !isAtEnd, batch.count < rowLimit, batch.memory < bytesAtOnce {
        isAtEnd = try !connection.step(statement)
        if isAtEnd { break }
        for index in columns.indices { batch.append(try connection.value(statement, index, columns[index])) }
      }
      return batch.count == 0 ? nil : batch
    }
  }

  func describe(query: String) throws -> [DatabaseColumn] {
    let statement = try prepare(query)
    defer { _ = lite_finalize(statement) }
    let columns = columns(of: statement)
    guard columns.contains(where: { $0.type == nil }) else { return columns.map(\.column) }
    // Expressions have no type: the first row shows that of its value.
    let hasRow = try step(statement)
    return columns.enumerated().map { index, column in
      guard column.type == nil, hasRow else { return column.column }
      let type: DatabaseType =
        switch lite_column_type(statement, Int32(index)) {
        case 1: .int64
        case 2: .double
        case 4: .bytes
        default: .text
        }
      return DatabaseColumn(name: column.name, type: type)
    }
  }

  func describe(table: TableName) throws -> TableDescription? {
    do {
      return TableDescription(columns: try describe(query: "SELECT * FROM \(dialect.quoted(table))"))
    } catch let error as DatabaseError where error.kind == .missingTable { return nil }
  }

  func begin() throws {
    // The lock for writing is taken at once: a transaction that had read before could not wait for it.
    try execute("BEGIN IMMEDIATE")
    // From here to the commit, only changed pages that leave the memory need a lock, if nobody reads. They can stay there:
    // to wait for readers for each of them would take hours, and for ever if this program reads for what it writes.
    _ = lite_busy_timeout(database, 0)
  }

  func commit() throws {
    _ = lite_busy_timeout(database, patience)
    try execute("COMMIT")
  }

  func rollBack() {
    _ = lite_busy_timeout(database, patience)
    // Some errors, such as a full disk, have rolled the transaction back already.
    if lite_is_autocommit(database) == 0 { _ = try? execute("ROLLBACK") }
  }

  func insert(_ rows: RowBatch, _ target: InsertTarget) throws {
    let sql = dialect.insert(target, rows: 1)
    if inserting?.sql != sql {
      if let old = inserting { _ = lite_finalize(old.statement) }
      inserting = nil
      inserting = (sql, try prepare(sql))
    }
    guard let statement = inserting?.statement else { return }
    defer { _ = lite_reset(statement) }
    for row in 0..<rows.count {
      try bind(rows[row], statement, target.columns)
      try finish(statement)
      _ = lite_reset(statement)
    }
  }

  // MARK: Statements

  private func prepare(_ sql: String) throws -> lite_statement {
    // SQLite would run the part before it.
    guard !sql.utf8.contains(0) else { throw DatabaseError(.other, "The statement has a NUL in it") }
    var statement: lite_statement?
    guard lite_prepare(database, sql, -1, &statement, nil) == 0 else { throw failure() }
    guard let statement else { throw DatabaseError(.other, "The statement is empty.") }
    return statement
  }

  private func step(_ statement: lite_statement) throws -> Bool {
    switch lite_step(statement) {
    case 100: return true
    case 101: return false
    default: throw failure()
    }
  }

  private func finish(_ statement: lite_statement) throws { while try step(statement) {} }

  private func bind(_ values: ArraySlice<DatabaseValue>, _ statement: lite_statement, _ columns: [String] = []) throws {
    for (index, value) in values.enumerated() {
      let code = bind(value, statement, Int32(index + 1)) { reason in
        let column = index < columns.count ? columns[index] : nil
        return DatabaseError(.data, reason, column: column)
      }
      guard try code.get() == 0 else { throw failure() }
    }
  }

  private func bind(
    _ value: DatabaseValue, _ statement: lite_statement, _ index: Int32, _ refusal: (String) -> DatabaseError
  ) -> Result<Int32, DatabaseError> {
    func text(_ text: Text) -> Result<Int32, DatabaseError> {
      guard text.utf8Count < Int(Int32.max) else { return .failure(refusal("A text is longer than 2 GiB")) }
      return .success(
        text.withUTF8Bytes { bytes in
          bytes.withMemoryRebound(to: CChar.self) {
            // An empty text has no address, which would be a null.
            $0.baseAddress.map { lite_bind_text(statement, index, $0, Int32(bytes.count)) }
              ?? lite_bind_text(statement, index, "", 0)
          }
        })
    }
    switch value {
    case .null: return .success(lite_bind_null(statement, index))
    case .bool(let value): return .success(lite_bind_integer(statement, index, value ? 1 : 0))
    case .integer(let value): return .success(lite_bind_integer(statement, index, value))
    case .unsigned(let value): return text(Text("\(value)"))
    case .float(let value): return bind(.double(Double(value)), statement, index, refusal)
    case .double(let value):
      // SQLite would store a null without a word.
      guard !value.isNaN else {
        return .failure(refusal("NaN is not a value of SQLite, which would store NULL. Write an optional, or a text"))
      }
      return .success(lite_bind_double(statement, index, value))
    case .decimal(let digits): return text(Text(digits))
    case .text(let value): return text(value)
    case .bytes(let bytes):
      guard bytes.count < Int(Int32.max) else { return .failure(refusal("A value is longer than 2 GiB")) }
      return .success(bytes.withUnsafeBytes { lite_bind_bytes(statement, index, $0.baseAddress, Int32($0.count)) })
    case .date(let days): return text(Text(TimeText.date(days: Int(days))))
    case .timestamp(let time), .localTimestamp(let time): return text(Text(TimeText.timestamp(microseconds: time)))
    }
  }

  /// A column of a result. It has no type if it is an expression, whose values are returned as they are.
  private struct ResultColumn {
    let name: String
    let type: DatabaseType?

    var column: DatabaseColumn { DatabaseColumn(name: name, type: type ?? .text) }
  }

  private func columns(of statement: lite_statement) -> [ResultColumn] {
    (0..<lite_column_count(statement)).map { index in
      ResultColumn(
        name: lite_column_name(statement, index).map { String(cString: $0) } ?? "",
        type: lite_column_declaration(statement, index).map { SQLiteTypes.type(String(cString: $0)) })
    }
  }

  private func value(_ statement: lite_statement, _ index: Int, _ column: ResultColumn) throws -> DatabaseValue {
    let index = Int32(index)
    let stored: DatabaseValue
    switch lite_column_type(statement, index) {
    case 1: stored = .integer(lite_column_integer(statement, index))
    case 2: stored = .double(lite_column_double(statement, index))
    case 3, 4:
      let isText = lite_column_type(statement, index) == 3
      let base = isText ? UnsafeRawPointer(lite_column_text(statement, index)) : lite_column_bytes(statement, index)
      let bytes = UnsafeRawBufferPointer(
        start: base, count: base == nil ? 0 : Int(lite_column_length(statement, index)))
      stored = isText ? .text(Text(String(decoding: bytes, as: UTF8.self))) : .bytes(Array(bytes))
    default: stored = .null
    }
    guard let type = column.type else { return stored }
    guard let value = SQLiteTypes.value(stored, type) else {
      throw DatabaseError(
        .data,
        "The column '\(column.name)' is of the type \(type), but has the value \(excerpt(SQLiteTypes.text(stored))). SQLite stores values of any type in any column: cast the column in a query"
      )
    }
    return value
  }

  private func failure() -> DatabaseError {
    let extended = lite_extended_error(database)
    let message = lite_error_message(database).map { String(cString: $0) } ?? ""
    return DatabaseError(SQLiteTypes.kind(extended & 0xFF, message), code: "\(extended)", message)
  }
}
