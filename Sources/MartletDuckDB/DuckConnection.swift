// Unsafe code. Invariant: `handle` is open from `init` to `deinit`. Only the holder of `use` passes it to a function
// that runs a statement; `interrupt` and `progress` may be called by other threads meanwhile.

import CDuckDB
import MartletCore
import Synchronization

/// A connection to a database, with transactions and settings of its own.
///
/// A connection does one thing at a time: from the call of a statement until its result has been read to its end, or
/// released. A second statement in that time, from any thread, throws an error, whatever it is; it does not wait, which
/// could last forever. Threads that work at the same time use a connection each.
package final class DuckConnection: @unchecked Sendable {
  // Sendable: `use` admits one user of the connection at a time; see above.
  package let database: DuckDatabase
  let handle: duck_connection
  /// True while a statement runs or a result is being read.
  private let isUsed = Mutex(false)

  init(_ database: DuckDatabase) throws {
    self.database = database
    var connection: duck_connection?
    guard duck_connect(database.handle, &connection) == 0, let connection else {
      throw MartletError(.resourcesExhausted, "DuckDB cannot open a connection to \(database.path ?? "the database").")
    }
    handle = connection
  }

  deinit {
    var connection: duck_connection? = handle
    duck_disconnect(&connection)
  }

  /// Runs one or more statements, separated by semicolons, whose rows are not needed.
  /// - Throws: `MartletError` with a `DuckError`: the statements before the one that failed have had their effect.
  package func execute(_ sql: String) throws {
    try refuseZeroByte(sql)
    try begin()
    defer { end() }
    var result = duck_result()
    defer { duck_destroy_result(&result) }
    guard duck_query(handle, sql, &result) == 0 else { throw MartletError(duck: resultError(&result)) }
  }

  /// Runs one statement, with values for its parameters `?`, `$1` or `$name`.
  ///
  /// Rows are computed while they are read, and are not collected in memory.
  /// - Throws: `MartletError` with a `DuckError`. Reading the result can throw too.
  package func query(_ sql: String, _ parameters: [DuckValue] = []) throws -> DuckResult {
    try prepare(sql).run(parameters)
  }

  /// Runs one statement, with values for its named parameters `$name`.
  package func query(_ sql: String, named parameters: [String: DuckValue]) throws -> DuckResult {
    try prepare(sql).run(named: parameters)
  }

  /// Runs one or more statements in turn, and calls `body` with the result of each.
  ///
  /// Each is prepared when those before it have run, so it can use tables that they create.
  /// - Throws: the error of the first statement that fails, or of `body`; the statements before it have had their effect.
  package func queryEach(_ sql: String, _ body: (DuckResult) throws -> Void) throws {
    let script = try DuckScript(sql, self)
    for index in 0..<script.count { try body(script.prepare(index).run()) }
  }

  /// Prepares one statement, which can then run several times.
  /// - Throws: `MartletError` with a `DuckError`, for example of the kind `.binder` for an unknown column.
  package func prepare(_ sql: String) throws -> DuckStatement {
    try refuseZeroByte(sql)
    try begin()
    defer { end() }
    var statement: duck_prepared_statement?
    let state = duck_prepare(handle, sql, &statement)
    return try DuckStatement(self, state, statement)
  }

  /// The columns that a statement would return. The statement does not run.
  /// - Throws: `MartletError` with a `DuckError` if the statement is invalid.
  package func describe(_ sql: String) throws -> [DuckColumn] { try prepare(sql).columns }

  /// Ends the running statement with an error of the kind `.interrupt`. Does nothing if none runs. Can be called by any
  /// thread.
  package func interrupt() { duck_interrupt(handle) }

  /// Makes `progress` available for the following statements, which costs little.
  package func trackProgress() throws {
    try execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET progress_bar_time = 0")
  }

  /// The part of the running statement that is done, from 0 to 1; `nil` if it is unknown. Can be called by any thread.
  package var progress: Double? {
    let percentage = duck_query_progress(handle).percentage
    return percentage >= 0 ? min(1, percentage / 100) : nil
  }

  /// Creates the functions that read the tables and sources of Swift.
  func createTableFunctions() throws {
    try database.tables.createFunction(handle)
    try database.sources.createFunction(handle)
  }

  /// Reserves the connection.
  func begin() throws {
    let isFree = isUsed.withLock { isUsed in
      defer { isUsed = true }
      return !isUsed
    }
    guard isFree else {
      throw MartletError(
        .invalidState,
        "The connection runs another statement, or a result of it is still being read. Read or release that result "
          + "first, or use another connection: `database.connect()`.")
    }
  }

  /// Releases the connection.
  func end() { isUsed.withLock { $0 = false } }
}

/// The message of a result that failed.
func resultError(_ result: inout duck_result) -> String {
  duck_result_error(&result).map { String(cString: $0) } ?? "DuckDB gives no reason"
}

func refuseZeroByte(_ sql: String) throws {
  guard !sql.utf8.contains(0) else {
    throw MartletError(
      .invalidArgument,
      "The SQL text contains a zero byte, at which DuckDB would end it. Remove it, or pass the value as a parameter.")
  }
}
