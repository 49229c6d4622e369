// Unsafe code. Invariant (the canonical form): a text of at most 15 bytes is stored inline, its unused bytes are zero
// and `owner` is nil; a longer one points into `owner`, which keeps its bytes alive and padded. Two equal texts of at
// most 15 bytes therefore have equal words. The bytes are valid UTF-8; callers of `package` initializers have validated
// them. Words are little-endian, as on every machine that Swift 6 targets.

/// A piece of UTF-8 text: the element of text streams.
///
/// A text of at most 15 bytes is stored in the value itself, without any allocation; a longer one is a slice of a
/// buffer that it shares with its neighbors. Splitting a line into words therefore copies no bytes and, for short
/// words, counts no references.
///
/// ```swift
/// let line: Text = "to be or not to be"
/// for word in line.split(separator: " ") { print(word) }
/// ```
///
/// ## How it differs from `String`
///
/// Equality, order, hashing, searching and splitting use Unicode scalars, which for UTF-8 means bytes. `String` uses
/// canonical equivalence and grapheme clusters instead:
///
/// ```swift
/// "e\u{301}" as Text == "\u{E9}"               // false: two scalars and one
/// "e\u{301}" as String == "\u{E9}"             // true: both are é
/// ("e\u{301}" as Text).contains("e" as Text)   // true
/// ("e\u{301}" as String).contains("e")         // false: é is one Character
/// ```
///
/// If input mixes composed and decomposed forms, normalize it before using it as a key.
///
/// Characters are those of `String`, grapheme clusters, in ``count``, ``first``, ``last``, ``prefix(_:)``,
/// ``suffix(_:)``, ``dropFirst(_:)`` and ``dropLast(_:)``, which return texts. Bytes are in ``utf8``, scalars in
/// ``unicodeScalars``. A text is not a collection of characters itself: for a loop over them, and for anything else
/// that a `String` can do, write `String(text)`.
///
/// ## Beside strings
///
/// A text and a string can be compared with `==` and `<`, and each can be searched for in the other and in collections
/// of the other; dictionaries with keys of one type can be subscripted with the other. Comparisons use scalars, as
/// between texts; but sets of strings, and dictionaries with strings as keys, use canonical equivalence, as for a
/// string. A literal beside a text is a text. Combine a text and a string in a literal: `"\(text): \(string)"`.
///
/// ## Memory
///
/// A text longer than 15 bytes keeps alive the whole block of input that it belongs to. To retain one, as state or in a
/// cache, store its ``compacted()`` form.
@frozen public struct Text: Sendable {
  /// Inline: bytes 0 to 7. Otherwise: the address of the first byte.
  @usableFromInline package var word0: UInt64
  /// Inline: bytes 8 to 14, and the count in the top byte. Otherwise: the count, and 0xFF in the top byte.
  @usableFromInline package var word1: UInt64
  /// Inline: nil. Otherwise: the buffer that contains the bytes.
  @usableFromInline package var owner: TextBuffer?

  @inlinable @inline(__always)
  package init(word0: UInt64, word1: UInt64, owner: TextBuffer?) {
    self.word0 = word0
    self.word1 = word1
    self.owner = owner
  }

  /// An inline text of the `count` bytes in `words`, which are followed by zeros.
  @inlinable @inline(__always)
  package init(words: (low: UInt64, high: UInt64), count: Int) {
    self.init(word0: words.low, word1: words.high | UInt64(truncatingIfNeeded: count) &<< 56, owner: nil)
  }

  /// The text at `[bytes, bytes + count)`, which is in `buffer`.
  @inlinable @inline(__always)
  package init(_ bytes: UnsafePointer<UInt8>, count: Int, in buffer: TextBuffer) {
    if count <= Text.inlineCapacity {
      self.init(words: loadPadded16(bytes, count: count), count: count)
    } else {
      self.init(
        word0: UInt64(UInt(bitPattern: bytes)), word1: UInt64(truncatingIfNeeded: count) | Text.longMark,
        owner: buffer)
    }
  }

  /// The text at `[bytes, bytes + count)`, which is in `buffer`; the caller keeps `buffer` alive until it returns.
  ///
  /// The buffer is retained only for a text that is not inline. With a strong reference the compiler retains and
  /// releases it for every token.
  @inlinable @inline(__always)
  package init(_ bytes: UnsafePointer<UInt8>, count: Int, inUnowned buffer: Unmanaged<TextBuffer>) {
    if count <= Text.inlineCapacity {
      self.init(words: loadPadded16(bytes, count: count), count: count)
    } else {
      self.init(
        word0: UInt64(UInt(bitPattern: bytes)), word1: UInt64(truncatingIfNeeded: count) | Text.longMark,
        owner: buffer.takeUnretainedValue())
    }
  }

  /// The empty text.
  @inlinable @inline(__always)
  public init() { self.init(word0: 0, word1: 0, owner: nil) }
}

extension Text {
  /// The maximum number of bytes in an inline text.
  @inlinable @inline(__always) package static var inlineCapacity: Int { 15 }
  /// The top byte of `word1` in a text that is not inline.
  @inlinable @inline(__always) package static var longMark: UInt64 { 0xFF &<< 56 }
  /// True if the bytes are in the value itself.
  @inlinable @inline(__always) package var isInline: Bool { word1 < Text.longMark }
  /// The first byte of a text that is not inline.
  @inlinable @inline(__always) package var longBase: UnsafePointer<UInt8> {
    // Safe: a text that is not inline has the address of allocated bytes in its first word.
    UnsafePointer(bitPattern: UInt(word0)).unsafelyUnwrapped
  }
  /// The number of bytes of a text that is not inline.
  @inlinable @inline(__always) package var longCount: Int { Int(truncatingIfNeeded: word1 & ~Text.longMark) }
  /// The bytes of an inline text, without the count.
  @inlinable @inline(__always) package var inlineWords: (low: UInt64, high: UInt64) { (word0, word1 & ~Text.longMark) }

  /// The number of bytes.
  @inlinable @inline(__always) public var utf8Count: Int {
    isInline ? Int(truncatingIfNeeded: word1 &>> 56) : longCount
  }

  /// A Boolean value that indicates whether the text has no bytes.
  @inlinable @inline(__always) public var isEmpty: Bool { word1 == 0 }

  /// Calls `body` with the bytes, which are valid until it returns.
  ///
  /// ```swift
  /// let commas = line.withUTF8Bytes { bytes in bytes.count { $0 == UInt8(ascii: ",") } }
  /// ```
  ///
  /// - Throws: the error of `body`.
  @inlinable @inline(__always)
  public func withUTF8Bytes<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if isInline {
      return try withUnsafePointer(to: (word0, word1)) { words throws(Failure) in
        // Safe: any 16 bytes may be read as bytes, and the count is at most 15.
        try body(
          UnsafeBufferPointer(start: UnsafeRawPointer(words).assumingMemoryBound(to: UInt8.self), count: utf8Count))
      }
    }
    defer { withExtendedLifetime(owner) {} }
    return try body(UnsafeBufferPointer(start: longBase, count: longCount))
  }

  /// The bytes in `range`, which starts and ends between scalars. A long slice shares this text's buffer.
  @inlinable @inline(__always)
  package func slice(_ range: Range<Int>) -> Text {
    if let owner { return Text(longBase + range.lowerBound, count: range.count, in: owner) }
    return Text(words: shiftedWords(inlineWords, from: range.lowerBound, count: range.count), count: range.count)
  }
}
