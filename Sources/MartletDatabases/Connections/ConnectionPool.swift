import MartletCore

/// The connections of one sink or reader: at most so many at a time, which are used again.
final class ConnectionPool: @unchecked Sendable {
  // Sendable: `condition` guards the variables. A connection is in the list, or belongs to the thread that took it.
  let database: Database
  private let limit: Int
  private let condition = Condition()
  private var free: [any DatabaseConnection] = []
  private var used = 0
  /// True if a connection has been made: a server that is not there now will probably come back.
  private var hasConnected = false

  init(_ database: Database, limit: Int) {
    self.database = database
    // SQLite has one writer at a time; others would wait for it without an order.
    self.limit = database.system == .sqlite ? 1 : max(1, limit)
  }

  /// A connection, once there is one. The first one fails at once if the database cannot be reached; later ones wait for
  /// the database, up to `patience`.
  /// - Throws: `DatabaseError`; `MartletError` if the client library is missing.
  func take(patience: Duration) throws -> any DatabaseConnection {
    condition.lock()
    while used >= limit { condition.wait() }
    used += 1
    let free = free.popLast()
    let waits = hasConnected
    condition.unlock()
    if let free { return free }
    do {
      let connection = try connect(until: .now + (waits ? patience : .zero))
      condition.withLock { hasConnected = true }
      return connection
    } catch {
      release()
      throw error
    }
  }

  /// Takes a connection back.
  func give(back connection: any DatabaseConnection) {
    condition.withLock {
      free.append(connection)
      used -= 1
      condition.signal()
    }
  }

  /// Notes that a connection that was taken is not coming back. It is closed when it is released.
  func release() {
    condition.withLock {
      used -= 1
      condition.signal()
    }
  }

  /// Closes the connections that are not in use: they are probably lost as well if one is.
  func closeFree() {
    // Closed after the lock has been released.
    let connections = condition.withLock {
      defer { free = [] }
      return free
    }
    withExtendedLifetime(connections) {}
  }

  private func connect(until deadline: MonotonicTime) throws -> any DatabaseConnection {
    let pause = InterruptibleSleep()
    while true {
      do { return try database.connect() } catch let error as DatabaseError where error.isTransient {
        guard .now < deadline else { throw error }
        _ = pause.sleep(until: .now + .milliseconds(200))
      }
    }
  }
}

extension Database {
  /// Connects to the database.
  /// - Parameter answerTimeout: the time for which the answer to a statement is waited for, if the URL has none. The
  ///   connection is lost after that.
  /// - Throws: `DatabaseError`; `MartletError` if the client library is missing.
  package func connect(answerTimeout: Duration = .seconds(300)) throws -> any DatabaseConnection {
    switch system {
    case .postgres: try PostgresConnection(self, answerTimeout: answerTimeout)
    case .mariaDB: try MariaDBConnection(self, answerTimeout: answerTimeout)
    case .sqlite: try SQLiteConnection(self)
    }
  }
}

extension Database {
  /// Runs one statement on a connection of its own, such as one that creates a table.
  ///
  /// ```swift
  /// try shop.execute("CREATE TABLE IF NOT EXISTS word_counts (word text PRIMARY KEY, count bigint)")
  /// try shop.execute("DELETE FROM word_counts WHERE word = $1", "the")
  /// ```
  /// - Parameters:
  ///   - sql: the statement, in the dialect of the database. Its parameters are `$1`, `$2` … for PostgreSQL, and `?` for the
  ///     others.
  ///   - values: the values of the parameters.
  /// - Returns: the number of rows that the statement has changed.
  /// - Throws: `MartletError`, whose `underlying` error is a ``DatabaseError`` if the database has refused the statement.
  @discardableResult
  public func execute(_ sql: String, _ values: any DatabaseValueConvertible...) throws -> Int {
    do { return try connect().execute(sql, values.map(\.databaseValue)) } catch let error as DatabaseError {
      throw error.located("A statement for \(self) has failed")
    }
  }
}
