// Unsafe code. Invariant: `0 <= position <= bytes.count`; nothing outside of `bytes` is read. The reader is used only
// while its bytes are valid.

/// Parses bytes. It never reads beyond their end, whatever they contain.
package struct ByteReader {
  /// An error for invalid bytes. Callers that know the file convert it to a `MartletError`.
  package struct Malformed: Error {
    package let reason: String

    package init(reason: String) { self.reason = reason }
  }

  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The number of bytes left.
  package var left: Int { bytes.count - position }

  /// The next `count` bytes.
  package mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count >= 0 && count <= left else { throw Malformed(reason: "it ends too early") }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  /// A number of fixed width.
  package mutating func fixed<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
    Number(littleEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
  }

  /// A number of variable width.
  package mutating func variable() throws -> UInt64 {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if shift == 63 && byte > 1 { break }
      number |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return number }
      shift += 7
      if shift > 63 { break }
    }
    throw Malformed(reason: "a number in it is incomplete")
  }

  /// A count of items that take at least `minimumSize` bytes each; never more than the remaining bytes can hold.
  package mutating func count(minimumSize: Int = 1) throws -> Int {
    let number = try variable()
    guard number <= UInt64(left / max(1, minimumSize)) else { throw Malformed(reason: "a count in it is too large") }
    return Int(number)
  }

  /// A string, preceded by its length.
  package mutating func string() throws -> String {
    let utf8 = try take(try count())
    guard let string = String(validating: utf8, as: UTF8.self) else {
      throw Malformed(reason: "a string in it is not UTF-8")
    }
    return string
  }

  /// Throws if there are bytes left.
  package func expectEnd() throws {
    guard left == 0 else { throw Malformed(reason: "there are bytes after its end") }
  }
}
