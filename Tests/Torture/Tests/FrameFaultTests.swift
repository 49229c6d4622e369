import Foundation
import MartletTorture
import Synchronization
import Testing

/// Frames that are written to folders, across crashes: a reader finds each file as a whole, or not at all.
@Suite(
  .enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"),
  .enabled(if: EngineLibrary.isInstalledOrRequired, "DuckDB is not installed: `make duckdb` installs it"),
  .timeLimit(.minutes(30)))
struct FrameFaultTests {
  private static let old = ["old0", "old1", "old2"]
  private static let new = ["new0", "new1", "new2"]

  private static func program(_ mode: String) -> FaultyProgram {
    FaultyProgram("fault-subject", ["write-frame", "FOLDER", mode])
  }

  /// Makes the folder that another write has left.
  private static func prepare(_ folder: String) throws {
    try FileManager.default.createDirectory(atPath: "\(folder)/out", withIntermediateDirectories: true)
    try Data(old.map { "\($0)\n" }.joined().utf8).write(to: URL(fileURLWithPath: "\(folder)/out/part-0.csv"))
    try Data().write(to: URL(fileURLWithPath: "\(folder)/out/_SUCCESS"))
  }

  /// The lines that a reader finds; `nil` if there is no folder.
  private static func lines(_ folder: String) throws -> [String]? {
    guard FileManager.default.fileExists(atPath: "\(folder)/out") else { return nil }
    return try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out")
      .filter { !$0.hasPrefix(".") && !$0.hasPrefix("_") }
      .flatMap { name in
        try String(contentsOfFile: "\(folder)/out/\(name)", encoding: .utf8).split(separator: "\n").map(String.init)
      }.sorted()
  }

  /// The states that an interrupted write may leave, of a folder that had the old lines.
  private static func isWhole(_ lines: [String]?, _ mode: String) -> Bool {
    lines == old || lines == (mode == "overwrite" ? new : (new + old))
  }

  /// Writes once more: what the interrupted write has left is in nobody's way.
  private static func checkAgain(_ folder: String, _ mode: String, _ before: [String]?, _ story: String) async throws {
    let run = try await program(mode).run(in: folder)
    #expect(run.ending == .exited(0), "\(story): \(run.output) \(run.errors)")
    #expect(try lines(folder) == (mode == "overwrite" ? new : (new + (before ?? [])).sorted()), "\(story)")
  }

  @Test(arguments: ["overwrite", "append"])
  func `killed at any call, the folder has the old rows or the new ones`(mode: String) async throws {
    let kills = try await Self.program(mode).killAtEveryCall(sample: 60, prepare: Self.prepare) { folder, point, _ in
      let lines = try Self.lines(folder)
      #expect(Self.isWhole(lines, mode), "\(point): \(lines ?? [])")
      try await Self.checkAgain(folder, mode, lines, "\(point)")
    }
    #expect(kills > 5)
  }

  @Test(arguments: ["overwrite", "append"])
  func `when the power fails at any call, the folder has the old rows or the new ones`(mode: String) async throws {
    let images = try await Self.program(mode).losePowerAtEveryCall(sample: 60, prepare: Self.prepare) { folder, image in
      let lines = try Self.lines(folder)
      #expect(Self.isWhole(lines, mode), "\(image): \(lines ?? [])")
      try await Self.checkAgain(folder, mode, lines, "\(image)")
    }
    #expect(images > 5)
  }

  @Test(arguments: ["overwrite", "append"])
  func `when the disk is full, the write fails with the reason, and the folder has the old rows`(
    mode: String
  ) async throws {
    let whole = try TestFolder()
    try Self.prepare(whole.path)
    let calls = try await Self.program(mode).run(in: whole.path).trace.calls.filter { $0.kind == .write }
    #expect(!calls.isEmpty)
    for first in 1...calls.count {
      let folder = try TestFolder()
      try Self.prepare(folder.path)
      let full = Fault.fail(Calls(kinds: [.write], matches: first...1_000_000), errno: ENOSPC)
      let run = try await Self.program(mode).run(in: folder.path, [full])
      #expect(run.ending == .exited(1), "write \(first): \(run.ending) \(run.output) \(run.errors)")
      #expect(run.output.contains("No space left"), "write \(first): \(run.output)")
      #expect(try Self.lines(folder.path) == Self.old)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(names == ["out"], "write \(first)")
      try await Self.checkAgain(folder.path, mode, Self.old, "write \(first)")
    }
  }
}
