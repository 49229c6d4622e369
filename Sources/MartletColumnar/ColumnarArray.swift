// Unsafe code. Invariant: `values` has `count` values of the type's width, or, with offsets, as many bytes as the last
// offset says; offsets begin with 0 and never decrease. Children of a structure have `count` values, those of a list or
// map as many as its last offset. An array is used by one thread at a time.

/// The values of a column, one after another, in memory.
///
/// ```swift
/// let words = ColumnarArray(.string)
/// words.append(bytes: utf8)
/// words.appendNull()
/// ```
@usableFromInline package final class ColumnarArray: @unchecked Sendable {
  // Sendable: one thread at a time changes it, and hands it over through a lock.
  @usableFromInline package let type: ColumnarType
  /// The numbers of values and of nulls, in memory that is freed with the array: see ``ColumnarBuffer``.
  @usableFromInline let counts: UnsafeMutablePointer<(all: Int, null: Int)>

  /// The number of values, with nulls.
  @inlinable package var count: Int {
    get { counts.pointee.all }
    set { counts.pointee.all = newValue }
  }

  @inlinable package var nullCount: Int {
    get { counts.pointee.null }
    set { counts.pointee.null = newValue }
  }

  /// A bit for each value, 0 for null; without bytes if there is no null.
  @usableFromInline package let validity: ColumnarBuffer
  /// The values, or the bytes of strings.
  @usableFromInline package let values: ColumnarBuffer
  /// The ends of ranges as `Int64`, after a 0; without bytes if the type has none.
  @usableFromInline package let offsets: ColumnarBuffer
  /// The fields of a structure, the elements of a list, or the keys and the values of a map.
  @usableFromInline package let children: [ColumnarArray]

  package init(_ type: ColumnarType) {
    self.type = type
    (validity, values, offsets) = (ColumnarBuffer(), ColumnarBuffer(), ColumnarBuffer())
    counts = Self.counts(0, 0)
    children = type.fields.map { ColumnarArray($0.type) }
    if type.hasOffsets { offsets.append(0 as Int64) }
  }

  /// Takes over the memory of values that were read as a whole, which must be as the invariant above says.
  package init(
    _ type: ColumnarType, count: Int, nullCount: Int = 0, validity: ColumnarBuffer? = nil,
    values: ColumnarBuffer? = nil, offsets: ColumnarBuffer? = nil, children: [ColumnarArray] = []
  ) {
    self.type = type
    counts = Self.counts(count, nullCount)
    self.validity = validity ?? ColumnarBuffer()
    self.values = values ?? ColumnarBuffer()
    self.offsets = offsets ?? ColumnarBuffer()
    self.children = children
  }

  deinit { counts.deallocate() }

  private static func counts(_ all: Int, _ null: Int) -> UnsafeMutablePointer<(all: Int, null: Int)> {
    let counts = UnsafeMutablePointer<(all: Int, null: Int)>.allocate(capacity: 1)
    counts.initialize(to: (all, null))
    return counts
  }

  /// Removes all values and keeps the memory.
  package func removeAll() {
    (count, nullCount) = (0, 0)
    validity.removeAll()
    values.removeAll()
    if type.hasOffsets { offsets.count = 8 }
    for child in children { child.removeAll() }
  }

  /// False for a null.
  @inlinable @inline(__always)
  package func isValid(_ row: Int) -> Bool {
    validity.count == 0 || (validity.load(row &>> 3) as UInt8) &>> UInt8(row & 7) & 1 != 0
  }

  /// The bytes or elements of a value.
  @inlinable @inline(__always)
  package func range(_ row: Int) -> Range<Int> {
    Int(offsets.load(row) as Int64)..<Int(offsets.load(row &+ 1) as Int64)
  }

  /// The bytes of a string, valid until the next change.
  @inlinable @inline(__always)
  package func bytes(_ row: Int) -> UnsafeRawBufferPointer {
    let range = range(row)
    return UnsafeRawBufferPointer(start: values.base + range.lowerBound, count: range.count)
  }

  // MARK: Appending

  /// Appends a value of the type's width.
  @inlinable @inline(__always)
  package func append<Value: BitwiseCopyable>(_ value: Value) {
    assert(MemoryLayout<Value>.size == type.width)
    values.append(value)
    appendValid()
  }

  /// Appends a string.
  @inlinable
  package func append(bytes: UnsafeRawBufferPointer) {
    values.append(copying: bytes)
    offsets.append(Int64(values.count))
    appendValid()
  }

  /// Ends a structure whose fields have been appended, or a list or map whose elements have been.
  @inlinable
  package func appendValidParent() {
    if type.hasOffsets, let child = children.first { offsets.append(Int64(child.count)) }
    appendValid()
  }

  /// Appends a null; to the fields of a structure, too.
  package func appendNull() {
    if case .structure = type {
      for child in children { child.appendNull() }
    } else if type.hasOffsets {
      offsets.append(offsets.load(count) as Int64)
    } else {
      values.append(zeros: type.width)
    }
    if validity.count == 0 {
      // All values before it are valid.
      validity.extend(by: (count + 7) / 8).initializeMemory(as: UInt8.self, repeating: 0xFF, count: (count + 7) / 8)
      if count & 7 != 0 { clearBits(from: count) }
    }
    if count & 7 == 0 { validity.append(0 as UInt8) }
    count += 1
    nullCount += 1
  }

  /// Appends a copy of a value of another array of the same type.
  package func append(_ other: ColumnarArray, _ row: Int) {
    guard other.isValid(row), type != .null else { return appendNull() }
    switch type {
    case .string, .binary: append(bytes: other.bytes(row))
    case .list, .map:
      for element in other.range(row) {
        for (child, source) in zip(children, other.children) { child.append(source, element) }
      }
      appendValidParent()
    case .structure:
      for (child, source) in zip(children, other.children) { child.append(source, row) }
      appendValid()
    default:
      let width = type.width
      values.append(copying: UnsafeRawBufferPointer(start: other.values.base + row * width, count: width))
      appendValid()
    }
  }

  @inlinable @inline(__always)
  func appendValid() {
    if validity.count != 0 { appendBit() }
    count &+= 1
  }

  @usableFromInline func appendBit() {
    if count & 7 == 0 { validity.append(0 as UInt8) }
    let byte = (validity.base + count >> 3).assumingMemoryBound(to: UInt8.self)
    byte.pointee |= 1 << UInt8(count & 7)
  }

  private func clearBits(from row: Int) {
    let byte = (validity.base + row >> 3).assumingMemoryBound(to: UInt8.self)
    byte.pointee &= (1 << UInt8(row & 7)) &- 1
  }

  // MARK: Whole columns

  /// Makes a value null, and so the fields of a structure.
  package func setNull(_ row: Int) {
    guard type != .null, isValid(row) else { return }
    if validity.count == 0 {
      validity.extend(by: (count + 7) / 8).initializeMemory(as: UInt8.self, repeating: 0xFF, count: (count + 7) / 8)
      if count & 7 != 0 { clearBits(from: count) }
    }
    (validity.base + row >> 3).assumingMemoryBound(to: UInt8.self).pointee &= ~(1 << UInt8(row & 7))
    nullCount += 1
    if case .structure = type { for child in children { child.setNull(row) } }
  }

  /// The bytes that the values occupy.
  package var memory: Int {
    validity.count + values.count + offsets.count + children.reduce(0) { $0 + $1.memory }
  }
}
