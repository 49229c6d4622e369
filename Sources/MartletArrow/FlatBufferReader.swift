// Unsafe code. Invariant: `FlatBuffer` reads only within its bytes, which are valid while it is used.

import MartletColumnar

/// The bytes of a FlatBuffer, which may say anything.
struct FlatBuffer {
  private let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  func load<Number: FixedWidthInteger & BitwiseCopyable>(
    _ offset: Int, as _: Number.Type = Number.self
  ) throws(ColumnarDamage) -> Number {
    guard offset >= 0, offset <= bytes.count - MemoryLayout<Number>.size else {
      throw ColumnarDamage("its metadata refers to byte \(offset) of \(bytes.count)")
    }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// The place to which an offset refers.
  func follow(_ offset: Int) throws(ColumnarDamage) -> Int { offset + Int(try load(offset, as: UInt32.self)) }

  /// The table that the whole buffer is.
  var root: FlatTable {
    get throws(ColumnarDamage) { try FlatTable(self, at: try follow(0)) }
  }

  func string(_ offset: Int) throws(ColumnarDamage) -> String {
    let count = Int(try load(offset, as: UInt32.self))
    guard count <= bytes.count - offset - 4 else { throw ColumnarDamage("its metadata has a string beyond its end") }
    return String(decoding: bytes[(offset + 4)..<(offset + 4 + count)], as: UTF8.self)
  }

  /// The number of items at a place, which fit into the bytes, and the place of the first.
  func vector(_ offset: Int, stride: Int) throws(ColumnarDamage) -> FlatVector {
    let count = Int(try load(offset, as: UInt32.self))
    guard count <= (bytes.count - offset - 4) / stride else {
      throw ColumnarDamage("its metadata has a list of \(count) items beyond its end")
    }
    return FlatVector(start: offset + 4, count: count)
  }
}

/// The place of items in a buffer.
struct FlatVector {
  var start = 0
  var count = 0
}

/// A table of a FlatBuffer: fields by number, each of which may be missing.
struct FlatTable {
  let buffer: FlatBuffer
  private let position: Int
  private let fields: Int
  private let fieldsSize: Int

  init(_ buffer: FlatBuffer, at position: Int) throws(ColumnarDamage) {
    self.buffer = buffer
    self.position = position
    fields = position - Int(try buffer.load(position, as: Int32.self))
    fieldsSize = Int(try buffer.load(fields, as: UInt16.self))
  }

  /// The place of a field; `nil` if it is missing.
  private func place(_ field: Int) throws(ColumnarDamage) -> Int? {
    guard 4 + 2 * field + 2 <= fieldsSize else { return nil }
    let offset = Int(try buffer.load(fields + 4 + 2 * field, as: UInt16.self))
    return offset == 0 ? nil : position + offset
  }

  func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ field: Int, _ otherwise: Number
  ) throws(ColumnarDamage) -> Number {
    guard let place = try place(field) else { return otherwise }
    return try buffer.load(place)
  }

  func bool(_ field: Int) throws(ColumnarDamage) -> Bool { try number(field, 0 as UInt8) != 0 }

  func string(_ field: Int) throws(ColumnarDamage) -> String? {
    guard let place = try place(field) else { return nil }
    return try buffer.string(try buffer.follow(place))
  }

  func table(_ field: Int) throws(ColumnarDamage) -> FlatTable? {
    guard let place = try place(field) else { return nil }
    return try FlatTable(buffer, at: try buffer.follow(place))
  }

  /// The items of a list, each of `stride` bytes.
  func vector(_ field: Int, stride: Int) throws(ColumnarDamage) -> FlatVector {
    guard let place = try place(field) else { return FlatVector() }
    return try buffer.vector(try buffer.follow(place), stride: stride)
  }

  /// A table in a list of them.
  func table(in vector: FlatVector, _ index: Int) throws(ColumnarDamage) -> FlatTable {
    try FlatTable(buffer, at: try buffer.follow(vector.start + 4 * index))
  }
}
