// Unsafe code. Invariant: a buffer is written within its capacity, before it is shared.

extension Text {
  /// The scalars of `a`, followed by those of `b`. Copies both, unless one of them is empty.
  public static func + (a: Text, b: Text) -> Text {
    if a.isEmpty { return b }
    if b.isEmpty { return a }
    let count = a.utf8Count + b.utf8Count
    if count <= inlineCapacity {
      let (front, back) = (a.inlineWords, b.inlineWords)
      let shift = UInt128(truncatingIfNeeded: a.utf8Count &* 8)
      let all = (UInt128(back.high) &<< 64 | UInt128(back.low)) &<< shift
      let words = (
        low: front.low | UInt64(truncatingIfNeeded: all), high: front.high | UInt64(truncatingIfNeeded: all &>> 64)
      )
      return Text(words: words, count: count)
    }
    let buffer = TextBuffer(capacity: count)
    a.copyBytes(to: buffer.base)
    b.copyBytes(to: buffer.base + a.utf8Count)
    return Text(buffer.base, count: count, in: buffer)
  }

  /// Appends the scalars of `other`. Copies both: to build a text from many parts, build a `String` first.
  public static func += (text: inout Text, other: Text) { text = text + other }

  /// A text with the same scalars that keeps no more memory than it needs.
  ///
  /// A text of more than 15 bytes that was cut from a block of input keeps that whole block alive. Its compacted form
  /// has a buffer of its own, so that a text retained as state never keeps a batch alive. A text that already covers at
  /// least four fifths of its buffer is returned unchanged.
  ///
  /// ```swift
  /// lastSeen = text.compacted()
  /// ```
  @inlinable
  public func compacted() -> Text {
    guard let owner, owner.capacity > longCount &+ longCount / 4 else { return self }
    return Text(copying: longBase, count: longCount)
  }

  /// Writes all bytes to `target`, which has room for them.
  func copyBytes(to target: UnsafeMutablePointer<UInt8>) {
    withUTF8Bytes { bytes in
      if let base = bytes.baseAddress { target.update(from: base, count: bytes.count) }
    }
  }
}
