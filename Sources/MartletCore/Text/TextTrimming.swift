extension Text {
  /// The text without Unicode white space at either end.
  ///
  /// ```swift
  /// ("  to be\r\n" as Text).trimmed()   // "to be"
  /// ```
  public func trimmed() -> Text { trimmed(where: isWhitespace) }

  /// The text without the scalars at either end for which `isUnwanted` is true.
  ///
  /// ```swift
  /// ("(a, b)" as Text).trimmed { $0 == "(" || $0 == ")" }   // "a, b"
  /// ```
  ///
  /// - Throws: what `isUnwanted` throws.
  public func trimmed(where isUnwanted: (Unicode.Scalar) throws -> Bool) rethrows -> Text {
    var start = 0
    var end = utf8Count
    while start < end {
      let (scalar, size) = scalar(at: start)
      guard try isUnwanted(scalar) else { break }
      start += size
    }
    while start < end {
      let (scalar, size) = scalar(before: end)
      guard try isUnwanted(scalar) else { break }
      end -= size
    }
    return end - start == utf8Count ? self : slice(start..<end)
  }
}
