extension TextSplit {
  /// The piece with this number, from 0.
  ///
  /// ```swift
  /// let columns = line.split(separator: ",")
  /// let name = columns[0]
  /// ```
  ///
  /// Finds the piece by scanning the text from its beginning. For many pieces of a long line, write `let columns:
  /// [Text] = line.split(separator: ",")`, which finds all of them once. The piece must exist, as in an array: check
  /// ``count`` first if the text comes from outside.
  @inlinable
  public subscript(_ index: Int) -> Text {
    if index >= 0 {
      var pieces = self
      var left = index
      while let piece = pieces.next() {
        if left == 0 { return piece }
        left &-= 1
      }
    }
    noPiece(index, of: count)
  }

  /// The number of pieces. Scans the text.
  @inlinable
  public var count: Int {
    var pieces = self
    var count = 0
    while pieces.next() != nil { count &+= 1 }
    return count
  }

  /// A Boolean value that indicates whether there are no pieces: the text is empty, or has only separators.
  @inlinable public var isEmpty: Bool { first == nil }

  /// The first piece, or `nil` if there is none.
  @inlinable
  public var first: Text? {
    var pieces = self
    return pieces.next()
  }

  /// The last piece, or `nil` if there is none. Scans the text.
  @inlinable
  public var last: Text? {
    var pieces = self
    var last: Text?
    while let piece = pieces.next() { last = piece }
    return last
  }
}

/// Ends the program, as an array does for an index out of range, but always with a message.
@usableFromInline @inline(never)
func noPiece(_ index: Int, of count: Int) -> Never {
  // Proof that it may trap: the caller requested a piece that does not exist, which `count` would have shown.
  fatalError("Index \(index) is out of range: the split text has \(count) pieces.")
}
