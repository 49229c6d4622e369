// Unsafe code. Invariant: the pointers come from texts that live until the call returns, and 64-byte masks are taken
// only from long texts, whose buffers are padded.

import CMartlet

extension Text {
  /// Returns a Boolean value that indicates whether the text starts with the scalars of `prefix`. Every text starts
  /// with the empty one.
  @inlinable
  public func hasPrefix(_ prefix: Text) -> Bool {
    let size = prefix.utf8Count
    return size <= utf8Count && matches(prefix, size: size, at: 0)
  }

  /// Returns a Boolean value that indicates whether the text ends with the scalars of `suffix`. Every text ends with
  /// the empty one.
  @inlinable
  public func hasSuffix(_ suffix: Text) -> Bool {
    let size = suffix.utf8Count
    return size <= utf8Count && matches(suffix, size: size, at: utf8Count &- size)
  }

  /// Returns a Boolean value that indicates whether the scalars of `other` occur consecutively in the text. The empty
  /// text occurs in every text.
  ///
  /// ```swift
  /// lines.filter { $0.contains("ERROR") }
  /// ```
  public func contains(_ other: Text) -> Bool {
    var found = false
    forEachOccurrence(of: other) { _ in
      found = true
      return false
    }
    return found
  }

  /// Returns a Boolean value that indicates whether `scalar` occurs in the text.
  ///
  /// A literal such as `"a"` is a `Text` here; the result is the same.
  @_disfavoredOverload
  public func contains(_ scalar: Unicode.Scalar) -> Bool { contains(Text(scalar)) }

  /// A text with `replacement` in place of every occurrence of `target`, from left to right.
  ///
  /// ```swift
  /// "a, b, c".replacing(", ", with: ";")   // "a;b;c"
  /// ```
  ///
  /// An empty target is found before every scalar and at the end.
  public func replacing(_ target: Text, with replacement: Text) -> Text {
    var result: [UInt8] = []
    var start = 0
    withUTF8Bytes { bytes in
      replacement.withUTF8Bytes { new in
        forEachOccurrence(of: target) { offset in
          result.append(contentsOf: bytes[start..<offset])
          result.append(contentsOf: new)
          start = offset + target.utf8Count
          return true
        }
      }
      if !result.isEmpty || start > 0 { result.append(contentsOf: bytes[start...]) }
    }
    if result.isEmpty && start == 0 { return self }
    return result.withUnsafeBufferPointer { Text(copying: $0) }
  }

  /// Returns true if the `size` bytes of `other` are at `offset`, if there are that many.
  @inlinable @inline(__always)
  func matches(_ other: Text, size: Int, at offset: Int) -> Bool {
    guard other.isInline else { return sameBytes(longBase + offset, other.longBase, size) }
    let words =
      isInline
      ? shiftedWords(inlineWords, from: offset, count: size) : loadPadded16(longBase + offset, count: size)
    return words == other.inlineWords
  }

  /// Calls `body` with the offset of each occurrence of `target` that does not overlap the previous one, until it
  /// returns `false`. An empty target occurs before every scalar and at the end.
  func forEachOccurrence(of target: Text, _ body: (Int) -> Bool) {
    if target.isEmpty {
      var scalars = unicodeScalars
      while body(scalars.offset), scalars.next() != nil {}
      return
    }
    let size = target.utf8Count
    // The first and the last byte at which an occurrence may start.
    var next = 0
    let last = utf8Count - size
    guard last >= 0 else { return }
    // Safe: the target is not empty.
    let (head, tail) = target.withUTF8Bytes { ($0[0], $0[size - 1]) }
    var block = 0
    while block <= last {
      // Candidates have the first byte of the target and, `size - 1` bytes later, its last.
      var mask: UInt64
      if isInline {
        mask = UInt64(martlet_mask16(word0, word1, head) & martlet_mask16(word0, word1, tail) >> (size - 1))
      } else {
        let base = longBase + block
        mask = martlet_mask64(base, head) & martlet_mask64(base + (size - 1), tail)
      }
      while mask != 0 {
        let offset = block + mask.trailingZeroBitCount
        mask &= mask - 1
        if offset > last { return }
        if offset < next || !matches(target, size: size, at: offset) { continue }
        if !body(offset) { return }
        next = offset + size
      }
      block += 64
    }
  }
}
