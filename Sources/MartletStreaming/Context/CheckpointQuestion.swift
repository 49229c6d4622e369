#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import Synchronization

/// The request of `martlet checkpoint check`, which starts a program to describe how it would continue, without running
/// it.
enum CheckpointQuestion {
  static var isAsked: Bool { answerPath != nil }

  private static var answerPath: String? { getenv(CheckpointAnswer.variable).map { String(cString: $0) } }

  /// Writes the answer and ends the process. The first context that is started answers for the program.
  static func answer(_ answer: CheckpointAnswer) -> Never {
    var status: Int32 = 0
    do {
      guard let path = answerPath else { throw MartletError(.invalidState, "\(CheckpointAnswer.variable) is not set.") }
      // Never through a link, and never over an existing file, so that setting the variable by accident loses no file.
      let bytes = answer.encoded()
      let file = try SystemFile.create(path)
      try withExtendedLifetime(bytes) { try file.write(bytes.bytes) }
    } catch {
      status = 2
    }
    // At once: code at the program's end is for programs that have run.
    fflush(nil)
    _exit(status)
  }
}

extension StreamingContext {
  /// The answer of the program, in place of taking its checkpoint.
  package func checkpointAnswer() throws -> CheckpointAnswer {
    guard let settings = checkpointSettings.withLock({ $0 }) else { return .noCheckpoint }
    let ids = try OperatorIDs(roots: graph.outputs.map(\.root), inputs: graph.inputs, areDemanded: true)
    return .program(
      RestartingProgram(ids, settings.options, interval: batchInterval, graph),
      directory: settings.directory)
  }
}
