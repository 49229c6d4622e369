import CDatabases

/// The rows of a cursor of PostgreSQL.
final class PostgresCursor: DatabaseCursor {
  private let connection: PostgresConnection
  /// The number of rows to fetch at once. The first ones show how large the others are.
  private var count = 64
  private var isAtEnd = false

  init(_ connection: PostgresConnection, _ sql: String) throws {
    self.connection = connection
    try connection.execute("BEGIN READ ONLY")
    try connection.execute("DECLARE martlet_cursor NO SCROLL CURSOR FOR \(sql)")
  }

  func next() throws -> RowBatch? {
    guard !isAtEnd else { return nil }
    let result = pq_run(connection.connection, "FETCH \(count) FROM martlet_cursor", 0, nil, nil, nil, nil, 0)
    defer { pq_clear(result) }
    try connection.check(result)
    let columns = PostgresConnection.columns(of: result)
    var batch = RowBatch(width: columns.count)
    try PostgresConnection.read(result, columns, into: &batch)
    isAtEnd = batch.count < count
    count = max(1, min(rowsAtOnce, count * bytesAtOnce / max(batch.memory, 1)))
    return batch.count == 0 ? nil : batch
  }
}
