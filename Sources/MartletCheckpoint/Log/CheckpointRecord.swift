package import MartletCore
import MartletLog
import MartletStreaming

/// A record in the log of a checkpoint.
package enum CheckpointRecord {
  package enum Kind: UInt8, Sendable {
    case plan = 1
    case state = 2
    case done = 3
    case progress = 4
    case stopped = 5
  }

  /// The input of a batch. On disk before anything of the batch is computed.
  case plan(BatchPlan)
  /// State changed by a batch; it counts if the batch is done.
  case state(LoggedState)
  /// A batch is done.
  case done(Time)
  /// The progress that an input needs to continue after all plans before this record.
  case progress(input: Int, UnsafeRawBufferPointer)
  /// The program was stopped gracefully.
  case stopped

  init(_ frame: LogFrame, _ payload: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(payload)
    switch Kind(rawValue: frame.kind) {
    case .plan: self = .plan(try BatchPlan(&reader))
    case .state: self = .state(try LoggedState(&reader))
    case .done: self = .done(try reader.time())
    case .progress: self = .progress(input: try reader.integer(), try reader.take(reader.left))
    case .stopped: self = .stopped
    case nil: throw ByteReader.Malformed(reason: "the kind of a record is unknown")
    }
    try reader.expectEnd()
  }

  /// Writes the progress of the input with this number.
  static func write(progress: ByteBuffer, of input: Int, to out: ByteBuffer) {
    out.append(variable: UInt64(input))
    out.append(progress.bytes)
  }
}

extension LogWriter {
  func append(_ kind: CheckpointRecord.Kind, _ body: (ByteBuffer) -> Void = { _ in }) throws {
    try append(kind.rawValue, body)
  }
}

extension LogFrames {
  func append(_ kind: CheckpointRecord.Kind, _ body: (ByteBuffer) -> Void) { append(kind.rawValue, body) }
}

extension ByteBuffer {
  package func append(_ time: Time) { append(fixed: time.nanoseconds) }
}

extension ByteReader {
  package mutating func time() throws -> Time { Time(nanoseconds: try fixed(Int64.self)) }
}
