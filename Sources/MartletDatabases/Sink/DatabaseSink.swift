public import MartletCore
public import MartletStreaming

/// A table of a database, as the destination of a stream: PostgreSQL, MariaDB, MySQL or SQLite.
///
/// ```swift
/// let shop = try Database("jdbc:postgresql://localhost/shop", user: "martlet", password: secret)
/// try counts.write(to: DatabaseSink(shop, table: "word_counts", columns: "word", "count", mode: .upsert("word")))
/// ```
/// The elements are tuples, whose values go into `columns`; single values; or structures that are `Encodable`, whose
/// properties go into the columns of the same names. ``DatabaseValueConvertible`` lists the types of values.
///
/// Guarantee: exactly once, in a context with a checkpoint. The rows of each part are written in one transaction, with a
/// note in the table `martlet_batches`, which the sink creates in the same database. If a batch runs again, parts that
/// have a note are skipped. A connection that is lost is made again, and the note decides whether a commit without an
/// answer has taken effect. Without a checkpoint, the rows of a batch come at most once.
///
/// Notes are found by the checkpoint, the name of the stream, the time of the batch, and the partition. Two streams of one
/// program that write to one table need different names: give them with `stream:`. Do not change the name, or the notes of a program that continues are not
/// found. The notes of the last 100 batches are kept, or none without a checkpoint.
///
/// A batch fails, with an error that names the table, the column if the database does, and the part, if a value does not fit
/// its column or a constraint forbids it. Deadlocks and lost connections are tried again, a limited number of times.
public struct DatabaseSink<Element: Sendable>: Sink {
  private let store: SinkStore
  private let makeRows: @Sendable () -> RowMaker<Element>

  /// - Parameter makeRows: called for each part.
  package init(
    _ database: Database, table: String, stream: String?, mode: WriteMode, settings: DatabaseSinkSettings,
    columns: [DatabaseColumn], makeRows: @escaping @Sendable () -> RowMaker<Element>
  ) throws {
    store = try SinkStore(database, table: table, stream: stream, mode: mode, settings, columns)
    self.makeRows = makeRows
  }

  public func begin(_ batch: SinkBatch) throws -> Bool {
    try store.prepare()
    return true
  }

  public func begin(_ part: BatchPart) throws -> DatabaseSinkWriter<Element>? {
    let transaction = SinkPart(store, part)
    return try transaction.begin() ? DatabaseSinkWriter(transaction, makeRows()) : nil
  }

  public func commit(_ batch: SinkBatch, parts: [BatchPart]) { store.trimLedger(batch) }
}

extension DatabaseSink {
  /// Creates a sink for tuples of two and more values.
  ///
  /// - Parameters:
  ///   - database: the database.
  ///   - table: the table, which must exist: `counts`, `schema.counts` or `"my table"`.
  ///   - columns: a column for each value of the tuple.
  ///   - mode: whether rows are appended, or replace those with the same keys.
  ///   - stream: the name of the stream, by default that of the table.
  ///   - settings: the limits.
  /// - Throws: `MartletError(.invalidArgument)` if a name is invalid, or the number of columns is not that of the values.
  @inlinable
  public init<each Value: DatabaseValueConvertible>(
    _ database: Database, table: String, columns: String..., mode: WriteMode = .append, stream: String? = nil,
    settings: DatabaseSinkSettings = DatabaseSinkSettings()
  ) throws where Element == (repeat each Value) {
    var types: [DatabaseType] = []
    for type in repeat (each Value).self { types.append(type.databaseType) }
    try self.init(
      database, table: table, names: columns, types: types, mode: mode, stream: stream, settings: settings
    ) { element, row in
      repeat row.append(each element)
    }
  }

  /// Creates a sink for single values, which go into one column.
  ///
  /// - Throws: `MartletError(.invalidArgument)` if a name is invalid.
  @inlinable
  public init(
    _ database: Database, table: String, column: String, mode: WriteMode = .append, stream: String? = nil,
    settings: DatabaseSinkSettings = DatabaseSinkSettings()
  ) throws where Element: DatabaseValueConvertible {
    try self.init(
      database, table: table, names: [column], types: [Element.databaseType], mode: mode, stream: stream,
      settings: settings
    ) { element, row in
      row.append(element)
    }
  }

  /// Creates a sink for structures, whose properties go into the columns of the same names.
  ///
  /// ```swift
  /// struct Reading: Codable { var sensor: String, value: Double? }
  /// try readings.write(to: DatabaseSink(plant, table: "readings"))
  /// ```
  /// A property is one value: a number, a text, a date, bytes, an enumeration with raw values, or an optional of these.
  /// `columns` names the properties to write, by default all of them.
  /// - Throws: `MartletError(.invalidArgument)` if a name is invalid.
  @_disfavoredOverload
  public init(
    _ database: Database, table: String, columns: String..., mode: WriteMode = .append, stream: String? = nil,
    settings: DatabaseSinkSettings = DatabaseSinkSettings()
  ) throws where Element: Encodable {
    try self.init(database, table: table, stream: stream, mode: mode, settings: settings, columns: []) {
      let encoder = PropertyEncoder(columns: columns)
      return RowMaker(columns: { encoder.columns }) { try encoder.append($0, to: &$1.batch) }
    }
  }

  @usableFromInline
  init(
    _ database: Database, table: String, names: [String], types: [DatabaseType], mode: WriteMode, stream: String?,
    settings: DatabaseSinkSettings, _ append: @escaping @Sendable (Element, inout DatabaseRowWriter) -> Void
  ) throws {
    guard names.count == types.count else {
      throw MartletError(
        .invalidArgument,
        "The elements have \(types.count) values, and \(names.count) columns are given for them: \(listed(names)).")
    }
    let columns = zip(names, types).map { DatabaseColumn(name: $0, type: $1) }
    try self.init(database, table: table, stream: stream, mode: mode, settings: settings, columns: columns) {
      RowMaker(columns: { names }, append: append)
    }
  }
}

/// Makes rows of the elements of one part.
package struct RowMaker<Element> {
  /// The columns of the rows that have been made.
  let columns: () -> [String]
  let append: (Element, inout DatabaseRowWriter) throws -> Void

  package init(
    columns: @escaping () -> [String], append: @escaping (Element, inout DatabaseRowWriter) throws -> Void
  ) {
    self.columns = columns
    self.append = append
  }
}

/// Writes one part of a batch to a table of a database.
public struct DatabaseSinkWriter<Element>: SinkWriter {
  private let transaction: SinkPart
  private let maker: RowMaker<Element>
  private var rows = DatabaseRowWriter(width: 0)

  init(_ transaction: SinkPart, _ maker: RowMaker<Element>) {
    self.transaction = transaction
    self.maker = maker
    rows = DatabaseRowWriter(width: maker.columns().count)
  }

  public mutating func write(_ element: Element) throws {
    try maker.append(element, &rows)
    if rows.batch.values.count >= 16_384 || rows.batch.memory >= bytesAtOnce { try flush() }
  }

  // Not async, so that the loop does not suspend.
  public mutating func write(contentsOf elements: PartitionIterator<Element>) throws {
    while let element = elements.next() { try write(element) }
  }

  public mutating func commit() throws {
    try flush()
    try transaction.commit()
  }

  public mutating func abort() { transaction.abort() }

  private mutating func flush() throws {
    let full = rows.batch
    rows = DatabaseRowWriter(width: full.width)
    try transaction.write(full, columns: maker.columns())
  }
}

/// The limits of a sink.
public struct DatabaseSinkSettings: Sendable, Hashable {
  /// The number of connections at a time. More parts than that wait for each other. SQLite has one.
  public var maximumConnections = 4
  /// The time for which a lost database is waited for.
  public var patience: Duration = .seconds(30)
  /// The bytes of rows that are kept in memory, for each part that is being written, to write them again after a deadlock
  /// or a lost connection.
  public var replayBytes = 64 << 20

  public init() {}
}
