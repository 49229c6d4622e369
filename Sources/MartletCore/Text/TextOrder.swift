// Unsafe code. Invariant: the pointers come from texts that live until the call returns.

public import CMartlet

extension Text: Hashable {
  /// Returns a Boolean value that indicates whether both have the same bytes, and thus the same scalars.
  @inlinable @inline(__always)
  public static func == (a: Text, b: Text) -> Bool {
    if a.word1 != b.word1 { return false }
    if a.word0 == b.word0 { return true }
    return !a.isInline && sameBytes(a.longBase, b.longBase, a.longCount)
  }

  /// Feeds the text to `hasher`.
  @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(stableHash(seed: 0)) }

  /// The hash for tables and dictionaries: ``stableHash(seed:)``, without going through `Hasher`.
  @inlinable @inline(__always)
  public func _rawHashValue(seed: Int) -> Int {
    Int(truncatingIfNeeded: stableHash(seed: UInt64(truncatingIfNeeded: seed)))
  }
}

extension Text: StableHashable {
  /// A hash of the bytes and `seed` that is the same in every process, on every machine and in every release: it may
  /// select the partition of a key, and may be written to disk.
  ///
  /// It assumes a little-endian machine, as the representation of `Text` does.
  @inlinable @inline(__always)
  public func stableHash(seed: UInt64) -> UInt64 {
    if isInline { return mix(word0 ^ seed, word1) }
    return hashBytes(longBase, count: longCount, seed: seed)
  }
}

extension Text: Comparable {
  /// Returns a Boolean value that indicates whether `a` comes first in the order of Unicode scalars, which is also the
  /// order of bytes.
  @inlinable @inline(__always)
  public static func < (a: Text, b: Text) -> Bool {
    if a.isInline && b.isInline {
      // Compares each word as a big-endian number; the count decides last, between a text and the same text followed by
      // zero bytes.
      if a.word0 != b.word0 { return a.word0.byteSwapped < b.word0.byteSwapped }
      return a.word1.byteSwapped < b.word1.byteSwapped
    }
    return precedes(a, b)
  }
}

/// Returns true if `a` comes before `b` in the order of their bytes.
@usableFromInline
func precedes(_ a: Text, _ b: Text) -> Bool {
  a.withUTF8Bytes { a in b.withUTF8Bytes { b in byteOrder(a, b) < 0 } }
}

/// Less than 0 if `a` comes before `b` in the order of bytes, more than 0 if it comes after it, 0 if they are the same.
func byteOrder(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
  guard let aBase = a.baseAddress, let bBase = b.baseAddress else { return a.count - b.count }
  let order = martlet_compare(aBase, bBase, min(a.count, b.count))
  return order == 0 ? a.count - b.count : Int(order)
}

/// Returns true if `count` bytes are the same at `a` and at `b`.
@inlinable @inline(__always)
package func sameBytes(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
  martlet_compare(a, b, count) == 0
}
