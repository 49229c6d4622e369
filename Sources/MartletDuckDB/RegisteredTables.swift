import CDuckDB
import MartletCore

/// The tables of Swift that the statements of one database can read.
package final class RegisteredTables: Sendable {
  init() {}
  func register(in database: duck_database) throws {}
}
