// Unsafe code. Invariant (the canonical form): a text of at most 15 bytes is held inline, its unused bytes are
// zero and `owner` is nil; a longer one points into `owner`, which keeps its bytes alive and padded. Two equal
// texts of at most 15 bytes therefore have equal words.

public import CMartletSIMD

@frozen public struct Text: Sendable {
  /// Inline: bytes 0 to 7. Otherwise: the address of the first byte.
  @usableFromInline package var word0: UInt64
  /// Inline: bytes 8 to 14, and the count in the top byte. Otherwise: the count, and 0xFF in the top byte.
  @usableFromInline package var word1: UInt64
  @usableFromInline package var owner: TextBuffer?

  @inlinable @inline(__always)
  package init(word0: UInt64, word1: UInt64, owner: TextBuffer?) {
    self.word0 = word0
    self.word1 = word1
    self.owner = owner
  }

  /// The text at `[bytes, bytes + count)`, which lies in `buffer`.
  @inlinable @inline(__always)
  package init(_ bytes: UnsafePointer<UInt8>, count: Int, in buffer: TextBuffer) {
    if count <= Text.inlineCapacity {
      let (low, high) = loadPadded16(bytes, count: count)
      self.init(word0: low, word1: high | UInt64(truncatingIfNeeded: count) &<< 56, owner: nil)
    } else {
      self.init(
        word0: UInt64(UInt(bitPattern: bytes)), word1: UInt64(truncatingIfNeeded: count) | Text.longMark, owner: buffer)
    }
  }

  @inlinable @inline(__always)
  package init(_ bytes: UnsafePointer<UInt8>, count: Int, inUnowned buffer: Unmanaged<TextBuffer>) {
    if count <= Text.inlineCapacity {
      let (low, high) = loadPadded16(bytes, count: count)
      self.init(word0: low, word1: high | UInt64(truncatingIfNeeded: count) &<< 56, owner: nil)
    } else {
      self.init(
        word0: UInt64(UInt(bitPattern: bytes)), word1: UInt64(truncatingIfNeeded: count) | Text.longMark,
        owner: buffer.takeUnretainedValue())
    }
  }
  @inlinable @inline(__always) package static var inlineCapacity: Int { 15 }
  @inlinable @inline(__always) package static var longMark: UInt64 { 0xFF &<< 56 }
  @inlinable @inline(__always) package var isInline: Bool { word1 < Text.longMark }
  @inlinable @inline(__always) package var longBase: UnsafePointer<UInt8> {
    UnsafePointer(bitPattern: UInt(word0)).unsafelyUnwrapped
  }
  @inlinable @inline(__always) package var longCount: Int { Int(truncatingIfNeeded: word1 & ~Text.longMark) }
  /// bytes
  @inlinable @inline(__always) public var utf8Count: Int {
    isInline ? Int(truncatingIfNeeded: word1 &>> 56) : longCount
  }
}

/// The first `count` bytes (at most 15) at `p` as two words, the rest zero. Reads 16 bytes.
@inlinable @inline(__always)
package func loadPadded16(_ p: UnsafePointer<UInt8>, count: Int) -> (UInt64, UInt64) {
  let raw = UnsafeRawPointer(p)
  let low = raw.loadUnaligned(as: UInt64.self)
  if count <= 8 {
    return (count == 0 ? 0 : low & (~0 &>> UInt64(truncatingIfNeeded: 64 &- count &* 8)), 0)
  }
  let high = (raw + 8).loadUnaligned(as: UInt64.self) & (~0 &>> UInt64(truncatingIfNeeded: 128 &- count &* 8))
  return (low, high)
}

extension Text: Hashable {
  @inlinable @inline(__always)
  public static func == (a: Text, b: Text) -> Bool {
    if a.word1 != b.word1 { return false }
    if a.word0 == b.word0 { return true }
    return !a.isInline && sameBytes(a.longBase, b.longBase, a.longCount)
  }
  @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(stableHash(seed: 0)) }
  @inlinable @inline(__always)
  public func _rawHashValue(seed: Int) -> Int {
    Int(truncatingIfNeeded: stableHash(seed: UInt64(truncatingIfNeeded: seed)))
  }
}

@inlinable @inline(never)
package func sameBytes(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
  for i in 0..<count where a[i] != b[i] { return false }
  return true
}

extension Text: StableHashable {
  @inlinable @inline(__always)
  public func stableHash(seed: UInt64) -> UInt64 {
    if isInline { return mix(word0 ^ seed, word1) }
    return hashBytes(longBase, count: longCount, seed: seed)
  }
}

extension Text {
  @inlinable @inline(__always)
  public func split(separator: Unicode.Scalar) -> TextSplit {
    TextSplit(self, UInt8(truncatingIfNeeded: separator.value))
  }
}

@frozen public struct TextSplit: Sequence, IteratorProtocol {
  @usableFromInline var word0: UInt64
  @usableFromInline var word1: UInt64
  @usableFromInline let owner: TextBuffer?
  @usableFromInline let unowned: Unmanaged<TextBuffer>
  @usableFromInline let isInline: Bool
  @usableFromInline let count: Int
  @usableFromInline var start = 0
  @usableFromInline var block = 0
  @usableFromInline var mask: UInt64
  @usableFromInline let separator: UInt8

  @inlinable @inline(__always)
  init(_ text: Text, _ separator: UInt8) {
    word0 = text.word0
    word1 = text.word1
    owner = text.owner
    isInline = text.isInline
    unowned =
      unsafeBitCast(text.owner, to: Optional<Unmanaged<TextBuffer>>.self) ?? Unmanaged.passUnretained(TextBuffer.empty)
    count = text.utf8Count
    self.separator = separator
    if text.isInline {
      mask = UInt64(martlet_mask16(word0, word1, separator))
    } else {
      mask = martlet_mask64(text.longBase, separator)
    }
  }

  @inlinable @inline(__always)
  public mutating func next() -> Text? {
    if isInline { return nextInline() }
    let buffer = unowned
    let base = UnsafePointer<UInt8>(bitPattern: UInt(word0)).unsafelyUnwrapped
    while true {
      while mask == 0 {
        block &+= 64
        if block >= count {
          if start < count {
            let s = start
            start = count
            return Text(base + s, count: count &- s, inUnowned: buffer)
          }
          return nil
        }
        mask = martlet_mask64(base + block, separator)
      }
      var end = block &+ mask.trailingZeroBitCount
      mask &= mask &- 1
      if end >= count {
        end = count
        mask = 0
        block = count
      }
      let s = start
      start = end &+ 1
      if end > s { return Text(base + s, count: end &- s, inUnowned: buffer) }
      if s >= count { return nil }
    }
  }

  @inlinable @inline(never)
  mutating func nextInline() -> Text? {
    return nil
  }
}

extension Text {
  @usableFromInline package func compacted() -> Text {
    if isInline { return self }
    let copy = TextBuffer(copying: longBase, count: longCount)
    return Text(copy.base, count: longCount, in: copy)
  }
}
package func validatedUTF8(_ base: UnsafePointer<UInt8>, count: Int) -> Bool { true }
extension Text {
  package init(repairing base: UnsafePointer<UInt8>, count: Int, in buffer: TextBuffer) {
    self.init(base, count: count, in: buffer)
  }
}
extension Text {
  public init(_ s: String) {
    let b = TextBuffer(capacity: s.utf8.count); var n = 0; for u in s.utf8 { b.base[n] = u; n += 1 };
    self.init(b.base, count: n, in: b)
  }
}
