import MartletCore

/// What a segment begins with: all that is needed of the time before it, besides the segments that its header names.
struct SegmentBeginning {
  let checkpointID: UInt64
  let program: ProgramFingerprint
  let zeroTime: Time
  let doneThrough: Time
  let plannedThrough: Time
  let stagingFolders: [String]
  /// Batches that have been planned and are not done. The segments that they were planned in may be removed before.
  let unfinished: [Time]
  /// Plans that may be needed once more, with the numbers of their inputs.
  let retained: [(input: Int, plan: InputPlan)]
  /// What inputs must know to go on, with their numbers. It includes plans that are not in the log yet, but none that is
  /// not taken.
  let progress: [(input: Int, bytes: ByteBuffer)]

  func encoded(as segment: SegmentName, before: [SegmentPart]) -> ByteBuffer {
    var header = LogHeader(
      checkpointID: checkpointID, segment: segment, program: program, zeroTime: zeroTime, doneThrough: doneThrough,
      plannedThrough: plannedThrough, before: before, stagingFolders: stagingFolders)
    // Its length does not depend on what it says of its length.
    header.beginning = encoded(header).count
    return encoded(header)
  }

  private func encoded(_ header: LogHeader) -> ByteBuffer {
    let frames = LogFrames(in: header.segment, at: 0)
    frames.append(.header) { header.write($0) }
    for time in unfinished {
      frames.append(.plan) { BatchPlan(time: time, inputs: [], syncedThrough: 0).write($0) }
    }
    for (input, plan) in retained {
      let copy = BatchPlan(time: plan.time, inputs: [(input, plan)], syncedThrough: 0, isCopy: true)
      frames.append(.plan) { copy.write($0) }
    }
    for (input, bytes) in progress { frames.append(progress: bytes, of: input) }
    return frames.out
  }
}
