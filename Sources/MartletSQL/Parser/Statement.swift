/// A statement of SQL.
indirect enum Statement: Hashable, Sendable {
  case query(Plan)
  case createView(CreateView)
  case dropView([String], ifExists: Bool)
  case createTable(CreateTable)
  case dropTable([String], ifExists: Bool)
  case createDatabase([String], ifNotExists: Bool)
  case dropDatabase([String], ifExists: Bool, cascades: Bool)
  case insert(Insert)
  case truncateTable([String])
  case delete(Deletion)
  case update(Update)
  /// `ALTER TABLE old RENAME TO new`
  case renameTable([String], to: [String])
  /// `CACHE TABLE t`, or `CACHE TABLE t AS SELECT …`, which creates a view.
  case cacheTable([String], Plan?, isLazy: Bool)
  case uncacheTable([String], ifExists: Bool)
  case clearCache
  case refreshTable([String])
  case showTables(database: [String]?, pattern: String?)
  case showViews(database: [String]?, pattern: String?)
  case showColumns([String])
  case showFunctions(pattern: String?)
  case showDatabases(pattern: String?)
  case describeTable([String], column: [String]?, isExtended: Bool)
  case describeQuery(Plan)
  case describeFunction(String, isExtended: Bool)
  /// `SET key = value`; the value if only a key is given; all values if none is.
  case set(key: String?, value: String?)
  /// `RESET key`; all values if no key is given.
  case reset(key: String?)
  case use([String])
  case explain(ExplainKind, Statement)
  /// The text of a statement of which the grammar does not know the first words.
  case unknown(String)
}

/// What `EXPLAIN` shows.
enum ExplainKind: String, Hashable, Sendable {
  case simple, logical, extended, formatted, codegen, cost
  /// Runs the query, and shows how long each operator took.
  case analyze
}

/// `CREATE VIEW`
struct CreateView: Hashable, Sendable {
  enum Scope: Hashable, Sendable {
    case persistent
    /// `TEMPORARY`: of the session.
    case temporary
    /// `GLOBAL TEMPORARY`: of all sessions.
    case globalTemporary
  }

  var name: [String]
  var columns: [String] = []
  var scope = Scope.persistent
  /// True for `OR REPLACE`.
  var replaces = false
  var ifNotExists = false
  var plan: Plan
  /// The text of the query.
  var text: String
}

/// `CREATE TABLE`
struct CreateTable: Hashable, Sendable {
  var name: [String]
  var ifNotExists = false
  /// True for `OR REPLACE`.
  var replaces = false
  /// The columns; those of `plan` if there are none.
  var columns: [ColumnDefinition] = []
  /// The rows of `AS SELECT …`.
  var plan: Plan?
  /// The format after `USING`, in lower case.
  var format: String?
  var location: String?
  var partitionColumns: [String] = []
  /// Options by their names in lower case.
  var options: [String: String] = [:]
  var properties: [String: String] = [:]
  var comment: String?
}

/// `INSERT INTO` and `INSERT OVERWRITE`
struct Insert: Hashable, Sendable {
  var table: [String]
  /// True for `OVERWRITE`: the rows take the place of those in the table.
  var overwrites = false
  /// The columns to which the values belong; all if there are none.
  var columns: [String] = []
  /// True if columns correspond by name instead of position.
  var byName = false
  /// The columns of `PARTITION (…)`, and the constants for those that have one.
  var partition: [PartitionValue] = []
  var plan: Plan
}

/// A column of `PARTITION (…)`.
struct PartitionValue: Hashable, Sendable {
  var column: String
  var value: Expression?
}

/// `DELETE FROM`
struct Deletion: Hashable, Sendable {
  var table: [String]
  var alias: String?
  /// The condition for the rows to be deleted; all rows without one.
  var condition: Expression?
}

/// `UPDATE`
struct Update: Hashable, Sendable {
  /// `column = value`
  struct Assignment: Hashable, Sendable {
    var column: [String]
    var value: Expression
  }

  var table: [String]
  var alias: String?
  var assignments: [Assignment]
  /// The condition for the rows to be changed; all rows without one.
  var condition: Expression?
}
