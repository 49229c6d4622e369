// The command needs a trait: `swift test --traits CommandLineTool`, as in `make test`.
#if CommandLineTool
  import Foundation
  import MartletCore
  import MartletDuckDB
  import TestSupport
  import Testing

  @Suite(
    "The command martlet sql", .timeLimit(.minutes(30)),
    .enabled(if: SQLLibrary.isInstalledOrRequired, "DuckDB is not installed: `make duckdb` installs it"))
  struct SQLCommandTests {
    private func sql(_ arguments: String...) throws -> (status: Int32, output: String) {
      try run("martlet", ["sql", "--master", "local[2]"] + arguments)
    }

    @Test func `statements run in order, in one session`() throws {
      let (status, output) = try sql(
        "-c", "CREATE TEMPORARY VIEW t AS SELECT 'a;b' AS text; -- a comment; not a statement\n SELECT text FROM t;",
        "-c", "SELECT count(*) AS n FROM t")
      #expect(status == 0)
      #expect(
        output == """
          +----+
          |text|
          +----+
          |a;b |
          +----+
          +---+
          |n  |
          +---+
          |1  |
          +---+

          """)
    }

    @Test func `CSV quotes what needs it, and distinguishes NULL from an empty text`() throws {
      let (status, output) = try sql(
        "--format", "csv", "-c", #"SELECT 1 AS n, 'a,"b"' AS `x,y`, NULL AS z, '' AS e, DATE '2024-02-29' AS d"#)
      #expect(status == 0)
      #expect(output == "n,\"x,y\",z,e,d\n1,\"a,\"\"b\"\"\",,\"\",2024-02-29\n")
    }

    @Test func `JSON has an object in each line`() throws {
      let (status, output) = try sql(
        "--format", "json", "-c",
        "SELECT id, array(1.5D, double('NaN')) AS a, named_struct('k', 'q\"') AS s, NULL AS z FROM range(2)")
      #expect(status == 0)
      #expect(
        output == """
          {"id":0,"a":[1.5,"NaN"],"s":{"k":"q\\""},"z":null}
          {"id":1,"a":[1.5,"NaN"],"s":{"k":"q\\""},"z":null}

          """)
    }

    @Test func `the plan of EXPLAIN is drawn as it is`() throws {
      let (status, output) = try sql("-c", "EXPLAIN SELECT id FROM range(3)")
      #expect(status == 0)
      #expect(!output.contains("\\n") && output.split(separator: "\n").count > 2, "\(output)")
    }

    @Test func `the first statement that fails ends the command, and its place is in the message`() throws {
      try withTemporaryFolder { folder in
        try SystemFile.create("\(folder)/q.sql").write(Array("SELECT 1 AS one;\nSELECT 2 +;\nSELECT 3 AS three".utf8))
        let (status, output, errors) = try runWithErrors(
          "martlet", ["sql", "--format", "csv", "-f", "\(folder)/q.sql"])
        #expect(status == 2)
        #expect(output == "one\n1\n")
        #expect(errors.hasPrefix("statement 2: [PARSE_SYNTAX_ERROR]") && errors.contains("line 2"), "\(errors)")
        let missing = try runWithErrors("martlet", ["sql", "-f", "\(folder)/missing"])
        #expect(missing.status == 2)
        #expect(missing.errors.contains("\(folder)/missing"))
        #expect(try runWithErrors("martlet", ["sql", "-f", "/dev/stdin"]).errors.contains("not a regular file"))
        #expect(try runWithErrors("martlet", ["sql", "-c", "SELECT nope"]).errors.contains("'nope'"))
      }
    }

    @Test func `a CSV file has a name in SQL`() throws {
      try withTemporaryFolder { folder in
        try SystemFile.create("\(folder)/p.csv").write(Array("name,age\nAda,36\nEmi,\n".utf8))
        let view = "people=\(folder)/p.csv"
        let (status, output) = try sql(
          "--format", "csv", "--view", view, "-c", "SELECT name, age + 1 AS next FROM people ORDER BY name")
        #expect(status == 0)
        #expect(output == "name,next\nAda,37\nEmi,\n")
        #expect(try runWithErrors("martlet", ["sql", "--view", "p=/nope.csv", "-c", "SELECT 1"]).status == 2)
        #expect(try sql("--view", "people", "-c", "SELECT 1").status == 64)
      }
    }

    @Test func `arguments that make no sense are refused`() throws {
      #expect(try sql().status == 64)
      #expect(try sql("-c", "SELECT 1", "--format", "xml").status == 64)
    }

    private func runWithErrors(
      _ name: String, _ arguments: [String]
    ) throws -> (
      status: Int32, output: String, errors: String
    ) {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: programPath(name))
      process.arguments = arguments
      process.standardInput = FileHandle.nullDevice
      let (output, errors) = (Pipe(), Pipe())
      process.standardOutput = output
      process.standardError = errors
      try process.run()
      // Errors are short, and fit into the pipe.
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      let complaints = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (process.terminationStatus, text, complaints)
    }
  }

  /// DuckDB's library, for the tests that need it.
  private enum SQLLibrary {
    /// True if there is a library to test. Where everything must be tested, a missing one is a failure.
    static let isInstalledOrRequired: Bool = {
      if ProcessInfo.processInfo.environment["CI"] != nil { return true }
      do {
        try DuckLibrary.load()
        return true
      } catch { return false }
    }()
  }
#endif
