import CDatabases
import MartletCore

// Rows are inserted by COPY, which is the fastest way. An upsert copies them into a table of the connection first: one
// statement then moves them, the last one of each key, in the order of their keys, so that two transactions do not wait
// for each other in a circle.

extension PostgresConnection {
  /// The column that numbers the rows of an upsert.
  private static let numberColumn = "martlet_row_number"

  func insert(_ rows: RowBatch, _ target: InsertTarget) throws {
    guard rows.count > 0 else { return }
    let destination = target.isUpsert ? try stagingTable(target) : target.table
    let columns = target.columns + (target.isUpsert ? [Self.numberColumn] : [])
    let statement = "COPY \(dialect.quoted(destination)) (\(dialect.quoted(columns))) FROM STDIN"
    let result = try run(statement)
    defer { pq_clear(result) }
    try check(result)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1 << 16)
    do {
      for row in 0..<rows.count {
        for (column, value) in rows[row].enumerated() {
          if column > 0 { bytes.append(9) }
          try PostgresText.append(value, to: &bytes, escaping: true)
        }
        if target.isUpsert {
          copiedRows += 1
          bytes.append(9)
          try PostgresText.append(.integer(copiedRows), to: &bytes, escaping: true)
        }
        bytes.append(10)
        if bytes.count >= 1 << 16 { try send(&bytes) }
      }
      try send(&bytes)
    } catch {
      // The server is to forget the rows, and leave the state of copying.
      if pq_put_copy_end(connection, "martlet: a row cannot be written") == 1 {
        while let rest = try? nextResult() { pq_clear(rest) }
      }
      throw error
    }
    guard pq_put_copy_end(connection, nil) == 1 else { throw failure(nil) }
    var failed: DatabaseError?
    while let result = try nextResult() {
      if pq_result_status(result) != 1 { failed = failed ?? failure(result) }
      pq_clear(result)
    }
    if let failed { throw failed }
    // libpq reports no error if the connection ends before the server's answer.
    guard pq_status(connection) == 0 else { throw failure(nil) }
  }

  private func send(_ bytes: inout [UInt8]) throws {
    guard !bytes.isEmpty else { return }
    let isSent = bytes.withUnsafeBytes { content in
      // A text can have more bytes than an `Int32` counts.
      stride(from: 0, to: content.count, by: 1 << 20).allSatisfy { start in
        let base = content.baseAddress?.assumingMemoryBound(to: CChar.self)
        return pq_put_copy_data(connection, base.map { $0 + start }, Int32(min(1 << 20, content.count - start))) == 1
      }
    }
    bytes.removeAll(keepingCapacity: true)
    guard isSent else {
      // The server may have refused a row, and says so in the result.
      if pq_status(connection) == 0, pq_put_copy_end(connection, nil) == 1, let result = try nextResult() {
        defer { pq_clear(result) }
        throw failure(result)
      }
      throw failure(nil)
    }
  }

  func finishInserts(_ target: InsertTarget) throws {
    guard target.isUpsert, copiedRows > 0, let staging = stagingTables[target] else { return }
    let keys = dialect.quoted(target.keys)
    let number = dialect.quoted(Self.numberColumn)
    // Rows whose keys are not all known are different rows for the table, and so here.
    let unknown = target.keys.map { "\(dialect.quoted($0)) IS NULL" }.joined(separator: " OR ")
    let distinct = "\(keys), CASE WHEN \(unknown) THEN \(number) END"
    let columns = dialect.quoted(target.columns)
    try execute(
      """
      INSERT INTO \(dialect.quoted(target.table)) (\(columns)) SELECT \(columns) FROM (SELECT DISTINCT ON (\(distinct)) * \
      FROM \(dialect.quoted(staging)) ORDER BY \(distinct), \(number) DESC) martlet_rows\(dialect.onConflict(target))
      """)
  }

  /// The table of the connection that takes the rows of an upsert. It is empty at the beginning of a transaction.
  private func stagingTable(_ target: InsertTarget) throws -> TableName {
    let table =
      stagingTables[target] ?? TableName(parts: ["pg_temp", "martlet_rows_\(stagingTables.count)"])
    if readyStagingTables.contains(table) { return table }
    try execute(
      """
      CREATE TEMPORARY TABLE IF NOT EXISTS \(dialect.quoted(table)) ON COMMIT DELETE ROWS AS \
      SELECT \(dialect.quoted(target.columns)), CAST(0 AS bigint) AS \(dialect.quoted(Self.numberColumn)) \
      FROM \(dialect.quoted(target.table)) WHERE false
      """)
    stagingTables[target] = table
    readyStagingTables.insert(table)
    return table
  }
}
