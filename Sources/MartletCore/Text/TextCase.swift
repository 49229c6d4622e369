// Unsafe code. Invariant: eight bytes are loaded at once only from within a long text, and stored only within the
// capacity of a buffer that is not shared yet.

extension Text {
  /// The text in lower case, by the same mappings as `String.lowercased()`.
  ///
  /// ASCII is converted eight bytes at a time. A text of at most 15 bytes of ASCII, or one that is already in lower
  /// case, needs no allocation.
  @inlinable
  public func lowercased() -> Text {
    if isInline && (word0 | word1) & asciiHighBits == 0 {
      // The count in the top byte is less than any letter.
      return Text(
        word0: word0 | letterBits(word0, from: upperCaseA), word1: word1 | letterBits(word1, from: upperCaseA),
        owner: nil)
    }
    return mappingCase(lettersFrom: upperCaseA) { $0.lowercased() }
  }

  /// The text in upper case, by the same mappings as `String.uppercased()`.
  ///
  /// ASCII is converted eight bytes at a time. A text of at most 15 bytes of ASCII, or one that is already in upper
  /// case, needs no allocation.
  @inlinable
  public func uppercased() -> Text {
    if isInline && (word0 | word1) & asciiHighBits == 0 {
      return Text(
        word0: word0 ^ letterBits(word0, from: lowerCaseA), word1: word1 ^ letterBits(word1, from: lowerCaseA),
        owner: nil)
    }
    return mappingCase(lettersFrom: lowerCaseA) { $0.uppercased() }
  }

  /// The text with the 26 letters from `first` in their other case, or mapped by `full` if the text is not all ASCII.
  @usableFromInline
  func mappingCase(lettersFrom first: UInt64, full: (String) -> String) -> Text {
    guard !isInline else { return Text(full(String(self))) }
    defer { withExtendedLifetime(owner) {} }
    let count = longCount
    let source = UnsafeRawPointer(longBase)
    // The last word may overlap the previous one.
    let last = count &- 8
    var all: UInt64 = 0
    var letters: UInt64 = 0
    for offset in stride(from: 0, to: last, by: 8) {
      let word = (source + offset).loadUnaligned(as: UInt64.self)
      all |= word
      letters |= letterBits(word, from: first)
    }
    let end = (source + last).loadUnaligned(as: UInt64.self)
    if (all | end) & asciiHighBits != 0 { return Text(full(String(self))) }
    if letters | letterBits(end, from: first) == 0 { return self }
    let buffer = TextBuffer(capacity: count)
    let target = UnsafeMutableRawPointer(buffer.base)
    for offset in stride(from: 0, to: last, by: 8) {
      let word = (source + offset).loadUnaligned(as: UInt64.self)
      (target + offset).storeBytes(of: word ^ letterBits(word, from: first), as: UInt64.self)
    }
    (target + last).storeBytes(of: end ^ letterBits(end, from: first), as: UInt64.self)
    return Text(buffer.base, count: count, in: buffer)
  }
}

/// The bits that are only set in bytes outside ASCII.
@inlinable @inline(__always)
var asciiHighBits: UInt64 { 0x8080_8080_8080_8080 }

/// The bit 0x20 of each of eight ASCII bytes that is one of the 26 letters from `first`; bytes outside ASCII are
/// ignored.
@inlinable @inline(__always)
func letterBits(_ word: UInt64, from first: UInt64) -> UInt64 {
  let each: UInt64 = 0x0101_0101_0101_0101
  let low = word & ~asciiHighBits
  // The addition carries into a byte's high bit if the byte is at least `first`, and if it is beyond the last letter.
  let reached = low &+ each &* (0x80 &- first)
  let passed = low &+ each &* (0x80 &- first &- 26)
  return (reached & ~passed & ~word & asciiHighBits) &>> 2
}

/// The first of the letters that have a lower case form.
@inlinable @inline(__always)
var upperCaseA: UInt64 { 0x41 }

/// The first of the letters that have an upper case form.
@inlinable @inline(__always)
var lowerCaseA: UInt64 { 0x61 }
