/// The outcome of an update of a key's state.
@frozen @usableFromInline
package enum StateChange<State> {
  /// The state stays unchanged.
  case unchanged
  /// The state stays unchanged, and the key's timeout starts again.
  case touched
  case set(State)
  case removed
}

/// The store for the states of one partition's keys, as operators with state use it.
///
/// The operators' loops are generic over it, and are specialised for each store where the program's closures are known.
@usableFromInline
package protocol StateStore<Key, State>: ~Copyable {
  associatedtype Key: Hashable
  associatedtype State

  /// The number of keys.
  var count: Int { get }

  /// Begins a batch: keys are touched at `time` from now on.
  mutating func begin(_ time: Int64)

  /// Calls `body` for each pair, to decide the new state of its key. The pairs are consumed, even if it throws.
  mutating func updateEach<Value>(
    _ source: UnsafeMutablePointer<(Key, Value)>, _ sourceCount: Int,
    _ body: (UnsafePointer<Key>, Value, State?) throws -> StateChange<State>) throws

  /// Calls `body` once for every key: with its value if the key is among the pairs, otherwise with `absent`. Pairs have
  /// different keys, and are consumed, even if it throws.
  mutating func updateAll<Value>(
    _ source: UnsafeMutablePointer<(Key, Value)>, _ sourceCount: Int, absent: Value,
    _ body: (UnsafePointer<Key>, Value, State?) throws -> StateChange<State>) throws

  /// Removes the keys that were last touched before `time`, after a call of `body` for each.
  mutating func expire(before time: Int64, _ body: (UnsafePointer<Key>, State) throws -> Void) throws

  /// Sets the state of `key`.
  mutating func put(_ key: consuming Key, _ state: consuming State) throws

  /// Ends the batch: its changes can be taken from the log.
  mutating func end() throws
}

extension StateTable: StateStore {}
