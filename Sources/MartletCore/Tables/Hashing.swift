@inlinable @inline(__always)
package func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let product = (a ^ 0x2d35_8dcc_aa6c_78a5).multipliedFullWidth(by: b ^ 0x8bb8_4b93_962e_acc9)
  return product.high ^ product.low
}

public protocol StableHashable: Hashable {
  func stableHash(seed: UInt64) -> UInt64
}
/// The hash of the `count` bytes at `p`: what `Text.stableHash(seed:)` gives for a text of these bytes.
///
/// Reads no more than `count` bytes. Two lanes run side by side, because a multiplication takes longer than it keeps
/// the multiplier busy.
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
  // At most 32 bytes are left; if they are more than 16, the last 16 overlap those before.
  if offset &+ 16 < count {
    first = mix(
      first ^ (raw + offset).loadUnaligned(as: UInt64.self), (raw + (offset &+ 8)).loadUnaligned(as: UInt64.self))
  }
  let tail = raw + (count &- 16)
  second = mix(second ^ tail.loadUnaligned(as: UInt64.self), (tail + 8).loadUnaligned(as: UInt64.self))
  return mix(first, second)
}
extension Int: StableHashable {
  @inlinable @inline(__always)
  public func stableHash(seed: UInt64) -> UInt64 { mix(UInt64(bitPattern: Int64(self)) ^ seed, 0x9E37_79B9_7F4A_7C15) }
}
@frozen public struct Pair<A, B> {
  public var a: A, b: B
  @inlinable public init(_ a: A, _ b: B) { self.a = a; self.b = b }
}
extension Pair: Equatable where A: Equatable, B: Equatable {}
extension Pair: Sendable where A: Sendable, B: Sendable {}
extension Pair: Hashable where A: Hashable, B: Hashable {}
extension Pair: StableHashable where A: StableHashable, B: StableHashable {
  @inlinable @inline(__always)
  public func stableHash(seed: UInt64) -> UInt64 { b.stableHash(seed: a.stableHash(seed: seed)) }
}
@inlinable @inline(__always)
package func keyHash<K: Hashable>(_ key: borrowing K, seed: UInt64) -> UInt64 {
  if K.self == Int.self {
    return withUnsafePointer(to: key) { UnsafeRawPointer($0).load(as: Int.self).stableHash(seed: seed) }
  }
  return UInt64(truncatingIfNeeded: key._rawHashValue(seed: Int(truncatingIfNeeded: seed)))
}
extension Pair where A: Hashable, B: Hashable {
  @inlinable @inline(__always)
  public func _rawHashValue(seed: Int) -> Int {
    Int(truncatingIfNeeded: keyHash(b, seed: keyHash(a, seed: UInt64(truncatingIfNeeded: seed))))
  }
}
