import Foundation
import MartletCore
import MartletDuckDB
import TestSupport
import Testing

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: DuckDBAvailability.isInstalledOrRequired, DuckDBAvailability.advice))
struct DuckDatabaseTests {
  let configuration = DuckConfiguration(threads: 2, memoryLimit: 256 << 20)

  @Test("Databases in memory are separate")
  func separate() throws {
    let first = try DuckDatabase.inMemory(configuration).connect()
    let second = try DuckDatabase.inMemory(configuration).connect()
    try first.execute("CREATE TABLE t AS SELECT 1 AS i")
    #expect(try second.kindOfError("SELECT * FROM t") == .catalog)
    #expect(first.database !== second.database)
    #expect(first.database.path == nil)
  }

  @Test("A file is one database, whatever path leads to it")
  func samePath() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.duckdb"
      let first = try DuckDatabase.file(path, configuration)
      try first.connect().execute("CREATE TABLE t(i INTEGER); INSERT INTO t VALUES (1)")
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: path)
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/other", withDestinationPath: folder)
      try FileManager.default.linkItem(atPath: path, toPath: "\(folder)/hard")
      for other in [
        "\(folder)/../\(folder.split(separator: "/").last ?? "")/a.duckdb", "link", "other/a.duckdb", "hard",
      ] {
        let second = try DuckDatabase.file(other.hasPrefix("/") ? other : "\(folder)/\(other)", configuration)
        #expect(second === first, "\(other)")
        try second.connect().execute("INSERT INTO t VALUES (2)")
      }
      #expect(try first.connect().value("SELECT count(*) FROM t") == 5)
    }
  }

  @Test("A file keeps what was committed when its last reference goes, and can be opened in another way then")
  func reopened() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.duckdb"
      do {
        let connection = try DuckDatabase.file(path, configuration).connect()
        try connection.execute("CREATE TABLE t AS SELECT 42 AS i")
        var other = configuration
        other.isReadOnly = true
        let error = try #require(throws: MartletError.self) { try DuckDatabase.file(path, other) }
        #expect(error.code == .invalidState)
        #expect(error.message.contains("another configuration"))
      }
      var other = configuration
      other.isReadOnly = true
      let connection = try DuckDatabase.file(path, other).connect()
      #expect(try connection.value("SELECT i FROM t") == .int32(42))
      let error = try #require(throws: MartletError.self) { try connection.execute("CREATE TABLE u(i INTEGER)") }
      #expect(error.message.contains("read-only"))
    }
  }

  @Test("Threads that open and release a file again and again lose no commit")
  func manyOpens() async throws {
    try await withAsyncTemporaryFolder { folder in
      let path = "\(folder)/a.duckdb", configuration = configuration
      try DuckDatabase.file(path, configuration).connect().execute("CREATE TABLE t(thread INTEGER, i INTEGER)")
      try await withThrowingTaskGroup { group in
        for thread in 0..<4 {
          group.addTask {
            for i in 0..<20 {
              let connection = try DuckDatabase.file(path, configuration).connect()
              try connection.execute("INSERT INTO t VALUES (\(thread), \(i))")
              await Task.yield()
            }
          }
        }
        try await group.waitForAll()
      }
      let connection = try DuckDatabase.file(path, configuration).connect()
      #expect(try connection.value("SELECT count(DISTINCT (thread, i)) FROM t") == 80)
    }
  }

  @Test("A file that another process holds is an error that says so", .enabled(if: python != nil, "There is no Python"))
  func otherProcess() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.duckdb"
      try DuckDatabase.file(path, configuration).connect().execute("CREATE TABLE t(i INTEGER)")
      let process = Process(), output = Pipe(), input = Pipe()
      process.executableURL = URL(fileURLWithPath: try #require(Self.python))
      process.arguments = [
        "-c",
        "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.lockf(f, fcntl.LOCK_EX); print('x', flush=True); "
          + "sys.stdin.read()", path,
      ]
      process.standardOutput = output
      process.standardInput = input
      try process.run()
      #expect(!output.fileHandleForReading.availableData.isEmpty)
      let error = try #require(throws: MartletError.self) { try DuckDatabase.file(path, configuration) }
      #expect(error.code == .inputOutput)
      #expect(error.message.contains(path))
      #expect(error.message.contains("Another process has opened the file"))
      try input.fileHandleForWriting.close()
      process.waitUntilExit()
      _ = try DuckDatabase.file(path, configuration)
    }
  }

  @Test("ATTACH refuses a file that is open in another database of the process")
  func attach() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.duckdb"
      let first = try DuckDatabase.file(path, configuration)
      let second = try DuckDatabase.inMemory(configuration).connect()
      #expect(throws: MartletError.self) { try second.execute("ATTACH '\(path)' AS a") }
      withExtendedLifetime(first) {}
    }
  }

  @Test("A file that is no database, and one in a folder that does not exist, are errors that name it")
  func noDatabase() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.duckdb"
      try Data(String(repeating: "no database ", count: 2000).utf8).write(to: URL(fileURLWithPath: path))
      let error = try #require(throws: MartletError.self) { try DuckDatabase.file(path, configuration) }
      #expect(error.message.contains(path))
      // A failed attempt leaves nothing behind that would block the next one.
      try FileManager.default.removeItem(atPath: path)
      _ = try DuckDatabase.file(path, configuration)
      let missing = try #require(throws: MartletError.self) {
        try DuckDatabase.file("\(folder)/none/a.duckdb", configuration)
      }
      #expect(missing.code == .inputOutput)
      #expect(missing.message.contains("\(folder)/none"))
      #expect(throws: MartletError.self) { try DuckDatabase.file("\(folder)/a\0b", configuration) }
    }
  }

  @Test("Every setting of a configuration reaches the database")
  func settings() throws {
    var configuration = DuckConfiguration(threads: 3, memoryLimit: 100 << 20, temporaryFolder: nil)
    configuration.nullOrder = .last
    configuration.preservesInsertionOrder = false
    configuration.divisionByZero = .null
    configuration.permitsFiles = false
    configuration.settings = ["max_expression_depth": "77"]
    let connection = try DuckDatabase.inMemory(configuration).connect()
    func setting(_ name: String) throws -> DuckValue {
      try connection.value("SELECT current_setting('\(name)')::VARCHAR")
    }
    #expect(try setting("threads") == "3")
    #expect(try setting("async_threads") == "0")
    #expect(try setting("memory_limit") == "100.0 MiB")
    #expect(try setting("temp_directory") == "")
    #expect(try setting("autoinstall_known_extensions") == "false")
    #expect(try setting("autoload_known_extensions") == "false")
    #expect(try setting("allow_community_extensions") == "false")
    #expect(try setting("preserve_insertion_order") == "false")
    #expect(try setting("max_expression_depth") == "77")
    #expect(try connection.value("SELECT 1.0::DOUBLE / 0") == .null)
    #expect(try connection.rows("SELECT i FROM (VALUES (1), (NULL)) t(i) ORDER BY i").last == [.null])
    #expect(try connection.kindOfError("SELECT * FROM read_csv('/etc/passwd')") == .permission)
  }

  @Test("A division by zero fails, as in Spark, or has the result that was chosen")
  func divisionByZero() throws {
    var configuration = configuration
    for (choice, float) in [(.error, nil), (.null, .null), (.infinity, .double(.infinity))]
      as [(DuckConfiguration.DivisionByZero, DuckValue?)]
    {
      configuration.divisionByZero = choice
      let connection = try DuckDatabase.inMemory(configuration).connect()
      for (sql, expected) in [("x / y", float), ("x::INTEGER // y::INTEGER", float.map { _ in .null })] {
        let statement = "SELECT \(sql) FROM (VALUES (1::DOUBLE, 0::DOUBLE)) t(x, y)"
        if let expected {
          #expect(try connection.value(statement) == expected, "\(choice) \(sql)")
        } else {
          #expect(throws: MartletError.self, "\(sql)") { try connection.value(statement) }
        }
      }
    }
  }

  @Test("Nulls are the lowest values by default, as in Spark")
  func nullOrder() throws {
    let connection = try DuckDatabase.inMemory(configuration).connect()
    let values = "(VALUES (1), (NULL), (2)) t(i)"
    #expect(try connection.rows("SELECT i FROM \(values) ORDER BY i").first == [.null])
    #expect(try connection.rows("SELECT i FROM \(values) ORDER BY i DESC").last == [.null])
  }

  @Test("A setting that cannot be meant is an error that names it")
  func invalidSettings() throws {
    func message(_ change: (inout DuckConfiguration) -> Void) throws -> String {
      var configuration = configuration
      change(&configuration)
      let error = try #require(throws: MartletError.self) { try DuckDatabase.inMemory(configuration) }
      #expect(error.code == .invalidConfiguration, "\(error)")
      return error.message
    }
    #expect(try message { $0.threads = 0 }.contains("at least one thread"))
    #expect(try message { $0.readAheadThreads = -1 }.contains("-1 threads"))
    #expect(try message { $0.memoryLimit = 1000 }.contains("1000 bytes"))
    #expect(try message { $0.settings["no_such_setting"] = "1" }.contains("no_such_setting"))
    #expect(try message { $0.settings["max_expression_depth"] = "many" }.contains("max_expression_depth"))
  }

  private static let python: String? = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
}
