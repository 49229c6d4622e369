internal import MartletCore
internal import MartletDuckDB
public import MartletStreaming

/// A sink that writes batches to a table of the warehouse, which outlives the program.
///
/// `stream.saveAsTable("counts", "word", "total")` writes each batch with it; a stream of data frames of your own can be
/// written with `write(to:)`:
///
/// ```swift
/// frames.write(to: TableSink(spark, "counts", mode: .update(keys: ["word"])))
/// ```
/// A batch is one transaction, which with a checkpoint also stores a note with the checkpoint, the name of the stream, and the
/// batch time: readers see all of its rows or none, and a batch that runs again is not written twice. The table is created
/// with the columns of the first batch if it does not exist. Columns correspond by name.
///
/// Guarantee: exactly once, with a checkpoint; at most once without. The table has notes of the last 100 batches of each
/// stream and checkpoint.
public struct TableSink: Sink {
  /// What a batch does to the rows in the table.
  public enum Mode: Sendable, Hashable {
    /// The rows are added.
    case append
    /// Each row takes the place of the one with the same values in these columns, or is added if there is none. Two rows of
    /// a batch with the same key fail the batch.
    case update(keys: [String])
    /// The rows take the place of all rows, also if the batch has none.
    case complete
  }

  private let session: SparkSession
  private let name: [String]
  private let mode: Mode
  private let stream: String
  private let site: OperatorSite

  /// The number of batches of a stream that are remembered.
  private static let remembered = 100

  /// Creates a sink for a table, whose name may have a database before it.
  ///
  /// The session is one of the context of the stream. `mode` says how a batch changes the rows in the table. `stream` is the
  /// name under which the table remembers the batches; that of the program if it is `nil`. It must be the same after a
  /// restart, and another one for each stream that writes to the table.
  /// - Throws: `MartletError` if the name is not that of a table.
  public init(
    _ session: SparkSession, _ table: String, mode: Mode = .append, stream: String? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) throws {
    try self.init(session, table, mode, stream, OperatorSite("TableSink", file, line))
  }

  init(_ session: SparkSession, _ table: String, _ mode: Mode, _ stream: String?, _ site: OperatorSite) throws {
    self.session = session
    do { name = try SQLParser.parseName(table) } catch {
      throw MartletError(.analysis, "\(site): [PARSE_SYNTAX_ERROR] \(error)", underlying: error)
    }
    self.mode = mode
    self.stream = stream ?? session.sparkContext.appName
    self.site = site
  }

  /// The place to which the sink writes, as which it is known to the checks of a program.
  var place: String {
    let table = session.state.tableName(name)?.description ?? name.joined(separator: ".")
    return "the table \(table) as the stream '\(stream)'"
  }

  public func begin(_ batch: SinkBatch) throws -> Bool {
    // Without a checkpoint, a batch does not run again.
    guard let checkpoint = batch.checkpoint else { return true }
    return try session.placed(site) {
      let (table, warehouse) = (try session.tableName(name), session.state.engine.warehouse)
      guard try warehouse.openIfExists() else { return true }
      let found = try session.state.engine.withConnection { connection in
        try connection.query(
          """
          SELECT count(*) FROM \(Warehouse.batchesTable)
          WHERE \(Self.notes) AND batch_time = ?
          """, place(table, checkpoint) + [.int64(batch.time.nanoseconds)]
        ).scalar()?.number
      }
      return found == 0
    }
  }

  public func begin(_ part: BatchPart) -> Writer? { Writer(sink: self, batch: part.batch) }

  /// Writes the table of a batch.
  public struct Writer: SinkWriter {
    let sink: TableSink
    let batch: SinkBatch
    private var frames: [DataFrame] = []

    init(sink: TableSink, batch: SinkBatch) {
      self.sink = sink
      self.batch = batch
    }

    public mutating func write(_ frame: DataFrame) { frames.append(frame) }
    public func commit() throws { try sink.commit(frames, batch) }
  }

  /// Writes the rows of a batch and the note that the table has them in one transaction.
  private func commit(_ frames: [DataFrame], _ batch: SinkBatch) throws {
    guard var frame = frames.first else { return }
    for other in frames.dropFirst() { frame = frame.unionByName(other) }
    try session.placed(site) {
      let (table, relation) = (try session.tableName(name), try session.relation(frame.input, site, computes: true))
      let warehouse = session.state.engine.warehouse
      let isNew = try warehouse.write([table], defines: false) { connection in
        try write(relation, table, batch, connection)
      }
      if isNew { warehouse.noteChange(of: [], definitions: true) }
    }
  }

  /// - Returns: true if the table is new.
  private func write(
    _ relation: Relation, _ name: TableName, _ batch: SinkBatch, _ connection: DuckConnection
  ) throws -> Bool {
    let table: WarehouseTable
    var isNew = false
    if let existing = try WarehouseTable(name, connection) {
      table = existing
    } else {
      try session.requireDatabase(name.database, connection)
      table = WarehouseTable(
        name: name, columns: relation.columns.map { WarehouseTable.Column(StructField($0.name, $0.type)) })
      try table.check()
      try table.create(nil, connection)
      isNew = true
    }
    let insertion = try TableInsertion(relation, into: table, .name(isComplete: true)) { try session.constant($0) }
    let changed =
      switch mode {
      case .append: try insertion.append(connection)
      case .update(let keys): try insertion.update(keys: keys, connection)
      case .complete: try insertion.overwrite(connection)
      }
    // A batch that changes nothing may change nothing again.
    guard changed > 0, let checkpoint = batch.checkpoint else { return isNew }
    let place = place(name, checkpoint)
    try connection.query(
      "INSERT INTO \(Warehouse.batchesTable) VALUES (?, ?, ?, ?, ?)", place + [.int64(batch.time.nanoseconds)]
    ).close()
    try connection.query(
      """
      DELETE FROM \(Warehouse.batchesTable) WHERE \(Self.notes) AND batch_time <= (
        SELECT batch_time FROM \(Warehouse.batchesTable) WHERE \(Self.notes)
        ORDER BY batch_time DESC LIMIT 1 OFFSET \(Self.remembered))
      """, place + place
    ).close()
    return isNew
  }

  /// The condition for the notes of this stream, with the values of `place`.
  private static let notes = "database_name = ? AND table_name = ? AND stream = ? AND checkpoint = ?"

  private func place(_ table: TableName, _ checkpoint: UInt64) -> [DuckValue] {
    [.string(table.database), .string(table.name), .string(stream), .int64(Int64(bitPattern: checkpoint))]
  }
}
