// Unsafe code. Invariant: the values of a vector have space for `capacity` rows. The caller writes values of the column's
// type, to rows below that.

/// The next rows of a stream, which a `RowReader` writes. Columns whose values the statement does not use are ignored.
package struct RowOutput {
  private let vectors: [VectorOutput?]
  /// The values of the vectors; `nil` for columns that the statement does not use.
  @usableFromInline let values: [UnsafeMutableRawPointer?]

  /// The largest number of rows.
  package static var capacity: Int { VectorOutput.capacity }

  /// - Parameter vectors: one for each column; `nil` if its values are not used.
  init(_ vectors: [VectorOutput?]) {
    self.vectors = vectors
    values = vectors.map { $0?.data }
  }

  /// True if the statement uses the values of a column.
  @inlinable @inline(__always)
  package func isWanted(_ column: Int) -> Bool { values[column] != nil }

  /// Writes a text, which must be UTF-8, or bytes.
  package func write(utf8 bytes: UnsafeBufferPointer<UInt8>, _ column: Int, _ row: Int) {
    vectors[column]?.store(UnsafeRawBufferPointer(bytes), row)
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
  package func writeNull(_ column: Int, _ row: Int) { vectors[column]?.setNull(row) }
}
