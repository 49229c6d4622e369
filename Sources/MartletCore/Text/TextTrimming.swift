extension Text {
  /// The text without Unicode white space at either end.
  ///
  /// ```swift
  /// ("  to be\r\n" as Text).trimmed()   // "to be"
  /// ```
  public func trimmed() -> Text {
    let (range, isDone) = withUTF8Bytes { bytes in
      func isSpace(_ byte: UInt8) -> Bool { byte < 0x80 && isWhitespace(Unicode.Scalar(byte)) }
      var start = 0
      var end = bytes.count
      while start < end && isSpace(bytes[start]) { start += 1 }
      while start < end && isSpace(bytes[end - 1]) { end -= 1 }
      // True if the scalars at the ends are ASCII, and therefore certainly not white space.
      return (start..<end, start == end || (bytes[start] | bytes[end - 1]) < 0x80)
    }
    let rest = range.count == utf8Count ? self : slice(range)
    return isDone ? rest : rest.trimmed { isWhitespace($0) }
  }

  /// The text without the scalars at either end for which `isUnwanted` is true.
  ///
  /// ```swift
  /// ("(a, b)" as Text).trimmed { $0 == "(" || $0 == ")" }   // "a, b"
  /// ```
  ///
  /// - Throws: the error of `isUnwanted`.
  @inlinable
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
