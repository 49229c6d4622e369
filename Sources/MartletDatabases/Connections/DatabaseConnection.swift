/// A connection to a database. One thread at a time uses it.
///
/// An implementation has the statements of one system, its client library, and the names of its errors. All values are
/// bound, never part of the text of a statement; all names are quoted by `dialect`.
///
/// Its methods throw `DatabaseError`. After one of the kind `connectionLost`, the connection must not be used again.
package protocol DatabaseConnection: AnyObject {
  var dialect: Dialect { get }

  /// Runs a statement, whose parameters are written as `dialect.parameter(_:)`; returns the number of rows it changed.
  func execute(_ sql: String, _ parameters: [DatabaseValue]) throws -> Int

  /// All rows of a short query.
  func rows(_ sql: String, _ parameters: [DatabaseValue]) throws -> [[DatabaseValue]]

  /// Begins a query outside of a transaction. Only the rows that are asked for are in memory. The connection must not be
  /// used for anything else, now or later.
  /// - Parameter rowsAtOnce: the number of rows of a batch; `nil` for one that depends on their size.
  func cursor(_ sql: String, rowsAtOnce: Int?) throws -> any DatabaseCursor

  /// The columns of a query, which does not run.
  func describe(query: String) throws -> [DatabaseColumn]

  /// The table that is meant by a name; `nil` if there is none.
  func describe(table: TableName) throws -> TableDescription?

  func begin() throws
  func commit() throws
  /// Rolls the transaction back, if there is one. Does not throw: a connection that cannot is closed.
  func rollBack()

  /// Inserts rows in the transaction that has begun. They need not be in the table before `finishInserts`.
  func insert(_ rows: RowBatch, _ target: InsertTarget) throws
  /// Makes the rows of all inserts appear in the table, within the transaction.
  func finishInserts(_ target: InsertTarget) throws
}

extension DatabaseConnection {
  package func finishInserts(_ target: InsertTarget) throws {}

  @discardableResult
  package func execute(_ sql: String) throws -> Int { try execute(sql, []) }
}

/// The rows of a query, some at a time. It can be released before their end.
package protocol DatabaseCursor: AnyObject {
  /// The next rows; `nil` at the end.
  func next() throws -> RowBatch?
}

/// A column of a table or query.
package struct DatabaseColumn: Sendable, Hashable {
  package let name: String
  /// The nearest type that Martlet has; text for types of other kinds, whose values come as the database writes them.
  package let type: DatabaseType

  package init(name: String, type: DatabaseType) {
    self.name = name
    self.type = type
  }
}

/// The facts about a table that a sink needs.
package struct TableDescription: Sendable, Hashable {
  package var columns: [DatabaseColumn]
  /// The columns of each unique index and primary key; `nil` if the system checks the keys of an upsert itself.
  var uniqueKeys: [[String]]?
  /// The reason why transactions cannot protect the table; `nil` if they can.
  var flaw: String?

  package init(columns: [DatabaseColumn], uniqueKeys: [[String]]? = nil, flaw: String? = nil) {
    self.columns = columns
    self.uniqueKeys = uniqueKeys
    self.flaw = flaw
  }
}

/// The table and the columns that rows go to, and how.
package struct InsertTarget: Sendable, Hashable {
  let table: TableName
  let columns: [String]
  /// The columns whose values identify a row that a new one replaces; empty to append.
  let keys: [String]

  package init(table: TableName, columns: [String], keys: [String]) {
    self.table = table
    self.columns = columns
    self.keys = keys
  }

  var isUpsert: Bool { !keys.isEmpty }
  /// The columns that an upsert changes.
  var changed: [String] { columns.filter { !keys.contains($0) } }
}
