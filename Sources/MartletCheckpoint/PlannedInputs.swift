import MartletCore
import MartletRDD
import MartletStreaming

/// The plans of inputs, as far as they may be needed again.
///
/// Not thread-safe: `Checkpoint` uses it with its lock held.
struct PlannedInputs {
  typealias Numbered = (number: Int, id: String, input: any RecoverableInput)

  /// The inputs, with their numbers among all inputs of the program.
  let all: [Numbered]
  /// How far back the batches of each stream may be requested after a restart.
  private let history: [Int: Duration]
  private let interval: Duration
  /// Plans that a window, or a batch that is not done, may need again.
  private(set) var retained: [(input: Int, plan: InputPlan)] = []
  /// Inputs whose plans are newer than their progress in the log.
  private var withNewPlans: Set<Int> = []
  /// Inputs with files whose last plans have not been forgotten yet, and the times of these, for a while
  /// after the last records.
  private var lastPlans: [Int: Time] = [:]
  /// The data that inputs may forget when the log is on disk.
  private var forgettable: [(input: any RecoverableInput, through: Time)] = []

  init(_ ids: OperatorIDs, history: [Int: Duration], interval: Duration) {
    all = ids.inputs.enumerated().compactMap { number, entry in
      (entry.input as? any RecoverableInput).map { (number, entry.id, $0) }
    }
    self.history = history
    self.interval = interval
  }

  /// Takes the plans of inputs since the last call.
  mutating func takePlans() throws -> [(input: Int, plan: InputPlan)] {
    let plans = try all.flatMap { number, _, input in try input.takePlans().map { (input: number, plan: $0) } }
    retained += plans
    withNewPlans.formUnion(plans.map(\.input))
    for (number, plan) in plans { lastPlans[number] = plan.time }
    return plans
  }

  /// Restores a plan of an input from before a restart.
  mutating func restore(_ plan: InputPlan, _ input: Numbered) throws {
    try input.input.restore(plan: plan)
    retained.append((input.number, plan))
    lastPlans[input.number] = max(lastPlans[input.number] ?? plan.time, plan.time)
  }

  /// The time up to which the batches of an input will not be computed again.
  func horizon(of input: any RecoverableInput, doneThrough: Time) -> Time {
    // The sums of windows outlive the RDDs that they were computed from, but not the process.
    doneThrough - max(input.rememberDuration, history[input.id] ?? .zero) - interval
  }

  /// Drops plans that are no longer needed.
  mutating func dropOldPlans(doneThrough: Time) {
    let horizons = Dictionary(
      uniqueKeysWithValues: all.map { ($0.number, horizon(of: $0.input, doneThrough: doneThrough)) })
    retained.removeAll { input, plan in horizons[input].map { plan.time <= $0 } ?? true }
  }

  /// The progress that all inputs need to continue.
  func progress() -> [(input: Int, bytes: ByteBuffer)] { all.map { ($0.number, $0.input.progress()) } }

  /// The progress that inputs with files and new plans need to continue. Once it is on disk, they may forget the files
  /// of older batches.
  mutating func takeProgress(doneThrough: Time) -> [(input: Int, bytes: ByteBuffer)] {
    let changed = all.filter { $0.input.keepsFiles && withNewPlans.remove($0.number) != nil }
    for (number, _, input) in all {
      guard input.keepsFiles, let last = lastPlans[number] else { continue }
      // Its progress has been in the log since the batch with these plans.
      let horizon = horizon(of: input, doneThrough: doneThrough)
      forgettable.append((input, horizon))
      if horizon >= last { lastPlans[number] = nil }
    }
    return changed.map { ($0.number, $0.input.progress()) }
  }

  /// The data that inputs may forget, now that all progress taken so far is on disk.
  mutating func takeForgettable() -> [(input: any RecoverableInput, through: Time)] {
    defer { forgettable = [] }
    return forgettable
  }
}
