// Unsafe code. Invariant: `next <= end`; only bytes between them are read. The bytes are valid while a block is decoded.

import MartletColumnar

/// The bytes of a block that have not been decoded.
struct AvroInput {
  private let start: UnsafeRawPointer
  private(set) var next: UnsafeRawPointer
  private let end: UnsafeRawPointer
  /// The number of further items without bytes, such as nulls in an array: no block limits them otherwise.
  private var itemsWithoutBytes = largestCountWithoutBytes

  init(_ bytes: UnsafeRawBufferPointer) {
    start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped  // 1 is not null, and is never read
    next = start
    end = start + bytes.count
  }

  var left: Int { end - next }
  /// The number of bytes that have been decoded.
  var position: Int { next - start }

  @inline(__always)
  mutating func take(_ count: Int) throws(ColumnarDamage) -> UnsafeRawPointer {
    guard count >= 0, count <= end - next else { throw tooShort(count) }
    defer { next += count }
    return next
  }

  private func tooShort(_ count: Int) -> ColumnarDamage {
    ColumnarDamage("a value of \(count) bytes does not fit into the \(left) that are left")
  }

  @inline(__always)
  mutating func fixed<Number: BitwiseCopyable>(_: Number.Type) throws(ColumnarDamage) -> Number {
    try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self)
  }

  /// An `int` or `long`.
  @inline(__always)
  mutating func long() throws(ColumnarDamage) -> Int64 {
    guard next < end else { throw tooShort(1) }
    let first = UInt64(next.load(as: UInt8.self))
    if first < 0x80 {
      next += 1
      return Int64(bitPattern: first &>> 1) ^ -Int64(bitPattern: first & 1)
    }
    return try longOfManyBytes()
  }

  private mutating func longOfManyBytes() throws(ColumnarDamage) -> Int64 {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while next < end {
      let byte = UInt64(next.load(as: UInt8.self))
      next += 1
      if shift == 63, byte > 1 { break }
      number |= (byte & 0x7F) &<< shift
      if byte < 0x80 { return Int64(bitPattern: number &>> 1) ^ -Int64(bitPattern: number & 1) }
      shift += 7
      if shift > 63 { break }
    }
    throw ColumnarDamage(left == 0 ? "a number does not end before the data does" : "a number has more than 64 bits")
  }

  @inline(__always)
  mutating func int() throws(ColumnarDamage) -> Int32 {
    let value = try long()
    guard let int = Int32(exactly: value) else {
      throw ColumnarDamage("an int is \(value), which needs more than 32 bits")
    }
    return int
  }

  /// The bytes of a string, after their number.
  @inline(__always)
  mutating func bytes() throws(ColumnarDamage) -> UnsafeRawBufferPointer {
    let count = try long()
    guard count >= 0, count <= end - next else {
      throw ColumnarDamage("a string of \(count) bytes does not fit into the \(left) that are left")
    }
    defer { next += Int(count) }
    return UnsafeRawBufferPointer(start: next, count: Int(count))
  }

  /// The number of items in the next block of an array or map, 0 at its end, and the number of their bytes, if it is
  /// known.
  /// - Parameter takesNoBytes: true if items have no bytes, such as nulls, so that the bytes do not limit their number.
  mutating func blockOfItems(takesNoBytes: Bool) throws(ColumnarDamage) -> (count: Int, bytes: Int?) {
    let count = try long()
    guard count < 0 else { return (try plausible(count, takesNoBytes), nil) }
    guard count > .min else { throw ColumnarDamage("an array has \(count) items") }
    let bytes = try long()
    guard bytes >= 0, bytes <= left else {
      throw ColumnarDamage("\(bytes) bytes of items do not fit into the \(left) that are left")
    }
    return (try plausible(-count, takesNoBytes), Int(bytes))
  }

  /// Refuses numbers of items that cannot be true.
  private mutating func plausible(_ count: Int64, _ takesNoBytes: Bool) throws(ColumnarDamage) -> Int {
    guard count <= (takesNoBytes ? itemsWithoutBytes : left) else {
      throw ColumnarDamage("an array or map with \(count) items does not fit into the \(left) bytes that are left")
    }
    if takesNoBytes { itemsWithoutBytes -= Int(count) }
    return Int(count)
  }
}
