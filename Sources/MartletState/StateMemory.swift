// Unsafe code. Invariant: memory is freed with the number of bytes that it was allocated with.

import CMartlet

/// The memory of the parts of a `StateTable`.
///
/// They live as long as the program, and grow and split while batches come and go. On the heap, each part that moves
/// would leave a hole among freed memory of batches, and the heap would keep both, which took as much memory as the
/// states themselves. All but small parts are therefore allocated from the system and freed to it.
@usableFromInline
package enum StateMemory {
  /// The size from which a part only occupies the pages that have been written: more may be allocated than is needed.
  package static var pagedBytes: Int { 64 << 10 }

  /// Allocates memory on a cache line, so that entries of 16, 32 or 64 bytes never straddle two.
  static func allocate(_ bytes: Int, alignment: Int) -> UnsafeMutableRawPointer {
    bytes >= pagedBytes
      ? martlet_reserve_pages(bytes) : .allocate(byteCount: bytes, alignment: max(64, alignment))
  }

  @usableFromInline
  static func free(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
    if bytes >= pagedBytes { martlet_release_pages(memory, bytes) } else { memory.deallocate() }
  }
}
