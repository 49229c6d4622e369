// Unsafe code. Invariant: both pointers that a comparison is given point to a state of its type.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Tells whether a state has changed, so that those that have not need not be logged.
///
/// States that hold no references are compared byte by byte, `Equatable` ones by `==`, tuples field by field. Of others
/// nothing is known: they count as changed.
public struct StateComparison<State>: Sendable {
  @usableFromInline let areEqual: (@Sendable (UnsafeRawPointer, UnsafeRawPointer) -> Bool)?

  package init() { areEqual = comparison(of: State.self) }

  @inlinable @inline(__always)
  func areSame(_ a: UnsafePointer<State>, _ b: UnsafePointer<State>) -> Bool {
    if State.self == Int.self {
      return UnsafeRawPointer(a).load(as: Int.self) == UnsafeRawPointer(b).load(as: Int.self)
    }
    if State.self == Text.self {
      return UnsafeRawPointer(a).assumingMemoryBound(to: Text.self).pointee
        == UnsafeRawPointer(b).assumingMemoryBound(to: Text.self).pointee
    }
    if _isPOD(State.self) { return haveSameBytes(a, b, MemoryLayout<State>.size) }
    return areEqual?(a, b) ?? false
  }
}

@usableFromInline
func haveSameBytes(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool { memcmp(a, b, count) == 0 }

private func comparison(of type: Any.Type) -> (@Sendable (UnsafeRawPointer, UnsafeRawPointer) -> Bool)? {
  if let equatable = type as? any Equatable.Type { return equality(of: equatable) }
  func fieldComparison<Value>(_ type: Value.Type) -> (@Sendable (UnsafeRawPointer, UnsafeRawPointer) -> Bool)? {
    if _isPOD(type) { return { haveSameBytes($0, $1, MemoryLayout<Value>.size) } }
    guard let fields = tupleFields(of: type) else { return nil }
    let comparisons = fields.compactMap { field in comparison(of: field.type).map { (field.offset, $0) } }
    guard comparisons.count == fields.count else { return nil }
    return { a, b in comparisons.allSatisfy { offset, areEqual in areEqual(a + offset, b + offset) } }
  }
  return _openExistential(type, do: fieldComparison)
}

private func equality<Value: Equatable>(
  of type: Value.Type
) -> @Sendable (UnsafeRawPointer, UnsafeRawPointer) -> Bool {
  let box: Equality = TypedEquality<Value>()
  return { box.areEqual($0, $1) }
}

/// Held as what it inherits from, for the reason given at `RunCoder`.
private class Equality: @unchecked Sendable {
  // Sendable: there is nothing in it.
  func areEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer) -> Bool { false }
}

private final class TypedEquality<Value: Equatable>: Equality, @unchecked Sendable {
  override func areEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer) -> Bool {
    a.assumingMemoryBound(to: Value.self).pointee == b.assumingMemoryBound(to: Value.self).pointee
  }
}
