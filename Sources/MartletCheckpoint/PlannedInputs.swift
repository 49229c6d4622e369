import MartletCore
import MartletRDD
import MartletStreaming

/// What inputs have given to batches, as far as it may be needed once more.
///
/// Not for several threads at once: `Checkpoint` uses it with its lock held.
struct PlannedInputs {
  typealias Numbered = (number: Int, id: String, input: any RecoverableInput)

  /// By their numbers among all inputs of the program.
  let all: [Numbered]
  /// How far back the batches of each stream are asked for after a restart.
  private let history: [Int: Duration]
  private let interval: Duration
  /// Plans that a window, or a batch that is not done, may need once more.
  private(set) var retained: [(input: Int, plan: InputPlan)] = []
  /// Inputs whose plans are newer than their progress in the log.
  private var withNewPlans: Set<Int> = []
  /// Inputs that keep files which have not been told to forget their last plans yet, and the times of these: a while
  /// after the last records have come.
  private var lastPlans: [Int: Time] = [:]
  /// What inputs may forget when the log is on the disk.
  private var forgettable: [(input: any RecoverableInput, through: Time)] = []

  init(_ ids: OperatorIDs, history: [Int: Duration], interval: Duration) {
    all = ids.inputs.enumerated().compactMap { number, entry in
      (entry.input as? any RecoverableInput).map { (number, entry.id, $0) }
    }
    self.history = history
    self.interval = interval
  }

  /// Takes what inputs have given to batches since they were asked last.
  mutating func takePlans() throws -> [(input: Int, plan: InputPlan)] {
    let plans = try all.flatMap { number, _, input in try input.takePlans().map { (input: number, plan: $0) } }
    retained += plans
    withNewPlans.formUnion(plans.map(\.input))
    for (number, plan) in plans { lastPlans[number] = plan.time }
    return plans
  }

  /// Gives an input a plan back that was made before a restart.
  mutating func restore(_ plan: InputPlan, _ input: Numbered) throws {
    try input.input.restore(plan: plan)
    retained.append((input.number, plan))
    lastPlans[input.number] = max(lastPlans[input.number] ?? plan.time, plan.time)
  }

  /// The batches of an input up to this time will not be computed again.
  func horizon(of input: any RecoverableInput, doneThrough: Time) -> Time {
    // What windows have added up outlives the RDDs that it was made of, but not the process.
    doneThrough - max(input.rememberDuration, history[input.id] ?? .zero) - interval
  }

  /// Forgets plans that will not be needed any more.
  mutating func dropOldPlans(doneThrough: Time) {
    let horizons = Dictionary(
      uniqueKeysWithValues: all.map { ($0.number, horizon(of: $0.input, doneThrough: doneThrough)) })
    retained.removeAll { input, plan in horizons[input].map { plan.time <= $0 } ?? true }
  }

  /// What all inputs must know to go on.
  func progress() -> [(input: Int, bytes: ByteBuffer)] { all.map { ($0.number, $0.input.progress()) } }

  /// What inputs that keep files must know to go on, if they have new plans. Once it is on the disk, they may forget
  /// the files of older batches.
  mutating func takeProgress(doneThrough: Time) -> [(input: Int, bytes: ByteBuffer)] {
    let changed = all.filter { $0.input.keepsFiles && withNewPlans.remove($0.number) != nil }
    for (number, _, input) in all {
      guard input.keepsFiles, let last = lastPlans[number] else { continue }
      // Its progress is in the log since the batch that had these plans.
      let horizon = horizon(of: input, doneThrough: doneThrough)
      forgettable.append((input, horizon))
      if horizon >= last { lastPlans[number] = nil }
    }
    return changed.map { ($0.number, $0.input.progress()) }
  }

  /// What inputs may forget, now that all progress taken so far is on the disk.
  mutating func takeForgettable() -> [(input: any RecoverableInput, through: Time)] {
    defer { forgettable = [] }
    return forgettable
  }
}
