// Unsafe code. Invariant: only bytes within `bytes` are read.

/// A checksum of 64 bits. It is part of the file format and must never change.
///
/// Each word is multiplied into one of two lanes with a full 128-bit product that is folded; about 10 GB/s.
package func checksum(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
  func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = (a ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: b ^ 0xC2B2_AE3D_27D4_EB4F)
    return product.high ^ product.low
  }
  var even = seed ^ UInt64(truncatingIfNeeded: bytes.count)
  var odd = ~even
  var i = 0
  while i &+ 16 <= bytes.count {
    even = fold(even, UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)))
    odd = fold(odd, UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: i &+ 8, as: UInt64.self)))
    i &+= 16
  }
  while i < bytes.count {
    even = fold(even, UInt64(bytes[i]))
    i &+= 1
  }
  return fold(even, odd)
}
