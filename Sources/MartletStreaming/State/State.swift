public import MartletState

/// The state of one key, as the function of `mapWithState` sees it.
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

  /// Returns a Boolean value that indicates whether the key has a state: it had one that has not been removed, or
  /// `update` has set one.
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

  /// The state; `nil` if there is none.
  @inlinable
  public func getOption() -> S? { value }

  /// Sets the state of the key.
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
  /// - Throws: an error if it has already been removed, or is timing out and will be removed anyway.
  @inlinable
  public func remove() throws {
    if phase == .removed { throw StateMisuse.removeOfRemoved }
    if phase == .timingOut { throw StateMisuse.removeOfTimingOut }
    value = nil
    phase = .removed
  }

  /// Returns a Boolean value that indicates whether the key is timing out: the function is called for it once more,
  /// without a value, and then the key is removed.
  @inlinable
  public func isTimingOut() -> Bool { phase == .timingOut }

  /// The decision of the function.
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

/// An invalid operation on a state. The failure of the task names the operator.
@usableFromInline
enum StateMisuse: Error, CustomStringConvertible {
  case getOfNothing, updateOfRemoved, updateOfTimingOut, removeOfRemoved, removeOfTimingOut

  @usableFromInline
  var description: String {
    switch self {
    case .getOfNothing: "State.get(): the key has no state. Check exists() first, or use getOption()."
    case .updateOfRemoved: "State.update(): the state has been removed. Update it first, or do not remove it."
    case .updateOfTimingOut:
      "State.update(): the key is timing out, so its state cannot be changed. Check isTimingOut() first."
    case .removeOfRemoved: "State.remove(): the state has already been removed."
    case .removeOfTimingOut:
      "State.remove(): the key is timing out and will be removed anyway. Check isTimingOut() first."
    }
  }
}
