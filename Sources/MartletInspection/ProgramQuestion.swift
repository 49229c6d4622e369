import Foundation
package import MartletCheckpoint
import MartletCore
import MartletStreaming

/// The reply of a program.
package enum ProgramReply: Sendable, Equatable {
  /// It has its checkpoint in this folder.
  case program(RestartingProgram, directory: String)
  /// It has no checkpoint.
  case noCheckpoint
  /// It cannot be started at all.
  case cannotStart(String)
  /// It has ended without an answer; a description of how.
  case ended(String)
  /// It had no answer after this time, and was ended.
  case timedOut(Duration)
}

/// Asks a program whether it would continue from a checkpoint: runs it up to `StreamingContext.start()`.
///
/// - Parameters:
///   - program: a path, or the name of a program in a folder of `PATH`.
///   - timeout: the time after which the program is ended.
/// - Throws: `MartletError` if the program cannot be run or its answer cannot be read.
package func askProgram(_ program: String, _ arguments: [String], timeout: Duration) throws -> ProgramReply {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let answer = folder.appendingPathComponent("answer").path
  let process = Process()
  process.executableURL = URL(fileURLWithPath: try pathOfProgram(program))
  process.arguments = arguments
  var environment = ProcessInfo.processInfo.environment
  environment[CheckpointAnswer.variable] = answer
  process.environment = environment
  process.standardInput = FileHandle.nullDevice
  // Standard output is only for the answer of the command.
  process.standardOutput = FileHandle.standardError
  do { try process.run() } catch {
    throw MartletError(.inputOutput, "Cannot run '\(program)': \(error.localizedDescription)")
  }
  let ended = DispatchSemaphore(value: 0)
  DispatchQueue.global().async {
    process.waitUntilExit()
    ended.signal()
  }
  let seconds = Double(timeout.components.seconds) + Double(timeout.components.attoseconds) / 1e18
  let isTimedOut = ended.wait(timeout: .now() + seconds) == .timedOut
  if isTimedOut {
    kill(process.processIdentifier, SIGKILL)
    ended.wait()
  }
  guard try Folder.nameIsTaken(answer) else {
    if isTimedOut { return .timedOut(timeout) }
    let isSignal = process.terminationReason == .uncaughtSignal
    return .ended("by \(isSignal ? "signal" : "itself, with status") \(process.terminationStatus)")
  }
  do {
    let bytes = try SystemFile.read(answer).readAll()
    switch try withExtendedLifetime(bytes, { try CheckpointAnswer(bytes.bytes) }) {
    case .program(let description, let directory):
      return .program(try description.withUnsafeBytes { try RestartingProgram(encoded: $0) }, directory: directory)
    case .noCheckpoint: return .noCheckpoint
    case .cannotStart(let reason): return .cannotStart(reason)
    }
  } catch let error as ByteReader.Malformed {
    throw MartletError(.corruptData, "The answer of '\(program)' cannot be read: \(error.reason).")
  }
}

private func pathOfProgram(_ program: String) throws -> String {
  if program.contains("/") { return program }
  let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
  let paths = folders.map { "\($0)/\(program)" }
  guard let path = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
    throw MartletError(.invalidArgument, "There is no program '\(program)' in the folders of PATH.")
  }
  return path
}

/// Returns true if two paths lead to the same folder.
func isSameFolder(_ a: String, _ b: String) -> Bool {
  func resolved(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().standardized.path }
  return resolved(a) == resolved(b)
}
