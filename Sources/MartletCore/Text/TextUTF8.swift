extension Text {
  /// The bytes of the text's UTF-8. Access to a byte takes constant time.
  ///
  /// ```swift
  /// let commas = line.utf8.count { $0 == UInt8(ascii: ",") }
  /// ```
  ///
  /// ``withUTF8Bytes(_:)`` provides all of them at once.
  @inlinable @inline(__always)
  public var utf8: UTF8View { UTF8View(self) }

  /// The bytes of a text, as a collection. Positions are integers, from 0.
  @frozen public struct UTF8View: RandomAccessCollection, Sendable {
    @usableFromInline let text: Text

    @inlinable @inline(__always)
    init(_ text: Text) { self.text = text }

    /// The position of the first byte: 0.
    @inlinable @inline(__always) public var startIndex: Int { 0 }

    /// The position after the last byte: the number of bytes.
    @inlinable @inline(__always) public var endIndex: Int { text.utf8Count }

    /// The number of bytes, in constant time.
    @inlinable @inline(__always) public var count: Int { text.utf8Count }

    /// The byte at a position, which must be less than ``count``.
    @inlinable
    public subscript(position: Int) -> UInt8 {
      precondition(position >= 0 && position < text.utf8Count, "The position is out of range.")
      return text.withUTF8Bytes { $0[position] }
    }

    /// Calls `body` with the bytes, which are valid until it returns.
    ///
    /// - Throws: the error of `body`.
    @inlinable
    public func withContiguousStorageIfAvailable<Result>(
      _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result? {
      try text.withUTF8Bytes(body)
    }
  }
}
