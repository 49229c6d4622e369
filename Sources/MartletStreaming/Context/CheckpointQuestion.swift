#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import Synchronization

/// Whether the process was started by `martlet checkpoint check`, to tell what it would do and to do nothing.
enum CheckpointQuestion {
  static var isAsked: Bool { answerPath != nil }

  private static var answerPath: String? { getenv(CheckpointAnswer.variable).map { String(cString: $0) } }

  /// Writes the answer and ends the process. The first context that is started speaks for the program.
  static func answer(_ answer: CheckpointAnswer) -> Never {
    var status: Int32 = 0
    do {
      guard let path = answerPath else { throw MartletError(.invalidState, "\(CheckpointAnswer.variable) is not set.") }
      // Never through a link, nor over anything: whoever sets the variable by accident loses no file.
      let bytes = answer.encoded()
      let file = try SystemFile.create(path)
      try withExtendedLifetime(bytes) { try file.write(bytes.bytes) }
    } catch {
      status = 2
    }
    // At once: what the program does at its end is for programs that have run.
    fflush(nil)
    _exit(status)
  }
}

extension StreamingContext {
  /// What the program says of itself where it would take its checkpoint.
  package func checkpointAnswer() throws -> CheckpointAnswer {
    guard let settings = checkpointSettings.withLock({ $0 }) else { return .noCheckpoint }
    let ids = try OperatorIDs(graph)
    return .program(
      RestartingProgram(ids, settings.options, interval: batchInterval, graph),
      directory: settings.directory)
  }
}
