internal import MartletCore
internal import MartletDuckDB

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Warehouse {
  private static let maximumAttempts = 100

  /// Runs `body` in a transaction, which is on disk when this returns.
  ///
  /// Transactions run at the same time. One that conflicts with another, because both change the same rows or the same
  /// definition, runs again; `body` is then called again.
  ///
  /// - Parameters:
  ///   - names: the tables that `body` changes.
  ///   - defines: true if `body` changes definitions.
  func write<Result>(
    _ names: [TableName], defines: Bool, _ body: (DuckConnection) throws -> Result
  ) throws -> Result {
    try open()
    var attempt = 1
    while true {
      do {
        let result = try transaction(body)
        noteChange(of: names, definitions: defines)
        return result
      } catch {
        guard attempt < Self.maximumAttempts, Self.isConflict(error) else {
          // A commit that has failed may have changed the file nonetheless.
          noteChange(of: names, definitions: true)
          throw error
        }
      }
      // Transactions that conflict again and again wait for different times.
      usleep(UInt32.random(in: 0...UInt32(min(attempt, 20)) * 1000))
      attempt += 1
    }
  }

  /// Runs `body` in a transaction, and throws if it conflicts with another.
  func transaction<Result>(_ body: (DuckConnection) throws -> Result) throws -> Result {
    let connection = try engine.borrow()
    let result: Result
    do {
      try connection.execute("BEGIN TRANSACTION")
      result = try body(connection)
      try connection.execute("COMMIT")
      engine.giveBack(connection)
    } catch {
      // Without the connection, which is not given back, the transaction ends too.
      if (try? connection.execute("ROLLBACK")) != nil {
        engine.giveBack(connection)
      } else {
        engine.discard(connection)
      }
      throw error
    }
    // The log of the file may be a new one, whose name is only in the folder.
    try Folder.synchronize(folder())
    return result
  }

  /// True for the error of a transaction that another one has anticipated.
  private static func isConflict(_ error: any Error) -> Bool {
    guard let error = (error as? MartletError)?.duck else { return false }
    let text = error.message.lowercased()
    return error.kind == .transaction && !text.contains("current transaction is aborted")
      && (text.contains("conflict") || text.contains("altered") || text.contains("dropped"))
  }
}
