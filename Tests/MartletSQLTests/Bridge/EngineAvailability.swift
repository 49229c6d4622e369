import Foundation
import MartletDuckDB
import MartletRDD
import MartletSQL
import Testing

/// DuckDB's library, for the suites that need it.
enum EngineAvailability {
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

extension SparkSession {
  /// A session of a new context with two threads.
  static func forTest() throws -> SparkSession {
    try SparkSession(MartletContext(master: "local[2]", appName: "test"))
  }
}

/// The message of the error that the closure must throw.
func errorMessage(_ body: () throws -> some Any) throws -> String {
  "\(try #require(throws: (any Error).self) { _ = try body() })"
}
