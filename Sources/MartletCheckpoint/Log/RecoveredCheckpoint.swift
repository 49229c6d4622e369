package import MartletCore
package import MartletLog
package import MartletStreaming

/// The contents of a checkpoint's log: where the program stopped, and the data needed to continue.
package struct RecoveredCheckpoint {
  /// The header of the newest segment, with the last program.
  package var header: CheckpointHeader
  /// The segments that count, in order, and the number of bytes of each.
  package var parts: [SegmentPart]
  package var zeroTime: Time
  package var doneThrough: Time
  package var plannedThrough: Time
  /// The batches that were begun but are not done, in order.
  package var pending: [Time]
  /// The inputs, by id.
  package var inputs: [String: RecoveredInput]
  package var wasStopped: Bool
  let segments: [CheckpointSegment]

  /// The number of bytes of the newest segment, including a torn end.
  var bytesOfLast: Int { segments.last?.bytes.count ?? 0 }

  /// The segments that the newest one builds on.
  package var before: [SegmentPart] { segments.last?.before ?? [] }

  /// The batches of an input.
  package struct RecoveredInput {
    package var progress: ByteBuffer?
    /// In the order of the log. Those that `progress` includes are marked.
    package var plans: [InputPlan] = []
  }

  /// Combines the contents of the segments. All decisions are made here, and only `observed` is read.
  ///
  /// - Returns: `nil` if there is no checkpoint yet.
  /// - Throws: `MartletError(.corruptData)` if a file is missing or damaged. Nothing is ever skipped silently.
  package init?(_ observed: ObservedLog) throws {
    let written = observed.segments.map(\.epoch)
    guard let epoch = (observed.epochs.filter(\.value).map(\.key) + written).max() else { return nil }
    guard let newest = observed.segments.filter({ $0.epoch == epoch }).max() else {
      throw MartletError.missingFromCheckpoint(observed.path(SegmentName(epoch: epoch, number: 1)))
    }
    let last = try CheckpointSegment(newest, try observed.read(newest), length: nil, path: observed.path(newest))
    if last.isSealed {
      throw MartletError.missingFromCheckpoint(observed.path(SegmentName(epoch: epoch, number: newest.number + 1)))
    }
    var segments: [CheckpointSegment] = []
    for part in last.before {
      guard observed.segments.contains(part.name) else {
        throw MartletError.missingFromCheckpoint(observed.path(part.name))
      }
      segments.append(
        try CheckpointSegment(
          part.name, try observed.read(part.name), length: part.length, path: observed.path(part.name)))
    }
    segments.append(last)
    for segment in segments where segment.header.checkpointID != last.header.checkpointID {
      throw MartletError.damagedCheckpoint(observed.path(segment.name), "it belongs to another checkpoint")
    }
    self.init(segments, last.header)
  }

  private init(_ segments: [CheckpointSegment], _ header: CheckpointHeader) {
    self.segments = segments
    self.header = header
    parts = segments.map { SegmentPart(name: $0.name, length: $0.length) }
    zeroTime = header.zeroTime
    doneThrough = header.doneThrough
    plannedThrough = header.plannedThrough
    inputs = [:]
    wasStopped = false
    var planned: [Time] = []
    for segment in segments {
      let ids = segment.header.program.inputs.map(\.id)
      // A segment begins with copies of all plans that are still needed: those read so far would be duplicates.
      for id in inputs.keys { inputs[id]?.plans = [] }
      for record in segment.records {
        switch record {
        case .plan(let plan):
          if !plan.isCopy { planned.append(plan.time) }
          for (input, plan) in plan.inputs where ids.indices.contains(input) {
            inputs[ids[input], default: RecoveredInput()].plans.append(plan)
          }
        case .done(let time): doneThrough = max(doneThrough, time)
        case .progress(let input, let bytes):
          guard ids.indices.contains(input) else { break }
          var known = inputs[ids[input]] ?? RecoveredInput()
          for index in known.plans.indices { known.plans[index].isIncludedInProgress = true }
          known.progress = ByteBuffer(bytes)
          inputs[ids[input]] = known
        case .state, .stopped: break
        }
      }
    }
    if case .stopped = segments.last?.records.last { wasStopped = true }
    plannedThrough = max(plannedThrough, planned.max() ?? doneThrough, doneThrough)
    // A batch that was tried again has been planned again.
    pending = Set(planned.filter { [doneThrough] in $0 > doneThrough }).sorted()
  }

  /// The readable part of a damaged checkpoint, for display: the newest readable header, and all complete records.
  /// `nil` if there is none.
  package static func salvaged(_ observed: ObservedLog) -> RecoveredCheckpoint? {
    let names = observed.segments.sorted()
    let segments = names.compactMap { name in
      (try? observed.read(name)).flatMap { CheckpointSegment.salvaged(name, $0) }
    }
    guard let last = segments.last else { return nil }
    let wanted = Set(last.before.map(\.name) + [last.name])
    return RecoveredCheckpoint(segments.filter { wanted.contains($0.name) }, last.header)
  }

  /// The ids of inputs with records in a batch that is not done.
  package var unfinishedInputs: Set<String> {
    guard !pending.isEmpty else { return [] }
    return Set(inputs.filter { $0.value.plans.contains { $0.time > doneThrough } }.keys)
  }
}
