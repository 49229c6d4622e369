// Unsafe code. Invariant: memory is given back with the number of bytes that it was asked for with.

import CMartlet

/// Where the parts of a `StateTable` lie.
///
/// They live for as long as the program, and grow and split while batches come and go around them. In the heap, each that
/// moves leaves a hole behind, among memory of batches that is free again, and the heap keeps both: that took as much as
/// the states themselves. So all but small parts come from the system, and go back there.
@usableFromInline
package enum StateMemory {
  /// From so many bytes on, only those pages of a part take room that have been written to: more may be asked for than
  /// is needed by now.
  package static var pagedBytes: Int { 64 << 10 }

  /// Memory on a cache line, so that entries of 16, 32 or 64 bytes never straddle two.
  static func allocate(_ bytes: Int, alignment: Int) -> UnsafeMutableRawPointer {
    bytes >= pagedBytes
      ? martlet_reserve_pages(bytes) : .allocate(byteCount: bytes, alignment: max(64, alignment))
  }

  @usableFromInline
  static func free(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
    if bytes >= pagedBytes { martlet_release_pages(memory, bytes) } else { memory.deallocate() }
  }
}
