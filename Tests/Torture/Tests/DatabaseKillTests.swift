import Foundation
import MartletTorture
import Synchronization
import Testing

/// Records in databases, written by a program that is killed at each step, and is started again.
@Suite(.enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"), .timeLimit(.minutes(30)))
struct DatabaseKillTests {
  private static func program(_ url: String, _ point: String) -> FaultyProgram {
    FaultyProgram(
      "fault-subject", ["deliver", "FOLDER", "textFileStream", "map", "DatabaseSink \(url)", "checkpoint", point])
  }

  /// The records of the groups whose files the first run has supplied, and those of the second run, each once.
  private static func expected(in folder: String) -> [String: Int] {
    let groups = (1...2).filter { FileManager.default.fileExists(atPath: "\(folder)/in/\($0)") } + [3]
    return Dictionary(uniqueKeysWithValues: groups.flatMap { group in (0..<4).map { ("\(group)-\($0)", 1) } })
  }

  /// The numbers of the calls on the checkpoint around which a program is killed: those of its beginning, and of the first
  /// two batches, between which the rows are committed.
  private static let moments = (1...16).flatMap { [(number: $0, isBefore: true), (number: $0, isBefore: false)] }

  @Test(arguments: DeliveryDatabase.available)
  func `killed around each call on its checkpoint, the program writes each record once`(_ system: String) async throws {
    let ends = Mutex<Set<Int>>([])
    try await concurrently(Sweep.sample(Self.moments, 16)) { number, isBefore in
      let story = "\(system), killed \(isBefore ? "before" : "after") call \(number)"
      let url = try DeliveryDatabase.make(system)
      let folder = try TestFolder()
      let calls = Calls(kinds: [.write, .sync], path: "checkpoint/*", matches: number...number)
      let first = try await Self.program(url, "done").run(
        in: folder.path, [isBefore ? .killBefore(calls) : .killAfter(calls)])
      #expect(first.ending == .killed(signal: 9), "\(story): \(first.output) \(first.errors)")
      if system != "SQLite" {
        let written = try DeliveryDatabase.counts(url, in: folder.path)
        ends.withLock { _ = $0.insert(written.count) }
      }
      let expected = Self.expected(in: folder.path)
      let second = try await Self.program(url, "again").run(in: folder.path)
      #expect(second.ending == .exited(0), "\(story): \(second.output) \(second.errors)")
      // Files that came before the first start are not read: a program that was killed before its checkpoint existed starts
      // anew.
      let counts = try DeliveryDatabase.counts(url, in: folder.path)
      #expect(counts.allSatisfy { $0.value == 1 }, "\(story): \(counts)")
      if number > 6 { #expect(counts == expected, "\(story): \(counts)") }
    }
    if system != "SQLite" { #expect(ends.withLock { $0.count } > 1, "kills before and after the commit of rows") }
  }

  @Test func `killed at calls on SQLite's file itself, the program writes each record once`() async throws {
    let url = try DeliveryDatabase.make("SQLite")
    let counted = try TestFolder()
    let whole = try await Self.program(url, "done").run(in: counted.path)
    let points = FaultyProgram.killPoints(whole.trace).filter { $0.call.path.contains("records.db") }
    #expect(points.count > 20, "\(whole.trace.calls)")
    try await concurrently(Sweep.sample(points, 40)) { point in
      let folder = try TestFolder()
      let first = try await Self.program(url, "done").run(in: folder.path, [point.fault])
      #expect(first.ending == .killed(signal: 9), "\(point): \(first.output) \(first.errors)")
      let expected = Self.expected(in: folder.path)
      let second = try await Self.program(url, "again").run(in: folder.path)
      #expect(second.ending == .exited(0), "\(point): \(second.output) \(second.errors)")
      #expect(try DeliveryDatabase.counts(url, in: folder.path) == expected, "\(point)")
    }
  }
}
