import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The settings of a database. All settings of DuckDB that depend on the machine, or that use the network or the
/// user's home folder, have a value here.
package struct DuckConfiguration: Sendable, Hashable {
  /// The number of threads that run queries, including the thread that waits for a result.
  package var threads: Int
  /// The number of those threads that the caller provides, by running ``DuckTasks``, including the thread that waits for a
  /// result. DuckDB starts the others.
  package var callersThreads = 1
  /// The number of additional threads that read files ahead of the queries. DuckDB itself would start eight.
  package var readAheadThreads = 0
  /// The bytes of memory that queries and cached data may use together.
  package var memoryLimit: Int
  /// The folder for data that exceeds the memory, in which the database creates a folder of its own when it first needs
  /// one. With `nil`, a query that needs more memory fails.
  package var temporaryFolder: String?
  /// The most bytes that may be in the temporary folder; `nil` for 90 % of the free space.
  package var temporaryLimit: Int?
  /// True for a file that is only read, which several processes may do at once.
  package var isReadOnly = false
  /// True if a query without `ORDER BY` returns rows in the order of its source. DuckDB then reads Swift's tables with
  /// one thread.
  package var preservesInsertionOrder = true
  /// The order of nulls where `ORDER BY` names none.
  package var nullOrder = NullOrder.firstIfAscending
  /// The result of a division by zero.
  package var divisionByZero = DivisionByZero.error
  /// True if statements may read and write files.
  package var permitsFiles = true
  /// The bytes of the write-ahead log at which the changes are moved into the file.
  package var checkpointThreshold = 256 << 20
  /// Other settings of DuckDB, by name.
  package var settings: [String: String] = [:]

  /// The order of nulls where `ORDER BY` names none.
  package enum NullOrder: String, Sendable, Hashable {
    /// Nulls are the lowest values, as in Spark.
    case firstIfAscending = "nulls_first_on_asc_last_on_desc"
    case first = "nulls_first"
    case last = "nulls_last"
  }

  /// The result of a division by zero.
  package enum DivisionByZero: Sendable, Hashable {
    /// The statement fails, as in Spark.
    case error
    case null
    /// An infinite number, or NaN, if the numbers are of floating point; otherwise null.
    case infinity
  }

  /// - Parameters:
  ///   - threads: the processors of the machine, unless given.
  ///   - memoryLimit: half of the machine's memory, unless given.
  ///   - temporaryFolder: the folder of the variable `TMPDIR`, or `/tmp`, unless given.
  package init(
    threads: Int = DuckConfiguration.processors, memoryLimit: Int = DuckConfiguration.halfOfMemory,
    temporaryFolder: String? = DuckConfiguration.systemTemporaryFolder
  ) {
    self.threads = threads
    self.memoryLimit = memoryLimit
    self.temporaryFolder = temporaryFolder
  }

  /// The number of processors of the machine.
  package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Half of the memory of the machine, in bytes.
  package static var halfOfMemory: Int {
    let pages = sysconf(Int32(_SC_PHYS_PAGES)), size = sysconf(Int32(_SC_PAGESIZE))
    return pages > 0 && size > 0 ? pages / 2 * size : 1 << 30
  }

  /// The folder of the variable `TMPDIR`, or `/tmp`.
  package static var systemTemporaryFolder: String {
    getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
  }

  /// The names and values of DuckDB's settings.
  /// - Parameter folder: the folder for temporary data of one database; empty for none.
  /// - Throws: `MartletError(.invalidConfiguration)` for a value that cannot be meant.
  func options(temporaryFolder folder: String) throws -> [(name: String, value: String)] {
    guard threads >= 1 else {
      throw MartletError(.invalidConfiguration, "A database needs at least one thread, not \(threads).")
    }
    guard (1...threads).contains(callersThreads) else {
      throw MartletError(
        .invalidConfiguration, "Of \(threads) threads of a database, the caller cannot provide \(callersThreads).")
    }
    guard readAheadThreads >= 0 else {
      throw MartletError(.invalidConfiguration, "A database cannot have \(readAheadThreads) threads that read ahead.")
    }
    guard memoryLimit >= 1 << 20 else {
      throw MartletError(
        .invalidConfiguration, "A database needs at least 1 MiB of memory (1048576 bytes), not \(memoryLimit) bytes.")
    }
    var options = [
      ("threads", "\(threads)"),
      ("external_threads", "\(callersThreads)"),
      ("async_threads", "\(readAheadThreads)"),
      ("memory_limit", "\(memoryLimit)B"),
      ("temp_directory", folder),
      ("access_mode", isReadOnly ? "read_only" : "automatic"),
      ("preserve_insertion_order", "\(preservesInsertionOrder)"),
      ("default_null_order", nullOrder.rawValue),
      ("ieee_floating_point_ops", "\(divisionByZero == .infinity)"),
      ("error_on_division_by_zero", "\(divisionByZero == .error)"),
      ("enable_external_access", "\(permitsFiles)"),
      ("checkpoint_threshold", "\(checkpointThreshold)B"),
      ("autoinstall_known_extensions", "false"),
      ("autoload_known_extensions", "false"),
      ("allow_community_extensions", "false"),
      ("allow_persistent_secrets", "false"),
      ("custom_user_agent", "martlet"),
    ]
    if let temporaryLimit { options.append(("max_temp_directory_size", "\(temporaryLimit)B")) }
    // Last, so that they prevail.
    options += settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return options
  }
}
