// Unsafe code. Invariant: `handle` is the list of statements, which this object destroys once.

import CDuckDB
import MartletCore

/// Several statements in one text.
final class DuckScript {
  private let connection: DuckConnection
  private var handle: duck_extracted_statements?
  /// The number of statements.
  let count: Int

  /// - Throws: `MartletError` with a `DuckError` of the kind `.parser` if the text is not SQL.
  init(_ sql: String, _ connection: DuckConnection) throws {
    self.connection = connection
    try refuseZeroByte(sql)
    try connection.begin()
    defer { connection.end() }
    var statements: duck_extracted_statements?
    count = Int(duck_extract_statements(connection.handle, sql, &statements))
    handle = statements
    if count == 0, let message = duck_extract_statements_error(statements) {
      throw MartletError(duck: String(cString: message))
    }
  }

  deinit { duck_destroy_extracted(&handle) }

  func prepare(_ index: Int) throws -> DuckStatement {
    try connection.begin()
    defer { connection.end() }
    var statement: duck_prepared_statement?
    let state = duck_prepare_extracted_statement(connection.handle, handle, UInt64(index), &statement)
    return try DuckStatement(connection, state, statement)
  }
}
