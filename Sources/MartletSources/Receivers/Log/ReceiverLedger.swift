import MartletCore
import MartletLog
import MartletStreaming

/// The assignment of the contents of a receiver's log to batches.
struct ReceiverLedger {
  /// The progress after everything that has been assigned to batches.
  private var current = ReceiverProgress()
  /// The progress after only the plans that have been taken.
  private(set) var progress = ReceiverProgress()
  /// The stretches of batches that may have to be made again.
  private(set) var retained: [(time: Time, stretches: [BlockStretch])] = []
  /// The stretches of batches before the restart, whether or not they may have to be made again.
  private(set) var restored: [BlockStretch] = []
  private var newPlans: [InputPlan] = []
  /// The existing files.
  private var segments: Set<SegmentName> = []

  // MARK: Recovery

  mutating func restore(progress: ReceiverProgress) {
    current = progress
    self.progress = progress
  }

  mutating func restore(plan: InputPlan) throws {
    let known = try ReceiverPlan(plan.bytes.bytes)
    let stretches = known.stretches
    restored += stretches
    if !plan.isIncludedInProgress { noteRate(known.rate ?? current.rate) }
    // The log may contain a plan more than once.
    let others = retained.first { $0.time == plan.time }?.stretches ?? []
    retained.removeAll { $0.time == plan.time }
    retained.append((plan.time, others + stretches.filter { !others.contains($0) }))
  }

  /// The stretches of batches that may have to be made again.
  var retainedStretches: [BlockStretch] { retained.flatMap(\.stretches) }

  /// Drops the plans for which `isLost` returns `true`.
  mutating func leaveOut(_ isLost: ([BlockStretch]) -> Bool) { retained.removeAll { isLost($0.stretches) } }

  /// Begins a run.
  mutating func begin(epoch: Int, leftovers: [BlockStretch], segments: [SegmentName]) {
    current.epoch = epoch
    current.leftovers = leftovers
    current.given = .init()
    progress = current
    restored = []
    self.segments = Set(segments)
  }

  // MARK: Batches

  /// Takes the records of earlier runs that are not assigned to a batch yet.
  mutating func takeLeftovers() -> [BlockStretch] {
    defer { current.leftovers = [] }
    return current.leftovers
  }

  /// True if there are records of earlier runs that are not assigned to a batch.
  var hasLeftovers: Bool { !current.leftovers.isEmpty }

  /// Records that these stretches are assigned to the batch at `time`.
  mutating func give(_ stretches: [BlockStretch], to time: Time, records: Int) {
    retained.append((time, stretches))
    newPlans.append(
      InputPlan(time: time, records: records, bytes: ReceiverPlan(stretches, rate: current.rate).encoded()))
    for stretch in stretches {
      segments.insert(stretch.segment)
      guard stretch.segment.epoch == current.epoch else { continue }
      current.given = Swift.max(current.given, .init(number: stretch.segment.number, offset: stretch.to))
    }
  }

  mutating func takePlans() -> [InputPlan] {
    defer {
      newPlans = []
      progress = current
    }
    return newPlans
  }

  mutating func noteRate(_ rate: Double?) {
    current.rate = rate
    progress.rate = rate
  }

  // MARK: Cleaning up

  /// Drops the plans up to `time`; returns the files to remove, because nothing else needs them.
  mutating func forget(through time: Time) -> [SegmentName] {
    retained.removeAll { $0.time <= time }
    let needed = Set((retainedStretches + current.leftovers).map(\.segment))
    let open = SegmentName(epoch: current.epoch, number: current.given.number)
    let unneeded = segments.filter { $0 < open && !needed.contains($0) }
    segments.subtract(unneeded)
    return unneeded.sorted()
  }
}
