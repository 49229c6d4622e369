import MartletCore

/// Decides what counts of a receiver's log after a restart: pure, fed with what the files hold.
package enum LogRecovery {
  /// What no batch has been given.
  ///
  /// - Parameters:
  ///   - progress: the newest that the checkpoint has.
  ///   - plans: what batches have been given since then, or before and are still needed, in order.
  ///   - files: every file of the runs from `progress.epoch` on, but of none that is as new as this one.
  ///   - folder: for messages.
  /// - Throws: `MartletError` if something is damaged or missing that was on the disk.
  package static func leftovers(
    progress: LogProgress, plans: [LogStretch], files: [SegmentFacts], folder: String
  ) throws -> [LogStretch] {
    var result = progress.leftovers
    var given: [Int: LogProgress.Position] = [progress.epoch: progress.given]
    for plan in plans {
      if plan.segment.epoch < progress.epoch {
        result = result.compactMap { $0.without(plan) }
      } else {
        let end = LogProgress.Position(number: plan.segment.number, offset: plan.to)
        given[plan.segment.epoch] = Swift.max(given[plan.segment.epoch] ?? .init(), end)
      }
    }
    let epochs = Set(files.map(\.segment.epoch)).union(given.keys).filter { $0 >= progress.epoch }
    for epoch in epochs.sorted() {
      let segments = files.filter { $0.segment.epoch == epoch }.sorted { $0.segment < $1.segment }
      result += try ungiven(segments, epoch: epoch, from: given[epoch] ?? .init(), folder)
    }
    return result
  }

  /// What lies behind `given` in the files of one run.
  private static func ungiven(
    _ segments: [SegmentFacts], epoch: Int, from given: LogProgress.Position, _ folder: String
  ) throws -> [LogStretch] {
    for segment in segments where segment.opening == nil && segment.segment.number >= given.number {
      if let fault = segment.fault, fault.wasOnDisk { throw damaged(segment.segment, fault, folder) }
    }
    // A file whose beginning is not whole has never been on the disk: nothing of it was acknowledged.
    let begun = segments.filter { $0.opening != nil && $0.segment.number >= given.number }
    guard var current = begun.last else {
      guard given.offset == 0 else { throw missing(BlockSegment(epoch: epoch, number: given.number), folder) }
      return []
    }
    if let fault = current.fault, fault.wasOnDisk { throw damaged(current.segment, fault, folder) }
    var limit: Int?
    var stretches: [LogStretch] = []
    while true {
      let isFirst = current.segment.number == given.number
      stretches.append(try stretch(current, from: isFirst ? given.offset : 0, to: limit, folder))
      guard !isFirst, let previous = current.opening?.previous, previous > given, previous.offset > 0 else { break }
      let name = BlockSegment(epoch: epoch, number: previous.number)
      guard let before = begun.first(where: { $0.segment == name }) else { throw missing(name, folder) }
      current = before
      limit = previous.offset
    }
    return stretches.reversed().filter { $0.from < $0.to }
  }

  /// The frames of a file from `start` on: up to `limit`, all of which must be whole, or as many as are whole.
  private static func stretch(
    _ facts: SegmentFacts, from start: Int, to limit: Int?, _ folder: String
  ) throws -> LogStretch {
    let frames = facts.frames.filter { $0.range.lowerBound >= start && $0.range.upperBound <= limit ?? .max }
    if facts.end < limit ?? start {
      throw damaged(
        facts.segment, facts.fault ?? .init(position: facts.end, reason: "it ends too early", wasOnDisk: true), folder)
    }
    let from = frames.first?.range.lowerBound ?? start
    return LogStretch(
      facts.segment, from: from, to: frames.last?.range.upperBound ?? from,
      records: frames.reduce(0) { $0 + $1.records })
  }

  private static func damaged(_ segment: BlockSegment, _ fault: SegmentFacts.Fault, _ folder: String) -> MartletError {
    MartletError(
      .corruptData,
      """
      The receiver's log '\(folder)/\(segment.fileName)' is damaged at byte \(fault.position): \(fault.reason). It was on \
      the disk whole, with records that are not processed yet. Restore the file from a copy, or begin with a new \
      checkpoint folder.
      """)
  }

  static func missing(_ segment: BlockSegment, _ folder: String) -> MartletError {
    MartletError(
      .corruptData,
      """
      The receiver's log '\(folder)/\(segment.fileName)' is missing, and holds records that the checkpoint still needs. \
      Restore the file from a copy, or begin with a new checkpoint folder.
      """)
  }
}

extension LogStretch {
  /// What is left when the first part of this stretch has been given away as `given`; `nil` if nothing is.
  fileprivate func without(_ given: LogStretch) -> LogStretch? {
    guard segment == given.segment, given.from < to, given.to > from else { return self }
    guard given.to < to else { return nil }
    return LogStretch(segment, from: given.to, to: to, records: Swift.max(0, records - given.records))
  }
}
