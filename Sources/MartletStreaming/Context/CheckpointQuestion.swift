#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

package import MartletCore
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
  /// The program's description of itself, where it would take its checkpoint.
  package func checkpointAnswer() throws -> CheckpointAnswer {
    guard let setting = journalSetting.withLock({ $0 }) else { return .noCheckpoint }
    return .program(try setting.description(of: self), directory: setting.directory)
  }
}

/// What a program answers when it is asked, by `martlet checkpoint check`, whether it would go on with a checkpoint.
///
/// It is asked with an environment variable that names the file for the answer. `StreamingContext.start()` then writes
/// the answer where it would take the checkpoint, and ends the process: nothing of the checkpoint is touched.
package enum CheckpointAnswer: Sendable, Equatable {
  /// The environment variable that names the file for the answer.
  package static let variable = "MARTLET_CHECKPOINT_CHECK"

  /// The context has its checkpoint in this folder.
  ///
  /// - Parameter description: the program's description of itself, in the form of those who know checkpoints.
  case program(_ description: [UInt8], directory: String)
  /// The context has no checkpoint.
  case noCheckpoint
  /// The context cannot be started at all.
  case cannotStart(String)

  private static let version: UInt8 = 1

  package func encoded() -> ByteBuffer {
    let out = ByteBuffer()
    out.append(Self.version)
    switch self {
    case .program(let description, let directory):
      out.append(1)
      out.append(directory)
      out.append(variable: UInt64(description.count))
      description.withUnsafeBytes { if let base = $0.baseAddress { out.append(base, count: $0.count) } }
    case .noCheckpoint: out.append(2)
    case .cannotStart(let reason):
      out.append(3)
      out.append(reason)
    }
    return out
  }

  package init(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(bytes)
    guard try reader.fixed(UInt8.self) == Self.version else {
      throw ByteReader.Malformed(reason: "the program was built with another release of Martlet")
    }
    switch try reader.fixed(UInt8.self) {
    case 1:
      let directory = try reader.string()
      self = .program(Array(try reader.take(try reader.count())), directory: directory)
    case 2: self = .noCheckpoint
    case 3: self = .cannotStart(try reader.string())
    default: throw ByteReader.Malformed(reason: "the answer is of an unknown kind")
    }
    try reader.expectEnd()
  }
}
