// Unsafe code. Invariant: between `init` and `finish` nothing else uses the buffer; the elements from its base up to
// `end` are initialized.

/// The position in an element buffer at which a kernel writes. It lives in registers, unlike the buffer's own
/// properties.
@frozen @usableFromInline
package struct OutputCursor<Element> {
  @usableFromInline let buffer: ElementBuffer<Element>
  @usableFromInline var start: UnsafeMutablePointer<Element>
  /// The position of the next element.
  @usableFromInline var end: UnsafeMutablePointer<Element>
  @usableFromInline var limit: UnsafeMutablePointer<Element>

  /// Begins after the elements that the buffer has.
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

  /// Makes space for the next `wanted` elements.
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

  /// Updates the number of elements in the buffer.
  @inlinable @inline(__always)
  package func finish() { buffer.count = count }
}
