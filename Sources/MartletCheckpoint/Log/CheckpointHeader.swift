package import MartletCore
import MartletLog
import MartletStreaming

/// The header of every segment of a checkpoint's log, in its opening: the program and its progress.
package struct CheckpointHeader: Sendable, Equatable {
  /// The vocabulary of a checkpoint's log.
  package static let vocabulary = "checkpoint"

  /// Distinguishes this checkpoint from others.
  package var checkpointID: UInt64
  package var program: ProgramFingerprint
  package var zeroTime: Time
  /// The last batch that is done; `zeroTime` if there is none.
  package var doneThrough: Time
  /// The last batch that has been planned.
  package var plannedThrough: Time
  /// The folders in which this owner stages outputs before they are published.
  package var stagingFolders: [String]

  package init(
    checkpointID: UInt64, program: ProgramFingerprint, zeroTime: Time, doneThrough: Time, plannedThrough: Time,
    stagingFolders: [String]
  ) {
    self.checkpointID = checkpointID
    self.program = program
    self.zeroTime = zeroTime
    self.doneThrough = doneThrough
    self.plannedThrough = plannedThrough
    self.stagingFolders = stagingFolders
  }

  func write(_ out: ByteBuffer) {
    out.append(fixed: checkpointID)
    program.write(out)
    for time in [zeroTime, doneThrough, plannedThrough] { out.append(time) }
    out.append(stagingFolders) { $0.append($1) }
  }

  init(_ reader: inout ByteReader) throws {
    checkpointID = try reader.fixed(UInt64.self)
    program = try ProgramFingerprint(&reader)
    zeroTime = try reader.time()
    doneThrough = try reader.time()
    plannedThrough = try reader.time()
    stagingFolders = try reader.list { try $0.string() }
    try reader.expectEnd()
  }
}
