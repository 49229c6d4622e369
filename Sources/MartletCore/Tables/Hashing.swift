/// A hash that is the same in every process, on every machine and in every release.
///
/// The partition of a key is computed from it, so that a restarted program, and other processes, assign a key to the
/// same partition. Make your own key types conform by combining the hashes of their parts:
/// ```swift
/// extension Sensor: StableHashable {
///   func stableHash(seed: UInt64) -> UInt64 { site.stableHash(seed: number.stableHash(seed: seed)) }
/// }
/// ```
/// Keys that do not conform are accepted everywhere too: their input to a `Hasher` is hashed, so that processes which
/// run the same program agree. The exceptions are types with a `Set` or a `Dictionary` in a property, because their
/// input differs from process to process. Make such a type conform: `Set` and `Dictionary` have a `stableHash(seed:)`.
public protocol StableHashable: Hashable {
  /// A hash of the value's contents, mixed with `seed`. Equal values have equal hashes.
  func stableHash(seed: UInt64) -> UInt64
}

/// One step of the hash: a full 128-bit product, folded (as in wyhash).
@inlinable @inline(__always)
package func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let product = (a ^ 0x2d35_8dcc_aa6c_78a5).multipliedFullWidth(by: b ^ 0x8bb8_4b93_962e_acc9)
  return product.high ^ product.low
}

/// The hash of the `count` bytes at `p`, equal to `Text.stableHash(seed:)` of a text of these bytes.
///
/// Reads no more than `count` bytes. Two lanes run in parallel, because the latency of a multiplication is longer than
/// its throughput.
@inlinable @inline(never)
package func hashBytes(_ p: UnsafePointer<UInt8>, count: Int, seed: UInt64) -> UInt64 {
  if count <= 15 {
    let (low, high) = loadExact16(p, count: count)
    return mix(low ^ seed, high | UInt64(truncatingIfNeeded: count) &<< 56)
  }
  let raw = UnsafeRawPointer(p)
  var first = seed
  var second = seed ^ UInt64(truncatingIfNeeded: count)
  var offset = 0
  while offset &+ 32 < count {
    first = mix(
      first ^ (raw + offset).loadUnaligned(as: UInt64.self), (raw + (offset &+ 8)).loadUnaligned(as: UInt64.self))
    second = mix(
      second ^ (raw + (offset &+ 16)).loadUnaligned(as: UInt64.self),
      (raw + (offset &+ 24)).loadUnaligned(as: UInt64.self))
    offset &+= 32
  }
  // At most 32 bytes are left; if there are more than 16, the last 16 overlap the previous ones.
  if offset &+ 16 < count {
    first = mix(
      first ^ (raw + offset).loadUnaligned(as: UInt64.self), (raw + (offset &+ 8)).loadUnaligned(as: UInt64.self))
  }
  let tail = raw + (count &- 16)
  second = mix(second ^ tail.loadUnaligned(as: UInt64.self), (tail + 8).loadUnaligned(as: UInt64.self))
  return mix(first, second)
}

/// The seed for the slots of all tables of this process.
@usableFromInline package let processSeed = UInt64.random(in: .min ... .max)

/// The hash that selects a key's slot. The compiler folds the comparisons of types if the key's type is known.
@inlinable @inline(__always)
package func slotHash<Key: Hashable>(_ key: UnsafePointer<Key>, seed: UInt64) -> UInt64 {
  if Key.self == Int.self {
    return UnsafeRawPointer(key).load(as: Int.self).stableHash(seed: seed)
  }
  if Key.self == Int64.self || Key.self == UInt64.self || Key.self == UInt.self {
    return UnsafeRawPointer(key).load(as: UInt64.self).stableHash(seed: seed)
  }
  if Key.self == Int32.self || Key.self == UInt32.self {
    return UnsafeRawPointer(key).load(as: UInt32.self).stableHash(seed: seed)
  }
  if Key.self == String.self {
    return UnsafeRawPointer(key).assumingMemoryBound(to: String.self).pointee.stableHash(seed: seed)
  }
  if Key.self == Double.self { return UnsafeRawPointer(key).load(as: Double.self).stableHash(seed: seed) }
  if Key.self == Float.self { return UnsafeRawPointer(key).load(as: Float.self).stableHash(seed: seed) }
  return UInt64(truncatingIfNeeded: key.pointee._rawHashValue(seed: Int(truncatingIfNeeded: seed)))
}

/// The hash that selects a key's partition.
///
/// - Parameter watch: detects keys that are not equal to themselves: `keyWatch(Key.self)`.
@inlinable @inline(__always)
package func partitionHash<Key: Hashable>(_ key: UnsafePointer<Key>, _ watch: KeyWatch<Key>?) -> UInt64 {
  if Key.self == Text.self {
    return UnsafeRawPointer(key).assumingMemoryBound(to: Text.self).pointee.stableHash(seed: 0)
  }
  if Key.self == Int.self { return UnsafeRawPointer(key).load(as: Int.self).stableHash(seed: 0) }
  if Key.self == String.self {
    return UnsafeRawPointer(key).assumingMemoryBound(to: String.self).pointee.stableHash(seed: 0)
  }
  if Key.self == Double.self { return UnsafeRawPointer(key).load(as: Double.self).stableHash(seed: 0) }
  if Key.self == Float.self { return UnsafeRawPointer(key).load(as: Float.self).stableHash(seed: 0) }
  if let watch, watch.differs(key) { return stableHashOfUnequal(key.pointee) }
  return anyStableHash(key.pointee)
}

/// The partition of a hash among `count`: uses the high bits, because slots use the low ones.
@inlinable @inline(__always)
package func partition(of hash: UInt64, among count: Int) -> Int {
  Int(truncatingIfNeeded: ((hash &>> 32) &* UInt64(truncatingIfNeeded: count)) &>> 32)
}

@usableFromInline
package func anyStableHash<Key: Hashable>(_ key: Key) -> UInt64 {
  // Casts the type, because a cast of the value would look into optionals and `AnyHashable`, which have their own
  // equality.
  if let type = Key.self as? any StableHashable.Type { return stableHash(of: key, as: type) }
  return FixedSeedHasher.hash(key)
}

/// The same as `anyStableHash`, for a key that is not equal to itself. For a type with its own stable hash, the hashes
/// of all NaNs are equal.
@usableFromInline @inline(never)
func stableHashOfUnequal<Key: Hashable>(_ key: Key) -> UInt64 {
  Key.self is any StableHashable.Type ? anyStableHash(key) : partitionHashOfUnequal(key)
}

/// `S` is `Key` itself, known to conform, so the cast changes nothing.
private func stableHash<Key: Hashable, S: StableHashable>(of key: Key, as type: S.Type) -> UInt64 {
  unsafeBitCast(key, to: type).stableHash(seed: 0)
}
