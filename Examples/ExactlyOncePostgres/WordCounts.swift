import Martlet

/// A table of the counts of each batch, and one of the parts that have been written.
struct WordCounts: Sink {
  private let postgres: PostgreSQL
  private let connection: String

  /// Creates the tables if they do not exist.
  init(_ postgres: PostgreSQL, _ connection: String) throws {
    self.postgres = postgres
    self.connection = connection
    let database = try postgres.connect(connection)
    // Notes of batches before the last ones are no longer needed, and may be deleted.
    try database.execute(
      "CREATE TABLE IF NOT EXISTS batches (batch_time bigint, partition int, PRIMARY KEY (batch_time, partition))")
    try database.execute("CREATE TABLE IF NOT EXISTS word_counts (batch_time bigint, word text, count bigint)")
  }

  func begin(_ part: BatchPart) throws -> Transaction? {
    let database = try postgres.connect(connection)
    try database.execute("BEGIN")
    let isNew = try database.execute(
      "INSERT INTO batches VALUES ($1, $2) ON CONFLICT DO NOTHING", "\(part.time.milliseconds)", "\(part.partition)")
    return isNew == 1 ? Transaction(database: database, time: part.time) : nil
  }

  /// The transaction of a part. Unless it is committed, it is rolled back when its connection is closed.
  struct Transaction: SinkWriter {
    let database: PostgreSQL.Database
    let time: Time

    func write(_ count: (Text, Int)) throws {
      try database.execute(
        "INSERT INTO word_counts VALUES ($1, $2, $3)", "\(time.milliseconds)", "\(count.0)", "\(count.1)")
    }

    func commit() throws { try database.execute("COMMIT") }
  }
}
