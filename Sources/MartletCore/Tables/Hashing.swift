@inlinable @inline(__always)
package func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let product = (a ^ 0x2d35_8dcc_aa6c_78a5).multipliedFullWidth(by: b ^ 0x8bb8_4b93_962e_acc9)
  return product.high ^ product.low
}

public protocol StableHashable: Hashable {
  func stableHash(seed: UInt64) -> UInt64
}
@inlinable @inline(never)
package func hashBytes(_ p: UnsafePointer<UInt8>, count: Int, seed: UInt64) -> UInt64 {
  var h = seed ^ UInt64(truncatingIfNeeded: count)
  let raw = UnsafeRawPointer(p)
  var i = 0
  while i &+ 8 <= count {
    h = mix(h, (raw + i).loadUnaligned(as: UInt64.self))
    i &+= 8
  }
  if i < count { h = mix(h, (raw + (count - 8)).loadUnaligned(as: UInt64.self)) }
  return h
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
