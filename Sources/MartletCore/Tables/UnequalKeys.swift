// Unsafe code. Invariant: pointers to keys point to initialised values of their types.

import Synchronization

// Keys that are not equal to themselves.
//
// NaN is not equal to NaN, and so neither are two structures, optionals, arrays or enumerations that hold one. A table
// that went by `==` alone would have another entry for each of them, all with the same hash. Keys that are not equal to
// themselves are therefore taken apart: two of them are one key if they are made of the same parts, where all that is
// not a number is the same whatever its bits.
//
// Only such keys pay for it. Where the compiler knows the type (`isPlainKey`) nothing of this is compiled. Of others it is
// asked once a table whether they could hold a number that is none (`keyWatch`); if so, each is compared with itself.

/// Whether tables need not watch for keys of the type that are not equal to themselves: there are none, or, as for
/// `Double` and `Float`, hashing and comparing take care of them.
@inlinable @inline(__always)
package func isPlainKey<Key>(_ type: Key.Type) -> Bool {
  Key.self == Text.self || Key.self == String.self || Key.self == Int.self || Key.self == Int64.self
    || Key.self == Int32.self || Key.self == UInt64.self || Key.self == UInt32.self || Key.self == UInt.self
    || Key.self == Bool.self || Key.self == Double.self || Key.self == Float.self
}

/// Finds the keys of a type that are not equal to themselves.
@usableFromInline
package final class KeyWatch<Key: Hashable>: Sendable {
  /// For keys with arrays, sets or dictionaries in them, which are equal to themselves whatever they hold, because one
  /// that shares its memory with another is not looked into.
  private let containers: ContainerParts?
  /// Whether there are parts that `containers` does not reach, in which a container may share its memory as well: a key
  /// with such a part may be unequal to another of the same parts though `differs` does not find it.
  fileprivate let hasHiddenParts: Bool

  fileprivate init(_ containers: ContainerParts?, hasHiddenParts: Bool) {
    self.containers = containers
    self.hasHiddenParts = hasHiddenParts
  }

  /// Whether another key of the same parts would be unequal to this one.
  @usableFromInline @inline(never)
  package func differs(_ key: UnsafePointer<Key>) -> Bool {
    if !(key.pointee == key.pointee) { return true }
    guard let containers, containers.holdNaN(key) else { return false }
    // It may be in a part that does not count.
    var copy = key.pointee
    withUnsafeMutablePointer(to: &copy) { containers.rebuild($0) }
    return !(key.pointee == copy)
  }
}

/// What finds the keys of the type that are not equal to themselves; `nil` if there are none. Asked once a table.
@inlinable @inline(__always)
package func keyWatch<Key: Hashable>(_ type: Key.Type) -> KeyWatch<Key>? {
  isPlainKey(type) ? nil : knownWatch(type)
}

/// Whether two values are the same part of a key: equal, or both not a number.
@inlinable @inline(__always)
package func areSameParts<Part: Equatable>(_ a: Part, _ b: Part) -> Bool {
  // The types are the same, so the casts change nothing.
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

/// Feeds a part of a key to a hasher, all that is not a number in the same way.
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

/// Whether two keys, which are not equal, are the same all the same. Called where the hashes agree and `==` does not.
@inlinable @inline(__always)
package func areSameThoughUnequal<Key: Hashable>(_ a: UnsafePointer<Key>, _ b: UnsafePointer<Key>) -> Bool {
  if Key.self == Double.self || Key.self == Float.self { return areSameParts(a.pointee, b.pointee) }
  return isPlainKey(Key.self) ? false : haveSameParts(a, b)
}

@usableFromInline @inline(never)
func haveSameParts<Key: Hashable>(_ a: UnsafePointer<Key>, _ b: UnsafePointer<Key>) -> Bool {
  // Most that are not equal are other keys whose hashes have the same bits.
  if let watch = keyWatch(Key.self) {
    guard watch.differs(a) && watch.differs(b) else {
      // `==` has told them apart, so nothing that it leaves out can make them the same.
      guard watch.hasHiddenParts else { return false }
      let parts = KeyParts(a.pointee)
      return parts.holdNaN && parts == KeyParts(b.pointee)
    }
  } else if a.pointee == a.pointee || b.pointee == b.pointee {
    return false
  }
  return KeyParts(a.pointee) == KeyParts(b.pointee)
}

/// The hash of a key that is not equal to itself: the same for all that are the same key.
@usableFromInline @inline(never)
package func hashOfUnequal<Key: Hashable>(_ key: UnsafePointer<Key>, seed: UInt64) -> UInt64 {
  UInt64(truncatingIfNeeded: KeyParts(key.pointee)._rawHashValue(seed: Int(truncatingIfNeeded: seed)))
}

/// The hash that chooses the partition of a key that is not equal to itself.
func partitionHashOfUnequal(_ key: some Hashable) -> UInt64 { FixedSeedHasher.hash(KeyParts(key)) }

/// A key for Swift's own dictionaries, which go by `==` alone: NaN is one key.
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

/// A dictionary of the pairs, in which also of a key that is not equal to itself there is one entry at most. (It cannot be
/// looked up, since that goes by `==`.)
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

/// The watches of types that have been asked for. A type that needs none has `nil`.
private let knownWatches = Mutex<[ObjectIdentifier: (any AnyObject & Sendable)?]>([:])

@usableFromInline
func knownWatch<Key: Hashable>(_ type: Key.Type) -> KeyWatch<Key>? {
  let id = ObjectIdentifier(type)
  // What is known of a type is a watch for its keys.
  if let known = knownWatches.withLock({ $0[id] }) { return known.map { unsafeDowncast($0, to: KeyWatch<Key>.self) } }
  let watch =
    mayDiffer(type) ? KeyWatch<Key>(containerParts(of: type), hasHiddenParts: hasHiddenParts(type, depth: 0)) : nil
  knownWatches.withLock { $0[id] = .some(watch) }
  return watch
}

private let typesEqualToThemselves: Set<ObjectIdentifier> = Set(
  [
    Text.self, String.self, Substring.self, Character.self, Unicode.Scalar.self, Bool.self, Int.self, Int8.self,
    Int16.self, Int32.self, Int64.self, UInt.self, UInt8.self, UInt16.self, UInt32.self, UInt64.self, Duration.self,
  ].map { (type: Any.Type) in ObjectIdentifier(type) })

private let typesThatMayDiffer = Mutex<[ObjectIdentifier: Bool]>([:])

/// Whether there may be values of the type that are not equal to themselves, as far as one can tell by what they are made
/// of. (That `==` of a type without floating-point numbers is written so is not foreseen: such keys are found to be the
/// same by their parts, if their hashes are.)
private func mayDiffer(_ type: Any.Type) -> Bool {
  let id = ObjectIdentifier(type)
  if let known = typesThatMayDiffer.withLock({ $0[id] }) { return known }
  let result = mayDiffer(type, depth: 0)
  typesThatMayDiffer.withLock { $0[id] = result }
  return result
}

private func mayDiffer(_ type: Any.Type, depth: Int) -> Bool {
  if typesEqualToThemselves.contains(ObjectIdentifier(type)) { return false }
  // Types may hold arrays of themselves.
  if depth > 16 || type is any FloatingPoint.Type || type is any SIMD.Type { return true }
  if let container = type as? any KeyContainer.Type {
    return container.partTypes.contains { mayDiffer($0, depth: depth + 1) }
  }
  func structure<Value>(_ type: Value.Type) -> TypeStructure { TypeStructure(type) }
  switch _openExistential(type, do: structure) {
  case .fields(let fields): return fields.contains { mayDiffer($0.type, depth: depth + 1) }
  case .cases, .builtin: return false
  case .unknown: return payloadTypes(type)?.contains { mayDiffer($0, depth: depth + 1) } ?? true
  }
}

/// Whether there are parts that may differ and that `containerParts` cannot look into: what objects, and the cases of
/// enumerations, hold. A case that carries a number alone is compared well by `==`.
private func hasHiddenParts(_ type: Any.Type, depth: Int) -> Bool {
  if depth > 16 { return true }
  if type is any FloatingPoint.Type || type is any SIMD.Type || !mayDiffer(type) { return false }
  if let container = type as? any KeyContainer.Type {
    return container.partTypes.contains { hasHiddenParts($0, depth: depth + 1) }
  }
  func structure<Value>(_ type: Value.Type) -> TypeStructure { TypeStructure(type) }
  switch _openExistential(type, do: structure) {
  case .fields(let fields): return fields.contains { hasHiddenParts($0.type, depth: depth + 1) }
  case .cases, .builtin: return false
  case .unknown: return payloadTypes(type)?.contains { mayDiffer($0) && !($0 is any FloatingPoint.Type) } ?? true
  }
}

/// Looks into the arrays, sets and dictionaries that lie in values of a type.
private struct ContainerParts: @unchecked Sendable {
  // Sendable: the closures capture types, offsets and other such closures alone.
  /// Whether there is something in the containers that is not equal to itself.
  let holdNaN: (UnsafeRawPointer) -> Bool
  /// Gives the containers memory of their own.
  let rebuild: (UnsafeMutableRawPointer) -> Void
}

/// `nil` if there are none, or none that could be found: objects, and enumerations with values, are not looked into.
private func containerParts<Value>(of type: Value.Type, depth: Int = 0) -> ContainerParts? {
  guard depth <= 16, mayDiffer(type) else { return nil }
  if let container = type as? any KeyContainer.Type { return container.containerParts(depth: depth) }
  guard case .fields(let fields) = TypeStructure(type) else { return nil }
  func ofField<Field>(_ type: Field.Type) -> ContainerParts? { containerParts(of: type, depth: depth + 1) }
  let parts = fields.compactMap { field in
    _openExistential(field.type, do: ofField).map { (offset: field.offset, parts: $0) }
  }
  guard !parts.isEmpty else { return nil }
  return ContainerParts(
    holdNaN: { value in parts.contains { $0.parts.holdNaN(value + $0.offset) } },
    rebuild: { value in for part in parts { part.parts.rebuild(value + part.offset) } })
}

/// Generic types that are equal to themselves if their parts are.
private protocol KeyContainer {
  static var partTypes: [Any.Type] { get }
  static func containerParts(depth: Int) -> ContainerParts?
}

private func holdsNaN<Part>(_ part: Part, _ containers: ContainerParts?) -> Bool {
  if let part = part as? any Equatable, !isEqualToItself(part) { return true }
  return withUnsafePointer(to: part) { part in containers?.holdNaN(part) ?? false }
}

private func rebuilt<Part>(_ part: Part, _ containers: ContainerParts?) -> Part {
  var part = part
  if let containers { withUnsafeMutablePointer(to: &part) { containers.rebuild($0) } }
  return part
}

extension Optional: KeyContainer {
  fileprivate static var partTypes: [Any.Type] { [Wrapped.self] }

  fileprivate static func containerParts(depth: Int) -> ContainerParts? {
    guard let wrapped = MartletCore.containerParts(of: Wrapped.self, depth: depth + 1) else { return nil }
    return ContainerParts(
      holdNaN: { value in
        guard let value = value.assumingMemoryBound(to: Wrapped?.self).pointee else { return false }
        return withUnsafePointer(to: value) { wrapped.holdNaN($0) }
      },
      rebuild: { value in
        let value = value.assumingMemoryBound(to: Wrapped?.self)
        value.pointee = value.pointee.map { rebuilt($0, wrapped) }
      })
  }
}

extension Array: KeyContainer {
  fileprivate static var partTypes: [Any.Type] { [Element.self] }

  fileprivate static func containerParts(depth: Int) -> ContainerParts? {
    let element = MartletCore.containerParts(of: Element.self, depth: depth + 1)
    return ContainerParts(
      holdNaN: { $0.assumingMemoryBound(to: [Element].self).pointee.contains { holdsNaN($0, element) } },
      rebuild: { array in
        let array = array.assumingMemoryBound(to: [Element].self)
        array.pointee = array.pointee.map { rebuilt($0, element) }
      })
  }
}

extension ContiguousArray: KeyContainer {
  fileprivate static var partTypes: [Any.Type] { [Element.self] }

  fileprivate static func containerParts(depth: Int) -> ContainerParts? {
    let element = MartletCore.containerParts(of: Element.self, depth: depth + 1)
    return ContainerParts(
      holdNaN: { $0.assumingMemoryBound(to: ContiguousArray<Element>.self).pointee.contains { holdsNaN($0, element) } },
      rebuild: { array in
        let array = array.assumingMemoryBound(to: ContiguousArray<Element>.self)
        array.pointee = ContiguousArray(array.pointee.map { rebuilt($0, element) })
      })
  }
}

extension ArraySlice: KeyContainer {
  fileprivate static var partTypes: [Any.Type] { [Element.self] }

  fileprivate static func containerParts(depth: Int) -> ContainerParts? {
    let element = MartletCore.containerParts(of: Element.self, depth: depth + 1)
    return ContainerParts(
      holdNaN: { $0.assumingMemoryBound(to: ArraySlice<Element>.self).pointee.contains { holdsNaN($0, element) } },
      rebuild: { array in
        let array = array.assumingMemoryBound(to: ArraySlice<Element>.self)
        array.pointee = ArraySlice(array.pointee.map { rebuilt($0, element) })
      })
  }
}

extension Set: KeyContainer {
  fileprivate static var partTypes: [Any.Type] { [Element.self] }

  fileprivate static func containerParts(depth: Int) -> ContainerParts? {
    let element = MartletCore.containerParts(of: Element.self, depth: depth + 1)
    return ContainerParts(
      holdNaN: { $0.assumingMemoryBound(to: Set<Element>.self).pointee.contains { holdsNaN($0, element) } },
      rebuild: { set in
        let set = set.assumingMemoryBound(to: Set<Element>.self)
        set.pointee = Set(set.pointee.map { rebuilt($0, element) })
      })
  }
}

extension Dictionary: KeyContainer {
  fileprivate static var partTypes: [Any.Type] { [Key.self, Value.self] }

  fileprivate static func containerParts(depth: Int) -> ContainerParts? {
    let key = MartletCore.containerParts(of: Key.self, depth: depth + 1)
    let value = MartletCore.containerParts(of: Value.self, depth: depth + 1)
    return ContainerParts(
      holdNaN: { dictionary in
        dictionary.assumingMemoryBound(to: [Key: Value].self).pointee.contains {
          holdsNaN($0.key, key) || holdsNaN($0.value, value)
        }
      },
      rebuild: { dictionary in
        let dictionary = dictionary.assumingMemoryBound(to: [Key: Value].self)
        let entries = dictionary.pointee.map { (rebuilt($0.key, key), rebuilt($0.value, value)) }
        dictionary.pointee = Dictionary(entries) { first, _ in first }
      })
  }
}

// MARK: Values

/// A key that is not equal to itself, taken apart.
private indirect enum KeyParts: Hashable {
  case notANumber
  /// What is equal to itself.
  case whole(AnyHashable)
  case parts([(label: String?, value: KeyParts)])
  /// The elements of a set or dictionary, with how often they come.
  case unordered([KeyParts: Int])
  /// What cannot be taken apart, as it describes itself.
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
    // By its type, since an array is equal to itself whatever it holds.
    if let hashable, !mayDiffer(type(of: value)) || hashable is any FloatingPoint, isEqualToItself(hashable) {
      self = .whole(AnyHashable(hashable))
      return
    }
    var parts: [(label: String?, value: KeyParts)] = []
    var mirror: Mirror? = Mirror(reflecting: value)
    let style = mirror?.displayStyle
    // Objects may hold each other.
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

  /// The numbers of a vector, which does not show them.
  private static func numbers<Vector: SIMD>(of vector: Vector) -> [(label: String?, value: KeyParts)] {
    vector.indices.map { (nil, KeyParts(vector[$0])) }
  }

  /// Whether there is a number that is none, as far as the key can be taken apart.
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

  /// The same in every process, as far as the parts' hashes are: keys go to partitions by it.
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

private func isEqualToItself(_ value: some Equatable) -> Bool { value == value }
