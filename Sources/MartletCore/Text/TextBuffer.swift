// Unsafe code. Invariant: a buffer's bytes are written only between its creation and the moment it is first shared with
// a `Text`; from then on they never change, which makes sharing it across threads safe. `MARTLET_PADDING` readable
// bytes follow the capacity, so that 64-byte loads never leave the allocation.

import CMartlet

/// A block of UTF-8 that several `Text` values share; it lives as long as the last of them.
///
/// It is rarely used directly: readers fill a buffer with a block of input and return texts that point into it.
@usableFromInline package final class TextBuffer: @unchecked Sendable {
  // Sendable: only the creator of the buffer writes to it, and not to bytes that texts point to.
  /// The first byte.
  @usableFromInline package let base: UnsafeMutablePointer<UInt8>
  /// The number of bytes that can be written, without the padding.
  @usableFromInline package let capacity: Int

  /// Allocates space for `capacity` bytes, followed by readable padding.
  @usableFromInline package init(capacity: Int) {
    precondition(capacity >= 0, "A text buffer's capacity must not be negative.")
    self.capacity = capacity
    base = .allocate(capacity: capacity + Int(MARTLET_PADDING))
    (base + capacity).initialize(repeating: 0, count: Int(MARTLET_PADDING))
  }

  /// A copy of `count` bytes.
  @usableFromInline package convenience init(copying bytes: UnsafePointer<UInt8>, count: Int) {
    self.init(capacity: count)
    base.initialize(from: bytes, count: count)
  }

  deinit { base.deallocate() }
}
