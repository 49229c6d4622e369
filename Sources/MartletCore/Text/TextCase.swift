// Unsafe code. Invariant: eight bytes are loaded at once only from within a long text, and stored only within the
// capacity of a buffer that nobody else has yet.

extension Text {
  /// The text in lower case, by the same mappings as `String.lowercased()`.
  ///
  /// ASCII is converted eight bytes at a time; a text of at most 15 bytes of ASCII, or one that is in lower case
  /// already, without an allocation.
  @inlinable
  public func lowercased() -> Text {
    if isInline && (word0 | word1) & asciiHighBits == 0 {
      // The count in the top byte is less than any letter.
      return Text(word0: word0 | upperCaseBits(word0), word1: word1 | upperCaseBits(word1), owner: nil)
    }
    return mappingCase(ascii: upperCaseBits) { $0.lowercased() }
  }

  /// The text in upper case, by the same mappings as `String.uppercased()`.
  ///
  /// ASCII is converted eight bytes at a time; a text of at most 15 bytes of ASCII, or one that is in upper case
  /// already, without an allocation.
  @inlinable
  public func uppercased() -> Text {
    if isInline && (word0 | word1) & asciiHighBits == 0 {
      return Text(word0: word0 ^ lowerCaseBits(word0), word1: word1 ^ lowerCaseBits(word1), owner: nil)
    }
    return mappingCase(ascii: lowerCaseBits) { $0.uppercased() }
  }

  /// The text with the bits flipped that `changes` finds in eight bytes of ASCII, or mapped by `full` if there are
  /// others.
  @usableFromInline
  func mappingCase(ascii changes: (UInt64) -> UInt64, full: (String) -> String) -> Text {
    guard !isInline else { return Text(full(String(self))) }
    defer { withExtendedLifetime(owner) {} }
    let count = longCount
    let source = UnsafeRawPointer(longBase)
    /// Calls `body` for words that cover the text; the last may overlap the one before.
    func forEachWord(_ body: (Int, UInt64) -> Void) {
      var offset = 0
      while offset &+ 8 <= count {
        body(offset, (source + offset).loadUnaligned(as: UInt64.self))
        offset &+= 8
      }
      body(count &- 8, (source + (count &- 8)).loadUnaligned(as: UInt64.self))
    }
    var all: UInt64 = 0
    var changed: UInt64 = 0
    forEachWord { _, word in
      all |= word
      changed |= changes(word)
    }
    if all & asciiHighBits != 0 { return Text(full(String(self))) }
    if changed == 0 { return self }
    let buffer = TextBuffer(capacity: count)
    let target = UnsafeMutableRawPointer(buffer.base)
    forEachWord { offset, word in (target + offset).storeBytes(of: word ^ changes(word), as: UInt64.self) }
    return Text(buffer.base, count: count, in: buffer)
  }
}

/// The bits that only bytes outside ASCII have set.
@inlinable @inline(__always)
var asciiHighBits: UInt64 { 0x8080_8080_8080_8080 }

/// The bit 0x20 of each of eight ASCII bytes that is one of the 26 letters from `first`; other bytes are not considered
/// if they are outside ASCII.
@inlinable @inline(__always)
func letterBits(_ word: UInt64, from first: UInt64) -> UInt64 {
  let each: UInt64 = 0x0101_0101_0101_0101
  let low = word & ~asciiHighBits
  // Adding carries into a byte's high bit where it is at least `first`, and where it is beyond the last letter.
  let reached = low &+ each &* (0x80 &- first)
  let passed = low &+ each &* (0x80 &- first &- 26)
  return (reached & ~passed & ~word & asciiHighBits) &>> 2
}

@inlinable @inline(__always)
func upperCaseBits(_ word: UInt64) -> UInt64 { letterBits(word, from: 0x41) }

@inlinable @inline(__always)
func lowerCaseBits(_ word: UInt64) -> UInt64 { letterBits(word, from: 0x61) }
