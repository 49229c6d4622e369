import MartletCore

/// Which batches have been given what of a receiver's log.
struct LogBooks {
  /// After everything that has been given to a batch.
  private var current = LogProgress()
  /// After the plans that have been taken, and no others.
  private(set) var progress = LogProgress()
  /// What batches have been given that may have to be made again.
  private(set) var retained: [(time: Time, stretches: [LogStretch])] = []
  /// What batches had been given before the restart, whether or not they may have to be made again.
  private(set) var restored: [LogStretch] = []
  private var newPlans: [InputPlan] = []
  /// Files that are there.
  private var segments: Set<BlockSegment> = []

  // MARK: Recovery

  mutating func restore(progress: LogProgress) {
    current = progress
    self.progress = progress
  }

  mutating func restore(plan: InputPlan) throws {
    let known = try LogPlan(plan.bytes.bytes)
    let stretches = known.stretches
    restored += stretches
    if !plan.isIncludedInProgress { noteRate(known.rate ?? current.rate) }
    // The log may hold a plan more than once.
    let others = retained.first { $0.time == plan.time }?.stretches ?? []
    retained.removeAll { $0.time == plan.time }
    retained.append((plan.time, others + stretches.filter { !others.contains($0) }))
  }

  /// What batches have been given that may have to be made again.
  var retainedStretches: [LogStretch] { retained.flatMap(\.stretches) }

  /// Lets go of the plans for which `isLost` says so.
  mutating func leaveOut(_ isLost: ([LogStretch]) -> Bool) { retained.removeAll { isLost($0.stretches) } }

  /// Begins a run.
  mutating func begin(epoch: Int, leftovers: [LogStretch], segments: [BlockSegment]) {
    current.epoch = epoch
    current.leftovers = leftovers
    current.given = .init()
    progress = current
    restored = []
    self.segments = Set(segments)
  }

  // MARK: Batches

  /// Takes what runs before this one have received and no batch has been given yet.
  mutating func takeLeftovers() -> [LogStretch] {
    defer { current.leftovers = [] }
    return current.leftovers
  }

  /// Whether runs before this one have left something that no batch has been given.
  var hasLeftovers: Bool { !current.leftovers.isEmpty }

  /// Takes note that the batch at `time` has been given these stretches.
  mutating func give(_ stretches: [LogStretch], to time: Time, records: Int) {
    retained.append((time, stretches))
    newPlans.append(InputPlan(time: time, records: records, bytes: LogPlan(stretches, rate: current.rate).encoded()))
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
  mutating func forget(through time: Time) -> [BlockSegment] {
    retained.removeAll { $0.time <= time }
    let needed = Set((retainedStretches + current.leftovers).map(\.segment))
    let open = BlockSegment(epoch: current.epoch, number: current.given.number)
    let unneeded = segments.filter { $0 < open && !needed.contains($0) }
    segments.subtract(unneeded)
    return unneeded.sorted()
  }
}
