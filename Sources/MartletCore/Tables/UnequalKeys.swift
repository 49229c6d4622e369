// Unsafe code. Invariant: pointers to keys point to initialized values of their types.

import Synchronization

// Keys that are not equal to themselves.
//
// NaN is not equal to NaN, and so neither are two structures, optionals, arrays or enumerations that contain one. A
// table that only used `==` would have a new entry for each of them, all with the same hash. Keys that are not equal to
// themselves are therefore compared by their parts: two of them are one key if their parts are the same, where all NaNs
// are the same regardless of their bits.
//
// Only such keys pay for it. If the compiler knows the type (`isPlainKey`), none of this is compiled. For other types,
// each table checks once whether they could contain a NaN (`keyWatch`); if so, each key is compared with itself.

/// Returns true if tables need not watch for keys of the type that are not equal to themselves: there are none, or, as
/// for `Double` and `Float`, hashing and comparing handle them.
@inlinable @inline(__always)
package func isPlainKey<Key>(_ type: Key.Type) -> Bool {
  Key.self == Text.self || Key.self == String.self || Key.self == Int.self || Key.self == Int64.self
    || Key.self == Int32.self || Key.self == UInt64.self || Key.self == UInt32.self || Key.self == UInt.self
    || Key.self == Bool.self || Key.self == Double.self || Key.self == Float.self
}

/// Detects the keys of a type that are not equal to themselves.
@usableFromInline
package final class KeyWatch<Key: Hashable>: Sendable {
  /// For keys that contain arrays, sets or dictionaries, which are equal to themselves whatever they hold, because `==`
  /// does not look into containers that share their memory.
  private let containers: ContainerParts?
  /// True if there are parts that `containers` does not reach, in which a container may also share its memory: a key
  /// with such a part may be unequal to another with the same parts although `differs` does not detect it.
  fileprivate let hasHiddenParts: Bool

  fileprivate init(_ containers: ContainerParts?, hasHiddenParts: Bool) {
    self.containers = containers
    self.hasHiddenParts = hasHiddenParts
  }

  /// Returns true if another key with the same parts would be unequal to this one.
  @usableFromInline @inline(never)
  package func differs(_ key: UnsafePointer<Key>) -> Bool {
    if !(key.pointee == key.pointee) { return true }
    guard let containers, containers.holdNaN(key) else { return false }
    // The NaN may be in a part that `==` ignores.
    var copy = key.pointee
    withUnsafeMutablePointer(to: &copy) { containers.rebuild($0) }
    return !(key.pointee == copy)
  }
}

/// The watch for keys of the type that are not equal to themselves; `nil` if there are none. Requested once per table.
@inlinable @inline(__always)
package func keyWatch<Key: Hashable>(_ type: Key.Type) -> KeyWatch<Key>? {
  isPlainKey(type) ? nil : knownWatch(type)
}

/// Returns true if two values are the same part of a key: equal, or both NaN.
@inlinable @inline(__always)
package func areSameParts<Part: Equatable>(_ a: Part, _ b: Part) -> Bool {
  // The types are equal, so the casts change nothing.
  if Part.self == Double.self {
    let (a, b) = (unsafeBitCast(a, to: Double.self), unsafeBitCast(b, to: Double.self))
    return a == b || (a != a && b != b)
  }
  if Part.self == Float.self {
    let (a, b) = (unsafeBitCast(a, to: Float.self), unsafeBitCast(b, to: Float.self))
    return a == b || (a != a && b != b)
  }
  return a == b
}

/// Feeds a part of a key to a hasher, with the same input for every NaN.
@inlinable @inline(__always)
package func hashPart<Part: Hashable>(_ part: Part, into hasher: inout Hasher) {
  if Part.self == Double.self {
    let number = unsafeBitCast(part, to: Double.self)
    return hasher.combine(number == number ? number : .nan)
  }
  if Part.self == Float.self {
    let number = unsafeBitCast(part, to: Float.self)
    return hasher.combine(number == number ? number : .nan)
  }
  hasher.combine(part)
}

/// Returns true if two keys that are not equal are still the same key. Called if the hashes agree but `==` does not.
@inlinable @inline(__always)
package func areSameThoughUnequal<Key: Hashable>(_ a: UnsafePointer<Key>, _ b: UnsafePointer<Key>) -> Bool {
  if Key.self == Double.self || Key.self == Float.self { return areSameParts(a.pointee, b.pointee) }
  return isPlainKey(Key.self) ? false : haveSameParts(a, b)
}

@usableFromInline @inline(never)
func haveSameParts<Key: Hashable>(_ a: UnsafePointer<Key>, _ b: UnsafePointer<Key>) -> Bool {
  // Most unequal keys are different keys whose hashes have the same bits.
  if let watch = keyWatch(Key.self) {
    guard watch.differs(a) && watch.differs(b) else {
      // `==` has distinguished them, so parts that it ignores cannot make them the same.
      guard watch.hasHiddenParts else { return false }
      let parts = KeyParts(a.pointee)
      return parts.holdNaN && parts == KeyParts(b.pointee)
    }
  } else if a.pointee == a.pointee || b.pointee == b.pointee {
    return false
  }
  return KeyParts(a.pointee) == KeyParts(b.pointee)
}

/// The hash of a key that is not equal to itself: equal for all that are the same key.
@usableFromInline @inline(never)
package func hashOfUnequal<Key: Hashable>(_ key: UnsafePointer<Key>, seed: UInt64) -> UInt64 {
  UInt64(truncatingIfNeeded: KeyParts(key.pointee)._rawHashValue(seed: Int(truncatingIfNeeded: seed)))
}

/// The hash that selects the partition of a key that is not equal to itself.
func partitionHashOfUnequal(_ key: some Hashable) -> UInt64 { FixedSeedHasher.hash(KeyParts(key)) }

/// A key for Swift's own dictionaries, which only use `==`: NaN is one key.
@frozen @usableFromInline
package struct SameKey<Key: Hashable>: Hashable {
  @usableFromInline package let key: Key

  @inlinable @inline(__always)
  package init(_ key: Key) { self.key = key }

  @inlinable
  package static func == (a: SameKey, b: SameKey) -> Bool {
    a.key == b.key
      || withUnsafePointer(to: a.key) { a in withUnsafePointer(to: b.key) { b in areSameThoughUnequal(a, b) } }
  }

  @inlinable
  package func hash(into hasher: inout Hasher) {
    if let watch = keyWatch(Key.self) {
      let parts = withUnsafePointer(to: key) { watch.differs($0) ? hashOfUnequal($0, seed: 0) : nil }
      if let parts { return hasher.combine(parts) }
    }
    hashPart(key, into: &hasher)
  }
}

extension SameKey: Sendable where Key: Sendable {}

/// A dictionary of the pairs, with at most one entry for a key that is not equal to itself. (Such a key cannot be
/// looked up, because look-up uses `==`.)
package func dictionary<Key: Hashable, Value>(
  _ pairs: [(Key, Value)], uniquingKeysWith combine: (Value, Value) throws -> Value
) rethrows -> [Key: Value] {
  guard Key.self == Double.self || Key.self == Float.self || keyWatch(Key.self) != nil else {
    return try Dictionary(pairs, uniquingKeysWith: combine)
  }
  let unique = try Dictionary(pairs.map { (SameKey($0.0), $0.1) }, uniquingKeysWith: combine)
  return Dictionary(unique.map { ($0.key.key, $0.value) }) { first, _ in first }
}

// MARK: Types

/// The watches of types that have been requested. A type that needs none has `nil`.
private let knownWatches = Mutex<[ObjectIdentifier: (any AnyObject & Sendable)?]>([:])

@usableFromInline
func knownWatch<Key: Hashable>(_ type: Key.Type) -> KeyWatch<Key>? {
  let id = ObjectIdentifier(type)
  // The value for a type is a watch for its keys.
  if let known = knownWatches.withLock({ $0[id] }) { return known.map { unsafeDowncast($0, to: KeyWatch<Key>.self) } }
  let watch =
    mayDiffer(type) ? KeyWatch<Key>(containerParts(of: type), hasHiddenParts: hasHiddenParts(type)) : nil
  knownWatches.withLock { $0[id] = .some(watch) }
  return watch
}

// MARK: Values

/// A key that is not equal to itself, by its parts.
private indirect enum KeyParts: Hashable {
  case notANumber
  /// A part that is equal to itself.
  case whole(AnyHashable)
  case parts([(label: String?, value: KeyParts)])
  /// The elements of a set or dictionary, with their numbers of occurrences.
  case unordered([KeyParts: Int])
  /// A part that cannot be taken apart, by its description.
  case described(String)

  init(_ value: Any, depth: Int = 0) {
    let hashable = value as? any Hashable
    if let number = value as? any FloatingPoint, number.isNaN {
      self = .notANumber
      return
    }
    if let vector = value as? any SIMD {
      self = .parts(KeyParts.numbers(of: vector))
      return
    }
    // Checks the type, because an array is equal to itself whatever it holds.
    if let hashable, !mayDiffer(type(of: value)) || hashable is any FloatingPoint, isEqualToItself(hashable) {
      self = .whole(AnyHashable(hashable))
      return
    }
    var parts: [(label: String?, value: KeyParts)] = []
    var mirror: Mirror? = Mirror(reflecting: value)
    let style = mirror?.displayStyle
    // Objects may contain each other.
    while let level = mirror, depth < 64 {
      for child in level.children { parts.append((child.label, KeyParts(child.value, depth: depth + 1))) }
      mirror = level.superclassMirror
    }
    if style == .set || style == .dictionary {
      self = .unordered(Dictionary(parts.map { ($0.value, 1) }, uniquingKeysWith: +))
    } else if !parts.isEmpty {
      self = .parts(parts)
    } else if let hashable, isEqualToItself(hashable) {
      self = .whole(AnyHashable(hashable))
    } else {
      self = .described(String(reflecting: value))
    }
  }

  /// The numbers of a vector, which reflection does not show.
  private static func numbers<Vector: SIMD>(of vector: Vector) -> [(label: String?, value: KeyParts)] {
    vector.indices.map { (nil, KeyParts(vector[$0])) }
  }

  /// True if there is a NaN, as far as the key can be taken apart.
  var holdNaN: Bool {
    switch self {
    case .notANumber: true
    case .whole, .described: false
    case .parts(let parts): parts.contains { $0.value.holdNaN }
    case .unordered(let elements): elements.keys.contains { $0.holdNaN }
    }
  }

  static func == (a: KeyParts, b: KeyParts) -> Bool {
    switch (a, b) {
    case (.notANumber, .notANumber): true
    case (.whole(let a), .whole(let b)): a == b
    case (.parts(let a), .parts(let b)): a.elementsEqual(b) { $0.label == $1.label && $0.value == $1.value }
    case (.unordered(let a), .unordered(let b)): a == b
    case (.described(let a), .described(let b)): a == b
    default: false
    }
  }

  /// The same in every process, as far as the hashes of the parts are: it selects partitions.
  func hash(into hasher: inout Hasher) {
    switch self {
    case .notANumber: hasher.combine(0)
    case .whole(let value):
      hasher.combine(1)
      hasher.combine(value)
    case .parts(let parts):
      hasher.combine(2)
      for part in parts { hasher.combine(part.value) }
    case .unordered(let elements):
      hasher.combine(3)
      hasher.combine(elements.reduce(0) { $0 &+ FixedSeedHasher.hash($1.key) &* UInt64($1.value) })
    case .described(let text):
      hasher.combine(4)
      hasher.combine(text)
    }
  }
}

func isEqualToItself(_ value: some Equatable) -> Bool { value == value }
