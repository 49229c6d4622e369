import Foundation
import MartletCore
import MartletDuckDB
import Testing

/// DuckDB's library, for the suites that need it.
enum DuckDBAvailability {
  /// True if there is a library to test. Where everything must be tested, a missing one is a failure.
  static let isInstalledOrRequired: Bool = {
    if ProcessInfo.processInfo.environment["CI"] != nil { return true }
    do {
      try DuckLibrary.load()
      return true
    } catch { return false }
  }()

  static let advice: Comment = "DuckDB is not installed: `make duckdb` installs it"
}

extension DuckDatabase {
  /// A database in memory with two threads.
  static func forTest(
    threads: Int = 2, _ change: (inout DuckConfiguration) -> Void = { _ in }
  ) throws -> DuckDatabase {
    var configuration = DuckConfiguration(threads: threads, memoryLimit: 512 << 20)
    change(&configuration)
    return try .inMemory(configuration)
  }
}

extension DuckConnection {
  /// All rows of a statement.
  func rows(_ sql: String, _ parameters: [DuckValue] = []) throws -> [[DuckValue]] {
    try query(sql, parameters).rows()
  }

  /// The only value of a statement.
  func value(_ sql: String, _ parameters: [DuckValue] = []) throws -> DuckValue {
    let rows = try rows(sql, parameters)
    try #require(rows.count == 1 && rows[0].count == 1, "\(rows)")
    return rows[0][0]
  }

  /// The kind of error of a statement that must fail.
  func kindOfError(_ sql: String, _ parameters: [DuckValue] = []) throws -> DuckError.Kind {
    let error = try #require(throws: MartletError.self) { try self.query(sql, parameters).rows() }
    return try #require(error.duck, "\(error)").kind
  }
}
