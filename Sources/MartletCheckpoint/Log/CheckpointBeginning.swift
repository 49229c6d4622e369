import MartletCore
import MartletLog
import MartletStreaming

/// The beginning of a segment: all that is needed of the time before it, besides the segments that it builds on.
struct CheckpointBeginning {
  let header: CheckpointHeader
  /// Batches that have been planned and are not done. The segments in which they were planned may be removed.
  let unfinished: [Time]
  /// Plans that may be needed once more, with the numbers of their inputs.
  let retained: [(input: Int, plan: InputPlan)]
  /// What inputs must know to continue, with their numbers. It includes plans that are not in the log yet, but none that
  /// has not been taken.
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
