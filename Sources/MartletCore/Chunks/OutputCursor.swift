// Unsafe code. Invariant: from `init` to `finish` nobody else uses the buffer; the elements from its base up to `end`
// are initialised.

/// Where a kernel writes in an element buffer. It lives in registers, which the buffer's own properties cannot.
@frozen @usableFromInline
package struct OutputCursor<Element> {
  @usableFromInline let buffer: ElementBuffer<Element>
  @usableFromInline var start: UnsafeMutablePointer<Element>
  /// Where the next element goes.
  @usableFromInline var end: UnsafeMutablePointer<Element>
  @usableFromInline var limit: UnsafeMutablePointer<Element>

  /// Behind the elements that the buffer has.
  @inlinable @inline(__always)
  package init(_ buffer: ElementBuffer<Element>) {
    self.buffer = buffer
    start = buffer.base
    end = start + buffer.count
    limit = start + buffer.capacity
  }

  @inlinable @inline(__always)
  package var count: Int { end - start }

  @inlinable @inline(__always)
  package mutating func append(_ element: consuming Element) {
    if end == limit { grow(1) }
    end.initialize(to: element)
    end += 1
  }

  /// Lets the next `wanted` elements be written.
  @inlinable @inline(__always)
  mutating func makeRoom(for wanted: Int) {
    if limit - end < wanted { grow(wanted) }
  }

  @usableFromInline @inline(never)
  mutating func grow(_ wanted: Int) {
    finish()
    buffer.reserve(Swift.max(buffer.count + wanted, buffer.capacity * 2))
    self = OutputCursor(buffer)
  }

  /// Tells the buffer what it has.
  @inlinable @inline(__always)
  package func finish() { buffer.count = count }
}
