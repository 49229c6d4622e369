extension Text {
  /// The pieces between occurrences of `separator`, with the semantics of Swift's own `split`.
  ///
  /// ```swift
  /// "a,,b,c".split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)   // ["a", "", "b,c"]
  /// ```
  ///
  /// - Parameters:
  ///   - maxSplits: the maximum number of splits; the rest of the text is the last piece. Must not be negative.
  ///   - omittingEmptySubsequences: true to omit empty pieces, which do not count as splits.
  public func split(
    separator: Unicode.Scalar, maxSplits: Int = .max, omittingEmptySubsequences: Bool = true
  ) -> [Text] {
    if maxSplits == .max && omittingEmptySubsequences {
      return Array(TextSplit(self, separator: packedUTF8(separator)))
    }
    return split(
      separatedBy: Text(separator), maxSplits: maxSplits, omittingEmptySubsequences: omittingEmptySubsequences)
  }

  /// All pieces between occurrences of `separator`, including empty ones: the columns of a line.
  ///
  /// ```swift
  /// "a,,b".fields(separator: ",")   // ["a", "", "b"]
  /// ```
  ///
  /// There is always one more field than separators; the empty text has one empty field. This corresponds to
  /// `line.split(",")` in Python. Swift's `split(separator:)` omits empty pieces, which would move up the columns that
  /// follow them.
  public func fields(separator: Unicode.Scalar) -> [Text] {
    split(separatedBy: Text(separator), omittingEmptySubsequences: false)
  }

  /// All pieces between occurrences of `separator`, which may have several scalars, including empty ones.
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

  /// Python's spelling, which does not state whether empty pieces count.
  @available(
    *, unavailable,
    message: "write fields(separator:), which keeps empty pieces as in Python, or split(separator:), which omits them"
  )
  public func split(_ separator: Unicode.Scalar) -> [Text] { fields(separator: separator) }

  /// Python's spelling.
  @available(*, unavailable, renamed: "splitOnWhitespace()")
  public func split() -> TextSplit { splitOnWhitespace() }

  /// The pieces between occurrences of `separator`, which may have several scalars, with the semantics of Swift's own
  /// `split`.
  ///
  /// ```swift
  /// "a, b".split(separator: ", ")   // ["a", "b"]
  /// ```
  ///
  /// A literal of one scalar, such as `","`, is a scalar here, and its pieces are found lazily.
  ///
  /// - Parameters:
  ///   - maxSplits: the maximum number of splits; the rest of the text is the last piece. Must not be negative.
  ///   - omittingEmptySubsequences: true to omit empty pieces, which do not count as splits.
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
  ///   - maxSplits: the maximum number of splits; the rest of the text is the last piece. Must not be negative.
  ///   - omittingEmptySubsequences: true to omit empty pieces, which do not count as splits.
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
  ///   - maxSplits: the maximum number of splits; the rest of the text is the last piece. Must not be negative.
  ///   - omittingEmptySubsequences: true to omit empty pieces, which do not count as splits.
  /// - Throws: the error of `isSeparator`.
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

/// Collects the pieces of a text, in the way of Swift's `split`.
private struct Pieces {
  let text: Text
  let maxSplits: Int
  let omittingEmpty: Bool
  var pieces: [Text] = []
  /// The byte offset of the piece that has not been split off yet.
  var start = 0
  /// True if more splits are permitted.
  var canSplit: Bool

  init(of text: Text, maxSplits: Int, omittingEmpty: Bool) {
    precondition(maxSplits >= 0, "The number of splits must not be negative.")
    self.text = text
    self.maxSplits = maxSplits
    self.omittingEmpty = omittingEmpty
    canSplit = maxSplits > 0 && !text.isEmpty
  }

  /// Splits off the bytes before the separator of `size` bytes at `offset`; returns whether more splits are permitted.
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
