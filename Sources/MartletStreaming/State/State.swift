public import MartletCore

/// The state of one key, in the hands of the function of `mapWithState`.
///
/// ```swift
/// StateSpec.function { (word: Text, one: Int?, state: State<Int>) in
///   let sum = (state.value ?? 0) + (one ?? 0)
///   try state.update(sum)
///   return (word, sum)
/// }
/// ```
/// The object is valid until the function returns.
public final class State<S: Sendable> {
  @usableFromInline var current: S?
  @usableFromInline var phase = StatePhase.asItWas

  @inlinable
  init() {}

  /// Whether the key has a state: it had one, and it has not been removed, or `update` has given it one.
  @inlinable
  public var exists: Bool { current != nil }

  /// The state.
  ///
  /// - Throws: an error if there is none.
  @inlinable
  public func get() throws -> S {
    guard let value = current else { throw StateMisuse.missingState }
    return value
  }

  /// The state; `nil` if there is none.
  @inlinable
  public var value: S? { current }

  /// `value`, as Spark spells it.
  @inlinable
  public func getOption() -> S? { current }

  /// Gives the key another state, or its first one.
  ///
  /// - Throws: an error if the state has been removed, or is timing out.
  @inlinable
  public func update(_ newState: S) throws {
    if phase == .removed { throw StateMisuse.updateOfRemoved }
    if phase == .timingOut { throw StateMisuse.updateOfTimingOut }
    current = newState
    phase = .updated
  }

  /// Removes the state.
  ///
  /// - Throws: an error if it has been removed already, or is timing out and so going away by itself.
  @inlinable
  public func remove() throws {
    if phase == .removed { throw StateMisuse.removeOfRemoved }
    if phase == .timingOut { throw StateMisuse.removeOfTimingOut }
    current = nil
    phase = .removed
  }

  /// Whether the key is timing out: the function is called for it once more, without a value, and then it is removed.
  @inlinable
  public var isTimingOut: Bool { phase == .timingOut }

  /// What the function has decided.
  @inlinable @inline(__always)
  func takeChange() -> StateChange<S> {
    defer { current = nil }
    switch phase {
    case .asItWas, .timingOut: return .touched
    case .removed: return .removed
    case .updated:
      guard let value = current else { return .touched }
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
  case missingState, updateOfRemoved, updateOfTimingOut, removeOfRemoved, removeOfTimingOut

  @usableFromInline
  var description: String {
    switch self {
    case .missingState: "State.get(): the key has no state. Ask exists before, or use value."
    case .updateOfRemoved: "State.update(): the state has been removed. Update it before, or do not remove it."
    case .updateOfTimingOut:
      "State.update(): the key is timing out, so its state cannot be changed. Ask isTimingOut before."
    case .removeOfRemoved: "State.remove(): the state has been removed already."
    case .removeOfTimingOut: "State.remove(): the key is timing out, and is removed by that. Ask isTimingOut before."
    }
  }
}
