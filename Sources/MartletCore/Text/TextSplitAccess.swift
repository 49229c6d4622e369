extension TextSplit {
  /// The piece with this number, from 0.
  ///
  /// ```swift
  /// let columns = line.split(separator: ",")
  /// let name = columns[0]
  /// ```
  ///
  /// Pieces are found by passing over the text from its beginning. Where many of a long line are wanted, write
  /// `let columns: [Text] = line.split(separator: ",")`, which finds all of them once. There must be such a piece, as
  /// with an array: look at ``count`` first if the text comes from outside.
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

  /// How many pieces there are. Passes over the text.
  @inlinable
  public var count: Int {
    var pieces = self
    var count = 0
    while pieces.next() != nil { count &+= 1 }
    return count
  }

  /// Whether there are no pieces: the text has separators alone, or nothing.
  @inlinable public var isEmpty: Bool { first == nil }

  /// The first piece, if there is one.
  @inlinable
  public var first: Text? {
    var pieces = self
    return pieces.next()
  }

  /// The last piece, if there is one. Passes over the text.
  @inlinable
  public var last: Text? {
    var pieces = self
    var last: Text?
    while let piece = pieces.next() { last = piece }
    return last
  }
}

/// Ends the program as an array does for an index out of range; with a message also where `precondition` gives none.
@usableFromInline @inline(never)
func noPiece(_ index: Int, of count: Int) -> Never {
  // Proof that it may trap: the caller asked for a piece that is not there, which a look at `count` would have told.
  fatalError("Piece \(index) of a split text was asked for, and there are \(count), numbered from 0.")
}
