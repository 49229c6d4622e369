// The characters of a text are those of a string with the same scalars. If the relevant bytes are ASCII, no string is
// created.

extension Text {
  /// The number of characters, as in `String`: grapheme clusters, of which `"\r\n"` is one.
  ///
  /// Scans the text. ``utf8Count`` does not.
  public var count: Int { bytesAreCharacters(0..<utf8Count) ? utf8Count : String(self).count }

  /// The first character, as in `String`; `nil` if the text is empty.
  public var first: Character? {
    let start = prefix(1)
    return start.isEmpty ? nil : Character(String(start))
  }

  /// The last character, as in `String`; `nil` if the text is empty.
  public var last: Character? {
    let end = suffix(1)
    return end.isEmpty ? nil : Character(String(end))
  }

  /// The first characters, at most `maxLength` of them; all if the text has fewer.
  ///
  /// ```swift
  /// ("2026-11-30" as Text).prefix(4)   // "2026"
  /// ```
  ///
  /// - Parameter maxLength: a number of characters, as in `String`. Must not be negative.
  public func prefix(_ maxLength: Int) -> Text { slice(0..<offset(ofCharacter: maxLength)) }

  /// The last characters, at most `maxLength` of them; all if the text has fewer.
  ///
  /// - Parameter maxLength: a number of characters, as in `String`. Must not be negative.
  public func suffix(_ maxLength: Int) -> Text { slice(offset(ofCharacterFromEnd: maxLength)..<utf8Count) }

  /// The text without its first characters; the empty text if it has no more than `count` of them.
  ///
  /// ```swift
  /// ("#tag" as Text).dropFirst()   // "tag"
  /// ```
  ///
  /// - Parameter count: a number of characters, as in `String`. Must not be negative.
  public func dropFirst(_ count: Int = 1) -> Text { slice(offset(ofCharacter: count)..<utf8Count) }

  /// The text without its last characters; the empty text if it has no more than `count` of them.
  ///
  /// - Parameter count: a number of characters, as in `String`. Must not be negative.
  public func dropLast(_ count: Int = 1) -> Text { slice(0..<offset(ofCharacterFromEnd: count)) }

  /// The byte offset of the character with this number; the number of bytes if there are fewer.
  private func offset(ofCharacter number: Int) -> Int {
    precondition(number >= 0, "A number of characters must not be negative.")
    // Includes the byte after them: it may be combined with the last of them.
    if number < utf8Count && bytesAreCharacters(0..<number + 1) { return number }
    return String(self).prefix(number).utf8.count
  }

  /// The byte offset of the last `number` characters; 0 if there are fewer.
  private func offset(ofCharacterFromEnd number: Int) -> Int {
    precondition(number >= 0, "A number of characters must not be negative.")
    // Includes the byte before them: it may be a carriage return.
    if number < utf8Count && bytesAreCharacters(utf8Count - number - 1..<utf8Count) { return utf8Count - number }
    return utf8Count - String(self).suffix(number).utf8.count
  }

  /// Returns true if each of the bytes in `range` is certainly a character of its own.
  private func bytesAreCharacters(_ range: Range<Int>) -> Bool {
    withUTF8Bytes { bytes in
      // Without an exit from the loop, the compiler vectorises it.
      var returns = 0
      var all: UInt8 = 0
      for byte in bytes[range] {
        all |= byte
        returns &+= byte == UInt8(ascii: "\r") ? 1 : 0
      }
      return all < 0x80 && returns == 0
    }
  }
}
