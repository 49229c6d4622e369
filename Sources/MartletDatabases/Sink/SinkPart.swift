import MartletCore
import MartletStreaming

/// The transaction of one part of a batch, with the note in the ledger.
///
/// If a connection is lost, or another transaction is in the way, the part is written again on another connection. The note
/// decides: if it is there, the commit whose answer was lost has taken effect. Only rows that are still in memory can be
/// written again; a larger part fails, and so does its batch, which runs again when the program is started again.
final class SinkPart {
  private let store: SinkStore
  private let part: BatchPart
  private var connection: (any DatabaseConnection)?
  private var columns: [String] = []
  private var target: InsertTarget?
  /// The rows that have been written in this transaction; `nil` if they are too many.
  private var written: [RowBatch]? = []
  private var writtenBytes = 0
  /// True once a commit has been sent.
  private var isCommitting = false

  /// The number of times that a part is written before its error is the batch's.
  private static let attempts = 8

  init(_ store: SinkStore, _ part: BatchPart) {
    self.store = store
    self.part = part
  }

  deinit { if connection != nil { store.pool.release() } }

  /// Begins the transaction; returns false if an earlier run has written the part.
  func begin() throws -> Bool {
    var isNew = true
    try locating { try retrying { isNew = try open() } }
    return isNew
  }

  /// Writes rows.
  func write(_ rows: RowBatch, columns: [String]) throws {
    guard rows.count > 0 else { return }
    self.columns = columns
    try locating {
      do { try insert(rows) } catch let error as DatabaseError where error.isTransient {
        keep(rows)
        return try again(after: error, andCommit: false)
      }
      keep(rows)
    }
  }

  /// Commits the rows and the note.
  func commit() throws {
    try locating {
      do { try finish() } catch let error as DatabaseError where error.isTransient {
        try again(after: error, andCommit: true)
      }
    }
    if let connection { store.pool.give(back: connection) }
    connection = nil
  }

  /// Rolls the transaction back.
  func abort() {
    guard let connection else { return }
    self.connection = nil
    // The connection is not used again: whatever has failed may have left it in any state.
    connection.rollBack()
    store.pool.release()
  }

  // MARK: Steps

  private func open() throws -> Bool {
    let connection = try self.connection ?? store.pool.take(patience: store.settings.patience)
    self.connection = connection
    try connection.begin()
    if try store.ledger.note(part, connection) { return true }
    connection.rollBack()
    store.pool.give(back: connection)
    self.connection = nil
    return false
  }

  private func insert(_ rows: RowBatch) throws {
    guard let connection else { throw DatabaseError(.connectionLost, "The connection was lost.") }
    let target = try self.target ?? store.target(columns, connection)
    self.target = target
    try connection.insert(rows, target)
  }

  private func keep(_ rows: RowBatch) {
    writtenBytes += rows.memory
    if writtenBytes > store.settings.replayBytes { written = nil } else { written?.append(rows) }
  }

  private func finish() throws {
    guard let connection else { throw DatabaseError(.connectionLost, "The connection was lost.") }
    if let target { try connection.finishInserts(target) }
    isCommitting = true
    try connection.commit()
  }

  /// Writes everything again after an error, and commits it.
  private func again(after error: DatabaseError, andCommit commits: Bool) throws {
    forget(after: error)
    try retrying {
      guard try open() else {
        // Nothing else writes this note: the answer to the commit was lost, not the commit.
        if isCommitting { return }
        throw MartletError(
          .invalidState,
          "\(part) of the stream '\(store.ledger.stream)' has been written by another program in the meantime.")
      }
      guard let written else {
        throw DatabaseError(
          .other, code: error.code,
          "\(error.message). The part has more than \(store.settings.replayBytes) bytes, so that it was not kept in memory to be written again: the batch runs again when the program is started again. Write smaller parts (byPartition: true), or raise replayBytes"
        )
      }
      for rows in written { try insert(rows) }
      if commits { try finish() }
    }
  }

  /// Runs the steps of a transaction until they succeed, or the error is none that passes.
  private func retrying(_ steps: () throws -> Void) throws {
    var attempt = 1
    let pause = InterruptibleSleep()
    while true {
      // The pool has waited for a server that cannot be reached.
      do { return try steps() } catch let error as DatabaseError
        where error.isTransient && error.kind != .unreachable && attempt < Self.attempts
      {
        forget(after: error)
        // Different pauses, so that two parts do not meet again.
        let milliseconds = 10 << attempt
        _ = pause.sleep(until: .now + .milliseconds(milliseconds + Int.random(in: 0...milliseconds)))
        attempt += 1
      }
    }
  }

  /// Ends the transaction after an error.
  private func forget(after error: DatabaseError) {
    guard let connection else { return }
    if error.isConnectionLoss {
      self.connection = nil
      store.pool.release()
      store.pool.closeFree()
    } else {
      connection.rollBack()
    }
  }

  private func locating(_ body: () throws -> Void) throws {
    do { try body() } catch let error as DatabaseError {
      let column = error.column.map { ", column '\($0)'" } ?? ""
      let hint =
        error.kind == .missingTable || error.kind == .missingColumn
        ? " It was there when the stream began." : ""
      let located = error.located("\(store.place)\(column) cannot be written (\(part))")
      throw located.worded(located.message + hint)
    }
  }
}
