/// What becomes of a key's state.
@frozen @usableFromInline
package enum StateChange<State> {
  /// Nothing.
  case unchanged
  /// It stays as it is, and the key's time-out begins anew.
  case touched
  case set(State)
  case removed
}

/// Where the states of one partition's keys are kept: what an operator with state needs of it.
///
/// The operators' loops are generic over it, and are made for each store where the program's closures are known.
@usableFromInline
package protocol StateStore<Key, State>: ~Copyable {
  associatedtype Key: Hashable
  associatedtype State

  /// How many keys there are.
  var count: Int { get }

  /// A batch begins: keys are touched at `time` from now on.
  mutating func begin(_ time: Int64)

  /// For each pair, lets `body` decide what becomes of the state of its key. The pairs are consumed, also if it throws.
  mutating func updateEach<Value>(
    _ source: UnsafeMutablePointer<(Key, Value)>, _ sourceCount: Int,
    _ body: (UnsafePointer<Key>, Value, State?) throws -> StateChange<State>) throws

  /// Lets `body` decide for every key, once each: with its value if the key is among the pairs, otherwise with
  /// `absent`. Pairs have different keys, and are consumed, also if it throws.
  mutating func updateAll<Value>(
    _ source: UnsafeMutablePointer<(Key, Value)>, _ sourceCount: Int, absent: Value,
    _ body: (UnsafePointer<Key>, Value, State?) throws -> StateChange<State>) throws

  /// Removes the keys that were touched last before `time`, each after a call of `body`.
  mutating func expire(before time: Int64, _ body: (UnsafePointer<Key>, State) throws -> Void) throws

  /// Sets the state of `key`.
  mutating func put(_ key: consuming Key, _ state: consuming State) throws

  /// The batch is over: what it has changed can be taken from the log.
  mutating func end() throws
}

extension StateTable: StateStore {}
