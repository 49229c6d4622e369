// Unsafe code. Invariant: `text` keeps the bytes alive, and they are valid UTF-8; even if they were not, decoding would
// read at most three bytes past a text, which are in its buffer's padding.

extension Text {
  /// The Unicode scalars of the text, in order.
  ///
  /// ```swift
  /// let digits = text.unicodeScalars.filter { ("0"..."9").contains($0) }
  /// ```
  @inlinable @inline(__always)
  public var unicodeScalars: TextScalars { TextScalars(self) }

  /// Creates a text with one scalar.
  @inlinable @inline(__always)
  public init(_ scalar: Unicode.Scalar) {
    let packed = packedUTF8(scalar)
    let size = packed < 0x80 ? 1 : 4 &- packed.leadingZeroBitCount / 8
    self.init(words: (UInt64(packed), 0), count: size)
  }
}

/// The Unicode scalars of a text.
@frozen public struct TextScalars: Sequence, IteratorProtocol, Sendable {
  @usableFromInline let text: Text
  @usableFromInline let count: Int
  /// The byte offset of the next scalar.
  @usableFromInline var offset = 0

  @inlinable @inline(__always)
  init(_ text: Text) {
    self.text = text
    count = text.utf8Count
  }

  /// The next scalar, or `nil` at the end.
  @inlinable @inline(__always)
  public mutating func next() -> Unicode.Scalar? {
    guard offset < count else { return nil }
    let (scalar, size) = text.scalar(at: offset)
    offset &+= size
    return scalar
  }

  /// A quarter of the remaining bytes, rounded up.
  @inlinable public var underestimatedCount: Int { (count &- offset &+ 3) / 4 }
}

extension Text {
  /// The scalar that starts at byte `offset`, and its size in bytes.
  @inlinable @inline(__always)
  func scalar(at offset: Int) -> (Unicode.Scalar, size: Int) {
    guard isInline else {
      defer { withExtendedLifetime(owner) {} }
      let bytes = longBase + offset
      if bytes[0] < 0x80 { return (Unicode.Scalar(bytes[0]), 1) }
      // Safe: at least MARTLET_PADDING bytes can be read from any byte of a long text.
      return decodeScalar(UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self))
    }
    let (low, _) = shiftedWords(inlineWords, from: offset, count: 4)
    if low & 0x80 == 0 { return (Unicode.Scalar(UInt8(truncatingIfNeeded: low)), 1) }
    return decodeScalar(UInt32(truncatingIfNeeded: low))
  }

  /// The scalar that ends before byte `end`, which is not 0, and its size in bytes.
  @inlinable
  func scalar(before end: Int) -> (Unicode.Scalar, size: Int) {
    let start = withUTF8Bytes { bytes in
      var start = end - 1
      while start > 0 && bytes[start] & 0xC0 == 0x80 { start -= 1 }
      return start
    }
    return scalar(at: start)
  }
}

/// The scalar at the start of `bytes`, in little-endian order, which is not ASCII, and its size in bytes.
@inlinable
func decodeScalar(_ bytes: UInt32) -> (Unicode.Scalar, size: Int) {
  let second = bytes &>> 8 & 0x3F
  let third = bytes &>> 16 & 0x3F
  let fourth = bytes &>> 24 & 0x3F
  let value: UInt32
  let size: Int
  switch bytes & 0xFF {
  case 0..<0xE0: (value, size) = ((bytes & 0x1F) &<< 6 | second, 2)
  case 0xE0..<0xF0: (value, size) = ((bytes & 0xF) &<< 12 | second &<< 6 | third, 3)
  default: (value, size) = ((bytes & 0x7) &<< 18 | second &<< 12 | third &<< 6 | fourth, 4)
  }
  return (Unicode.Scalar(value) ?? "\u{FFFD}", size)
}
