// Unsafe code. Invariant: `words` are those of DuckDB's string: 4 bytes of length, then up to 12 bytes of text followed
// by zeros, or else the first 4 bytes of the text and the address of all of them.

/// DuckDB's form of a string in a vector, of 16 bytes.
@frozen @usableFromInline package struct DuckString: BitwiseCopyable, Sendable {
  @usableFromInline package var low: UInt64
  @usableFromInline package var high: UInt64

  @inlinable @inline(__always) package init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// The most bytes that are stored in the string itself.
  @inlinable @inline(__always) package static var inlineCapacity: Int { 12 }

  /// The number of bytes.
  @inlinable @inline(__always) package var count: Int { Int(truncatingIfNeeded: low & 0xFFFF_FFFF) }
  /// True if the bytes are in the string itself.
  @inlinable @inline(__always) package var isInline: Bool { count <= Self.inlineCapacity }

  /// Calls `body` with the bytes of the string at `address`, which are valid until it returns.
  @inlinable @inline(__always)
  package static func withBytes<Result>(
    _ address: UnsafeRawPointer, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    let count = Int(address.load(as: UInt32.self))
    let start = count <= inlineCapacity ? address + 4 : address.load(fromByteOffset: 8, as: UnsafeRawPointer.self)
    return try body(UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: count))
  }
}
