// Unsafe code. Invariant: `handle` is open from the end of `init` to `deinit`. At most one handle is open for a file at
// any time: `OpenFiles` names its database from before it is opened until after it is closed.

import CDuckDB
import MartletCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An open database of DuckDB, in memory or in a file. It closes with its last reference, and those of its connections.
///
/// A file that is opened again while it is open is the same object: DuckDB would lose commits if a process opened it
/// twice.
package final class DuckDatabase: @unchecked Sendable {
  // Sendable: DuckDB's databases may be used by many threads, and the handle does not change.
  let handle: duck_database
  /// The canonical path of the file; `nil` for a database in memory.
  package let path: String?
  package let configuration: DuckConfiguration
  /// The tables that `martlet_table(id)` reads.
  let tables = RegisteredTables()
  /// The sources that `martlet_source(id)` reads.
  let sources = RegisteredSources()
  private let file: OpenFiles.Key?

  /// A new, empty database in memory.
  /// - Throws: `MartletError`: if DuckDB's library cannot be loaded, or a setting is invalid.
  package static func inMemory(_ configuration: DuckConfiguration = DuckConfiguration()) throws -> DuckDatabase {
    try DuckDatabase(path: nil, configuration: configuration, file: nil)
  }

  /// The database in the file at `path`, which is created if it does not exist.
  /// - Throws: `MartletError`: if DuckDB's library cannot be loaded, a setting is invalid, another process has opened the
  ///   file, the file is not a database, or this process has opened it with another configuration.
  package static func file(
    _ path: String, _ configuration: DuckConfiguration = DuckConfiguration()
  ) throws -> DuckDatabase {
    try DuckLibrary.load()
    return try OpenFiles.shared.database(path, configuration) { key in
      try DuckDatabase(path: key.path, configuration: configuration, file: key)
    }
  }

  private init(path: String?, configuration: DuckConfiguration, file: OpenFiles.Key?) throws {
    try DuckLibrary.load()
    self.path = path
    self.configuration = configuration
    self.file = file
    handle = try openDatabase(path, configuration)
    // From here on, an error runs the deinitializer.
    try connect().createTableFunctions()
  }

  deinit {
    var open: duck_database? = handle
    duck_close(&open)
    if let file { OpenFiles.shared.hasClosed(file) }
  }

  /// A new connection. Connections are independent of each other: each has its own transactions and its own settings.
  /// - Throws: `MartletError`: if DuckDB cannot open one.
  package func connect() throws -> DuckConnection { try DuckConnection(self) }
}

/// DuckDB's own list of open databases. With it, `ATTACH` refuses a file that is open in any database of the process.
private let instances: InstanceCache = InstanceCache()

private struct InstanceCache: @unchecked Sendable {
  // Sendable: DuckDB locks the cache, and the pointer does not change.
  let handle: duck_instance_cache? = duck_create_instance_cache()
}

private let memoryNumber = Atomic<Int>(0)

private func openDatabase(_ path: String?, _ configuration: DuckConfiguration) throws -> duck_database {
  var options: duck_config?
  guard duck_create_config(&options) == 0 else {
    throw MartletError(.resourcesExhausted, "DuckDB cannot create a configuration.")
  }
  defer { duck_destroy_config(&options) }
  // A folder of its own: the files of two databases would have the same names.
  let folder = configuration.temporaryFolder.map { "\($0)/martlet-duckdb-\(getpid())-\(randomName())" } ?? ""
  for (name, value) in try configuration.options(temporaryFolder: folder) {
    guard duck_set_config(options, name, value) == 0 else {
      throw MartletError(
        .invalidConfiguration,
        "DuckDB \(try DuckLibrary.load().version) does not accept the value '\(value)' of the setting '\(name)'.")
    }
  }
  // A name makes the database in memory a separate one.
  let name = path ?? ":memory:martlet\(memoryNumber.add(1, ordering: .relaxed).newValue)"
  var database: duck_database?
  var message: UnsafeMutablePointer<CChar>?
  guard duck_get_or_create_from_cache(instances.handle, name, &database, options, &message) == 0, let database else {
    defer { duck_free(message) }
    let text = message.map { String(cString: $0) } ?? "DuckDB gives no reason"
    var error = MartletError(duck: text)
    // Files are opened with the code `inputOutput`; the rest is about settings.
    if error.code == .invalidArgument {
      error = MartletError(.invalidConfiguration, error.message, underlying: error.underlying)
    }
    guard let path else { throw error.worded("Cannot open a database in memory: \(error.message)") }
    throw error.worded("Cannot open the database \(path): \(error.message)\(advice(text))")
  }
  return database
}

/// The advice for a file that cannot be opened.
private func advice(_ message: String) -> String {
  if message.contains("Could not set lock") || message.contains("Conflicting lock") {
    return "\nAnother process has opened the file. Only one process can write to a database: stop the other one, or "
      + "open the file read-only in both."
  }
  return ""
}
