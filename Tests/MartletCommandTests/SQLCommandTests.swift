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
        #expect(try runWithErrors("martlet", ["sql", "-f", folder]).errors.contains("is a folder"))
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
      #expect(try sql("-c", "SELECT 1", "--format", "xml").status == 64)
      #expect(try sql("--checkpoint", "folder", "-c", "SELECT 1").status == 64)
    }

    @Test func `a stream of Arrow is read by programs in other languages`() throws {
      try withTemporaryFolder { folder in
        let path = "\(folder)/people.arrow"
        let query = "SELECT id, concat('n', id) AS name FROM range(5000) ORDER BY id"
        #expect(try shell("\"$0\" sql --format arrow -c \"\(query)\" > '\(path)'").status == 0)
        let (status, output) = try sql(
          "--format", "csv", "-c", "SELECT count(*) AS n, sum(id) AS total, max(name) AS last FROM arrow.`\(path)`")
        #expect(status == 0)
        #expect(output == "n,total,last\n5000,12497500,n999\n")
        // A reader that goes ends the command, as it ends others.
        let endless = "\"$0\" sql --format arrow -c 'SELECT * FROM range(10000000)'"
        #expect(try shell("exec 3>&1; { \(endless); echo $? >&3; } | head -c 100 > /dev/null").output == "141\n")
      }
    }

    @Test func `names and paths are never SQL`() throws {
      try withTemporaryFolder { folder in
        for (name, file) in [
          ("a b", "a.csv"), ("x\"; DROP VIEW y; --", "x';--.csv"), ("select", "a\"b.csv"), ("`q``", "[1]*?.csv"),
          ("日本", "a b;c.csv"), ("v'", "{x,y}.csv"),
        ] {
          try SystemFile.create("\(folder)/\(file)").write(Array("n,t\n1,x\n".utf8))
          let quoted = "`\(name.replacing("`", with: "``"))`"
          let (status, output) = try sql(
            "--view", "\(name)=\(folder)/\(file)", "--format", "csv", "-c", "SELECT n, t FROM \(quoted)")
          #expect(status == 0, "\(name) \(file)")
          #expect(output == "n,t\n1,x\n", "\(name) \(file)")
        }
      }
    }

    @Test func `files of all formats, patterns and folders have names in SQL`() throws {
      try withTemporaryFolder { folder in
        try Folder.create("\(folder)/in")
        try SystemFile.create("\(folder)/in/a.json").write(Array("{\"n\":1}\n{\"n\":2}\n".utf8))
        try SystemFile.create("\(folder)/in/b.json").write(Array("{\"n\":3}\n".utf8))
        try SystemFile.create("\(folder)/t.txt").write(Array("one\ntwo\n".utf8))
        try SystemFile.create("\(folder)/t.tsv").write(Array("a\tb\n1\t2\n".utf8))
        try DuckDatabase.inMemory().connect().execute(
          "COPY (SELECT 7 AS p) TO '\(folder)/x.parquet' (FORMAT parquet)")
        let (status, output) = try sql(
          "--view", "j=\(folder)/in", "--view", "g=\(folder)/in/*.json", "--view", "p=\(folder)/x.parquet", "--view",
          "t=\(folder)/t.txt", "--view", "s=\(folder)/t.tsv", "--format", "csv", "-c",
          """
          SELECT (SELECT sum(n) FROM j) AS j, (SELECT sum(n) FROM g) AS g, (SELECT p FROM p) AS p,
            (SELECT count(value) FROM t) AS t, (SELECT a + b FROM s) AS s
          """)
        #expect(status == 0)
        #expect(output == "j,g,p,t,s\n6,6,7,2,3\n")
        let unknown = try runWithErrors("martlet", ["sql", "--view", "x=\(folder)/x.bin", "-c", "SELECT 1"])
        #expect(unknown.status == 2)
        #expect(unknown.errors.contains("must end in .csv, .json, .parquet or .txt"), "\(unknown.errors)")
      }
    }

    @Test func `statements and commands of standard input run as they come`() throws {
      let text = ".mode csv\nSELECT 1 AS a;\nSELECT\n 2 AS b\n;\n.quit\nSELECT 3 AS c;\n"
      let (status, output) = try shell("printf '\(text.replacing("\n", with: "\\n"))' | \"$0\" sql")
      #expect(status == 0)
      #expect(output == "a\n1\nb\n2\n")
      // The first result is there while the input goes on.
      let early = try shell(
        """
        f=$(mktemp -u); mkfifo "$f"; "$0" sql --format csv < "$f" | { exec 3> "$f"; echo 'SELECT 1 AS a;' >&3; read x; \
        read y; echo "$x $y"; echo 'SELECT 2 AS b;' >&3; exec 3>&-; cat; }; rm "$f"
        """)
      #expect(early.output == "a 1\nb\n2\n")
      #expect(
        try shell("echo 'SELECT 1 AS a; SELECT nope; SELECT 2' | \"$0\" sql -f - --format csv").output == "a\n1\n")
      #expect(try shell("echo 'SELECT nope' | \"$0\" sql").status == 2)
      #expect(try shell("\"$0\" sql < /dev/null").status == 0)
    }

    @Test func `a file of statements can read others, but not without end`() throws {
      try withTemporaryFolder { folder in
        try SystemFile.create("\(folder)/a.sql").write(Array(".mode csv\n.read \(folder)/b.sql\nSELECT 2 AS b;".utf8))
        try SystemFile.create("\(folder)/b.sql").write(Array("SELECT 1 AS a;\n".utf8))
        #expect(try sql("-f", "\(folder)/a.sql").output == "a\n1\nb\n2\n")
        try SystemFile.create("\(folder)/c.sql").write(Array(".read \(folder)/c.sql\n".utf8))
        let endless = try runWithErrors("martlet", ["sql", "-f", "\(folder)/c.sql"])
        #expect(endless.status == 2)
        #expect(endless.errors.contains("16 deep"), "\(endless.errors)")
      }
    }

    @Test func `times of the session's zone are shown in all formats`() throws {
      let statement = "SET TIME ZONE 'America/New_York'; SELECT TIMESTAMP '2026-01-01 00:00:00Z' AS t"
      for format in ["table", "csv", "json"] {
        #expect(try sql("--format", format, "-c", statement).output.contains("2025-12-31 19:00:00"), "\(format)")
      }
    }

    @Test func `a reader that leaves ends the command in silence`() throws {
      try withTemporaryFolder { folder in
        let query = "SELECT id FROM range(10000000)"
        for (format, first) in [("csv", "id"), ("json", #"{"id":0}"#), ("table", "+-------+")] {
          for signal in ["trap '' PIPE;", ""] {
            let (status, output) = try shell(
              """
              \(signal) { "$0" sql --format \(format) -c '\(query)' 2> \(folder)/errors; echo $? > \(folder)/status; } | head -1
              """)
            #expect(status == 0)
            #expect(output.hasPrefix(format == "table" ? "+---" : first), "\(output)")
            #expect(try contents("\(folder)/errors") == "")
            #expect(try contents("\(folder)/status") == "141\n")
          }
        }
      }
    }

    @Test func `output that cannot be written is an error`() throws {
      for format in ["csv", "json", "table", "chart"] {
        let (status, output) = try shell(
          "\"$0\" sql --format \(format) -c 'SELECT id FROM range(100)' 2>&1 >/dev/full")
        #expect(status == 2)
        #expect(output.contains("Cannot write to standard output: No space left on device"), "\(output)")
      }
    }

    #if os(Linux)
      @Test func `a million rows pass through without being in memory`() throws {
        for (format, rows) in [("csv", 1_000_000), ("json", 300_000), ("table", 300_000)] {
          func peak(_ rows: Int) throws -> Int {
            let query = "SELECT id, repeat('x', 300) AS t FROM range(\(rows))"
            return try peakMemory(["sql", "--format", format, "-c", query])
          }
          let (many, few) = (try peak(rows), try peak(20_000))
          // The rows are at least 90 MB of text.
          #expect(many - few < 40 << 20, "\(format): \(many >> 20) MB, and \(few >> 20) MB for few rows")
        }
      }
    #endif

    /// Runs a script of the shell, in which `$0` is the command. Standard error is not read.
    private func shell(_ script: String) throws -> (status: Int32, output: String) {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", script, programPath("martlet")]
      let output = Pipe()
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (process.terminationStatus, text)
    }

    #if os(Linux)
      // Unsafe code. Invariant: the texts live until the program has been started.
      /// The most memory that the command has had, in bytes. Its output is not read.
      private func peakMemory(_ arguments: [String]) throws -> Int {
        var usage = rusage()
        var words: [UnsafeMutablePointer<CChar>?] = ([programPath("martlet")] + arguments).map { strdup($0) } + [nil]
        let environment = ProcessInfo.processInfo.environment
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        var child: pid_t = 0
        try #require(posix_spawn(&child, programPath("martlet"), &actions, nil, &words, &variables) == 0)
        var status: Int32 = 0
        try #require(wait4(child, &status, 0, &usage) == child && status == 0)
        return usage.ru_maxrss << 10
      }
    #endif

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
  enum SQLLibrary {
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
