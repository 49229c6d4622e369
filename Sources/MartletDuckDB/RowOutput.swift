// Unsafe code. Invariant: the vectors are those of a chunk that the engine has lent until the next rows are written, and have
// space for `capacity` values of the types of their columns; a row is less than `capacity`.

internal import CDuckDB

/// The next rows of a stream, which a `RowReader` writes. Columns whose values the statement does not use are ignored.
package struct RowOutput {
  private let vectors: [duck_vector?]
  /// The values of the vectors; `nil` for columns that the statement does not use.
  @usableFromInline let values: [UnsafeMutableRawPointer?]

  /// The largest number of rows.
  @inlinable package static var capacity: Int { 2048 }

  init(_ chunk: duck_data_chunk?, _ columns: [TableColumn], _ positions: [Int?]) {
    vectors = positions.map { position in position.flatMap { duck_data_chunk_get_vector(chunk, UInt64($0)) } }
    values = vectors.map { $0.flatMap { duck_vector_get_data($0) } }
  }

  /// True if the statement uses the values of a column.
  @inlinable @inline(__always)
  package func isWanted(_ column: Int) -> Bool { values[column] != nil }

  /// Writes a text, which must be UTF-8, or bytes.
  package func write(utf8 bytes: UnsafeBufferPointer<UInt8>, _ column: Int, _ row: Int) {
    guard let vector = vectors[column] else { return }
    guard let base = bytes.baseAddress else {
      return duck_unsafe_vector_assign_string_element_len(vector, UInt64(row), "", 0)
    }
    base.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
      duck_unsafe_vector_assign_string_element_len(vector, UInt64(row), $0, UInt64(bytes.count))
    }
  }

  /// Writes a text.
  package func write(text: String, _ column: Int, _ row: Int) {
    guard isWanted(column) else { return }
    var text = text
    text.withUTF8 { write(utf8: $0, column, row) }
  }

  /// Writes a value of the type that the column stores, such as `Int32` for a date.
  @inlinable @inline(__always)
  package func write<Value: BitwiseCopyable>(_ value: Value, _ column: Int, _ row: Int) {
    guard let data = values[column] else { return }
    data.storeBytes(of: value, toByteOffset: row * MemoryLayout<Value>.stride, as: Value.self)
  }

  /// Writes a null.
  package func writeNull(_ column: Int, _ row: Int) {
    guard let vector = vectors[column] else { return }
    duck_vector_ensure_validity_writable(vector)
    guard let validity = duck_vector_get_validity(vector) else { return }
    validity[row / 64] &= ~(1 << UInt64(row % 64))
  }
}
