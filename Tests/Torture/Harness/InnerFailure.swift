package import MartletTorture

/// Ways in which a batch fails within its records while the process lives.
package enum InnerFailure: String, CaseIterable, Sendable {
  /// A closure before the output throws for one record.
  case closure
  /// The output's own closure throws after some of its rows.
  case sink
  /// The spilled data of a shuffle cannot be read back.
  case shuffleSpill
  /// The part of a partition that is on disk cannot be read back before the output's closure gets the partition.
  case partitionSpill
  /// The disk has no space for spilled data.
  case fullDisk
  /// A receiver's log cannot be read when the batch runs again.
  case receiverLog

  /// The faults of the program's calls while there is a file `flag`.
  package func faults(whileExists flag: String) -> [Fault] {
    switch self {
    case .closure, .sink: []
    case .shuffleSpill:
      [.fail(Calls(kinds: [.read], path: "spill/*", matches: 3...1_000_000, whileExists: flag), errno: 5)]
    case .partitionSpill:
      [.fail(Calls(kinds: [.read], path: "spill/*", matches: 3...1_000_000, whileExists: flag), errno: 5)]
    case .fullDisk:
      [.fail(Calls(kinds: [.write], path: "spill/*", matches: 3...1_000_000, whileExists: flag), errno: 28)]
    case .receiverLog:
      [.fail(Calls(kinds: [.read], path: "checkpoint/inputs/*", matches: 3...1_000_000, whileExists: flag), errno: 5)]
    }
  }

  /// A part of the error with which the batch fails.
  package var message: String {
    switch self {
    case .closure: "row 7000"
    case .sink: "the sink"
    case .shuffleSpill, .partitionSpill, .receiverLog: "errno 5"
    case .fullDisk: "errno 28"
    }
  }

  /// The number of rows of the program: the numbers from 0.
  package static var rows: Int { 12_000 }
}

/// Runs a program that fails within its batch, and starts it again.
///
/// - Parameters:
///   - sink: `files`; `sink`, for files that a `Sink` writes; or `postgres:` and how to connect to a database.
///   - afterFailure: called when the batch has failed, before the program is started again.
package func failInside(
  _ failure: InnerFailure, sink: String, in folder: TestFolder, afterFailure: () throws -> Void = {}
) async throws {
  let scratch = try TestFolder()
  let flag = "\(scratch.path)/failing"
  func run(_ phase: String, _ faults: [Fault] = []) async throws -> FaultyProgram.Run {
    try await FaultyProgram("fault-subject", ["commit", "FOLDER", failure.rawValue, phase, sink, flag])
      .run(in: folder.path, faults)
  }
  if failure == .receiverLog {
    let prepared = try await run("prepare")
    guard prepared.ending == .killed(signal: 9) else {
      throw TortureError("'prepare' ended otherwise: \(prepared.ending) \(prepared.output)\(prepared.errors)")
    }
  }
  let failed = try await run("fail", failure.faults(whileExists: flag))
  guard failed.ending == .exited(1), failed.output.contains(failure.message) else {
    throw TortureError("'fail' ended otherwise: \(failed.ending) \(failed.output)\(failed.errors)")
  }
  try afterFailure()
  let finished = try await run("finish")
  guard finished.ending == .exited(0) else {
    throw TortureError("'finish' ended otherwise: \(finished.ending) \(finished.output)\(finished.errors)")
  }
}
