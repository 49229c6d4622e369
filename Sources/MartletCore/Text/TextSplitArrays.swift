extension Text {
  /// The pieces between occurrences of `separator`, with the semantics of Swift's own `split`.
  ///
  /// ```swift
  /// "a,,b,c".split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)   // ["a", "", "b,c"]
  /// ```
  ///
  /// - Parameters:
  ///   - maxSplits: how often to split at most; the rest of the text is the last piece. Must not be negative.
  ///   - omittingEmptySubsequences: whether to leave out empty pieces; those do not count as splits.
  public func split(
    separator: Unicode.Scalar, maxSplits: Int = .max, omittingEmptySubsequences: Bool = true
  ) -> [Text] {
    if maxSplits == .max && omittingEmptySubsequences {
      return Array(TextSplit(self, separator: packedUTF8(separator)))
    }
    return split(
      separatedBy: Text(separator), maxSplits: maxSplits, omittingEmptySubsequences: omittingEmptySubsequences)
  }

  /// All pieces between occurrences of `separator`, also the empty ones: the columns of a line.
  ///
  /// ```swift
  /// "a,,b".fields(separator: ",")   // ["a", "", "b"]
  /// ```
  ///
  /// There is always one field more than there are separators; the empty text has one empty field. This is what
  /// `line.split(",")` is in Python. Swift's `split(separator:)` leaves empty pieces out, so that the columns after them
  /// would move up.
  public func fields(separator: Unicode.Scalar) -> [Text] {
    split(separatedBy: Text(separator), omittingEmptySubsequences: false)
  }

  /// All pieces between occurrences of `separator`, which may be of several scalars, also the empty ones.
  ///
  /// ```swift
  /// "a, , b".fields(separator: ", ")   // ["a", "", "b"]
  /// ```
  @_disfavoredOverload
  public func fields(separator: Text) -> [Text] {
    split(separatedBy: separator, omittingEmptySubsequences: false)
  }

  /// Foundation's spelling.
  @available(*, unavailable, renamed: "fields(separator:)")
  public func components(separatedBy separator: Text) -> [Text] { fields(separator: separator) }

  /// Python's spelling, which leaves open whether empty pieces count.
  @available(
    *, unavailable,
    message:
      "write fields(separator:), which keeps empty pieces as in Python, or split(separator:), which leaves them out"
  )
  public func split(_ separator: Unicode.Scalar) -> [Text] { fields(separator: separator) }

  /// Python's spelling.
  @available(*, unavailable, renamed: "splitOnWhitespace()")
  public func split() -> TextSplit { splitOnWhitespace() }

  /// The pieces between occurrences of `separator`, which may be of several scalars, with the semantics of Swift's own
  /// `split`.
  ///
  /// ```swift
  /// "a, b".split(separator: ", ")   // ["a", "b"]
  /// ```
  ///
  /// A literal of one scalar, such as `","`, is taken as a scalar, and its pieces are found lazily.
  ///
  /// - Parameters:
  ///   - maxSplits: how often to split at most; the rest of the text is the last piece. Must not be negative.
  ///   - omittingEmptySubsequences: whether to leave out empty pieces; those do not count as splits.
  @_disfavoredOverload
  public func split(
    separator: Text, maxSplits: Int = .max, omittingEmptySubsequences: Bool = true
  ) -> [Text] {
    split(separatedBy: separator, maxSplits: maxSplits, omittingEmptySubsequences: omittingEmptySubsequences)
  }

  /// The pieces between occurrences of `separator`, with the semantics of Swift's own `split`.
  ///
  /// ```swift
  /// "key => value".split(separatedBy: " => ")   // ["key", "value"]
  /// ```
  ///
  /// An empty separator splits between all scalars.
  ///
  /// - Parameters:
  ///   - maxSplits: how often to split at most; the rest of the text is the last piece. Must not be negative.
  ///   - omittingEmptySubsequences: whether to leave out empty pieces; those do not count as splits.
  public func split(
    separatedBy separator: Text, maxSplits: Int = .max, omittingEmptySubsequences: Bool = true
  ) -> [Text] {
    var pieces = Pieces(of: self, maxSplits: maxSplits, omittingEmpty: omittingEmptySubsequences)
    if pieces.canSplit {
      forEachOccurrence(of: separator) { pieces.cut(at: $0, size: separator.utf8Count) }
    }
    return pieces.finish()
  }

  /// The pieces between the scalars for which `isSeparator` is true, with the semantics of Swift's own `split`.
  ///
  /// ```swift
  /// "1+2-3".split { $0 == "+" || $0 == "-" }   // ["1", "2", "3"]
  /// ```
  ///
  /// - Parameters:
  ///   - maxSplits: how often to split at most; the rest of the text is the last piece. Must not be negative.
  ///   - omittingEmptySubsequences: whether to leave out empty pieces; those do not count as splits.
  /// - Throws: what `isSeparator` throws.
  public func split(
    maxSplits: Int = .max, omittingEmptySubsequences: Bool = true,
    whereSeparator isSeparator: (Unicode.Scalar) throws -> Bool
  ) rethrows -> [Text] {
    var pieces = Pieces(of: self, maxSplits: maxSplits, omittingEmpty: omittingEmptySubsequences)
    var scalars = unicodeScalars
    while pieces.canSplit {
      let offset = scalars.offset
      guard let scalar = scalars.next() else { break }
      if try isSeparator(scalar) { pieces.cut(at: offset, size: scalars.offset - offset) }
    }
    return pieces.finish()
  }
}

/// Collects the pieces of a text; this is Swift's `split`, turned inside out.
private struct Pieces {
  let text: Text
  let maxSplits: Int
  let omittingEmpty: Bool
  var pieces: [Text] = []
  /// Where the piece that is not yet cut off starts, in bytes.
  var start = 0
  /// Whether further separators matter.
  var canSplit: Bool

  init(of text: Text, maxSplits: Int, omittingEmpty: Bool) {
    precondition(maxSplits >= 0, "The number of splits must not be negative.")
    self.text = text
    self.maxSplits = maxSplits
    self.omittingEmpty = omittingEmpty
    canSplit = maxSplits > 0 && !text.isEmpty
  }

  /// Cuts off what lies before the separator of `size` bytes at `offset`; returns whether further separators matter.
  @discardableResult
  mutating func cut(at offset: Int, size: Int) -> Bool {
    if offset > start || !omittingEmpty {
      pieces.append(text.slice(start..<offset))
      canSplit = pieces.count < maxSplits
    }
    start = offset + size
    return canSplit
  }

  /// All pieces, with the rest of the text as the last.
  mutating func finish() -> [Text] {
    if start < text.utf8Count || !omittingEmpty { pieces.append(text.slice(start..<text.utf8Count)) }
    return pieces
  }
}
