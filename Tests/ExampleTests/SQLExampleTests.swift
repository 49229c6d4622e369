import ExampleSupport
import Foundation
import MartletDuckDB
import MartletTorture
import Testing

@Suite("The examples with SQL, run as processes", .enabled(if: SQLLibrary.isInstalledOrRequired, SQLLibrary.advice))
struct SQLExampleTests {
  /// A server that sends a text to each client.
  private func server(_ text: String) throws -> LoopbackServer {
    try LoopbackServer { connection in
      _ = connection.send(text)
      connection.waitForPeerToLeave()
    }
  }

  @Test("sql-network-wordcount shows the words of each batch as a table")
  func wordCount() async throws {
    let server = try server("to be or not to be\n")
    defer { server.stop() }
    let program = try ExampleProcess(
      "sql-network-wordcount", ["localhost", "\(server.port)", "--batch-interval-ms", "200"])
    try await program.wait(for: "the counts") { text in
      ["+----+-----+\n|word|total|\n+----+-----+\n", "|  be|    2|\n", "|  to|    2|\n", "| not|    1|\n"]
        .allSatisfy(text.contains)
    }
    program.send(SIGINT)
    #expect(await program.end().status == 0)
  }

  @Test("sensor-alerts joins low pressures with the two tables, and names the lines that it leaves out")
  func sensorAlerts() async throws {
    let server = try server("P-101,60.5\nP-105,4.5\nP-103,3.0\nP-103,2.5\nP-103,x\nP-104,1.0\nP-999,1.0\n")
    defer { server.stop() }
    let program = try ExampleProcess("sensor-alerts", ["localhost", "\(server.port)", "--batch-interval-ms", "200"])
    try await program.wait(for: "Not a reading: P-103,x")
    // The widths of columns depend on the lines that are in a batch.
    try await program.wait(for: "the alerts") { text in
      let text = text.replacing(" ", with: "")
      return text.contains("|P-103|2.5|BrookandStone|555-0144|2025-11-30|Silva|\n")
        && text.contains("|P-105|4.5|DeltaHydraulics|555-0172|2026-01-19|Ito|\n")
        && text.contains("|P-104|1.0|DeltaHydraulics|555-0172|NULL|NULL|\n")
    }
    #expect(!program.text.contains("|P-101") && !program.text.contains("|P-999"))
    #expect(program.text.contains("Left out of pumps: this line was torn"))
    #expect(program.text.contains("Left out of maintenance: P-104,some time in May,Silva"))
    program.send(SIGINT)
    #expect(await program.end().status == 0)
  }

  @Test("sensor-alerts has sensors of its own") func demo() async throws {
    let program = try ExampleProcess("sensor-alerts", ["--demo", "--batch-interval-ms", "200"])
    try await program.wait(for: "|P-10")
    program.send(SIGINT)
    #expect(await program.end().status == 0)
  }

  @Test("json-folder-report summarizes the files that come with it, and names the lines that are none")
  func jsonFolder() async throws {
    let (status, text) = try await ExampleProcess("json-folder-report", ["--demo"]).end()
    #expect(status == 0)
    #expect(text.contains("60 requests; 2 lines are none:\n"), "\(text)")
    #expect(text.contains(#"{"time": "2026-11-27T09:40:02Z", "path": "/cart", "sta"#))
    #expect(text.contains(#""ms": "fast"}"#))
    #expect(text.contains("|path     |requests|average|slowest|\n"), "\(text)")
    #expect(text.contains("|day       |path     |requests|errors|percent|\n"), "\(text)")
  }

  @Test("json-folder-report computes the numbers of a folder, and refuses one that does not exist")
  func jsonFolderNumbers() async throws {
    let folder = try TestFolder()
    for (name, lines) in [
      ("a.json", #"{"time":"2026-01-01T00:00:00Z","path":"/a","status":200,"ms":1.0}"# + "\n"),
      ("b.json", #"{"time":"2026-01-01T00:00:00Z","path":"/b","status":500,"ms":7.0}"# + "\n[]\n"),
    ] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/day=2026-01-01", withIntermediateDirectories: true)
      try lines.write(toFile: "\(folder.path)/day=2026-01-01/\(name)", atomically: false, encoding: .utf8)
    }
    let (status, text) = try await ExampleProcess("json-folder-report", [folder.path]).end()
    #expect(status == 0)
    #expect(text.contains("2 requests; 1 lines are none:\n  []\n"), "\(text)")
    #expect(text.contains("|/b  |1       |7.0    |7.0    |\n|/a  |1       |1.0    |1.0    |\n"), "\(text)")
    #expect(text.contains("|2026-01-01|/b  |1       |1     |100.0  |\n"), "\(text)")
    let missing = try await ExampleProcess("json-folder-report", ["\(folder.path)/none"]).end()
    #expect(missing.status == 1)
    #expect(missing.text.contains("[PATH_NOT_FOUND]") && missing.text.contains("main.swift:"), "\(missing.text)")
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

  static let advice: Comment = "DuckDB is not installed: `make duckdb` installs it"
}
