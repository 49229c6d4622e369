import MartletCore
import MartletLog
import MartletStreaming

/// The beginning of a segment: everything that is needed from the time before it, besides the segments that it builds
/// on.
struct CheckpointBeginning {
  let header: CheckpointHeader
  /// The batches that have been planned but are not done. The segments in which they were planned may be removed.
  let unfinished: [Time]
  /// Plans that may be needed again, with the numbers of their inputs.
  let retained: [(input: Int, plan: InputPlan)]
  /// The progress that inputs need to continue, with their numbers. It includes plans that are not in the log yet, but
  /// none that have not been taken.
  let progress: [(input: Int, bytes: ByteBuffer)]

  /// Writes the records after the header.
  func write(_ frames: LogFrames) {
    for time in unfinished { frames.append(.plan) { BatchPlan(time: time, inputs: []).write($0) } }
    for (input, plan) in retained {
      let copy = BatchPlan(time: plan.time, inputs: [(input, plan)], isCopy: true)
      frames.append(.plan) { copy.write($0) }
    }
    for (input, bytes) in progress {
      frames.append(.progress) { CheckpointRecord.write(progress: bytes, of: input, to: $0) }
    }
  }
}
