import MartletTorture
import Foundation
import Synchronization
import Testing

/// A stream of files with a checkpoint across crashes: each line of each file is saved once.
@Suite(.enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"))
struct RecoveryTests {
  /// Three files, one for each of the first three batches. No call on them is disturbed.
  private let input: TestFolder

  init() throws {
    input = try TestFolder()
    for number in 1...3 {
      try Data("a\(number)\nb\(number)\n".utf8).write(to: URL(fileURLWithPath: "\(input.path)/\(number)"))
    }
  }

  /// The program, which runs five batches of a second.
  /// - Parameter seconds: the time at which it starts; the clock never goes back.
  private func program(at seconds: Int) -> FaultyProgram {
    FaultyProgram("fault-subject", ["recover", "FOLDER", input.path, "\(seconds)"])
  }

  /// Starts the program again, and checks the lines that all batches together have saved.
  private func check(_ folder: String, at seconds: Int = 5, _ story: String) async throws {
    let run = try await program(at: seconds).run(in: folder)
    #expect(run.ending == .exited(0), "\(story): \(run.output) \(run.errors)")
    let tree = try DiskTree(of: folder)
    let parts = tree.nodes.keys.filter { $0.hasPrefix("out/batch-") && $0.contains("/part-") }
    let lines = parts.flatMap { String(decoding: tree.file($0) ?? [], as: UTF8.self).split(separator: "\n") }
    #expect(lines.sorted() == ["a1", "a2", "a3", "b1", "b2", "b3"], "\(story): \(tree)")
  }

  @Test func `killed at any call, the program continues when it is started again`() async throws {
    let kills = try await program(at: 0).killAtEveryCall { folder, point, _ in try await check(folder, "\(point)") }
    #expect(kills > 50)
  }

  @Test func `when the power fails at any call, the program continues when it is started again`() async throws {
    let images = try await program(at: 0).losePowerAtEveryCall { folder, image in try await check(folder, "\(image)") }
    #expect(images > 50)
  }

  @Test func `killed again at any call of its recovery, the program still continues`() async throws {
    let folder = try TestFolder()
    // The second batch is in the middle of its output.
    let rename = Calls(kinds: [.rename], path: "out/batch-2000")
    #expect(try await program(at: 0).run(in: folder.path, [.killAfter(rename)]).ending == .killed(signal: SIGKILL))
    let left = try DiskTree(of: folder.path)
    let kills = try await program(at: 5).killAtEveryCall(
      prepare: { try left.write(to: $0) }, verify: { folder, point, _ in try await check(folder, at: 10, "\(point)") })
    #expect(kills > 20)
  }

  @Test func `whichever call fails, the program ends in good order and continues at the next start`() async throws {
    let whole = try TestFolder()
    let calls = try await program(at: 0).run(in: whole.path).trace.calls.filter { $0.mark == nil }
    #expect(calls.count > 50)
    let refused = Mutex(0)
    try await concurrently(calls) { call in
      let folder = try TestFolder()
      let run = try await program(at: 0).run(in: folder.path, [.fail(.number(call.number), errno: EIO)])
      #expect([.exited(0), .exited(1)].contains(run.ending), "\(call): \(run.ending) \(run.output) \(run.errors)")
      if run.ending == .exited(1) { refused.withLock { $0 += 1 } }
      try await check(folder.path, "\(call)")
    }
    #expect(refused.withLock { $0 } > calls.count / 2, "most calls are essential")
  }
}
