/// The name of a table of the warehouse: its database and its own name, both in lower case.
struct TableName: Hashable, Sendable, CustomStringConvertible {
  var database: String
  var name: String

  init(_ database: String, _ name: String) {
    self.database = database.lowercased()
    self.name = name.lowercased()
  }

  var description: String { "\(database).\(name)" }

  /// The table in the SQL of the engine.
  var sql: String { "\(quoted(Warehouse.catalog)).\(quoted(database)).\(quoted(name))" }

  /// The names with which a query may qualify the columns of the table.
  var qualifier: [String] { [Warehouse.catalog, database, name] }
}

/// A table of the warehouse, and the number of changes to it, at the time when a query was resolved.
struct TableVersion: Hashable, Sendable {
  var name: TableName
  var number: Int
}
