import MartletTorture
import Foundation
import Testing

/// A program with a checkpoint on a disk that fails until it is repaired.
@Suite(.enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"))
struct FailingCheckpointTests {
  private let input: TestFolder
  private let scratch: TestFolder
  private let control: String

  init() throws {
    input = try TestFolder()
    try writeBatches(to: input.path)
    scratch = try TestFolder()
    control = "\(scratch.path)/broken"
  }

  private func breakDisk() throws { try Data().write(to: URL(fileURLWithPath: control)) }
  private func repairDisk() throws { try FileManager.default.removeItem(atPath: control) }

  private func start(_ program: String, _ folder: TestFolder, _ fault: Refusal? = nil) throws -> FaultyProgram.Running {
    var faults: [Fault] = []
    if let fault {
      var calls = fault.calls
      calls.whileExists = control
      faults = [.fail(calls, errno: fault.code)]
    }
    return try FaultyProgram("fault-subject", ["serve", "FOLDER", input.path, program]).start(in: folder.path, faults)
  }

  /// Runs all batches without faults, and returns the saved lines.
  private func finish(_ folder: TestFolder) async throws -> [String: [String]] {
    let running = try start("totals", folder)
    for _ in 0..<6 { running.process.send("batch") }
    let run = try await running.end()
    #expect(run.ending == .exited(0), "\(run.output) \(run.errors)")
    return try savedLines(folder.path)
  }

  /// Calls that a disk refuses, and the advice of the error.
  struct Refusal: Sendable, CustomTestStringConvertible {
    var code: Int32
    var calls: Calls
    var advice: String

    init(_ code: Int32, _ kind: CallKind, _ path: String) {
      self.code = code
      calls = .of(kind, path: path)
      advice =
        switch code {
        case ENOSPC: "Free space on that disk"
        case EIO: "The disk may be failing"
        case EACCES: "Grant this user permission"
        default: "mounted read-only"
        }
    }

    var testDescription: String { "errno \(code), \(calls.kinds), \(calls.path ?? "")" }
  }

  @Test(arguments: [
    // The plan, the state, the note that the batch is complete.
    Refusal(ENOSPC, .write, "checkpoint/log-*"), Refusal(EIO, .sync, "checkpoint/log-*"),
    // A new segment.
    Refusal(EACCES, .create, "checkpoint/.log-*"), Refusal(ENOSPC, .write, "checkpoint/.log-*"),
    Refusal(EIO, .sync, "checkpoint/.log-*"), Refusal(EROFS, .rename, "checkpoint/.log-*"),
    Refusal(EIO, .sync, "checkpoint"),
    // The output.
    Refusal(EACCES, .mkdir, "out/.martlet-*"), Refusal(EACCES, .create, "out/.martlet-*"),
    Refusal(ENOSPC, .write, "out/.martlet-*"), Refusal(EIO, .sync, "out/.martlet-*"),
    Refusal(EROFS, .rename, "out/.martlet-*"), Refusal(EIO, .sync, "out"),
  ])
  func `a batch that cannot be logged fails with the reason, and runs after the repair`(_ refusal: Refusal) async throws
  {
    let expected = try await finish(try TestFolder())
    let folder = try TestFolder()
    let running = try start("totals", folder, refusal)
    for time in [1000, 2000] {
      running.process.send("batch")
      try await running.process.wait(forOutput: "done \(time)")
    }
    try breakDisk()
    running.process.send("batch")
    // A failure may follow a completed batch: that of truncating the log.
    running.process.send("batch")
    try await running.process.wait(forOutput: "batch failed: ")
    let run = try await running.end()
    #expect(run.ending == .exited(1), "\(run.output)")
    #expect(run.output.contains(refusal.advice) && run.output.contains("'\(folder.path)/"), "\(run.output)")
    #expect(run.output.contains("\nfailed: "), "awaitTermination throws: \(run.output)")
    // The disk still fails: a start is also refused, or fails, and does no harm.
    let again = try start("totals", folder, refusal)
    for _ in 0..<6 { again.process.send("batch") }
    #expect(try await again.end().ending == .exited(1))
    try repairDisk()
    #expect(try await finish(folder) == expected)
  }

  @Test(
    arguments: [
      Refusal(EACCES, .mkdir, "checkpoint"), Refusal(EACCES, .create, "checkpoint/lock"),
      Refusal(EACCES, .list, "checkpoint"), Refusal(EACCES, .create, "checkpoint/.epoch-*"),
      Refusal(ENOSPC, .write, "checkpoint/.epoch-*"), Refusal(EIO, .sync, "checkpoint/.epoch-*"),
      Refusal(EROFS, .rename, "checkpoint/.epoch-*"), Refusal(ENOSPC, .write, "checkpoint/epoch-*"),
      Refusal(EIO, .sync, "checkpoint/epoch-*"), Refusal(EACCES, .mkdir, "out*"),
      Refusal(EROFS, .rename, "checkpoint/.log-*"), Refusal(EACCES, .open, "checkpoint/log-*"),
      Refusal(EIO, .read, "checkpoint/log-*"), Refusal(EACCES, .unlink, "checkpoint/epoch-*"),
    ], [false, true])
  func `a start that cannot own its checkpoint is refused with the reason, and succeeds when the disk works again`(
    _ refusal: Refusal, _ isRestart: Bool
  ) async throws {
    let expected = try await finish(try TestFolder())
    let folder = try TestFolder()
    if isRestart {
      let killed = try await FaultyProgram("fault-subject", ["stateful", "FOLDER", input.path, "totals"])
        .run(in: folder.path, [.killAfter(Calls(kinds: [.rename], path: "out/batch-3000"))])
      #expect(killed.ending == .killed(signal: SIGKILL))
    }
    let before = try savedLines(folder.path)
    try breakDisk()
    let run = try await start("totals", folder, refusal).end()
    // An operation that does not occur at every start cannot fail at every start.
    let isDone = run.trace.calls.contains { $0.error == refusal.code } || run.ending == .exited(1)
    if isDone {
      #expect(run.ending == .exited(1), "\(run.output)")
      #expect(run.output.contains(refusal.advice) && run.output.contains("'\(folder.path)"), "\(run.output)")
    } else {
      #expect(!isRestart || [.mkdir].contains(refusal.calls.kinds.first), "\(run.output)")
    }
    #expect(try savedLines(folder.path) == before)
    try repairDisk()
    #expect(try await finish(folder) == expected)
  }

  @Test(
    arguments: [
      Refusal(ENOSPC, .write, "checkpoint/inputs/*"), Refusal(EIO, .sync, "checkpoint/inputs/*"),
      Refusal(EACCES, .create, "checkpoint/inputs/*"), Refusal(EACCES, .mkdir, "checkpoint/inputs*"),
    ], [false, true])
  func `records received while the disk fails are acknowledged when it works again, or not at all`(
    _ refusal: Refusal, _ isKilled: Bool
  ) async throws {
    let folder = try TestFolder()
    let running = try start("receiver", folder, refusal)
    try await running.process.wait(forOutput: "started")
    // Before the receiver's log has a file, if the creation of a file is what fails.
    let isFirst = [.create, .mkdir].contains(refusal.calls.kinds.first)
    if !isFirst {
      for line in ["store one", "batch"] { running.process.send(line) }
      try await running.process.wait(forOutput: "done 1000")
    }
    try breakDisk()
    for line in ["store two", "batch"] { running.process.send(line) }
    try await running.process.wait(forErrors: refusal.advice)
    #expect(running.process.errors.contains("cannot be written to the receiver's log"), "\(running.process.errors)")
    let acknowledged = running.process.output.split(separator: "\n").filter { $0 == "stored" }.count
    #expect(acknowledged == (isFirst ? 0 : 1))
    if isKilled { running.process.signal(SIGKILL) }
    try repairDisk()
    let run = try await running.end()
    #expect(run.ending == (isKilled ? .killed(signal: SIGKILL) : .exited(0)), "\(run.output)")
    let again = try start("receiver", folder)
    // Its sender sends unacknowledged lines again.
    if isKilled { again.process.send("store two") }
    for _ in 0..<4 { again.process.send("batch") }
    #expect(try await again.end().ending == .exited(0))
    let lines = try savedLines(folder.path).filter { $0.key.hasPrefix("lines-") }.values.joined().sorted()
    let all = isFirst ? ["two"] : ["one", "two"]
    // The line may have reached the disk before the kill, even if the disk reported a failure.
    #expect(lines == all || (isKilled && lines == all + ["two"]), "\(lines)")
  }
}
