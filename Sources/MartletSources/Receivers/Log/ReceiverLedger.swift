import MartletCore
import MartletLog
import MartletStreaming

/// Which batches have been given what of a receiver's log.
struct ReceiverLedger {
  /// After everything that has been given to a batch.
  private var current = ReceiverProgress()
  /// After the plans that have been taken, and no others.
  private(set) var progress = ReceiverProgress()
  /// What batches have been given that may have to be made again.
  private(set) var retained: [(time: Time, stretches: [BlockStretch])] = []
  /// What batches had been given before the restart, whether or not they may have to be made again.
  private(set) var restored: [BlockStretch] = []
  private var newPlans: [InputPlan] = []
  /// Files that are there.
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
    // The log may hold a plan more than once.
    let others = retained.first { $0.time == plan.time }?.stretches ?? []
    retained.removeAll { $0.time == plan.time }
    retained.append((plan.time, others + stretches.filter { !others.contains($0) }))
  }

  /// What batches have been given that may have to be made again.
  var retainedStretches: [BlockStretch] { retained.flatMap(\.stretches) }

  /// Lets go of the plans for which `isLost` says so.
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

  /// Takes what runs before this one have received and no batch has been given yet.
  mutating func takeLeftovers() -> [BlockStretch] {
    defer { current.leftovers = [] }
    return current.leftovers
  }

  /// Whether runs before this one have left something that no batch has been given.
  var hasLeftovers: Bool { !current.leftovers.isEmpty }

  /// Takes note that the batch at `time` has been given these stretches.
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

  /// Lets go of the plans up to `time`, and of the files that nothing else needs, which are to be removed.
  mutating func forget(through time: Time) -> [SegmentName] {
    retained.removeAll { $0.time <= time }
    let needed = Set((retainedStretches + current.leftovers).map(\.segment))
    let open = SegmentName(epoch: current.epoch, number: current.given.number)
    let unneeded = segments.filter { $0 < open && !needed.contains($0) }
    segments.subtract(unneeded)
    return unneeded.sorted()
  }
}
