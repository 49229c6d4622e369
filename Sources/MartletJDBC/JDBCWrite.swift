internal import MartletCore
internal import MartletDatabases
internal import MartletSQL

/// The rows of a frame on their way to a table, all in one transaction.
struct JDBCWrite {
  private let database: Database
  private let table: TableName
  private let columns: [DatabaseColumn]
  private let keys: [String]
  private let truncates: Bool
  /// The number of rows to send at once; `nil` for a number that depends on their size.
  private let rowsAtOnce: Int?
  private let rows: ExternalRows

  /// Returns the next rows; `nil` at the end.
  private typealias Source = () throws -> [Row]?

  init(_ rows: ExternalRows, _ options: JDBCOptions) throws {
    self.rows = rows
    database = try options.database()
    table = try options.table()
    truncates = try options.bool("truncate")
    columns = try rows.schema.databaseColumns()
    keys = options.upsertKeys
    rowsAtOnce = try options.number("batchsize", upTo: 1_000_000)
  }

  func run(_ mode: SaveMode) throws {
    do { try run(mode, try database.connect(answerTimeout: .seconds(3600))) } catch let error as DatabaseError {
      throw error.located("The table '\(table)' of \(database) cannot be written")
    }
  }

  private func run(_ mode: SaveMode, _ connection: any DatabaseConnection) throws {
    let found = try connection.describe(table: table)
    switch (mode, found) {
    case (.ignore, _?): return
    case (.errorIfExists, _?):
      throw AnalysisError(faults: [
        AnalysisFault(
          "TABLE_OR_VIEW_ALREADY_EXISTS",
          "The table '\(table)' of \(database) exists. Use the mode append or overwrite."
        )
      ])
    default: try write(mode, found, try begun(), connection)
    }
  }

  /// The rows, of which the first have been computed: SQLite keeps readers out once a large write has begun, also those of
  /// this statement.
  private func begun() throws -> Source {
    let next = try rows.open()
    var first: [Row]?? = try next()
    return {
      guard let rows = first else { return try next() }
      first = nil
      return rows
    }
  }

  private func write(
    _ mode: SaveMode, _ found: TableDescription?, _ source: Source, _ connection: any DatabaseConnection
  ) throws {
    switch (mode, found) {
    case (.append, let found?): try fill(table, found, source, connection)
    case (.overwrite, let found?) where truncates: try fill(table, found, source, connection, emptying: true)
    case (.overwrite, _?): try replace(source, connection)
    default:
      if connection.dialect.system == .mariaDB {
        // Creating a table ends a transaction there: a table that is filled first appears as a whole.
        try replace(source, connection, isNew: true)
      } else {
        try transaction(connection) {
          try connection.execute(connection.dialect.create(table, columns, keys: keys))
          try insert(table, TableDescription(columns: columns), source, connection)
        }
      }
    }
  }

  /// Writes the rows into a table that exists.
  private func fill(
    _ table: TableName, _ found: TableDescription, _ source: Source, _ connection: any DatabaseConnection,
    emptying empties: Bool = false
  ) throws {
    try transaction(connection) {
      if empties { try connection.execute("DELETE FROM \(connection.dialect.quoted(table))") }
      try insert(table, found, source, connection)
    }
  }

  /// Writes the rows into a new table, which then takes the place of the old one.
  private func replace(_ source: Source, _ connection: any DatabaseConnection, isNew: Bool = false) throws {
    let dialect = connection.dialect
    let name = randomName()
    let written = table.sibling("martlet_new_\(name)")
    let description = TableDescription(columns: columns)
    switch dialect.system {
    case .sqlite:
      // Other connections read the old table until the commit.
      return try transaction(connection) {
        try connection.execute("DROP TABLE \(dialect.quoted(table))")
        try connection.execute(dialect.create(table, columns, keys: keys))
        try insert(table, description, source, connection)
      }
    case .postgres:
      // The old table is locked at the end only: the rows may come from it.
      return try transaction(connection) {
        try connection.execute(dialect.create(written, columns, keys: keys))
        try insert(written, description, source, connection)
        try connection.execute("DROP TABLE \(dialect.quoted(table))")
        try connection.execute("ALTER TABLE \(dialect.quoted(written)) RENAME TO \(dialect.quoted(table.last))")
      }
    case .mariaDB: break
    }
    let old = table.sibling("martlet_old_\(name)")
    try connection.execute(dialect.create(written, columns, keys: keys))
    do {
      try fill(written, try connection.describe(table: written) ?? description, source, connection)
      // One step, also for other connections.
      let swap = isNew ? "" : "\(dialect.quoted(table)) TO \(dialect.quoted(old)), "
      try connection.execute("RENAME TABLE \(swap)\(dialect.quoted(written)) TO \(dialect.quoted(table))")
    } catch {
      // The error to report is the cause.
      _ = try? connection.execute("DROP TABLE \(dialect.quoted(written))")
      throw error
    }
    if !isNew { try connection.execute("DROP TABLE \(dialect.quoted(old))") }
  }

  private func transaction(_ connection: any DatabaseConnection, _ body: () throws -> Void) throws {
    try connection.begin()
    do { try body() } catch {
      connection.rollBack()
      throw error
    }
    do { try connection.commit() } catch let error as DatabaseError {
      connection.rollBack()
      guard error.isConnectionLoss else { throw error }
      throw DatabaseError(
        error.kind, code: error.code,
        "The answer to the commit was lost, so that it is not known whether the rows are in the table: look before you write them again. \(error.message)"
      )
    }
  }

  private func insert(
    _ table: TableName, _ found: TableDescription, _ source: Source, _ connection: any DatabaseConnection
  ) throws {
    let target = try InsertTarget(
      columns.map(\.name), keys.isEmpty ? .append : .upsert(keys: keys), table, found,
      place: "The table '\(table)' of \(database)")
    var batch = RowBatch(width: columns.count)
    func flush() throws {
      try connection.insert(batch, target)
      batch = RowBatch(width: columns.count)
    }
    while let next = try source() {
      for row in next {
        for value in row.values { batch.append(value.databaseValue ?? .null) }
        if batch.memory > 1 << 20 || batch.count >= rowsAtOnce ?? .max { try flush() }
      }
    }
    try flush()
    try connection.finishInserts(target)
  }
}
