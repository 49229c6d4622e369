// Unsafe code. Invariant: `base[0 ..< count]` are initialized, `base[0 ..< capacity]` are allocated, by `owner` if
// there is one, which no longer changes.

import CMartlet

/// A growable buffer of bytes to be written to a file.
package final class ByteBuffer {
  package private(set) var base: UnsafeMutableRawPointer
  package private(set) var count = 0
  private var capacity: Int
  private var owner: ByteBuffer?

  package init(capacity: Int = 0) {
    self.capacity = capacity
    base = Self.allocate(capacity)
  }

  /// The bytes at `part`, which are within those of `owner`: they are not copied, and keep all of `owner` alive.
  package init(_ part: UnsafeRawBufferPointer, in owner: ByteBuffer) {
    self.owner = owner
    capacity = part.count
    count = part.count
    base = part.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) } ?? owner.base
  }

  deinit { if owner == nil { Self.free(base, capacity) } }

  // Large buffers are allocated from the system and freed to it: the heap would keep their memory.

  private static func allocate(_ capacity: Int) -> UnsafeMutableRawPointer {
    capacity >= 2 << 20 ? martlet_allocate_table(capacity) : .allocate(byteCount: capacity, alignment: 16)
  }

  private static func free(_ base: UnsafeMutableRawPointer, _ capacity: Int) {
    if capacity >= 2 << 20 { martlet_free_table(base, capacity) } else { base.deallocate() }
  }

  /// All bytes, valid until the next change.
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// Removes the bytes and keeps the memory.
  package func removeAll() { shorten(by: count) }

  /// Adds `extra` bytes, which the caller writes, and returns their address.
  @inline(__always)
  package func extend(by extra: Int) -> UnsafeMutableRawPointer {
    if count + extra > capacity { grow(to: count + extra) }
    defer { count += extra }
    return base + count
  }

  /// Removes the last `number` bytes.
  package func shorten(by number: Int) {
    precondition(number >= 0 && number <= count)
    count -= number
    // Later bytes must not be written into the owner's bytes.
    if owner != nil { capacity = count }
  }

  /// Appends a copy of `count` bytes.
  @inline(__always)
  package func append(_ source: UnsafeRawPointer, count: Int) {
    extend(by: count).copyMemory(from: source, byteCount: count)
  }

  package func append(_ byte: UInt8) { extend(by: 1).storeBytes(of: byte, as: UInt8.self) }

  /// Appends a number of fixed width, in little-endian order.
  package func append<Number: FixedWidthInteger>(fixed number: Number) {
    let little = number.littleEndian
    // An integer is not empty.
    withUnsafeBytes(of: little) { append($0.baseAddress.unsafelyUnwrapped, count: $0.count) }
  }

  /// Overwrites a number of fixed width at `offset`, which has already been appended.
  package func replace<Number: FixedWidthInteger>(at offset: Int, with number: Number) {
    precondition(owner == nil && offset >= 0 && offset + MemoryLayout<Number>.size <= count)
    (base + offset).storeBytes(of: number.littleEndian, as: Number.self)
  }

  /// Appends a number in the least number of bytes, with seven bits in each.
  @inline(__always)
  package func append(variable number: UInt64) {
    var left = number
    while left >= 0x80 {
      append(UInt8(truncatingIfNeeded: left) | 0x80)
      left &>>= 7
    }
    append(UInt8(truncatingIfNeeded: left))
  }

  /// Appends the length of `string`, then its UTF-8.
  package func append(_ string: String) {
    var string = string
    string.withUTF8 { utf8 in
      append(variable: UInt64(utf8.count))
      if let start = utf8.baseAddress { append(start, count: utf8.count) }
    }
  }

  private func grow(to wanted: Int) {
    let newCapacity = max(wanted, capacity * 2, 64)
    let larger = Self.allocate(newCapacity)
    larger.copyMemory(from: base, byteCount: count)
    if owner == nil { Self.free(base, capacity) }
    owner = nil
    base = larger
    capacity = newCapacity
  }
}
