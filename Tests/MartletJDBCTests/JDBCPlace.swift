import Foundation
import MartletDatabases
import MartletDuckDB
import MartletJDBC
import Synchronization
import TestSupport
import Testing

/// DuckDB's library, for the suites that need it.
let hasEngine: Bool = {
  if ProcessInfo.processInfo.environment["CI"] != nil { return true }
  do {
    try DuckLibrary.load()
    return true
  } catch { return false }
}()

/// The URL of an empty database, and its password.
struct Place: Sendable, CustomTestStringConvertible {
  let system: String
  var testDescription: String { system }

  static let all = ["postgres", "mariaDB", "sqlite"].filter { system in
    switch system {
    case "postgres": PostgreSQLServer.isInstalledOrRequired
    case "mariaDB": MariaDBServer.isInstalledOrRequired
    default: true
    }
  }.map(Place.init)

  private static let count = Atomic<Int>(0)

  /// The rows of a frame as texts, sorted.
  static func rows(_ frame: DataFrame) throws -> [String] { try frame.collect().map { "\($0)" }.sorted() }

  static func session() throws -> SparkSession {
    try SparkSession(MartletContext(master: "local[2]", appName: "test"))
  }

  func make() throws -> (url: String, properties: [String: String]) {
    let name = "jdbc\(Self.count.add(1, ordering: .relaxed).newValue)"
    switch system {
    case "postgres": return (try PostgreSQLServer.shared.get().database(name).url, [:])
    case "mariaDB":
      return (try MariaDBServer.shared.get().database(name).url, ["password": MariaDBServer.password])
    default:
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-jdbc-\(UUID().uuidString)")
        .path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return ("jdbc:sqlite:\(folder)/test.db", [:])
    }
  }
}
