#if CommandLineTool
  import Testing

  @testable import MartletCommand

  @Suite("Scripts") struct ScriptReaderTests {
    private func items(_ pieces: [String]) throws -> [ScriptItem] {
      var rest = pieces[...]
      var reader = ScriptReader { _ in Array((rest.popFirst() ?? "").utf8) }
      var items: [ScriptItem] = []
      while let item = try reader.next() { items.append(item) }
      return items
    }

    static let scripts: [(String, [ScriptItem])] = [
      ("", []), ("SELECT 1", [.statement("SELECT 1")]),
      ("SELECT 1;SELECT 2;", [.statement("SELECT 1"), .statement("         SELECT 2")]),
      (
        ".mode csv\nSELECT 1;\n .timing on ;\n",
        [.command(".mode csv"), .statement("\nSELECT 1"), .command(".timing on")]
      ),
      ("SELECT 1 +\n.5;\n.quit", [.statement("SELECT 1 +\n.5"), .command(".quit")]),
      ("/*\n.quit\n*/ SELECT '\n.quit';", [.statement("\n\n   SELECT '\n.quit'")]),
      ("-- nothing\n\n.help\r\n", [.command(".help")]), ("SELECT 'a;\n", [.statement("SELECT 'a;\n")]),
    ]

    @Test("Statements and commands come in order, with their places, whatever the pieces", arguments: scripts)
    func pieces(_ script: String, _ expected: [ScriptItem]) throws {
      #expect(try items([script]) == expected)
      #expect(try items(script.unicodeScalars.map { String($0) }) == expected)
      var whole = ScriptReader(script)
      #expect(try whole.next() == expected.first)
    }

    @Test("A statement is there before the rest of the script has been read") func early() throws {
      var reads = 0
      var reader = ScriptReader { _ in
        reads += 1
        return Array((reads == 1 ? "SELECT 1;\nSELECT" : reads == 2 ? " 2;\n" : "").utf8)
      }
      #expect(try reader.next() == .statement("SELECT 1"))
      #expect(reads == 1)
      #expect(try reader.next() == .statement("\nSELECT 2"))
      #expect(reads == 2)
      #expect(try reader.next() == nil)
    }

    @Test("An entry of the shell is complete after its semicolon, or if it is a command") func complete() {
      for text in ["", "SELECT 1;", ".tables", "  .mode csv", "-- a comment", "SELECT ';';"] {
        #expect(Shell.isComplete(text), "\(text)")
      }
      for text in ["SELECT 1", "SELECT ';", "SELECT 1 -- ;", "/*"] { #expect(!Shell.isComplete(text), "\(text)") }
    }
  }

  @Suite("Commands of the shell") struct ShellCommandTests {
    @Test(
      "Commands are read with their arguments",
      arguments: [
        (".help", .help), (".QUIT", .quit), (".exit", .quit), (".tables", .tables), (".mode", .mode(nil)),
        (".mode CSV", .mode(.csv)), (".mode chart", .mode(.chart)), (".timing on", .timing(true)),
        (".timing", .timing(nil)),
        (".timing OFF", .timing(false)), (".schema \"a b\"", .schema("a b")),
        (".read 'a file.sql'", .read("a file.sql")),
      ] as [(String, ShellCommand)])
    func commands(_ text: String, _ command: ShellCommand) throws { #expect(try ShellCommand(text) == command) }

    @Test(
      "Mistakes are explained",
      arguments: [
        (".nope", "the commands are .help, .mode"), (".mode xml", "the formats are table, csv, json, chart and arrow"),
        (".timing maybe", "Write .timing [on|off]."),
        (".schema", "Write .schema NAME."),
        (".read a b", "Write .read FILE."), (".read 'a", "not closed"),
      ])
    func mistakes(_ text: String, _ part: String) throws {
      let error = try #require(throws: (any Error).self) { try ShellCommand(text) }
      #expect("\(error)".contains(part), "\(error)")
    }
  }
#endif
