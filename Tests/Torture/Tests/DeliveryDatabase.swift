import MartletDatabases
import Synchronization
import TestSupport

/// The databases into which `fault-subject` writes its records.
enum DeliveryDatabase {
  static let systems = ["PostgreSQL", "MariaDB", "SQLite"]

  private static let count = Atomic<Int>(0)

  /// The systems that can be tested here.
  static var available: [String] {
    systems.filter { system in
      switch system {
      case "PostgreSQL": PostgreSQLServer.isInstalledOrRequired
      case "MariaDB": MariaDBServer.isInstalledOrRequired
      default: true
      }
    }
  }

  /// Creates a database with an empty table, and returns its URL. SQLite's file is in `FOLDER`, and is made there by the
  /// first run.
  static func make(_ system: String) throws -> String {
    let name = "delivery\(count.add(1, ordering: .relaxed).newValue)"
    switch system {
    case "PostgreSQL":
      let url = try PostgreSQLServer.shared.get().database(name).url
      try Database(url).execute("CREATE TABLE records (record text)")
      return url
    case "MariaDB":
      let url = try MariaDBServer.shared.get().database(name).url + "&password=geh%23im%2F2"
      try Database(url).execute("CREATE TABLE records (record text)")
      return url
    default: return "jdbc:sqlite:FOLDER/records.db"
    }
  }

  /// The number of times that each record is in the table.
  static func counts(_ url: String, in folder: String) throws -> [String: Int] {
    let database = try Database(url.replacing("FOLDER", with: folder))
    var counts: [String: Int] = [:]
    for row in try database.connect().rows("SELECT record FROM records", []) {
      guard case .text(let record) = row[0] else { continue }
      counts[String(record), default: 0] += 1
    }
    return counts
  }
}
