public import MartletCore

/// Copies keys and states out of the blocks of input that they came with, so that retained values keep nothing else
/// alive.
@frozen
@usableFromInline package struct StateCompaction<Key, State>: Sendable {
  @usableFromInline let compactKey: (@Sendable (Key) -> Key)?
  @usableFromInline let compactState: (@Sendable (State) -> State)?

  @usableFromInline
  init() {
    compactKey = textCompaction()
    compactState = textCompaction()
  }

  @inlinable @inline(__always)
  func key(_ key: consuming Key) -> Key {
    if Key.self == Text.self || Key.self == String.self || _isPOD(Key.self) { return ownedKey(key) }
    if let compactKey { return compactKey(key) }
    return key
  }

  @inlinable @inline(__always)
  func state(_ state: consuming State) -> State {
    if State.self == Text.self || State.self == String.self || _isPOD(State.self) { return ownedKey(state) }
    if let compactState { return compactState(state) }
    return state
  }
}
