import MartletCore

/// The table `martlet_batches`, in which a sink notes each part that it has written, in the same transaction as the rows.
struct Ledger: Sendable {
  /// The name of the stream, which tells streams with one database apart.
  let stream: String

  static let table = TableName(parts: ["martlet_batches"])

  /// The number of batches whose notes are kept. A batch that runs again is the last one, or one of a few that were
  /// planned after it.
  static let keptBatches = 100

  private static func columns(_ system: Database.System) -> [DatabaseColumn] {
    [
      // MariaDB ignores spaces at the end of texts in keys.
      DatabaseColumn(name: "stream", type: system == .mariaDB ? .bytes : .text),
      DatabaseColumn(name: "batch_time", type: .int64), DatabaseColumn(name: "partition", type: .int32),
    ]
  }

  /// Creates the table unless it exists.
  func create(_ connection: any DatabaseConnection) throws {
    guard try connection.describe(table: Self.table) == nil else { return }
    let columns = Self.columns(connection.dialect.system)
    let statement = connection.dialect.create(Self.table, columns, keys: columns.map(\.name))
    do { _ = try connection.execute(statement, []) } catch let error as DatabaseError {
      // Another sink may have created it in the meantime.
      if try connection.describe(table: Self.table) != nil { return }
      throw DatabaseError(
        error.kind, code: error.code,
        "The table of what has been written cannot be created. Create it yourself (\(statement)), or permit it. \(error.message)"
      )
    }
  }

  /// Notes a part in the transaction that has begun; returns false if the part is noted already. Waits for a transaction
  /// of another connection that has noted it but has not ended.
  func note(_ time: Time, _ partition: Int, _ connection: any DatabaseConnection) throws -> Bool {
    let dialect = connection.dialect
    let target = InsertTarget(table: Self.table, columns: Self.columns(dialect.system).map(\.name), keys: [])
    let values: [DatabaseValue] = [
      .text(Text(stream)), .integer(Int64(time.milliseconds)), .integer(Int64(partition)),
    ]
    if dialect.system == .mariaDB {
      do { return try connection.execute(dialect.insert(target, rows: 1), values) == 1 } catch let error
        as DatabaseError
        where error.code == "1062"
      { return false }
    }
    return try connection.execute(dialect.insert(target, rows: 1) + " ON CONFLICT DO NOTHING", values) == 1
  }

  /// Deletes the notes of batches before the last ones.
  func trim(_ connection: any DatabaseConnection) throws {
    let dialect = connection.dialect
    let (table, time, name) = (dialect.quoted(Self.table), dialect.quoted("batch_time"), dialect.quoted("stream"))
    let oldest = try connection.rows(
      """
      SELECT DISTINCT \(time) FROM \(table) WHERE \(name) = \(dialect.parameter(1)) ORDER BY \(time) DESC LIMIT 1 \
      OFFSET \(Self.keptBatches - 1)
      """, [.text(Text(stream))])
    guard case .integer(let oldest)? = oldest.first?.first else { return }
    _ = try connection.execute(
      "DELETE FROM \(table) WHERE \(name) = \(dialect.parameter(1)) AND \(time) < \(dialect.parameter(2))",
      [.text(Text(stream)), .integer(oldest)])
  }
}
