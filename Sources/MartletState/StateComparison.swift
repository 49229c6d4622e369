// Unsafe code. Invariant: both pointers that a comparison gets point to a value of its type.

public import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A deep, byte-exact comparison of two states: unchanged states need not be logged.
///
/// After a restart, a state that was not logged has its previous value. `==` is therefore not sufficient: it may ignore
/// fields, and equal strings may have different characters. States are compared by their parts, down to bytes, or
/// otherwise by the records that they would be written as. If neither is possible, a state counts as changed.
@usableFromInline package struct StateComparison<State>: Sendable {
  @usableFromInline let areSameParts: (@Sendable (UnsafeRawPointer, UnsafeRawPointer) -> Bool)?

  package init() { areSameParts = comparison(of: State.self) }

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
    return areSameParts?(a, b) ?? false
  }
}

typealias ValueComparison = @Sendable (UnsafeRawPointer, UnsafeRawPointer) -> Bool

@usableFromInline
func haveSameBytes(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool { memcmp(a, b, count) == 0 }

/// A deep, byte-exact comparison of two values; `nil` if the type does not permit one.
private func comparison(of type: Any.Type) -> ValueComparison? {
  func ofValue<Value>(_ type: Value.Type) -> ValueComparison? { comparison(ofValues: type) }
  return _openExistential(type, do: ofValue)
}

private func comparison<Value>(ofValues type: Value.Type) -> ValueComparison? {
  let size = MemoryLayout<Value>.size
  if _isPOD(type) { return { haveSameBytes($0, $1, size) } }
  guard let byParts = comparisonByParts(of: type) else { return nil }
  // References to the same contents are equal.
  return { a, b in haveSameBytes(a, b, size) || byParts(a, b) }
}

private func comparisonByParts<Value>(of type: Value.Type) -> ValueComparison? {
  if type == Text.self {
    return { a, b in
      a.assumingMemoryBound(to: Text.self).pointee == b.assumingMemoryBound(to: Text.self).pointee
    }
  }
  if type == String.self {
    return { a, b in
      haveSameUTF8(a.assumingMemoryBound(to: String.self).pointee, b.assumingMemoryBound(to: String.self).pointee)
    }
  }
  if let container = type as? any ComparedByParts.Type { return container.comparison }
  if case .fields(let fields) = TypeStructure(type), let comparison = comparison(of: fields) { return comparison }
  if let encodable = type as? any (Codable & Equatable).Type { return comparison(ofEncoded: encodable) }
  return nil
}

private func comparison(of fields: [StoredField]) -> ValueComparison? {
  let comparisons = fields.compactMap { field in comparison(of: field.type).map { (field.offset, $0) } }
  guard comparisons.count == fields.count else { return nil }
  return { a, b in comparisons.allSatisfy { offset, areSame in areSame(a + offset, b + offset) } }
}

private func haveSameUTF8(_ a: String, _ b: String) -> Bool {
  var (a, b) = (a, b)
  return a.withUTF8 { a in
    b.withUTF8 { b in
      guard a.count == b.count else { return false }
      guard let first = a.baseAddress, let second = b.baseAddress else { return true }
      return haveSameBytes(first, second, a.count)
    }
  }
}

/// Generic types whose values are equal if their parts are.
private protocol ComparedByParts {
  static var comparison: ValueComparison? { get }
}

extension Optional: ComparedByParts {
  fileprivate static var comparison: ValueComparison? {
    guard let areSame = MartletState.comparison(ofValues: Wrapped.self) else { return nil }
    return { a, b in
      let a = a.assumingMemoryBound(to: Wrapped?.self).pointee
      let b = b.assumingMemoryBound(to: Wrapped?.self).pointee
      guard let a, let b else { return a == nil && b == nil }
      return withUnsafePointer(to: a) { a in withUnsafePointer(to: b) { b in areSame(a, b) } }
    }
  }
}

extension Array: ComparedByParts {
  fileprivate static var comparison: ValueComparison? {
    guard let areSame = MartletState.comparison(ofValues: Element.self) else { return nil }
    return { a, b in
      a.assumingMemoryBound(to: [Element].self).pointee.withUnsafeBufferPointer { a in
        b.assumingMemoryBound(to: [Element].self).pointee.withUnsafeBufferPointer { b in
          guard a.count == b.count else { return false }
          guard let first = a.baseAddress, let second = b.baseAddress else { return true }
          return a.indices.allSatisfy { areSame(first + $0, second + $0) }
        }
      }
    }
  }
}

extension Dictionary: ComparedByParts {
  fileprivate static var comparison: ValueComparison? {
    guard let key = MartletState.comparison(ofValues: Key.self),
      let value = MartletState.comparison(ofValues: Value.self)
    else { return nil }
    let comparer: Comparer = DictionaryComparer<Key, Value>(key, value)
    return { comparer.areSame($0, $1) }
  }
}

extension Set: ComparedByParts {
  fileprivate static var comparison: ValueComparison? {
    guard let element = MartletState.comparison(ofValues: Element.self) else { return nil }
    let comparer: Comparer = SetComparer<Element>(element)
    return { comparer.areSame($0, $1) }
  }
}

private func comparison<Value: Codable & Equatable>(ofEncoded type: Value.Type) -> ValueComparison? {
  guard let codec = ElementCodec<Value>.make() else { return nil }
  let comparer: Comparer = EncodingComparer<Value>(codec)
  return { comparer.areSame($0, $1) }
}

/// Stored as its superclass, for the reason given at `RunCoder`.
private class Comparer: @unchecked Sendable {
  // Sendable: its state is constant.
  func areSame(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer) -> Bool { false }
}

/// Compares dictionaries by key, because their orders may differ.
private final class DictionaryComparer<Key: Hashable, Value>: Comparer, @unchecked Sendable {
  let key: ValueComparison
  let value: ValueComparison

  init(_ key: @escaping ValueComparison, _ value: @escaping ValueComparison) {
    self.key = key
    self.value = value
  }

  override func areSame(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer) -> Bool {
    let a = a.assumingMemoryBound(to: [Key: Value].self).pointee
    let b = b.assumingMemoryBound(to: [Key: Value].self).pointee
    guard a.count == b.count else { return false }
    return a.allSatisfy { one in
      guard let index = b.index(forKey: one.key) else { return false }
      let other = b[index]
      return withUnsafePointer(to: one.key) { one in withUnsafePointer(to: other.key) { key(one, $0) } }
        && withUnsafePointer(to: one.value) { one in withUnsafePointer(to: other.value) { value(one, $0) } }
    }
  }
}

private final class SetComparer<Element: Hashable>: Comparer, @unchecked Sendable {
  let element: ValueComparison

  init(_ element: @escaping ValueComparison) { self.element = element }

  override func areSame(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer) -> Bool {
    let a = a.assumingMemoryBound(to: Set<Element>.self).pointee
    let b = b.assumingMemoryBound(to: Set<Element>.self).pointee
    guard a.count == b.count else { return false }
    return a.allSatisfy { one in
      guard let index = b.firstIndex(of: one) else { return false }
      return withUnsafePointer(to: one) { one in withUnsafePointer(to: b[index]) { element(one, $0) } }
    }
  }
}

/// Compares the records of two values, unless `==` finds a difference first.
private final class EncodingComparer<Value: Codable & Equatable>: Comparer, @unchecked Sendable {
  let codec: ElementCodec<Value>

  init(_ codec: ElementCodec<Value>) { self.codec = codec }

  override func areSame(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer) -> Bool {
    let a = a.assumingMemoryBound(to: Value.self)
    let b = b.assumingMemoryBound(to: Value.self)
    guard a.pointee == b.pointee else { return false }
    let (first, second) = (ByteBuffer(), ByteBuffer())
    do {
      try codec.encode(a, 1, into: first)
      try codec.encode(b, 1, into: second)
    } catch {
      // The error is thrown again when the state is logged.
      return false
    }
    return withExtendedLifetime((first, second)) {
      first.count == second.count && haveSameBytes(first.base, second.base, first.count)
    }
  }
}
