public import MartletState

/// The state of one key, in the hands of the function of `mapWithState`.
///
/// ```swift
/// StateSpec.function { (word: Text, one: Int?, state: State<Int>) in
///   let sum = (state.getOption() ?? 0) + (one ?? 0)
///   try state.update(sum)
///   return (word, sum)
/// }
/// ```
/// The object is valid until the function returns.
public final class State<S: Sendable> {
  @usableFromInline var value: S?
  @usableFromInline var phase = StatePhase.asItWas

  @inlinable
  init() {}

  /// Whether the key has a state: it had one, and it has not been removed, or `update` has given it one.
  @inlinable
  public func exists() -> Bool { value != nil }

  /// The state.
  ///
  /// - Throws: an error if there is none.
  @inlinable
  public func get() throws -> S {
    guard let value else { throw StateMisuse.getOfNothing }
    return value
  }

  /// The state, if there is one.
  @inlinable
  public func getOption() -> S? { value }

  /// Gives the key another state, or its first one.
  ///
  /// - Throws: an error if the state has been removed, or is timing out.
  @inlinable
  public func update(_ newState: S) throws {
    if phase == .removed { throw StateMisuse.updateOfRemoved }
    if phase == .timingOut { throw StateMisuse.updateOfTimingOut }
    value = newState
    phase = .updated
  }

  /// Removes the state.
  ///
  /// - Throws: an error if it has been removed already, or is timing out and so going away by itself.
  @inlinable
  public func remove() throws {
    if phase == .removed { throw StateMisuse.removeOfRemoved }
    if phase == .timingOut { throw StateMisuse.removeOfTimingOut }
    value = nil
    phase = .removed
  }

  /// Whether the key is timing out: the function is called for it once more, without a value, and then it is removed.
  @inlinable
  public func isTimingOut() -> Bool { phase == .timingOut }

  /// What the function has decided.
  @inlinable @inline(__always)
  func takeChange() -> StateChange<S> {
    defer { value = nil }
    switch phase {
    case .asItWas, .timingOut: return .touched
    case .removed: return .removed
    case .updated:
      guard let value else { return .touched }
      return .set(value)
    }
  }
}

@usableFromInline
enum StatePhase: UInt8 {
  case asItWas, updated, removed, timingOut
}

/// What a state cannot be asked. The failure of the task names the operator.
@usableFromInline
enum StateMisuse: Error, CustomStringConvertible {
  case getOfNothing, updateOfRemoved, updateOfTimingOut, removeOfRemoved, removeOfTimingOut

  @usableFromInline
  var description: String {
    switch self {
    case .getOfNothing: "State.get(): the key has no state. Ask exists() before, or use getOption()."
    case .updateOfRemoved: "State.update(): the state has been removed. Update it before, or do not remove it."
    case .updateOfTimingOut:
      "State.update(): the key is timing out, so its state cannot be changed. Ask isTimingOut() before."
    case .removeOfRemoved: "State.remove(): the state has been removed already."
    case .removeOfTimingOut: "State.remove(): the key is timing out, and is removed by that. Ask isTimingOut() before."
    }
  }
}
