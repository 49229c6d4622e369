import MartletCore
import MartletStreaming
import Synchronization

/// The part of a sink that does not depend on the type of its elements: its connections, its table, and its ledger.
final class SinkStore: Sendable {
  let database: Database
  let table: TableName
  let mode: WriteMode
  let ledger: Ledger
  let settings: DatabaseSinkSettings
  let pool: ConnectionPool
  private let state = Mutex<State>(State())

  private struct State {
    var isPrepared = false
    var targets: [[String]: InsertTarget] = [:]
    /// The batches since the ledger was trimmed.
    var batches = 0
  }

  /// The columns of a table for the elements, for the error if there is none; empty if they are not known.
  private let elementColumns: [DatabaseColumn]

  init(
    _ database: Database, table text: String, stream: String?, mode: WriteMode, _ settings: DatabaseSinkSettings,
    _ columns: [DatabaseColumn]
  ) throws {
    guard let table = TableName(text) else {
      throw MartletError(
        .invalidArgument,
        "'\(text)' is not the name of a table. It has a form such as counts, schema.counts or \"my table\".")
    }
    let stream = stream ?? "\(table)"
    guard !stream.isEmpty, stream.utf8.count <= 255, !stream.utf8.contains(0) else {
      throw MartletError(
        .invalidArgument,
        "The name of a stream has 1 to 255 bytes and no NUL; that of the sink for the table '\(table)' has \(stream.utf8.count). Give another one with stream:."
      )
    }
    guard settings.maximumConnections >= 1 else {
      throw MartletError(.invalidArgument, "A sink has at least one connection, not \(settings.maximumConnections).")
    }
    self.database = database
    self.table = table
    elementColumns = columns
    self.mode = mode
    self.settings = settings
    ledger = Ledger(stream: stream)
    pool = ConnectionPool(database, limit: settings.maximumConnections)
  }

  /// The place in errors.
  var place: String { "The table '\(table)' of \(database)" }

  /// Runs `body` with a connection, and again with another one if the connection is lost.
  func withConnection<Result>(_ body: (any DatabaseConnection) throws -> Result) throws -> Result {
    var losses = 0
    while true {
      let connection = try pool.take(patience: settings.patience)
      do {
        let result = try body(connection)
        pool.give(back: connection)
        return result
      } catch let error as DatabaseError where error.isConnectionLoss && losses < 3 {
        losses += 1
        pool.release()
        pool.closeFree()
      } catch {
        pool.release()
        throw error
      }
    }
  }

  /// Creates the ledger, and looks for the table, at the first batch: mistakes are found before there are elements.
  func prepare() throws {
    guard !state.withLock({ $0.isPrepared }) else { return }
    do {
      try withConnection { connection in
        try ledger.create(connection)
        if try connection.describe(table: table) == nil { throw missingTable(connection) }
      }
    } catch let error as DatabaseError { throw error.located("\(place) cannot be written") }
    state.withLock { $0.isPrepared = true }
  }

  /// The statement's target for the columns of the elements.
  func target(_ columns: [String], _ connection: any DatabaseConnection) throws -> InsertTarget {
    if let known = state.withLock({ $0.targets[columns] }) { return known }
    guard let description = try connection.describe(table: table) else { throw missingTable(connection) }
    let target = try InsertTarget(columns, mode, table, description, place: place)
    state.withLock { $0.targets[columns] = target }
    return target
  }

  private func missingTable(_ connection: any DatabaseConnection) -> MartletError {
    let statement =
      elementColumns.isEmpty ? "" : " For example: \(connection.dialect.create(table, elementColumns, keys: mode.keys))"
    let error = DatabaseError(.missingTable, "there is no such table").located("\(place) cannot be written")
    return error.worded(error.message + statement)
  }

  /// Trims the ledger from time to time. A failure is left to the next time: the batch is committed.
  func trimLedger(_ batch: SinkBatch) {
    let isDue = state.withLock { state in
      defer { state.batches += 1 }
      return batch.checkpoint == nil || state.batches % (Ledger.keptBatches / 2) == 0
    }
    guard isDue, let connection = try? pool.take(patience: .zero) else { return }
    do {
      try ledger.trim(batch, connection)
      pool.give(back: connection)
    } catch { pool.release() }
  }
}
