import MartletCore
import Synchronization

/// The tables of Swift that the statements of one database can read as `martlet_table(id)`.
final class RegisteredTables: Sendable {
  private let tables = Mutex<[Int64: ColumnTable]>([:])
  /// Numbers are unique in the process, so that one of another database is recognised as unknown.
  private static let last = Atomic<Int64>(0)

  func add(_ table: ColumnTable) -> Int64 {
    let id = Self.last.add(1, ordering: .relaxed).newValue
    tables.withLock { $0[id] = table }
    return id
  }

  func remove(_ id: Int64) {
    // Destroyed after the lock has been released.
    let table = tables.withLock { $0.removeValue(forKey: id) }
    withExtendedLifetime(table) {}
  }

  subscript(id: Int64) -> ColumnTable? { tables.withLock { $0[id] } }

  var count: Int { tables.withLock { $0.count } }
}

/// A table of Swift that statements can read while this object lives.
///
/// It keeps the table and its number. When it is released, statements that already read the table finish; later ones,
/// including those that read a view over the table or were prepared before, fail with an error that says so.
package final class TableRegistration: Sendable {
  package let table: ColumnTable
  /// The argument of `martlet_table`.
  package let id: Int64
  private let tables: RegisteredTables

  init(_ table: ColumnTable, in tables: RegisteredTables) {
    self.table = table
    self.tables = tables
    id = tables.add(table)
  }

  deinit { tables.remove(id) }

  /// The table in SQL, as in `SELECT * FROM martlet_table(7)`.
  package var sql: String { "martlet_table(\(id))" }
}

extension DuckDatabase {
  /// Makes a table readable for all connections, until the result is released.
  package func register(_ table: ColumnTable) -> TableRegistration { TableRegistration(table, in: tables) }

  /// The number of tables that are registered.
  package var registeredTables: Int { tables.count }
}
