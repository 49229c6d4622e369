import MartletTorture
import Foundation
import MartletStreaming
import Testing

/// Processes that compete for a checkpoint, some of which were taken to be dead and are not.
@Suite(.enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"))
struct TwoOwnersTests {
  private let input: TestFolder

  init() throws {
    input = try TestFolder()
    try writeBatches(to: input.path)
  }

  /// A program that runs all batches, unless it stops before.
  private func start(_ folder: TestFolder, _ options: String...) throws -> FaultyProgram.Running {
    let program = FaultyProgram(
      "fault-subject", ["serve", "FOLDER", input.path, "history"] + options,
      input: Array(repeating: "batch", count: 6))
    return try program.start(in: folder.path)
  }

  private func expected() async throws -> [String: [String]] {
    let folder = try TestFolder()
    #expect(try await start(folder).end().ending == .exited(0))
    return try savedLines(folder.path)
  }

  /// Starts a program that may not take over, and expects it to be refused.
  private func expectRefusal(_ folder: TestFolder, owner: FaultyProgram.Running) async throws {
    let run = try await start(folder).end()
    #expect(run.ending == .exited(1), "\(run.output)")
    #expect(run.output.contains("is in use by the process \(owner.process.number)"), "\(run.output)")
  }

  /// Resumes a stopped program, and expects it to find that it was fenced off.
  private func expectFenced(_ owner: FaultyProgram.Running, _ story: String) async throws {
    owner.process.signal(SIGCONT)
    let run = try await owner.end()
    #expect(run.ending == .exited(1), "\(story): \(run.output) \(run.errors)")
    #expect(run.output.contains("This one is fenced off"), "\(story): \(run.output) \(run.errors)")
  }

  @Test func `a second process is refused with the number of the first`() async throws {
    let folder = try TestFolder()
    let first = try start(folder)
    try await first.process.wait(forOutput: "started")
    try await expectRefusal(folder, owner: first)
    #expect(try await first.end().ending == .exited(0))
    #expect(try savedLines(folder.path) == (try await expected()))
  }

  /// The places at which an owner stops. Steps of a recovery are those of a second start. Before `recoveryClaimed` it
  /// is not an owner.
  private static let places = BatchStep.allCases.filter { $0 != .recoveryCompared }.map { step -> String in
    switch step {
    case .recoveryClaimed, .recoveryRevoked, .recoveryRestored, .recoveryBegun: "\(step)"
    // Two batches truncate the log once.
    case .snapshotWritten, .segmentBegun, .segmentSealed: "\(step):2"
    // Windows depend on the other segments.
    case .segmentRemoved: "\(step)"
    default: "\(step):3"
    }
  }

  /// A folder, and an owner of its checkpoint that has stopped at `place`.
  private func stopped(at place: String) async throws -> (TestFolder, FaultyProgram.Running) {
    let folder = try TestFolder()
    if place.hasPrefix("recovery") {
      let killed = try await FaultyProgram("fault-subject", ["stateful", "FOLDER", input.path, "history"])
        .run(in: folder.path, [.killAfter(Calls(kinds: [.rename], path: "out/batch-3000"))])
      #expect(killed.ending == .killed(signal: SIGKILL))
    }
    let owner = try start(folder, "stop=\(place)")
    try await owner.process.wait(forOutput: "at ")
    try await owner.process.waitUntilStopped()
    return (folder, owner)
  }

  @Test(arguments: places)
  func `an owner that hung is fenced off when it continues, wherever it was`(_ place: String) async throws {
    let expected = try await expected()
    let (folder, first) = try await stopped(at: place)
    try await expectRefusal(folder, owner: first)
    let second = try start(folder, "take-over")
    try await second.process.wait(forOutput: "done 6000")
    #expect(try savedLines(folder.path) == expected)
    let out = try DiskTree(of: folder.path).nodes.filter { $0.key.hasPrefix("out/batch") }
    try await expectFenced(first, place)
    #expect(try DiskTree(of: folder.path).nodes.filter { $0.key.hasPrefix("out/batch") } == out, "nothing is added")
    // The first one's lock is free now; the second still runs.
    try await expectRefusal(folder, owner: second)
    #expect(try await second.end().ending == .exited(0))
    #expect(try await start(folder).end().ending == .exited(0))
    #expect(try savedLines(folder.path) == expected)
  }

  @Test(arguments: places)
  func `a fenced owner's changes to its files do no harm to later owners`(_ place: String) async throws {
    let expected = try await expected()
    let (folder, first) = try await stopped(at: place)
    // It takes over, needs everything that the first has written, and stops too.
    let second = try start(folder, "take-over", "stop=recoveryBegun")
    try await second.process.wait(forOutput: "at ")
    try await second.process.waitUntilStopped()
    try await expectFenced(first, place)
    second.process.signal(SIGKILL)
    #expect(try await second.end().ending == .killed(signal: SIGKILL))
    let third = try await start(folder).end()
    #expect(third.ending == .exited(0), "\(third.output)")
    #expect(try savedLines(folder.path) == expected)
  }

  @Test func `a program that hung before it claimed the checkpoint yields to the one that has taken over`()
    async throws
  {
    let expected = try await expected()
    let (folder, first) = try await stopped(at: "recoveryCompared")
    let refused = try await start(folder).end()
    #expect(refused.output.contains("is in use by another process"), "\(refused.output)")
    let second = try start(folder, "take-over")
    try await second.process.wait(forOutput: "done 6000")
    first.process.signal(SIGCONT)
    let run = try await first.end()
    #expect(run.ending == .exited(1), "\(run.output)")
    #expect(run.output.contains("is in use by the process \(second.process.number)"), "\(run.output)")
    #expect(try await second.end().ending == .exited(0))
    #expect(try savedLines(folder.path) == expected)
  }

  @Test(arguments: ["planWritten:2", "outputStaged:2", "committed:2", "recoveryClaimed", "recoveryRestored"])
  func `of three owners, only the last one continues`(_ place: String) async throws {
    let expected = try await expected()
    let (folder, first) = try await stopped(at: place)
    let second = try start(folder, "take-over", "stop=outputStaged")
    try await second.process.wait(forOutput: "at ")
    try await second.process.waitUntilStopped()
    let third = try start(folder, "take-over")
    try await third.process.wait(forOutput: "done 6000")
    // Only the third one's claim is left.
    try await expectFenced(first, place)
    try await expectFenced(second, place)
    #expect(try await third.end().ending == .exited(0))
    #expect(try savedLines(folder.path) == expected)
    let fourth = try await start(folder).end()
    #expect(fourth.ending == .exited(0), "\(fourth.output)")
    #expect(try savedLines(folder.path) == expected)
  }
}
