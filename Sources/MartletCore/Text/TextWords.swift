// Unsafe code. Invariant: each function documents how many bytes it reads; words are little-endian.

public import CMartlet

/// The first `count` bytes (at most 15) at `bytes` as two words, the rest zero. Reads 16 bytes.
@inlinable @inline(__always)
package func loadPadded16(_ bytes: UnsafePointer<UInt8>, count: Int) -> (low: UInt64, high: UInt64) {
  let words = martlet_load_padded16(bytes, count)
  return (words.low, words.high)
}

/// The first `count` bytes (at most 15) at `bytes` as two words, the rest zero. Reads `count` bytes and no more.
@inlinable @inline(__always)
package func loadExact16(_ bytes: UnsafePointer<UInt8>, count: Int) -> (low: UInt64, high: UInt64) {
  let raw = UnsafeRawPointer(bytes)
  if count >= 8 {
    // The last eight bytes overlap the first; shift the overlap out.
    let last = (raw + (count &- 8)).loadUnaligned(as: UInt64.self)
    let overlap = UInt64(truncatingIfNeeded: 128 &- count &* 8)
    return (raw.loadUnaligned(as: UInt64.self), count == 8 ? 0 : last &>> overlap)
  }
  if count >= 4 {
    let first = UInt64(raw.loadUnaligned(as: UInt32.self))
    let last = UInt64((raw + (count &- 4)).loadUnaligned(as: UInt32.self))
    return (first | last &<< UInt64(truncatingIfNeeded: (count &- 4) &* 8), 0)
  }
  if count == 0 { return (0, 0) }
  // One to three bytes: the first, the middle and the last cover all of them.
  let first = UInt64(bytes[0])
  let middle = UInt64(bytes[count &>> 1]) &<< UInt64(truncatingIfNeeded: (count &>> 1) &* 8)
  let last = UInt64(bytes[count &- 1]) &<< UInt64(truncatingIfNeeded: (count &- 1) &* 8)
  return (first | middle | last, 0)
}

/// `count` of the 16 bytes in `words` from byte `start`, moved to the front, the rest zero; at most 15 bytes.
@inlinable @inline(__always)
package func shiftedWords(
  _ words: (low: UInt64, high: UInt64), from start: Int, count: Int
) -> (low: UInt64, high: UInt64) {
  let all = UInt128(words.high) &<< 64 | UInt128(words.low)
  let kept = (UInt128(1) &<< UInt128(truncatingIfNeeded: count &* 8)) &- 1
  let shifted = (all &>> UInt128(truncatingIfNeeded: start &* 8)) & kept
  return (UInt64(truncatingIfNeeded: shifted), UInt64(truncatingIfNeeded: shifted &>> 64))
}
