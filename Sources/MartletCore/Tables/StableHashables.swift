// The standard library keeps normal forms to itself on Linux, where Foundation would cost every program its start-up
// time; on Apple's systems Foundation has them and is there anyway.
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
  /// Zero and minus zero are equal, and so are their hashes.
  @inlinable
  public func stableHash(seed: UInt64) -> UInt64 { (self == 0 ? 0 : bitPattern).stableHash(seed: seed) }
}

extension Float: StableHashable {
  @inlinable
  public func stableHash(seed: UInt64) -> UInt64 { Double(self).stableHash(seed: seed) }
}

extension Character: StableHashable {
  public func stableHash(seed: UInt64) -> UInt64 { String(self).stableHash(seed: seed) }
}

extension String: StableHashable {
  /// Strings that are canonically equivalent are equal, so it is their composed normal form that is hashed.
  public func stableHash(seed: UInt64) -> UInt64 {
    var string = self
    let ascii = string.withUTF8 { bytes in
      bytes.allSatisfy { $0 < 0x80 } ? stableHashOfBytes(bytes, seed: seed) : nil
    }
    return ascii ?? normalFormC(self).withUnsafeBufferPointer { stableHashOfBytes($0, seed: seed) }
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

private func stableHashOfBytes(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) -> UInt64 {
  var hash = seed ^ UInt64(truncatingIfNeeded: bytes.count)
  var word: UInt64 = 0
  var filled: UInt64 = 0
  for byte in bytes {
    word |= UInt64(byte) &<< filled
    filled &+= 8
    if filled == 64 {
      hash = mix(hash, word)
      word = 0
      filled = 0
    }
  }
  return mix(hash, word)
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
