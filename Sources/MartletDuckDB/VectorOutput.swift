// Unsafe code. Invariant: `handle` is a vector of DuckDB with space for `capacity` values, or for those that a list has
// reserved. The caller writes values of the vector's type, and no more than there is space for.

import CDuckDB

/// A column of a chunk into which values are written.
package struct VectorOutput {
  private let handle: duck_vector?

  init(_ handle: duck_vector?) { self.handle = handle }

  /// The most rows of a chunk.
  package static let capacity = 2048

  /// The values, as the types that ``DuckVector`` lists; not for structures.
  package var data: UnsafeMutableRawPointer {
    // DuckDB's vectors have memory for their values.
    duck_vector_get_data(handle).unsafelyUnwrapped
  }

  /// Makes the values null for which `isValid` is false. The members of a null structure must be null too.
  @inline(__always)
  package func setNulls(_ count: Int, _ isValid: (Int) -> Bool) {
    duck_vector_ensure_validity_writable(handle)
    let words = duck_vector_get_validity(handle).unsafelyUnwrapped  // writable now
    for row in 0..<count where !isValid(row) { words[row &>> 6] &= ~(1 &<< UInt64(row & 63)) }
  }

  /// Makes the value of a row null.
  package func setNull(_ row: Int) {
    duck_vector_ensure_validity_writable(handle)
    duck_vector_get_validity(handle).unsafelyUnwrapped[row &>> 6] &= ~(1 &<< UInt64(row & 63))  // writable now
  }

  /// Writes a copy of the bytes of a VARCHAR, which must be UTF-8, or of a BLOB.
  @inline(__always)
  package func store(_ bytes: UnsafeRawBufferPointer, _ row: Int) {
    if bytes.count <= DuckString.inlineCapacity {
      var words: (UInt64, UInt64) = (0, 0)
      withUnsafeMutableBytes(of: &words) { words in
        words.storeBytes(of: UInt32(truncatingIfNeeded: bytes.count), as: UInt32.self)
        UnsafeMutableRawBufferPointer(rebasing: words[4...]).copyMemory(from: bytes)
      }
      (data + row * MemoryLayout<DuckString>.stride).storeBytes(
        of: DuckString(low: words.0, high: words.1), as: DuckString.self)
    } else {
      let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      duck_unsafe_vector_assign_string_element_len(handle, UInt64(row), base, UInt64(bytes.count))
    }
  }

  /// A member of a STRUCT.
  package func member(_ index: Int) -> VectorOutput {
    VectorOutput(duck_struct_vector_get_child(handle, UInt64(index)))
  }

  /// The elements of all lists of a LIST, or the entries of a MAP, with space for `count` of them.
  package func elements(_ count: Int) -> VectorOutput {
    // Both fail only for a vector that is no list.
    _ = duck_list_vector_reserve(handle, UInt64(count))
    _ = duck_list_vector_set_size(handle, UInt64(count))
    return VectorOutput(duck_list_vector_get_child(handle))
  }

  /// Writes the range of elements of a LIST or MAP.
  package func store(_ range: Range<Int>, _ row: Int) {
    (data + row * MemoryLayout<duck_list_entry>.stride).storeBytes(
      of: duck_list_entry(offset: UInt64(range.lowerBound), length: UInt64(range.count)), as: duck_list_entry.self)
  }
}
