#if CommandLineTool
  import Foundation
  import MartletCore
  import TestSupport
  import Testing

  @testable import MartletCommand

  @Suite("The history of the shell") struct HistoryTests {
    private func lineCount(_ path: String) throws -> Int { try contents(path).split(separator: "\n").count }

    @Test("Entries with several lines, backslashes and all characters are whole after a restart") func restart() throws
    {
      try withTemporaryFolder { folder in
        let path = "\(folder)/state/martlet/sql_history"
        let entries = ["SELECT 1;", "SELECT a,\n  '\\n'\nFROM t;", "SELECT '日本\r\\';", "\\\\n"]
        var history = History(path: path)
        #expect(history.entries.isEmpty)
        for entry in entries { history.append(entry + "\n ") }
        #expect(history.problem == nil)
        #expect(History(path: path).entries == entries)
        let lines = try lineCount(path)
        #expect(lines == entries.count)
      }
    }

    @Test("Only its owner can read the file") func permissions() throws {
      try withTemporaryFolder { folder in
        let path = "\(folder)/h"
        var history = History(path: path)
        history.append("SELECT 1;")
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
      }
    }

    @Test("Empty entries, repetitions and very long ones are not added") func omitted() {
      var history = History(path: nil)
      for entry in ["a", "", "  \n", "a", "a ", "b", "a", String(repeating: "x", count: History.maximumBytes + 1)] {
        history.append(entry)
      }
      #expect(history.entries == ["a", "b", "a"])
    }

    @Test("The file and the list are bounded") func bounded() throws {
      try withTemporaryFolder { folder in
        let path = "\(folder)/h"
        let text = (0..<(2 * History.maximumEntries + 1)).map { "SELECT \($0);\n" }.joined()
        try SystemFile.create(path).write(Array(text.utf8))
        var history = History(path: path)
        #expect(history.entries.count == History.maximumEntries)
        #expect(history.entries.last == "SELECT \(2 * History.maximumEntries);")
        let lines = try lineCount(path)
        #expect(lines == History.maximumEntries)
        history.append("SELECT 'new';")
        #expect(history.entries.count == History.maximumEntries)
        #expect(History(path: path).entries.last == "SELECT 'new';")
        #expect(try Folder.names(folder) == ["h"])
      }
    }

    @Test("Two shells add to the same file") func shared() throws {
      try withTemporaryFolder { folder in
        var (first, second) = (History(path: "\(folder)/h"), History(path: "\(folder)/h"))
        first.append("a")
        second.append("b")
        first.append("c")
        #expect(History(path: "\(folder)/h").entries == ["a", "b", "c"])
      }
    }

    @Test("A file that cannot be used is a problem to report, and the entries of this session remain") func unusable()
      throws
    {
      try withTemporaryFolder { folder in
        try SystemFile.create("\(folder)/file").write(Array("x".utf8))
        var history = History(path: "\(folder)/file/h")
        history.append("a")
        #expect(history.problem?.contains("\(folder)/file") == true)
        #expect(history.entries == ["a"])
        #expect(History(path: folder).problem?.contains("cannot be read") == true)
      }
    }

    @Test("The file is in the state folder of the user")
    func path() {
      #expect(History.standardPath { ["XDG_STATE_HOME": "/s/", "HOME": "/h"][$0] } == "/s/martlet/sql_history")
      #expect(History.standardPath { ["HOME": "/h"][$0] } == "/h/.local/state/martlet/sql_history")
      #expect(
        History.standardPath { ["XDG_STATE_HOME": "relative", "HOME": "/h"][$0] }
          == "/h/.local/state/martlet/sql_history")
      #expect(History.standardPath { _ in nil } == nil)
    }
  }
#endif
