#if CommandLineTool && os(Linux)
  import Foundation
  import MartletCore
  import TestSupport
  import Testing

  /// Sessions of the shell on a terminal.
  @Suite(
    "The shell martlet sql", .timeLimit(.minutes(30)), .serialized,
    .enabled(if: SQLLibrary.isInstalledOrRequired, "DuckDB is not installed: `make duckdb` installs it"))
  struct ShellSessionTests {
    private func shell(
      _ folder: String, _ arguments: [String] = [], term: String = "xterm", width: Int = 80, height: Int = 24
    ) throws -> PseudoTerminal {
      try PseudoTerminal(
        ["sql", "--master", "local[2]"] + arguments,
        environment: ["XDG_STATE_HOME": "\(folder)/state", "TERM": term, "SWIFT_BACKTRACE": "enable=no"], width: width,
        height: height)
    }

    private static let prompt = "martlet>"
    /// Takes so long that a test can stop it.
    private static let long = "SELECT sum(a.id * b.id % 7) FROM range(3000000) a CROSS JOIN range(3000000) b"

    @Test func `a session edits, completes, shows results, and ends`() async throws {
      try await withAsyncTemporaryFolder { folder in
        let shell = try shell(folder)
        try await shell.wait(forLast: Self.prompt)
        #expect(shell.isRaw)
        try shell.type("sel\t1 AS one,\r")
        try await shell.wait(for: "another line") { $0.suffix(2) == ["martlet> select 1 AS one,", "    ...>"] }
        try shell.type("'日本x\u{7F}' AS t;\u{1B}[A\u{5} 3 AS three,\r")
        try await shell.wait(for: "the result") { lines in
          lines.suffix(6) == [
            "+---+-----+----+", "|one|three|t   |", "+---+-----+----+", "|1  |3    |日本|", "+---+-----+----+",
            Self.prompt,
          ]
        }
        #expect(shell.lines.contains("martlet> select 1 AS one, 3 AS three,"))
        try shell.type("CREATE TEMPORARY VIEW people AS SELECT 'Ada' AS name, 36 AS age;\r")
        try await shell.wait(forLast: Self.prompt)
        try shell.type("SELECT name FROM peo\t;\r")
        try await shell.wait(for: "the completed query") { lines in
          lines.contains("martlet> SELECT name FROM people ;") && lines.contains("|Ada |") && lines.last == Self.prompt
        }
        try shell.type(".mode csv\rSELECT age FROM people;\r.timing on\rSELECT 2 AS two;\r")
        try await shell.wait(for: "CSV and the time") { lines in
          lines.contains("age") && lines.contains("36")
            && lines.contains { $0.hasPrefix("Time taken: ") && $0.hasSuffix(" seconds, fetched 1 row") }
        }
        try shell.type(".tables\r.schema people\r")
        try await shell.wait(for: "the view") { lines in
          lines.contains("people") && lines.contains { $0.hasPrefix(" |-- age: integer") }
        }
        try shell.type("SELECT nope;\r")
        try await shell.wait(for: "the mistake") { lines in
          lines.contains { $0.hasPrefix("[UNRESOLVED_COLUMN") && $0.contains("'nope'") } && lines.last == Self.prompt
        }
        try shell.type("\u{4}")
        #expect(try await shell.end() == 0)
        #expect(!shell.isRaw)
        #expect(shell.unknownSequences.isEmpty, "\(shell.unknownSequences)")
      }
    }

    @Test func `Tab lists what is possible, and Ctrl-C gives an entry up`() async throws {
      try await withAsyncTemporaryFolder { folder in
        let shell = try shell(folder)
        try await shell.wait(forLast: Self.prompt)
        try shell.type("SELECT regexp_\t")
        try await shell.wait(for: "the functions") { lines in
          lines.last == "martlet> SELECT regexp_" && lines.contains { $0.contains("regexp_count(") }
            && lines.contains { $0.contains("regexp_replace(") }
        }
        try shell.type("\u{3}")
        try await shell.wait(forLast: Self.prompt)
        try shell.type("SELECT 1 AS n;\r")
        try await shell.wait(for: "the result") { $0.suffix(3) == ["|1  |", "+---+", Self.prompt] }
        try shell.type(".quit\r")
        #expect(try await shell.end() == 0)
      }
    }

    @Test func `Ctrl-C stops a long query, whose progress is shown, and not the shell`() async throws {
      try await withAsyncTemporaryFolder { folder in
        let shell = try shell(folder)
        try await shell.wait(forLast: Self.prompt)
        try shell.type("\(Self.long);\r")
        try await shell.wait(for: "the progress") { lines in
          lines.last.map { $0.hasSuffix(" s") && ($0.contains("%") || $0.hasPrefix("running")) } ?? false
        }
        #expect(!shell.isRaw)
        try shell.type("\u{3}")
        try await shell.wait(for: "the prompt") { lines in
          lines.last == Self.prompt && lines.dropLast().last?.hasSuffix("The statement was stopped.") == true
        }
        // Rows that are being written stop, too.
        try shell.type("SELECT id FROM range(100000000);\r")
        try await shell.wait(for: "rows") {
          $0.contains { $0.hasPrefix("|") && $0.dropFirst().first?.isNumber == true }
        }
        try shell.type("\u{3}")
        try await shell.wait(for: "the prompt") { lines in
          lines.last == Self.prompt && lines.dropLast().last?.hasSuffix("The statement was stopped.") == true
        }
        try shell.type("SELECT 'alive' AS s;\r")
        try await shell.wait(for: "the result") { $0.contains("|alive|") && $0.last == Self.prompt }
        try shell.type("\u{4}")
        #expect(try await shell.end() == 0)
      }
    }

    @Test func `entries are there after a restart, those with several lines whole`() async throws {
      try await withAsyncTemporaryFolder { folder in
        let first = try shell(folder)
        try await first.wait(forLast: Self.prompt)
        try first.type("SELECT 'first'\rAS a;\rSELECT 'second' AS b;\r")
        try await first.wait(for: "both results") {
          $0.contains("|first|") && $0.contains("|second|") && $0.last == Self.prompt
        }
        try first.type("\u{4}")
        #expect(try await first.end() == 0)

        let second = try shell(folder)
        try await second.wait(forLast: Self.prompt)
        try second.type("\u{1B}[A\u{1B}[A")
        try await second.wait(for: "the entry") { $0.suffix(2) == ["martlet> SELECT 'first'", "    ...> AS a;"] }
        try second.type("\u{3}\u{12}seco")
        try await second.wait(forLast: "(search) 'seco': SELECT 'second' AS b;")
        try second.type("\r")
        try await second.wait(for: "the result") { $0.contains("|second|") && $0.last == Self.prompt }
        try second.type("\u{4}")
        #expect(try await second.end() == 0)
      }
    }

    @Test func `the terminal is restored when a signal ends the shell`() async throws {
      try await withAsyncTemporaryFolder { folder in
        for signal in [SIGTERM, SIGHUP, SIGSEGV, SIGABRT] {
          let shell = try shell(folder)
          try await shell.wait(forLast: Self.prompt)
          #expect(shell.isRaw)
          shell.send(signal)
          #expect(try await shell.end() == 128 + signal)
          #expect(!shell.isRaw, "signal \(signal)")
        }
      }
    }

    @Test func `a pasted text is one entry, and the size of the terminal may change`() async throws {
      try await withAsyncTemporaryFolder { folder in
        let shell = try shell(folder, width: 40, height: 10)
        try await shell.wait(forLast: Self.prompt)
        try shell.type("\u{1B}[200~SELECT 1 AS a;\n\tSELECT 2 AS b;\u{1B}[201~")
        try await shell.wait(for: "both lines") {
          $0.suffix(2) == ["martlet> SELECT 1 AS a;", "    ...>     SELECT 2 AS b;"]
        }
        try shell.resize(width: 30, height: 10)
        try shell.type("\r")
        try await shell.wait(for: "both results") {
          $0.contains("|1  |") && $0.contains("|2  |") && $0.last == Self.prompt
        }
        try shell.type("\u{4}")
        #expect(try await shell.end() == 0)
      }
    }

    @Test func `a terminal without a cursor reads plain lines`() async throws {
      try await withAsyncTemporaryFolder { folder in
        let shell = try shell(folder, term: "dumb")
        try await shell.wait(forLast: Self.prompt)
        #expect(!shell.isRaw)
        try shell.type("SELECT 1\n")
        try await shell.wait(forLast: "    ...>")
        try shell.type("AS n;\n")
        try await shell.wait(for: "the result") { $0.contains("|1  |") && $0.last == Self.prompt }
        try shell.type("SELECT nope;\n")
        try await shell.wait(for: "the mistake") { lines in
          lines.contains { $0.hasPrefix("[UNRESOLVED_COLUMN") } && lines.last == Self.prompt
        }
        #expect(!shell.text.contains("\u{1B}["))
        try shell.type("\u{4}")
        #expect(try await shell.end() == 0)
      }
    }

    @Test func `an entry that is wider than the screen is edited in place`() async throws {
      try await withAsyncTemporaryFolder { folder in
        let shell = try shell(folder, width: 20, height: 12)
        try await shell.wait(forLast: Self.prompt)
        try shell.type("SELECT 123456789012 AS n;")
        try await shell.wait(for: "two rows") { $0.suffix(2) == ["martlet> SELECT 1234", "56789012 AS n;"] }
        try shell.type("\u{1}\u{1B}[3~\u{1B}[3~s")
        try await shell.wait(for: "two rows") { $0.suffix(2) == ["martlet> sLECT 12345", "6789012 AS n;"] }
        try shell.type("e\r")
        try await shell.wait(for: "the result") { $0.contains("|123456789012|") && $0.last == Self.prompt }
        try shell.type("\u{4}")
        #expect(try await shell.end() == 0)
      }
    }
  }
#endif
