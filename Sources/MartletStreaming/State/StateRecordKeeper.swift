import MartletCore
import Synchronization

/// Stores the records of an operator between a batch and the log, and the budget for snapshots.
final class StateRecordKeeper: Sendable {
  private let records = Mutex<[(time: Time, records: [StateRecord])]>([])
  private let keeping = Atomic<Bool>(false)
  private let budget = Atomic<Int>(0)
  private let cycles = Atomic<Int>(0)

  var isKeeping: Bool { keeping.load(ordering: .acquiring) }

  func keep() { keeping.store(true, ordering: .releasing) }

  func add(_ made: [StateRecord], _ time: Time) {
    records.withLock { if !made.isEmpty { $0.append((time, made)) } }
  }

  /// Takes the records of the batch at `time`.
  func take(_ time: Time) -> [StateRecord] {
    records.withLock { records in
      let taken = records.filter { $0.time == time }.flatMap(\.records)
      records.removeAll { $0.time == time }
      return taken
    }
  }

  func allow(bytes: Int) { budget.wrappingAdd(bytes, ordering: .relaxed) }

  /// Returns true if there is budget left; if so, takes `bytes`, which may exceed it the last time.
  func takeBudget(_ bytes: Int) -> Bool {
    guard budget.load(ordering: .relaxed) > 0 else { return false }
    if bytes > 0 { budget.wrappingSubtract(bytes, ordering: .relaxed) }
    return true
  }

  /// Begins the next cycle, without a budget, and returns its number, from 1.
  func nextCycle() -> Int {
    budget.store(0, ordering: .relaxed)
    return cycles.wrappingAdd(1, ordering: .relaxed).newValue
  }
}
