import MartletCore
import MartletStreaming

/// The table `martlet_batches`, in which a sink notes each part that it has written, in the same transaction as the rows.
///
/// A note has the number of the program's checkpoint, so that programs that write to one table do not take each other's
/// parts for their own. Without a checkpoint, the number is random, and the notes are deleted with the end of the batch.
struct Ledger: Sendable {
  /// The name of the stream, which tells streams with one database apart.
  let stream: String
  /// The number of a program without a checkpoint.
  private let random = Int64.random(in: .min ... .max)

  init(stream: String) { self.stream = stream }

  static let table = TableName(parts: ["martlet_batches"])

  /// The number of batches whose notes are kept. A batch that runs again is the last one, or one of a few that were
  /// planned after it.
  static let keptBatches = 100

  private static func columns(_ system: Database.System) -> [DatabaseColumn] {
    [
      // MariaDB ignores spaces at the end of texts in keys.
      DatabaseColumn(name: "stream", type: system == .mariaDB ? .bytes : .text),
      DatabaseColumn(name: "checkpoint", type: .int64), DatabaseColumn(name: "batch_time", type: .int64),
      DatabaseColumn(name: "partition", type: .int32),
    ]
  }

  /// Creates the table unless it exists.
  func create(_ connection: any DatabaseConnection) throws {
    let columns = Self.columns(connection.dialect.system)
    if let found = try connection.describe(table: Self.table) {
      guard columns.allSatisfy({ column in found.columns.contains { $0.name == column.name } }) else {
        throw DatabaseError(
          .missingColumn,
          "The table '\(Self.table)', in which sinks note what they have written, has other columns than \(listed(columns.map(\.name))). Drop it, unless something else needs it"
        )
      }
      return
    }
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
  func note(_ part: BatchPart, _ connection: any DatabaseConnection) throws -> Bool {
    let dialect = connection.dialect
    let target = InsertTarget(table: Self.table, columns: Self.columns(dialect.system).map(\.name), keys: [])
    let values: [DatabaseValue] = [
      .text(Text(stream)), number(of: part.batch), .integer(Int64(part.time.milliseconds)),
      .integer(Int64(part.partition)),
    ]
    if dialect.system == .mariaDB {
      do { return try connection.execute(dialect.insert(target, rows: 1), values) == 1 } catch let error
        as DatabaseError
        where error.code == "1062"
      { return false }
    }
    return try connection.execute(dialect.insert(target, rows: 1) + " ON CONFLICT DO NOTHING", values) == 1
  }

  /// The number of the checkpoint in notes.
  private func number(of batch: SinkBatch) -> DatabaseValue {
    .integer(batch.checkpoint.map { Int64(bitPattern: $0) } ?? random)
  }

  /// Deletes the notes that are not needed after a batch: those of batches before the last ones, or, if there is no
  /// checkpoint, all of them.
  func trim(_ batch: SinkBatch, _ connection: any DatabaseConnection) throws {
    let dialect = connection.dialect
    let (table, time) = (dialect.quoted(Self.table), dialect.quoted("batch_time"))
    let isOurs =
      "\(dialect.quoted("stream")) = \(dialect.parameter(1)) AND \(dialect.quoted("checkpoint")) = \(dialect.parameter(2))"
    let ours: [DatabaseValue] = [.text(Text(stream)), number(of: batch)]
    guard batch.checkpoint != nil else {
      _ = try connection.execute("DELETE FROM \(table) WHERE \(isOurs)", ours)
      return
    }
    let oldest = try connection.rows(
      """
      SELECT DISTINCT \(time) FROM \(table) WHERE \(isOurs) ORDER BY \(time) DESC LIMIT 1 \
      OFFSET \(Self.keptBatches - 1)
      """, ours)
    guard case .integer(let oldest)? = oldest.first?.first else { return }
    _ = try connection.execute(
      "DELETE FROM \(table) WHERE \(isOurs) AND \(time) < \(dialect.parameter(3))", ours + [.integer(oldest)])
  }
}
