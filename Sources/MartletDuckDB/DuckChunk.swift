// Unsafe code. Invariant: `handle` belongs to this object, which destroys it once; nothing writes to the chunk.

import CDuckDB

/// Some consecutive rows of a result, by columns; up to 2,048.
package final class DuckChunk: @unchecked Sendable {
  // Sendable: nothing changes a chunk of a result.
  private let handle: duck_data_chunk
  package let columns: [DuckColumn]
  /// The number of rows.
  package let count: Int

  init(_ handle: duck_data_chunk, columns: [DuckColumn]) {
    self.handle = handle
    self.columns = columns
    count = Int(duck_data_chunk_get_size(handle))
  }

  deinit {
    var handle: duck_data_chunk? = handle
    duck_destroy_data_chunk(&handle)
  }

  /// The values of a column.
  package subscript(column: Int) -> DuckVector {
    DuckVector(
      duck_data_chunk_get_vector(handle, UInt64(column)), type: columns[column].type, count: count, in: self)
  }

  /// The rows, value by value. For small results and for tests: a vector is much faster.
  package var rows: [[DuckValue]] {
    let vectors = columns.indices.map { self[$0] }
    return (0..<count).map { row in vectors.map { $0.value(row) } }
  }
}
