// Unsafe code. Invariant: a library is loaded with the lock held, and never again after that has succeeded. Connections
// are made only after `load` has returned: the table of functions is complete then, and does not change.

import CDatabases
import MartletCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A client library, which is loaded while the program runs.
struct ClientLibrary: Sendable {
  /// The name of the database.
  let database: String
  /// The variable that names the only file to try, if it is set.
  let variable: String
  /// The names and paths to try, in order.
  let names: [String]
  /// The packages that contain it.
  let advice: String
  let open: @Sendable (UnsafePointer<CChar>, UnsafeMutablePointer<CChar>, Int) -> database_load_outcome

  static let postgres = ClientLibrary(
    database: "PostgreSQL", variable: "LIBPQ",
    names: [
      "libpq.so.5", "libpq.5.dylib", "/opt/homebrew/opt/libpq/lib/libpq.5.dylib",
      "/usr/local/opt/libpq/lib/libpq.5.dylib",
    ],
    advice: "Debian and Ubuntu: apt-get install libpq5; Fedora: dnf install libpq; Homebrew: brew install libpq",
    open: { pq_load($0, $1, $2) })

  static let mariaDB = ClientLibrary(
    database: "MariaDB", variable: "LIBMARIADB",
    names: [
      "libmariadb.so.3", "libmysqlclient.so.21", "libmysqlclient.so.24", "libmariadb.3.dylib",
      "/opt/homebrew/opt/mariadb-connector-c/lib/mariadb/libmariadb.3.dylib",
      "/opt/homebrew/opt/mariadb-connector-c/lib/libmariadb.3.dylib",
    ],
    advice:
      "Debian and Ubuntu: apt-get install libmariadb3; Fedora: dnf install mariadb-connector-c; Homebrew: brew install mariadb-connector-c",
    open: { my_load($0, $1, $2) })

  static let sqlite = ClientLibrary(
    database: "SQLite", variable: "LIBSQLITE3",
    names: ["libsqlite3.so.0", "libsqlite3.dylib", "/usr/lib/libsqlite3.dylib"],
    advice: "Debian and Ubuntu: apt-get install libsqlite3-0; Fedora: dnf install sqlite-libs; macOS has it",
    open: { lite_load($0, $1, $2) })

  private static let loaded = Mutex<Set<String>>([])

  /// Loads the library, unless this process has done so before.
  ///
  /// A failure is not remembered: a program that waits for an installation can try again.
  /// - Throws: `MartletError(.invalidConfiguration)` that lists the names that were tried, the reason for which each failed,
  ///   and how to install the library.
  func load(environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }) throws {
    try Self.loaded.withLock { loaded in
      guard !loaded.contains(database) else { return }
      let named = environment(variable).flatMap { $0.isEmpty ? nil : $0 }
      var failures: [String] = []
      for name in named.map({ [$0] }) ?? names {
        var text = [CChar](repeating: 0, count: 1024)
        let outcome = open(name, &text, text.count)
        let message = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        switch outcome {
        case DATABASE_LOADED:
          loaded.insert(database)
          return
        case DATABASE_MISSING_FUNCTION: failures.append("  \(name): it has no function \(message)")
        default: failures.append("  \(name): \(message)")
        }
      }
      let hint =
        named == nil
        ? "Or set \(variable) to the path of the library."
        : "The variable \(variable) is set, so nothing else was tried: correct it, or unset it."
      throw MartletError(
        .invalidConfiguration,
        "The client library of \(database) cannot be loaded. These were tried:\n\(failures.joined(separator: "\n"))\nInstall it (\(advice)). \(hint)"
      )
    }
  }
}
