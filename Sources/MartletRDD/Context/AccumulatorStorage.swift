import Synchronization

/// The value of an accumulator on the driver, and the additions of running tasks.
final class AccumulatorStorage<State: Sendable>: Sendable {
  private let driver: Mutex<State>
  private let zero: State
  private let merge: @Sendable (inout State, State) -> Void

  init(_ zero: State, _ merge: @escaping @Sendable (inout State, State) -> Void) {
    driver = Mutex(zero)
    self.zero = zero
    self.merge = merge
  }

  /// The value on the driver.
  var value: State { driver.withLock { $0 } }

  /// Changes the value of the running task, or that of the driver outside of tasks.
  func update(_ body: (inout State) -> Void) {
    guard let task = TaskContext.current else { return driver.withLock { body(&$0) } }
    task.additions.addition(to: self) { Addition(self) }.state.withLock { body(&$0) }
  }

  /// Sets the value on the driver to zero.
  func reset() { driver.withLock { $0 = zero } }

  /// The additions of one task.
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

/// The additions of a task to one accumulator.
protocol AccumulatorAddition: AnyObject, Sendable {
  /// Merges them into the value on the driver.
  func commit()
}

/// The additions of a task to accumulators, in the order in which it first used each.
final class AccumulatorAdditions: Sendable {
  private let additions = Mutex<[(storage: ObjectIdentifier, addition: any AccumulatorAddition)]>([])

  /// The task's additions to `storage`, created on first use.
  func addition<Addition: AccumulatorAddition>(to storage: AnyObject, make: () -> Addition) -> Addition {
    let id = ObjectIdentifier(storage)
    return additions.withLock { additions in
      if let known = additions.first(where: { $0.storage == id }) {
        // A storage only creates additions of one type.
        return unsafeDowncast(known.addition, to: Addition.self)
      }
      let made = make()
      additions.append((id, made))
      return made
    }
  }

  /// Merges all additions; called once, when the task has succeeded.
  func commit() {
    for (_, addition) in additions.withLock({ $0 }) { addition.commit() }
  }
}
