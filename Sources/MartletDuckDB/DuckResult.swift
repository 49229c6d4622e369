// Unsafe code. Invariant: `result` belongs to this object, which destroys it once, in `finish`, and does not use it
// afterwards. The connection is reserved until then.

import CDuckDB
import MartletCore

/// The result of a statement, read in chunks while DuckDB computes them.
///
/// Its connection is reserved until the result has been read to its end, an error has been thrown, or the result is
/// released or closed. One thread at a time reads it.
package final class DuckResult {
  private let connection: DuckConnection
  private var result: duck_result
  private var isFinished = false
  package let columns: [DuckColumn]
  /// The number of rows that an INSERT, UPDATE, DELETE or COPY changed; 0 for other statements.
  package let rowsChanged: Int
  /// True if the statement returns rows, rather than nothing or the number of rows that it changed.
  package let hasRows: Bool

  /// Takes over a result, and the reservation of the connection.
  init(_ connection: DuckConnection, _ result: duck_result) {
    var result = result
    columns = (0..<duck_column_count(&result)).map { index in
      DuckColumn(
        duck_column_name(&result, index).map { String(cString: $0) } ?? "", duck_column_logical_type(&result, index))
    }
    let kind = duck_result_return_type(result)
    hasRows = kind == 3
    rowsChanged = kind == 1 ? Int(duck_rows_changed(&result)) : 0
    self.connection = connection
    self.result = result
  }

  deinit { close() }

  /// The next rows; `nil` at the end.
  /// - Throws: `MartletError` with a `DuckError` if the statement fails, or is interrupted.
  package func nextChunk() throws -> DuckChunk? {
    guard !isFinished else { return nil }
    while true {
      guard let chunk = duck_fetch_chunk(result) else {
        // The end, or an error.
        let message = duck_result_error(&result).map { String(cString: $0) }
        close()
        if let message, !message.isEmpty { throw MartletError(duck: message) }
        return nil
      }
      let next = DuckChunk(chunk, columns: columns)
      if next.count > 0 { return next }
    }
  }

  /// Gives up the rest of the result, and releases the connection. Does nothing at the end.
  package func close() {
    guard !isFinished else { return }
    isFinished = true
    duck_destroy_result(&result)
    connection.end()
  }

  /// The remaining rows, value by value. For small results and for tests.
  package func rows() throws -> [[DuckValue]] {
    var rows: [[DuckValue]] = []
    while let chunk = try nextChunk() { rows += chunk.rows }
    return rows
  }

  /// The first value of the next row, such as that of a `count(*)`; `nil` if there is none. Closes the result.
  package func scalar() throws -> DuckValue? {
    defer { close() }
    return try nextChunk()?.rows.first?.first
  }
}
