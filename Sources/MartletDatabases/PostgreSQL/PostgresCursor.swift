import CDatabases

/// The rows of a query of PostgreSQL, which come as the server sends them, one by one.
final class PostgresCursor: DatabaseCursor {
  private let connection: PostgresConnection
  private let rowLimit: Int
  private var columns: [DatabaseColumn]?
  private var isAtEnd = false

  init(_ connection: PostgresConnection, _ sql: String, _ rowLimit: Int?) throws {
    self.connection = connection
    self.rowLimit = rowLimit ?? rowsAtOnce
    try connection.send(sql)
    guard pq_set_single_row_mode(connection.connection) == 1 else { throw connection.failure(nil) }
  }

  func next() throws -> RowBatch? {
    var batch: RowBatch?
    while !isAtEnd {
      guard let result = try connection.nextResult() else {
        isAtEnd = true
        break
      }
      defer { pq_clear(result) }
      try connection.check(result)
      let columns = self.columns ?? PostgresConnection.columns(of: result)
      self.columns = columns
      var rows = batch ?? RowBatch(width: columns.count)
      batch = nil
      try PostgresConnection.read(result, columns, into: &rows)
      batch = rows
      if rows.count >= rowLimit || rows.memory >= bytesAtOnce { break }
    }
    return batch.flatMap { $0.count == 0 ? nil : $0 }
  }
}
