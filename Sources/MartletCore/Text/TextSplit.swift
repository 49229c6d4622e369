// Unsafe code. Invariant: `text` keeps the bytes of a long text alive for the lifetime of this iterator; `next` ends by
// extending its lifetime, because the tokens are made from `unowned`, which the compiler does not count.

public import CMartlet

extension Text {
  /// The non-empty pieces between occurrences of `separator`, found lazily.
  ///
  /// ```swift
  /// for word in line.split(separator: " ") { print(word) }
  /// ```
  ///
  /// Like `String.split(separator:)`, it omits empty pieces, so runs of separators count as one. Use it for words. For
  /// columns, some of which may be empty, use `fields(separator:)`.
  @inlinable @inline(__always)
  public func split(separator: Unicode.Scalar) -> TextSplit {
    TextSplit(self, separator: packedUTF8(separator))
  }

  /// The pieces between runs of Unicode white space (spaces, tabs, line ends, U+00A0, U+3000 and others), found lazily.
  ///
  /// ```swift
  /// Array(("  to\tbe " as Text).splitOnWhitespace())   // ["to", "be"]
  /// ```
  @inlinable @inline(__always)
  public func splitOnWhitespace() -> TextSplit {
    TextSplit(self, separator: TextSplit.anyWhitespace)
  }
}

/// The non-empty pieces of a text between separators, found lazily.
///
/// Scans the text in blocks of 64 bytes, with a mask that has a bit for each byte of a separator.
@frozen public struct TextSplit: Sequence, IteratorProtocol, Sendable {
  /// One value instead of its parts: this shows the compiler that it is the text that was passed, so that no reference
  /// is counted.
  @usableFromInline let text: Text
  @usableFromInline let unowned: Unmanaged<TextBuffer>?
  @usableFromInline let isInline: Bool
  /// The number of bytes in the text.
  @usableFromInline let byteCount: Int
  /// The start of the next piece.
  @usableFromInline var start = 0
  /// The start of the block of `mask`.
  @usableFromInline var block = 0
  /// The separators in the block after the current position.
  @usableFromInline var mask: UInt64
  /// The separator's UTF-8 in little-endian order, or `anyWhitespace`.
  @usableFromInline let separator: UInt32

  /// Stands for all Unicode white space; no scalar's UTF-8 has these bytes.
  @inlinable @inline(__always) static var anyWhitespace: UInt32 { .max }

  @inlinable @inline(__always)
  init(_ text: Text, separator: UInt32) {
    self.text = text
    isInline = text.isInline
    unowned = text.owner.map { Unmanaged.passUnretained($0) }
    byteCount = text.utf8Count
    self.separator = separator
    mask = 0
    mask = isInline ? inlineMask() : blockMask()
  }

  /// The next piece, or `nil` at the end.
  @inlinable @inline(__always)
  public mutating func next() -> Text? {
    if isInline { return nextInline() }
    defer { withExtendedLifetime(text) {} }
    // Safe: a text that is not inline has the address of allocated bytes, and an owner.
    let base = UnsafePointer<UInt8>(bitPattern: UInt(text.word0)).unsafelyUnwrapped
    let buffer = unowned.unsafelyUnwrapped
    while true {
      while mask == 0 {
        block &+= 64
        if block >= byteCount {
          if start >= byteCount { return nil }
          let pieceStart = start
          start = byteCount
          return Text(base + pieceStart, count: byteCount &- pieceStart, inUnowned: buffer)
        }
        mask = blockMask()
      }
      var end = block &+ mask.trailingZeroBitCount
      mask &= mask &- 1
      if end >= byteCount {
        end = byteCount
        mask = 0
        block = byteCount
      }
      let pieceStart = start
      start = end &+ 1
      if end > pieceStart { return Text(base + pieceStart, count: end &- pieceStart, inUnowned: buffer) }
      if pieceStart >= byteCount { return nil }
    }
  }

  /// The same for the two words of an inline text, whose mask has no bits past the end.
  @inlinable @inline(__always)
  mutating func nextInline() -> Text? {
    while start < byteCount {
      let end = mask == 0 ? byteCount : mask.trailingZeroBitCount
      mask &= mask &- 1
      let pieceStart = start
      start = end &+ 1
      if end > pieceStart {
        let size = end &- pieceStart
        return Text(words: shiftedWords((text.word0, text.word1), from: pieceStart, count: size), count: size)
      }
    }
    return nil
  }

  /// The separators in an inline text.
  @inlinable @inline(__always)
  func inlineMask() -> UInt64 {
    let found: UInt64
    if separator < 0x80 {
      found = UInt64(martlet_mask16(text.word0, text.word1, UInt8(truncatingIfNeeded: separator)))
    } else if separator == TextSplit.anyWhitespace {
      found = whitespaceMask16(text.word0, text.word1)
    } else {
      found = scalarMask16(text.word0, text.word1, separator)
    }
    // The text is followed by zeros and by its count, which may look like separators.
    return found & ((1 &<< UInt64(truncatingIfNeeded: byteCount)) &- 1)
  }

  /// The separators in the 64 bytes at `block`. Bits past the end of the text may be set.
  @inlinable @inline(__always)
  func blockMask() -> UInt64 {
    // Safe: as in `next`.
    let base = UnsafePointer<UInt8>(bitPattern: UInt(text.word0)).unsafelyUnwrapped
    if separator < 0x80 { return martlet_mask64(base + block, UInt8(truncatingIfNeeded: separator)) }
    if separator == TextSplit.anyWhitespace { return whitespaceMask64(base, count: byteCount, at: block) }
    return scalarMask64(base, count: byteCount, at: block, scalar: separator)
  }
}
