// Unsafe code. Invariant: `base` is the start of a text of `count` bytes, followed by MARTLET_PADDING readable bytes,
// and `block < count`; no mask is loaded from before the text or from beyond the padding.
//
// The masks have a bit for every byte of a separator, not only for its first: between non-empty pieces, a separator of
// three bytes is equivalent to three separators.

import CMartlet

/// The UTF-8 of `scalar`, in little-endian order.
@inlinable @inline(__always)
package func packedUTF8(_ scalar: Unicode.Scalar) -> UInt32 {
  let value = scalar.value
  if value < 0x80 { return value }
  let last = 0x80 | value & 0x3F
  if value < 0x800 { return 0xC0 | value &>> 6 | last &<< 8 }
  let third = 0x80 | value &>> 6 & 0x3F
  if value < 0x1_0000 { return 0xE0 | value &>> 12 | third &<< 8 | last &<< 16 }
  return 0xF0 | value &>> 18 | (0x80 | value &>> 12 & 0x3F) &<< 8 | third &<< 16 | last &<< 24
}

/// The number of bytes in `packed`, the UTF-8 of a scalar.
@inline(__always)
private func packedCount(_ packed: UInt32) -> Int {
  packed == 0 ? 1 : 4 &- packed.leadingZeroBitCount / 8
}

/// The bytes that belong to `scalar` among the 64 bytes at `block`.
@usableFromInline
func scalarMask64(_ base: UnsafePointer<UInt8>, count: Int, at block: Int, scalar: UInt32) -> UInt64 {
  /// The positions of `byte`, relative to `distance` bytes after the block's start.
  func mask(_ byte: UInt8, _ distance: Int) -> UInt64 {
    let from = block &+ distance
    if from >= 0 && from <= count { return martlet_mask64(base + from, byte) }
    let here = martlet_mask64(base + block, byte)
    return distance < 0 ? here << -distance : here >> distance
  }
  let size = packedCount(scalar)
  var members: UInt64 = 0
  for first in (1 - size)...0 {
    // Bit i: whether the scalar starts `-first` bytes before byte i.
    var starts = ~UInt64(0)
    for k in 0..<size { starts &= mask(UInt8(truncatingIfNeeded: scalar >> (8 * UInt32(k))), first + k) }
    members |= starts
  }
  return members
}

/// The bytes that belong to `scalar`, which is not ASCII, among the bytes of an inline text.
@usableFromInline
func scalarMask16(_ low: UInt64, _ high: UInt64, _ scalar: UInt32) -> UInt64 {
  let size = packedCount(scalar)
  var starts = ~UInt32(0)
  for k in 0..<size { starts &= martlet_mask16(low, high, UInt8(truncatingIfNeeded: scalar >> (8 * UInt32(k)))) >> k }
  var members: UInt32 = 0
  for k in 0..<size { members |= starts << k }
  return UInt64(members)
}

/// The bytes that belong to Unicode white space among the 64 bytes at `block`.
@usableFromInline
func whitespaceMask64(_ base: UnsafePointer<UInt8>, count: Int, at block: Int) -> UInt64 {
  let here = base + block
  var members = martlet_space_mask64(here)
  // A scalar of white space has at most three bytes, so it extends at most two bytes into the block.
  for distance in 1...2 where block >= distance {
    let size = whitespaceCount(here - distance)
    if size > distance { members |= (1 << UInt64(size - distance)) - 1 }
  }
  if martlet_has_high_bit64(here) == 0 { return members }
  // All white space outside ASCII begins with one of these.
  var leads = martlet_mask64(here, 0xC2) | martlet_mask64(here, 0xE1)
  leads |= martlet_mask64(here, 0xE2) | martlet_mask64(here, 0xE3)
  while leads != 0 {
    let lead = leads.trailingZeroBitCount
    leads &= leads - 1
    if block + lead >= count { break }
    members |= ((1 << UInt64(whitespaceCount(here + lead))) - 1) << UInt64(lead)
  }
  return members
}

/// The bytes that belong to Unicode white space among the bytes of an inline text.
@usableFromInline
func whitespaceMask16(_ low: UInt64, _ high: UInt64) -> UInt64 {
  // The text is followed by padding, so that the block's mask can be loaded from it.
  withUnsafePointer(to: (low, high & ~Text.longMark, UInt64(0), UInt64(0), UInt128(0), UInt128(0), UInt128(0))) {
    block in
    whitespaceMask64(UnsafeRawPointer(block).assumingMemoryBound(to: UInt8.self), count: Text.inlineCapacity, at: 0)
  }
}

/// The number of bytes of the non-ASCII white space that starts at `bytes`: 2 or 3, or 0 if there is none.
@inline(__always)
private func whitespaceCount(_ bytes: UnsafePointer<UInt8>) -> Int {
  switch bytes[0] {
  case 0xC2: return bytes[1] == 0x85 || bytes[1] == 0xA0 ? 2 : 0
  case 0xE1...0xE3:
    let value = UInt32(bytes[0] & 0xF) << 12 | UInt32(bytes[1] & 0x3F) << 6 | UInt32(bytes[2] & 0x3F)
    return Unicode.Scalar(value).map(isWhitespace) == true ? 3 : 0
  default: return 0
  }
}

/// Returns true if `scalar` has the Unicode property White_Space, which is the same set in every version of Unicode.
@inlinable @inline(__always)
package func isWhitespace(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x20, 0x09...0x0D: true
  case 0...0x84: false
  case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
  default: false
  }
}
