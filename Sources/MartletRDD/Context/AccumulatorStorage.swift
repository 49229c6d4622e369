import Synchronization

/// The value of an accumulator: the driver's, and those that running tasks have gathered so far.
final class AccumulatorStorage<State: Sendable>: Sendable {
  private let driver: Mutex<State>
  private let zero: State
  private let merge: @Sendable (inout State, State) -> Void

  init(_ zero: State, _ merge: @escaping @Sendable (inout State, State) -> Void) {
    driver = Mutex(zero)
    self.zero = zero
    self.merge = merge
  }

  /// The driver's value.
  var value: State { driver.withLock { $0 } }

  /// Changes the running task's value; the driver's outside of tasks.
  func update(_ body: (inout State) -> Void) {
    guard let task = TaskContext.current else { return driver.withLock { body(&$0) } }
    task.additions.addition(to: self) { Addition(self) }.state.withLock { body(&$0) }
  }

  /// Sets the driver's value to zero.
  func reset() { driver.withLock { $0 = zero } }

  /// What one task has added.
  private final class Addition: AccumulatorAddition {
    let state: Mutex<State>
    private let storage: AccumulatorStorage<State>

    init(_ storage: AccumulatorStorage<State>) {
      self.storage = storage
      state = Mutex(storage.zero)
    }

    func commit() {
      let added = state.withLock { $0 }
      storage.driver.withLock { storage.merge(&$0, added) }
    }
  }
}

/// What a task has added to one accumulator.
protocol AccumulatorAddition: AnyObject, Sendable {
  /// Merges it into the driver's value.
  func commit()
}

/// What a task has added to accumulators, in the order in which it first came to each.
final class AccumulatorAdditions: Sendable {
  private let additions = Mutex<[(storage: ObjectIdentifier, addition: any AccumulatorAddition)]>([])

  /// The task's addition to `storage`, made if this is the first.
  func addition<Addition: AccumulatorAddition>(to storage: AnyObject, make: () -> Addition) -> Addition {
    let id = ObjectIdentifier(storage)
    return additions.withLock { additions in
      if let known = additions.first(where: { $0.storage == id }) {
        // A storage makes additions of one type only.
        return unsafeDowncast(known.addition, to: Addition.self)
      }
      let made = make()
      additions.append((id, made))
      return made
    }
  }

  /// Merges all of them; called once, when the task has succeeded.
  func commit() {
    for (_, addition) in additions.withLock({ $0 }) { addition.commit() }
  }
}
