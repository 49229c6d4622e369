// The parts of a text that users of `String` look for.

extension Text {
  /// The characters, as a `String`, which has them in a collection.
  ///
  /// ```swift
  /// let vowels = word.characters.count { "aeiou".contains($0) }
  /// ```
  /// A text of more than 15 bytes is copied; ``utf8`` and ``unicodeScalars`` are views that copy nothing.
  public var characters: String { String(self) }

  /// The lines, without what ends them: `"\n"`, `"\r\n"` or `"\r"`. The end of the last line may be missing.
  ///
  /// ```swift
  /// for line in contents.lines { print(line) }
  /// ```
  public var lines: [Text] {
    var lines: [Text] = []
    var start = 0
    var position = 0
    let bytes = utf8
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
        position += 1
        continue
      }
      lines.append(slice(start..<position))
      let isPair =
        byte == UInt8(ascii: "\r") && position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "\n")
      position += isPair ? 2 : 1
      start = position
    }
    if start < position { lines.append(slice(start..<position)) }
    return lines
  }

  /// The first characters, as long as they satisfy the condition.
  ///
  /// - Throws: what `predicate` throws.
  public func prefix(while predicate: (Character) throws -> Bool) rethrows -> Text {
    slice(0..<(try String(self).prefix(while: predicate).utf8.count))
  }

  /// The text without the first characters that satisfy the condition.
  ///
  /// - Throws: what `predicate` throws.
  public func drop(while predicate: (Character) throws -> Bool) rethrows -> Text {
    slice((utf8Count - (try String(self).drop(while: predicate).utf8.count))..<utf8Count)
  }

  /// The text without `prefix`, if it begins with that.
  ///
  /// ```swift
  /// ("#swift" as Text).trimmingPrefix("#")   // "swift"
  /// ```
  public func trimmingPrefix(_ prefix: Text) -> Text {
    hasPrefix(prefix) ? slice(prefix.utf8Count..<utf8Count) : self
  }

  /// The text without what the regular expression matches at its beginning.
  @_disfavoredOverload
  public func trimmingPrefix(_ regex: some RegexComponent) -> Text {
    let rest = String(self).trimmingPrefix(regex).utf8.count
    return slice(utf8Count - rest..<utf8Count)
  }

  /// Whether the regular expression matches the beginning of the text.
  public func starts(with regex: some RegexComponent) -> Bool { String(self).starts(with: regex) }

  /// A text with what the closure makes of each match of the regular expression in its place.
  ///
  /// ```swift
  /// line.replacing(/\d+/) { Text("\($0.output.count) digits") }
  /// ```
  /// - Throws: what the closure throws.
  public func replacing<Output>(
    _ regex: some RegexComponent<Output>, with replacement: (Regex<Output>.Match) throws -> Text
  ) rethrows -> Text {
    Text(try String(self).replacing(regex) { String(try replacement($0)) })
  }

  /// `text`, `count` times.
  ///
  /// - Parameter count: must not be negative.
  public init(repeating text: Text, count: Int) { self.init(String(repeating: String(text), count: count)) }

  /// Adds another text at the end.
  public mutating func append(_ other: Text) { self += other }
}
