import MartletTorture
import Foundation
import Synchronization
import TestSupport
import Testing

/// Programs with state and windows that truncate their log with every batch: whatever happens to them, all their
/// outputs are those of an undisturbed run.
@Suite(.enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"))
struct StatefulSweepTests {
  private let input: TestFolder

  init() throws {
    input = try TestFolder()
    try writeBatches(to: input.path)
  }

  static let programs = ["totals", "timeouts", "windows", "history"]

  private func program(_ name: String) -> FaultyProgram {
    FaultyProgram("fault-subject", ["stateful", "FOLDER", input.path, name])
  }

  /// The output of an undisturbed run of the program.
  private func expected(_ name: String) async throws -> [String: [String]] {
    let folder = try TestFolder()
    let run = try await program(name).run(in: folder.path)
    #expect(run.ending == .exited(0), "\(run.output)")
    let lines = try savedLines(folder.path)
    #expect(lines.count >= 6 && lines.values.contains { !$0.isEmpty })
    return lines
  }

  /// Starts the program again, and checks its output.
  private func check(_ folder: String, _ name: String, _ expected: [String: [String]], _ story: String) async throws {
    let run = try await program(name).run(in: folder)
    #expect(run.ending == .exited(0), "\(story): \(run.output) \(run.errors)")
    #expect(try savedLines(folder) == expected, "\(story)")
  }

  @Test(arguments: programs)
  func `killed at any call, state and windows continue undisturbed`(_ name: String) async throws {
    let expected = try await expected(name)
    let kills = try await program(name).killAtEveryCall(sample: 40) { folder, point, _ in
      try await check(folder, name, expected, "\(point)")
    }
    #expect(kills >= 40)
  }

  @Test(arguments: programs)
  func `when the power fails at any call, state and windows continue undisturbed`(_ name: String) async throws {
    let expected = try await expected(name)
    let images = try await program(name).losePowerAtEveryCall(sample: 40) { folder, image in
      try await check(folder, name, expected, "\(image)")
    }
    #expect(images >= 40)
  }

  /// At a rename that publishes an output, at one that truncates the log, and at the writing of a plan.
  @Test(
    arguments: programs, ["out/batch-4000", "checkpoint/log-00000001-00000003", "checkpoint/log-00000001-00000002"])
  func `killed again at any call of its recovery, the program still continues`(
    _ name: String, _ path: String
  ) async throws {
    let expected = try await expected(name)
    let folder = try TestFolder()
    let first = Fault.killAfter(Calls(kinds: [.rename], path: path))
    #expect(try await program(name).run(in: folder.path, [first]).ending == .killed(signal: SIGKILL))
    let left = try DiskTree(of: folder.path)
    let kills = try await program(name).killAtEveryCall(sample: 12, prepare: { try left.write(to: $0) }) {
      folder, point, _ in
      try await check(folder, name, expected, "\(point)")
    }
    #expect(kills >= 12)
  }

  @Test(arguments: programs)
  func `killed, started again and then without power, the program still continues`(_ name: String) async throws {
    let expected = try await expected(name)
    let images = try await program(name).losePowerAfterKills(8, images: 6, again: { _ in program(name) }) {
      try await check($0, name, expected, "\($2)")
    }
    #expect(images >= 24)
  }

  @Test(arguments: programs)
  func `after a sync that failed, a new start and then a power failure, the program continues`(
    _ name: String
  ) async throws {
    let expected = try await expected(name)
    let images = try await program(name).losePowerAfterFailedSyncs(8, images: 6, again: { _ in program(name) }) {
      try await check($0, name, expected, "\($2)")
    }
    #expect(images >= 24)
  }

  @Test(arguments: programs, [ENOSPC, EIO, EACCES, EROFS])
  func `whichever call fails, the program names it, and continues when the disk works again`(
    _ name: String, _ code: Int32
  ) async throws {
    let expected = try await expected(name)
    let whole = try TestFolder()
    let calls = try await program(name).run(in: whole.path).trace.calls.filter { $0.mark == nil }
    #expect(calls.count > 12)
    let refused = Mutex(0)
    try await concurrently(Sweep.sample(calls, 12)) { call in
      let folder = try TestFolder()
      let run = try await program(name).run(in: folder.path, [.fail(.number(call.number), errno: code)])
      #expect([.exited(0), .exited(1)].contains(run.ending), "\(call): \(run.ending) \(run.output) \(run.errors)")
      if run.ending == .exited(1) {
        refused.withLock { $0 += 1 }
        #expect(run.output.contains(folder.path), "\(call): \(run.output)")
        #expect(run.output.contains(String(cString: strerror(code))), "\(call): \(run.output)")
      }
      try await check(folder.path, name, expected, "\(call)")
    }
    #expect(refused.withLock { $0 } > 0, "no failed call was reported")
  }
}

/// One file for each of the batches of `RecoverableRun`.
func writeBatches(to folder: String) throws {
  for (number, lines) in ["a\nb\n", "a\n", "c\na\n", "", "b\nc\n", "a\n"].enumerated() {
    let path = "\(folder)/\(number + 1)"
    // Like a file that was moved in: it is read at the first listing.
    try writeStreamInput(path, lines)
  }
}

/// The lines of each folder that was saved below `out`, sorted.
func savedLines(_ folder: String) throws -> [String: [String]] {
  let tree = try DiskTree(of: folder)
  var saved: [String: [String]] = [:]
  for path in tree.visiblePaths where path.hasPrefix("out/") {
    let parts = path.split(separator: "/").map(String.init)
    guard parts.count == 3 else { continue }
    saved[parts[1], default: []] += String(decoding: tree.file(path) ?? [], as: UTF8.self).split(separator: "\n")
      .map(String.init)
  }
  return saved.mapValues { $0.sorted() }
}
