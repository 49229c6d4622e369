/// The differences between the SQL of databases.
package struct Dialect: Sendable {
  package let system: Database.System
  /// The character around names.
  private let quote: String

  static let postgres = Dialect(system: .postgres, quote: "\"")
  static let mariaDB = Dialect(system: .mariaDB, quote: "`")
  static let sqlite = Dialect(system: .sqlite, quote: "\"")

  /// The largest number of parameters of a statement.
  var maximumParameters: Int { system == .sqlite ? 32_766 : 65_535 }

  /// A name in quotes. Those inside it are doubled.
  package func quoted(_ name: String) -> String {
    "\(quote)\(name.replacing(quote, with: "\(quote)\(quote)"))\(quote)"
  }

  package func quoted(_ table: TableName) -> String { table.parts.map(quoted).joined(separator: ".") }

  package func quoted(_ names: [String]) -> String { names.map(quoted).joined(separator: ", ") }

  /// The mark of a parameter, from 1.
  package func parameter(_ number: Int) -> String { system == .postgres ? "$\(number)" : "?" }

  /// The statement that inserts `count` rows.
  func insert(_ target: InsertTarget, rows count: Int) -> String {
    var number = 0
    let rows = (0..<count).map { _ in
      let marks = target.columns.map { _ in
        number += 1
        return parameter(number)
      }
      return "(\(marks.joined(separator: ", ")))"
    }
    return "INSERT INTO \(quoted(target.table)) (\(quoted(target.columns))) VALUES \(rows.joined(separator: ", "))"
      + onConflict(target)
  }

  /// The clause that replaces rows with the same keys; empty for an append.
  func onConflict(_ target: InsertTarget) -> String {
    guard target.isUpsert else { return "" }
    if system == .mariaDB {
      // A row with nothing but keys stays as it is.
      let changed = target.changed.isEmpty ? [target.keys[0]] : target.changed
      return " ON DUPLICATE KEY UPDATE "
        + changed.map { "\(quoted($0)) = VALUES(\(quoted($0)))" }.joined(separator: ", ")
    }
    let action =
      target.changed.isEmpty
      ? "NOTHING"
      : "UPDATE SET " + target.changed.map { "\(quoted($0)) = excluded.\(quoted($0))" }.joined(separator: ", ")
    return " ON CONFLICT (\(quoted(target.keys))) DO \(action)"
  }

  /// The type of a column in `CREATE TABLE`.
  /// - Parameter isKey: true if the column is part of a key, which MariaDB does not permit for texts without a limit.
  package func name(of type: DatabaseType, isKey: Bool = false) -> String {
    switch system {
    case .postgres:
      switch type {
      case .bool: "boolean"
      case .int8, .int16: "smallint"
      case .int32: "integer"
      case .int64: "bigint"
      case .uint64: "numeric(20)"
      case .float: "real"
      case .double: "double precision"
      case .text: "text"
      case .bytes: "bytea"
      case .date: "date"
      case .timestamp: "timestamptz"
      case .localTimestamp: "timestamp"
      case .decimal(let precision, let scale): "numeric(\(precision), \(scale))"
      }
    case .mariaDB:
      switch type {
      case .bool: "boolean"
      case .int8: "tinyint"
      case .int16: "smallint"
      case .int32: "int"
      case .int64: "bigint"
      case .uint64: "bigint unsigned"
      case .float: "float"
      case .double: "double"
      case .text: isKey ? "varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" : "longtext CHARACTER SET utf8mb4"
      case .bytes: isKey ? "varbinary(255)" : "longblob"
      case .date: "date"
      case .timestamp, .localTimestamp: "datetime(6)"
      case .decimal(let precision, let scale): "decimal(\(precision), \(scale))"
      }
    case .sqlite:
      switch type {
      case .bool: "BOOLEAN"
      case .int8, .int16, .int32, .int64: "INTEGER"
      case .uint64: "TEXT"
      case .float, .double: "REAL"
      case .text: "TEXT"
      case .bytes: "BLOB"
      case .date: "DATE"
      case .timestamp, .localTimestamp: "TIMESTAMP"
      // SQLite makes floating-point numbers of decimals, unless the name of the type contains TEXT.
      case .decimal(let precision, let scale): "DECIMAL\(precision > 15 ? "_TEXT" : "")(\(precision), \(scale))"
      }
    }
  }

  /// The statement that creates a table.
  package func create(_ table: TableName, _ columns: [DatabaseColumn], keys: [String] = []) -> String {
    let key = keys.isEmpty ? "" : ", PRIMARY KEY (\(quoted(keys)))"
    let list = columns.map { "\(quoted($0.name)) \(name(of: $0.type, isKey: keys.contains($0.name)))" }
    return "CREATE TABLE \(quoted(table)) (\(list.joined(separator: ", "))\(key))"
  }
}
