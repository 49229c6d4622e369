// Unsafe code. Invariant: `next` is the place of the next value in the memory of `data`, and `end` the end of it. A
// builder is the only one that writes to `data`: it is not copied. The bytes of a string that is not copied belong to
// an owner in `data.owners`.

public import MartletCore

/// Collects the values of a column.
///
/// ```swift
/// var words = ColumnBuilder(.string), counts = ColumnBuilder(.int64)
/// for (word, count) in pairs {
///   words.append(word)
///   counts.append(count)
/// }
/// let piece = try ColumnPiece([words.finish(), counts.finish()])
/// ```
///
/// A builder is a value with a cursor, so that a loop keeps it in registers: use one variable for it, and never a copy.
@frozen @usableFromInline package struct ColumnBuilder {
  @usableFromInline let data: ColumnData
  @usableFromInline var next: UnsafeMutableRawPointer
  @usableFromInline var end: UnsafeMutableRawPointer
  /// The owner of the most recent string that was not copied.
  @usableFromInline var owner: UnsafeMutableRawPointer?
  /// The free part of the buffer into which strings are copied.
  @usableFromInline var free: UnsafeMutablePointer<UInt8>?
  @usableFromInline var freeCount = 0
  /// Where owners were retained before, by a part of their addresses.
  @usableFromInline var recent: (UInt, UInt, UInt, UInt) = (0, 0, 0, 0)

  /// A builder for values of a type, with memory for `capacity` of them.
  @usableFromInline package init(_ type: ColumnType, capacity: Int = 1024) {
    data = ColumnData(type, capacity: capacity)
    next = data.base
    end = data.base + data.capacity * type.stride
  }

  /// The number of values.
  package var count: Int { (next - data.base) / data.type.stride }

  /// Appends a value. Its type must be that of the column.
  @inlinable @inline(__always)
  package mutating func append<Value: ColumnElement>(_ value: Value) { value.append(to: &self) }

  /// Appends a value in the form in which DuckDB stores it, which must have the size of the column's values.
  @inlinable @inline(__always)
  package mutating func append<Value: BitwiseCopyable>(stored value: Value) {
    assert(MemoryLayout<Value>.stride == data.type.stride, "A value of this size is not one of \(data.type).")
    if next == end { grow() }
    next.storeBytes(of: value, as: Value.self)
    next += MemoryLayout<Value>.stride
  }

  /// Appends a decimal without its decimal point.
  @inlinable
  package mutating func append(decimal value: Int64) {
    switch data.type.stride {
    case 2: append(stored: Int16(truncatingIfNeeded: value))
    case 4: append(stored: Int32(truncatingIfNeeded: value))
    default: append(stored: value)
    }
  }

  /// Appends a null.
  @usableFromInline package mutating func appendNull() {
    if next == end { grow() }
    data.setNull(count)
    let stride = data.type.stride
    next.initializeMemory(as: UInt8.self, repeating: 0, count: stride)
    next += stride
  }

  /// Appends a text, whose bytes are not copied if they are in a buffer.
  @inlinable @inline(__always)
  package mutating func append(text: borrowing Text) {
    if text.isInline {
      let count = UInt64(truncatingIfNeeded: text.utf8Count)
      let (low, high) = text.inlineWords
      if count <= UInt64(DuckString.inlineCapacity) {
        append(stored: DuckString(low: count | low &<< 32, high: low &>> 32 | high &<< 32))
      } else {
        append(copying: low, high, count: count)
      }
    } else if text.longCount <= ColumnBuilder.longestString, let buffer = text.owner {
      let address = Unmanaged.passUnretained(buffer).toOpaque()
      if address != owner { retain(address) }
      let prefix = UInt64(UnsafeRawPointer(text.longBase).loadUnaligned(as: UInt32.self))
      append(stored: DuckString(low: UInt64(text.longCount) | prefix &<< 32, high: text.word0))
    } else {
      appendTooLong()
    }
  }

  /// Appends a copy of bytes. In a column of strings they must be UTF-8.
  @inlinable
  package mutating func append(bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count <= ColumnBuilder.longestString else { return appendTooLong() }
    guard bytes.count > DuckString.inlineCapacity, let base = bytes.baseAddress else {
      var words: (UInt64, UInt64) = (0, 0)
      withUnsafeMutableBytes(of: &words) { words in
        words.storeBytes(of: UInt32(truncatingIfNeeded: bytes.count), as: UInt32.self)
        UnsafeMutableRawBufferPointer(rebasing: words[4...]).copyBytes(from: bytes)
      }
      return append(stored: DuckString(low: words.0, high: words.1))
    }
    let copy = reserve(bytes.count)
    copy.update(from: base, count: bytes.count)
    let prefix = UInt64(UnsafeRawPointer(base).loadUnaligned(as: UInt32.self))
    append(
      stored: DuckString(low: UInt64(bytes.count) | prefix &<< 32, high: UInt64(UInt(bitPattern: copy))))
  }

  /// The values. The builder must not be used afterwards.
  @usableFromInline package consuming func finish() -> ColumnData {
    data.count = count
    return data
  }

  /// The longest string, in bytes: DuckDB stores its length in 32 bits.
  @inlinable static var longestString: Int { Int(UInt32.max) }

  /// Appends a text of 13 to 15 bytes, which a text stores in itself and DuckDB's string does not.
  @usableFromInline
  mutating func append(copying low: UInt64, _ high: UInt64, count: UInt64) {
    let copy = reserve(16)
    UnsafeMutableRawPointer(copy).storeBytes(of: low, as: UInt64.self)
    UnsafeMutableRawPointer(copy).storeBytes(of: high, toByteOffset: 8, as: UInt64.self)
    append(stored: DuckString(low: count | low &<< 32, high: UInt64(UInt(bitPattern: copy))))
  }

  /// Space for `count` bytes that lives as long as the column.
  @usableFromInline
  mutating func reserve(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    if free == nil || freeCount < count {
      // Twice as large each time, so that a long column has few of them.
      let buffer = TextBuffer(capacity: max(count, min(1 << 20, max(4096, 2 * copied))))
      data.owners.append(buffer)
      (free, freeCount, copied) = (buffer.base, buffer.capacity, buffer.capacity)
    }
    // Safe: there is a buffer now.
    let space = free.unsafelyUnwrapped
    let used = (count + 7) & ~7
    free = space + min(used, freeCount)
    freeCount = max(0, freeCount - used)
    return space
  }

  /// The capacity of the buffer into which strings are copied.
  @usableFromInline var copied = 0

  /// Retains the owner of a text, unless one of the most recent texts had the same.
  @usableFromInline
  mutating func retain(_ address: UnsafeMutableRawPointer) {
    owner = address
    let number = UInt(bitPattern: address)
    if number == recent.0 || number == recent.1 || number == recent.2 || number == recent.3 { return }
    recent = (number, recent.0, recent.1, recent.2)
    // Safe: the text that the caller borrows retains its owner.
    data.owners.append(Unmanaged<TextBuffer>.fromOpaque(address).takeUnretainedValue())
  }

  @usableFromInline mutating func appendTooLong() {
    data.hasTooLongString = true
    appendNull()
  }

  @usableFromInline mutating func grow() {
    let offset = next - data.base
    data.grow()
    next = data.base + offset
    end = data.base + data.capacity * data.type.stride
  }
}
