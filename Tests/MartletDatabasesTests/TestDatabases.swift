import Foundation
import MartletCore
import Synchronization
import TestSupport
import Testing

@testable import MartletDatabases

/// The systems, each with a real server or file.
enum TestSystem: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case postgres, mariaDB, sqlite

  var testDescription: String { rawValue }

  /// Those that can be tested here. Where everything must be tested, a missing one is a failure.
  static var available: [TestSystem] {
    allCases.filter { system in
      switch system {
      case .postgres: PostgreSQLServer.isInstalledOrRequired
      case .mariaDB: MariaDBServer.isInstalledOrRequired
      case .sqlite: true
      }
    }
  }

  static var servers: [TestSystem] { available.filter { $0 != .sqlite } }
}

/// An empty database for one test.
final class TestDatabase: Sendable {
  let system: TestSystem
  let database: Database
  /// The folder of SQLite's file.
  private let folder: String?
  private let ask: @Sendable (String) throws -> [String]

  private static let count = Atomic<Int>(0)

  init(_ system: TestSystem) throws {
    self.system = system
    let name = "db\(Self.count.add(1, ordering: .relaxed).newValue)"
    switch system {
    case .postgres:
      let made = try PostgreSQLServer.shared.get().database(name)
      database = try Database(made.url)
      folder = nil
      ask = { try made.query($0) }
    case .mariaDB:
      let made = try MariaDBServer.shared.get().database(name)
      database = try Database(made.url, password: MariaDBServer.password)
      folder = nil
      ask = { try made.query($0) }
    case .sqlite:
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-sqlite-\(UUID().uuidString)")
        .path
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      folder = path
      let file = try Database("jdbc:sqlite:\(path)/test.db")
      database = file
      ask = { statement in
        let connection = try file.connect()
        if !statement.hasPrefix("SELECT") {
          try connection.execute(statement)
          return []
        }
        return try connection.rows(statement, []).map { row in row.map(Self.text).joined(separator: "|") }
      }
    }
  }

  deinit { if let folder { try? FileManager.default.removeItem(atPath: folder) } }

  /// The path of SQLite's file.
  var path: String { "\(folder ?? "")/test.db" }

  /// The rows that a statement returns, columns separated by bars. Servers are asked by their own programs.
  @discardableResult
  func query(_ statement: String) throws -> [String] { try ask(statement) }

  /// The port of the server.
  var port: Int { database.port ?? 0 }

  /// The same database at another port.
  func database(port: Int) throws -> Database {
    switch system {
    case .postgres: try Database("jdbc:postgresql://martlet@127.0.0.1:\(port)/\(database.name)?sslmode=disable")
    default:
      try Database(
        "jdbc:mariadb://127.0.0.1:\(port)/\(database.name)?user=martlet&sslMode=disable",
        password: MariaDBServer.password)
    }
  }

  static func text(_ value: DatabaseValue) -> String {
    switch value {
    case .null: "NULL"
    case .bool(let value): value ? "1" : "0"
    case .integer(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .float(let value): "\(value)"
    case .double(let value): "\(value)"
    case .decimal(let digits): digits
    case .text(let text): String(text)
    case .bytes(let bytes): "\(bytes)"
    case .date(let days): TimeText.date(days: Int(days))
    case .timestamp(let time), .localTimestamp(let time): TimeText.timestamp(microseconds: time)
    }
  }
}
