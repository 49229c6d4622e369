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
  @usableFromInline var owner: UInt = 0
  /// The free part of the buffer into which strings are copied.
  @usableFromInline var free: UnsafeMutablePointer<UInt8>?
  @usableFromInline var freeCount = 0
  /// The owners that were retained before it.
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
  package mutating func append(decimal value: Int128) {
    switch data.type.stride {
    case 2: append(stored: Int16(truncatingIfNeeded: value))
    case 4: append(stored: Int32(truncatingIfNeeded: value))
    case 8: append(stored: Int64(truncatingIfNeeded: value))
    default: append(stored: value)
    }
  }

  /// Appends a null in place of a value that cannot be stored. No piece can be made of the column: its `init` throws an
  /// error with the first reason.
  @usableFromInline package mutating func refuse(_ reason: String) {
    data.refusal = data.refusal ?? reason
    appendNull()
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
  package mutating func append(text: Text) {
    // The same words, without a reference: the compiler would count one for each text. Safe: these are the fields of a
    // text in their order.
    let (word0, word1, address) = unsafeBitCast(text, to: (UInt64, UInt64, UInt).self)
    if address == 0 {
      let count = word1 &>> 56
      let high = word1 & ~Text.longMark
      if count <= UInt64(DuckString.inlineCapacity) {
        append(stored: DuckString(low: count | word0 &<< 32, high: word0 &>> 32 | high &<< 32))
      } else {
        append(copying: word0, high, count: count)
      }
    } else {
      let count = word1 & ~Text.longMark
      guard count <= UInt64(ColumnBuilder.longestString) else { return appendTooLong() }
      if address != owner { retain(address) }
      // Safe: a text that is not inline has the address of more than 15 bytes in its first word.
      let bytes = UnsafeRawPointer(bitPattern: UInt(word0)).unsafelyUnwrapped
      let prefix = UInt64(bytes.loadUnaligned(as: UInt32.self))
      append(stored: DuckString(low: count | prefix &<< 32, high: word0))
    }
  }

  /// Appends a copy of bytes that should be UTF-8. Those that are not are replaced by `\u{FFFD}`, as in a `String`.
  package mutating func append(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    guard let base = bytes.baseAddress, !validatedUTF8(base, count: bytes.count) else { return append(bytes: bytes) }
    append(text: Text(repairing: base, count: bytes.count))
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
  @inlinable @inline(__always)
  mutating func append(copying low: UInt64, _ high: UInt64, count: UInt64) {
    if freeCount < 16 { allocate(16) }
    // Safe: there is a buffer with 16 free bytes now.
    let copy = UnsafeMutableRawPointer(free.unsafelyUnwrapped)
    copy.storeBytes(of: low, as: UInt64.self)
    copy.storeBytes(of: high, toByteOffset: 8, as: UInt64.self)
    free = free.unsafelyUnwrapped + 16
    freeCount -= 16
    append(stored: DuckString(low: count | low &<< 32, high: UInt64(UInt(bitPattern: copy))))
  }

  /// Space for `count` bytes that lives as long as the column.
  @usableFromInline
  mutating func reserve(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    // Aligned, so that the copies of short texts are.
    let used = (count + 7) & ~7
    if freeCount < used { allocate(used) }
    // Safe: there is a buffer with enough free bytes now.
    let space = free.unsafelyUnwrapped
    free = space + used
    freeCount -= used
    return space
  }

  /// Begins a new buffer with at least `count` free bytes.
  @usableFromInline
  mutating func allocate(_ count: Int) {
    // Twice as large each time, so that a long column has few of them.
    let buffer = TextBuffer(capacity: max(count, min(1 << 20, max(4096, 2 * copied))))
    data.owners.append(buffer)
    (free, freeCount, copied) = (buffer.base, buffer.capacity, buffer.capacity)
  }

  /// The capacity of the buffer into which strings are copied.
  @usableFromInline var copied = 0

  /// Retains the owner of a text, unless one of the most recent texts had the same.
  @usableFromInline
  mutating func retain(_ address: UInt) {
    owner = address
    if address == recent.0 || address == recent.1 || address == recent.2 || address == recent.3 { return }
    recent = (address, recent.0, recent.1, recent.2)
    // Safe: the text that the caller appends retains its owner.
    guard let pointer = UnsafeRawPointer(bitPattern: address) else { return }
    data.owners.append(Unmanaged<TextBuffer>.fromOpaque(pointer).takeUnretainedValue())
  }

  @usableFromInline mutating func appendTooLong() {
    refuse("A string of a table is less than 4 GiB long, as DuckDB requires.")
  }

  @usableFromInline mutating func grow() {
    let offset = next - data.base
    data.grow()
    next = data.base + offset
    end = data.base + data.capacity * data.type.stride
  }
}
