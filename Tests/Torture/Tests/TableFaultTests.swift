import Foundation
import MartletTorture
import Synchronization
import Testing

/// Streams that write to tables of the warehouse, across crashes: each line of each file is in the table once.
@Suite(
  .enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"),
  .enabled(if: EngineLibrary.isInstalledOrRequired, "DuckDB is not installed: `make duckdb` installs it"),
  .timeLimit(.minutes(30)))
struct TableFaultTests {
  /// Three files, one for each of the first three batches. No call on them is disturbed.
  private let input: TestFolder

  init() throws {
    input = try TestFolder()
    for number in 1...3 {
      try Data("a\(number)\nb\(number)\nall\n".utf8).write(to: URL(fileURLWithPath: "\(input.path)/\(number)"))
    }
  }

  /// The program, which runs four batches of a second.
  /// - Parameter seconds: the time at which it starts; the clock never goes back.
  private func program(at seconds: Int) -> FaultyProgram {
    FaultyProgram("fault-subject", ["save-tables", "FOLDER", input.path, "\(seconds)"])
  }

  private func rows(_ table: String, _ folder: String, _ story: String) async throws -> [String] {
    let run = try await FaultyProgram("fault-subject", ["read-table", "FOLDER", table]).run(in: folder)
    #expect(run.ending == .exited(0), "\(story): \(run.output) \(run.errors)")
    return run.lines.map { String($0) }
  }

  private let lines = ["a1", "a2", "a3", "all", "all", "all", "b1", "b2", "b3"]
  private let sums = ["a1 1", "a2 1", "a3 1", "all 3", "b1 1", "b2 1", "b3 1"]

  /// Starts the program again, and checks the rows that all batches together have written.
  private func check(_ folder: String, at seconds: Int = 4, _ story: String) async throws {
    let run = try await program(at: seconds).run(in: folder)
    #expect(run.ending == .exited(0), "\(story): \(run.output) \(run.errors)")
    #expect(try await rows("lines", folder, story) == lines, "\(story)")
    #expect(try await rows("sums", folder, story) == sums, "\(story)")
  }

  @Test func `a whole run writes each line once`() async throws {
    let folder = try TestFolder()
    try await check(folder.path, at: 0, "")
  }

  @Test func `killed at any call, the program continues, and each line is in the table once`() async throws {
    let kills = try await program(at: 0).killAtEveryCall(sample: 80) { folder, point, run in
      // The batches that the program has reported are there.
      let batches = run.trace.marks.count
      let found = try await rows("lines", folder, "\(point)")
      #expect(found.count >= min(batches, 3) * 3 && found.count % 3 == 0, "\(point): \(batches) batches, \(found)")
      try await check(folder, "\(point)")
    }
    #expect(kills > 30)
  }

  @Test func `when the power fails at any call, the program continues, and each line is in the table once`()
    async throws
  {
    let damaged = Mutex(0)
    let images = try await program(at: 0).losePowerAtEveryCall(sample: 60) { folder, image in
      // The engine rewrites blocks of the file in place when it moves its log there: the file can be damaged in these
      // moments, which the program reports.
      if image.story.contains("write warehouse/warehouse.duckdb [") {
        let run = try await program(at: 4).run(in: folder)
        if run.output.contains("warehouse.duckdb is damaged") {
          damaged.withLock { $0 += 1 }
          #expect(run.ending == .exited(1), "\(image)")
          return
        }
        return try await check(folder, at: 8, "\(image)")
      }
      try await check(folder, "\(image)")
    }
    #expect(images > 20 && damaged.withLock { $0 } < images / 5)
  }

  @Test func `when the disk is full, the program ends with the reason, and continues when there is space`() async throws
  {
    let whole = try TestFolder()
    let calls = try await program(at: 0).run(in: whole.path).trace.calls.filter {
      $0.kind == .write && $0.path.hasPrefix("warehouse/")
    }
    #expect(calls.count > 5)
    // The disk is full from one of the writes on.
    let refused = Mutex(0)
    try await concurrently(Array(stride(from: 1, through: calls.count, by: max(1, calls.count / 10)))) { (first: Int) in
      let folder = try TestFolder()
      let full = Fault.fail(Calls(kinds: [.write], path: "warehouse/*", matches: first...1_000_000), errno: ENOSPC)
      let run = try await program(at: 0).run(in: folder.path, [full])
      let story = "from write \(first) of \(calls.count)"
      #expect([.exited(0), .exited(1)].contains(run.ending), "\(story): \(run.ending) \(run.output) \(run.errors)")
      if run.ending == .exited(1) {
        refused.withLock { $0 += 1 }
        #expect(run.output.contains("No space left"), "\(story): \(run.output)")
      }
      try await check(folder.path, story)
    }
    #expect(refused.withLock { $0 } > 3)
  }

  @Test func `a warehouse that another process has open is refused by name`() async throws {
    let folder = try TestFolder()
    let holding = try FaultyProgram("fault-subject", ["hold-tables", "FOLDER"]).start(in: folder.path)
    try await holding.process.wait(forOutput: "held")
    let run = try await FaultyProgram("fault-subject", ["read-table", "FOLDER", "held"]).run(in: folder.path)
    #expect(run.ending == .exited(1) && run.output.contains("open in another process"), "\(run.output)\(run.errors)")
    holding.process.signal(SIGKILL)
    #expect(try await holding.end().ending == .killed(signal: SIGKILL))
    // The tables are as the killed process has left them.
    #expect(try await rows("held", folder.path, "") == ["0", "1", "2"])
  }
}
