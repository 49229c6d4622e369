import Foundation
import MartletDuckDB
import Testing

/// DuckDB's library, for the tests that need it.
enum EngineLibrary {
  /// True if there is a library to test. Where everything must be tested, a missing one is a failure.
  static let isInstalledOrRequired: Bool = {
    if ProcessInfo.processInfo.environment["CI"] != nil { return true }
    do {
      try DuckLibrary.load()
      return true
    } catch { return false }
  }()
}
