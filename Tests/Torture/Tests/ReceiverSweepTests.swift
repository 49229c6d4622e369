import MartletTorture
import Foundation
import Testing

/// A program with a receiver and its log: acknowledged lines come exactly once, whatever happens.
@Suite(.enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"))
struct ReceiverSweepTests {
  /// - Parameter stored: the number of batches whose lines were acknowledged before.
  private func program(after stored: Int = 0) -> FaultyProgram {
    FaultyProgram("fault-subject", ["receive", "FOLDER", "\(stored)"])
  }

  /// The number of batches whose lines had been acknowledged.
  private func stored(_ marks: [String]) -> Int { marks.filter { $0.hasPrefix("stored") }.count }

  /// Starts the program again, which stores the unacknowledged lines, and checks all lines.
  private func check(_ folder: String, after stored: Int, _ story: String) async throws {
    let run = try await program(after: stored).run(in: folder)
    #expect(run.ending == .exited(0), "\(story): \(run.output) \(run.errors)")
    let saved = try savedLines(folder)
    let lines = saved.filter { $0.key.hasPrefix("lines-") }.values.joined()
    let counts = Dictionary(lines.map { ($0, 1) }, uniquingKeysWith: +)
    for batch in 1...6 {
      for line in ["a\(batch)", "b\(batch)"] {
        // Lines that were on the disk without being acknowledged come twice: their sender has sent them again.
        let allowed = batch == stored + 1 ? 1...2 : 1...1
        #expect(allowed.contains(counts[line] ?? 0), "\(line) came \(counts[line] ?? 0) times, \(story): \(saved)")
      }
    }
    #expect(saved["totals-6000"] == counts.map { "\($0) \($1)" }.sorted(), "\(story)")
    #expect(saved.count == 12, "\(story): \(saved)")
  }

  @Test func `killed at any call, a program reports received lines once`() async throws {
    let kills = try await program().killAtEveryCall(sample: 60) { folder, point, run in
      try await check(folder, after: stored(run.trace.marks.map(\.name)), "\(point)")
    }
    #expect(kills >= 60)
  }

  @Test func `when the power fails at any call, acknowledged lines come once`() async throws {
    let images = try await program().losePowerAtEveryCall(sample: 60) { folder, image in
      try await check(folder, after: stored(image.marks), "\(image)")
    }
    #expect(images >= 60)
  }

  @Test func `killed, started again and then without power, a program reports acknowledged lines once`() async throws {
    let images = try await program().losePowerAfterKills(
      10, images: 6, again: { program(after: stored($0.trace.marks.map(\.name))) }, verify: checkSecondRun)
    #expect(images >= 30)
  }

  @Test func `after a sync that failed, a new start and a power failure, what was acknowledged comes once`()
    async throws
  {
    let images = try await program().losePowerAfterFailedSyncs(
      10, images: 6, again: { program(after: stored($0.trace.marks.map(\.name))) }, verify: checkSecondRun)
    #expect(images >= 30)
  }

  @Sendable private func checkSecondRun(_ folder: String, _ first: FaultyProgram.Run, _ image: CrashImage) async throws
  {
    // The lines that the first run had in doubt may be there twice: that run counts.
    let before = stored(first.trace.marks.map(\.name))
    let run = try await program(after: before + stored(image.marks)).run(in: folder)
    #expect(run.ending == .exited(0), "\(image): \(run.output) \(run.errors)")
    let saved = try savedLines(folder)
    let counts = Dictionary(
      saved.filter { $0.key.hasPrefix("lines-") }.values.joined().map { ($0, 1) }, uniquingKeysWith: +)
    let doubtful = [before + 1, before + stored(image.marks) + 1]
    for batch in 1...6 {
      let allowed = doubtful.contains(batch) ? 1...3 : 1...1
      for line in ["a\(batch)", "b\(batch)"] {
        #expect(allowed.contains(counts[line] ?? 0), "\(line) came \(counts[line] ?? 0) times, \(image)")
      }
    }
  }

  @Test func `killed again at any call of its recovery, a program reports acknowledged lines once`() async throws {
    let folder = try TestFolder()
    // Before the third batch has begun: its lines are only in the receiver's log.
    let first = Fault.killAfter(Calls(kinds: [.unlink], path: ".mark:stored 3"))
    let killed = try await program().run(in: folder.path, [first])
    #expect(killed.ending == .killed(signal: SIGKILL) && stored(killed.trace.marks.map(\.name)) == 3)
    let left = try DiskTree(of: folder.path)
    let kills = try await program(after: 3).killAtEveryCall(sample: 30, prepare: { try left.write(to: $0) }) {
      folder, point, run in
      try await check(folder, after: 3 + stored(run.trace.marks.map(\.name)), "\(point)")
    }
    #expect(kills >= 30)
  }
}
