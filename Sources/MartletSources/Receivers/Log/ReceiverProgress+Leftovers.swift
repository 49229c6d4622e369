import MartletCore
package import MartletLog
import MartletStreaming

// The decision which parts of a receiver's log count after a restart: pure, with the facts about the files as input.

extension ReceiverProgress {
  /// The records that are not assigned to a batch, if this is the newest progress in the checkpoint.
  ///
  /// - Parameters:
  ///   - plans: the stretches of batches since then, or of earlier ones that are still needed, in order.
  ///   - files: every file of the runs from `epoch` on, except those of this run.
  ///   - folder: for messages.
  /// - Throws: `MartletError` if data that was on disk is damaged or missing.
  package func leftovers(plans: [BlockStretch], files: [SegmentFacts], folder: String) throws -> [BlockStretch] {
    var result = leftovers
    var given: [Int: Position] = [epoch: self.given]
    for plan in plans {
      if plan.segment.epoch < epoch {
        result = result.compactMap { $0.without(plan) }
      } else {
        let end = Position(number: plan.segment.number, offset: plan.to)
        given[plan.segment.epoch] = Swift.max(given[plan.segment.epoch] ?? Position(), end)
      }
    }
    let epochs = Set(files.map(\.segment.epoch)).union(given.keys).filter { $0 >= epoch }
    for epoch in epochs.sorted() {
      let segments = files.filter { $0.segment.epoch == epoch }.sorted { $0.segment < $1.segment }
      result += try Self.ungiven(segments, epoch: epoch, from: given[epoch] ?? Position(), folder)
    }
    return result
  }

  /// The content after `given` in the files of one run.
  private static func ungiven(
    _ segments: [SegmentFacts], epoch: Int, from given: Position, _ folder: String
  ) throws -> [BlockStretch] {
    for segment in segments where segment.before == nil && segment.segment.number >= given.number {
      if let fault = segment.fault, fault.wasOnDisk { throw damaged(segment, fault, folder) }
    }
    // A file with an incomplete beginning has never been on disk: nothing of it was acknowledged.
    let begun = segments.filter { $0.before != nil && $0.segment.number >= given.number }
    guard var current = begun.last else {
      guard given.offset == 0 else { throw missing(SegmentName(epoch: epoch, number: given.number), folder) }
      return []
    }
    if let fault = current.fault, fault.wasOnDisk { throw damaged(current, fault, folder) }
    var limit: Int?
    var stretches: [BlockStretch] = []
    while true {
      let isFirst = current.segment.number == given.number
      stretches.append(try stretch(current, from: isFirst ? given.offset : 0, to: limit, folder))
      guard !isFirst, let previous = current.before?.last,
        Position(number: previous.name.number, offset: previous.length) > given
      else { break }
      guard let before = begun.first(where: { $0.segment == previous.name }) else {
        throw missing(previous.name, folder)
      }
      current = before
      limit = previous.length
    }
    return stretches.reversed().filter { $0.from < $0.to }
  }

  /// The frames of a file from `start` on: up to `limit`, where all must be complete, or all complete ones.
  private static func stretch(
    _ facts: SegmentFacts, from start: Int, to limit: Int?, _ folder: String
  ) throws -> BlockStretch {
    let frames = facts.frames.filter { $0.range.lowerBound >= start && $0.range.upperBound <= limit ?? .max }
    if facts.end < limit ?? start {
      let tooShort = SegmentFacts.Fault(position: facts.end, reason: "it ends too early", wasOnDisk: true)
      throw damaged(facts, facts.fault ?? tooShort, folder)
    }
    let from = frames.first?.range.lowerBound ?? start
    return BlockStretch(
      facts.segment, from: from, to: frames.last?.range.upperBound ?? from,
      records: frames.reduce(0) { $0 + $1.count })
  }

  private static func damaged(_ facts: SegmentFacts, _ fault: SegmentFacts.Fault, _ folder: String) -> MartletError {
    MartletError.damagedCheckpoint("\(folder)/\(facts.segment)", "\(fault.reason) (at byte \(fault.position))")
  }

  private static func missing(_ segment: SegmentName, _ folder: String) -> MartletError {
    MartletError.missingFromCheckpoint("\(folder)/\(segment)")
  }
}

extension BlockStretch {
  /// The rest of this stretch after its first part has been assigned as `given`; `nil` if there is none.
  fileprivate func without(_ given: BlockStretch) -> BlockStretch? {
    guard segment == given.segment, given.from < to, given.to > from else { return self }
    guard given.to < to else { return nil }
    return BlockStretch(segment, from: given.to, to: to, records: Swift.max(0, records - given.records))
  }
}
