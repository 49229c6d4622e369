// The standard library does not expose normal forms on Linux, where Foundation would increase the start-up time of
// every program; on Apple's systems Foundation has them and is loaded anyway.
#if canImport(Darwin)
  import Foundation
#else
  @_spi(_Unicode) import Swift
#endif

extension FixedWidthInteger where Self: StableHashable {
  @inlinable @inline(__always)
  public func stableHash(seed: UInt64) -> UInt64 {
    mix(UInt64(truncatingIfNeeded: self) ^ seed, 0x9E37_79B9_7F4A_7C15)
  }
}
extension Int: StableHashable {}
extension Int64: StableHashable {}
extension Int32: StableHashable {}
extension Int16: StableHashable {}
extension Int8: StableHashable {}
extension UInt: StableHashable {}
extension UInt64: StableHashable {}
extension UInt32: StableHashable {}
extension UInt16: StableHashable {}
extension UInt8: StableHashable {}

extension Bool: StableHashable {
  @inlinable
  public func stableHash(seed: UInt64) -> UInt64 { (self ? 1 : 0).stableHash(seed: seed) }
}

extension Double: StableHashable {
  /// Zero and minus zero are equal, and so are their hashes. All NaNs have the same hash.
  @inlinable
  public func stableHash(seed: UInt64) -> UInt64 {
    let bits = self == 0 ? 0 : self == self ? bitPattern : Double.nan.bitPattern
    return bits.stableHash(seed: seed)
  }
}

extension Float: StableHashable {
  @inlinable
  public func stableHash(seed: UInt64) -> UInt64 { Double(self).stableHash(seed: seed) }
}

extension Character: StableHashable {
  public func stableHash(seed: UInt64) -> UInt64 { String(self).stableHash(seed: seed) }
}

extension String: StableHashable {
  /// The hash of the string's bytes, equal to that of a `Text` of the same bytes. Strings that are canonically
  /// equivalent are equal, so the composed normal form is hashed; ASCII already has that form.
  @inlinable @inline(__always)
  public func stableHash(seed: UInt64) -> UInt64 {
    let ascii = utf8.withContiguousStorageIfAvailable { bytes in hashOfASCII(bytes, seed: seed) }
    if let ascii, let hash = ascii { return hash }
    return hashOfNormalForm(self, seed: seed)
  }
}

/// The hash of the bytes, if all of them are ASCII.
@usableFromInline
func hashOfASCII(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) -> UInt64? {
  guard let base = bytes.baseAddress else { return hashOfEmpty(seed: seed) }
  let count = bytes.count
  if count <= 15 {
    // The same hash as `hashBytes`; the bytes are loaded only once for both purposes.
    let (low, high) = loadExact16(base, count: count)
    guard (low | high) & 0x8080_8080_8080_8080 == 0 else { return nil }
    return mix(low ^ seed, high | UInt64(truncatingIfNeeded: count) &<< 56)
  }
  let raw = UnsafeRawPointer(base)
  // The last eight bytes overlap the previous ones.
  var any = (raw + (count &- 8)).loadUnaligned(as: UInt64.self)
  var i = 0
  while i &+ 8 <= count {
    any |= (raw + i).loadUnaligned(as: UInt64.self)
    i &+= 8
  }
  return any & 0x8080_8080_8080_8080 == 0 ? hashBytes(base, count: count, seed: seed) : nil
}

private func hashOfEmpty(seed: UInt64) -> UInt64 { mix(seed, 0) }

@usableFromInline
func hashOfNormalForm(_ string: String, seed: UInt64) -> UInt64 {
  normalFormC(string).withUnsafeBufferPointer { bytes in
    bytes.baseAddress.map { hashBytes($0, count: bytes.count, seed: seed) } ?? hashOfEmpty(seed: seed)
  }
}

/// The UTF-8 of `string` in Unicode's normal form C.
private func normalFormC(_ string: String) -> [UInt8] {
  #if canImport(Darwin)
    Array(string.precomposedStringWithCanonicalMapping.utf8)
  #else
    string._nfc.flatMap { Array(String($0).utf8) }
  #endif
}

extension Optional: StableHashable where Wrapped: StableHashable {
  @inlinable
  public func stableHash(seed: UInt64) -> UInt64 {
    switch self {
    case nil: 0.stableHash(seed: seed)
    case let value?: value.stableHash(seed: seed ^ 1)
    }
  }
}

extension Array: StableHashable where Element: StableHashable {
  @inlinable
  public func stableHash(seed: UInt64) -> UInt64 {
    reduce(count.stableHash(seed: seed)) { $1.stableHash(seed: $0) }
  }
}

extension Set: StableHashable where Element: StableHashable {
  @inlinable
  public func stableHash(seed: UInt64) -> UInt64 {
    // Equal sets may have different orders.
    reduce(count.stableHash(seed: seed)) { $0 &+ $1.stableHash(seed: seed) }
  }
}

extension Dictionary: StableHashable where Key: StableHashable, Value: StableHashable {
  @inlinable
  public func stableHash(seed: UInt64) -> UInt64 {
    reduce(count.stableHash(seed: seed)) { $0 &+ $1.value.stableHash(seed: $1.key.stableHash(seed: seed)) }
  }
}
