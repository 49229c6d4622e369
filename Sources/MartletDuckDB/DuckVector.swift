// Unsafe code. Invariant: a vector's pointers are valid during the lifetime of `chunk`, which it retains. The type of
// the vector determines the layout of its data, as documented in DuckDB's C interface.

package import CDuckDB
package import MartletCore

/// The values of one column of a chunk, read without copies.
package struct DuckVector {
  /// The chunk whose memory this is.
  @usableFromInline let chunk: DuckChunk
  @usableFromInline let handle: duck_vector
  package let type: DuckType
  /// The number of values.
  package let count: Int
  /// The first value.
  @usableFromInline package let data: UnsafeRawPointer
  /// One bit for each value, 0 for null; `nil` if no value is null.
  @usableFromInline package let validity: UnsafePointer<UInt64>?

  init(_ handle: duck_vector?, type: DuckType, count: Int, in chunk: DuckChunk) {
    // DuckDB's chunks have all their vectors.
    guard let handle else { fatalError("A column of DuckDB has no vector.") }
    self.chunk = chunk
    self.handle = handle
    self.type = type
    self.count = count
    // A vector of a structure has no data of its own.
    data = UnsafeRawPointer(duck_vector_get_data(handle)) ?? UnsafeRawPointer(noData)
    validity = UnsafePointer(duck_vector_get_validity(handle))
  }

  /// True if no value is null.
  @inlinable @inline(__always) package var hasNoNulls: Bool { validity == nil }

  /// False for a null. `row` must be less than `count`.
  @inlinable @inline(__always) package func isValid(_ row: Int) -> Bool {
    guard let validity else { return true }
    return validity[row &>> 6] &>> UInt64(row & 63) & 1 != 0
  }

  /// The values, as the type that DuckDB stores them as; those of nulls are undefined.
  ///
  /// | type | `Value` |
  /// |---|---|
  /// | BOOLEAN, TINYINT … BIGINT, UTINYINT … UBIGINT, HUGEINT, UHUGEINT | `Bool`, `Int8` … `Int64`, `UInt8` … `UInt64`, `Int128`, `UInt128` |
  /// | FLOAT, DOUBLE | `Float`, `Double` |
  /// | DECIMAL of up to 4, 9, 18, 38 digits | `Int16`, `Int32`, `Int64`, `Int128` |
  /// | DATE; TIME, TIMESTAMP of any kind | `Int32`; `Int64` |
  /// | UUID | `Int128`, with its first bit inverted |
  /// | INTERVAL | `duck_interval` |
  /// | VARCHAR, BLOB, BIT, BIGNUM | `DuckString` |
  /// | ENUM of up to 255, 65535, more names | `UInt8`, `UInt16`, `UInt32` |
  /// | LIST, MAP | `duck_list_entry` |
  ///
  /// The buffer is valid while the vector or its chunk is retained.
  @inlinable @inline(__always)
  package func values<Value: BitwiseCopyable>(as _: Value.Type = Value.self) -> UnsafeBufferPointer<Value> {
    // Safe by the table above, which the caller observes.
    UnsafeBufferPointer(start: data.assumingMemoryBound(to: Value.self), count: count)
  }

  /// The value in `row`, which must be less than `count`, as the type that DuckDB stores it as.
  @inlinable @inline(__always)
  package func load<Value: BitwiseCopyable>(_ row: Int, as _: Value.Type = Value.self) -> Value {
    data.load(fromByteOffset: row &* MemoryLayout<Value>.stride, as: Value.self)
  }

  /// Calls `body` with the bytes of a VARCHAR or BLOB, which are valid until it returns.
  @inlinable @inline(__always)
  package func withBytes<Result>(_ row: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
    try DuckString.withBytes(data + row &* MemoryLayout<DuckString>.stride, body)
  }

  /// The value of a VARCHAR. DuckDB's strings are valid UTF-8.
  @inlinable package func string(_ row: Int) -> String { withBytes(row) { String(decoding: $0, as: UTF8.self) } }

  /// The value of a VARCHAR, copied.
  @inlinable package func text(_ row: Int) -> Text { withBytes(row) { Text(copying: $0) } }

  /// The elements of a LIST or MAP, as a range of rows of `child`.
  @inlinable package func elements(_ row: Int) -> Range<Int> {
    let entry = load(row, as: duck_list_entry.self)
    return Int(entry.offset)..<Int(entry.offset + entry.length)
  }

  /// The elements of all lists of a LIST or ARRAY, or the entries of a MAP, each a structure of `key` and `value`.
  package var child: DuckVector {
    switch type {
    case .list(let element):
      DuckVector(
        duck_list_vector_get_child(handle), type: element, count: Int(duck_list_vector_get_size(handle)), in: chunk)
    case .map(let key, let value):
      DuckVector(
        duck_list_vector_get_child(handle),
        type: .structure([DuckField("key", key), DuckField("value", value)]),
        count: Int(duck_list_vector_get_size(handle)), in: chunk)
    case .array(let element, let size):
      DuckVector(duck_array_vector_get_child(handle), type: element, count: count * size, in: chunk)
    default: preconditionFailure("Only lists, arrays and maps have elements.")
    }
  }

  /// A member of a STRUCT.
  package func member(_ index: Int) -> DuckVector {
    guard case .structure(let fields) = type else { preconditionFailure("Only structures have members.") }
    return DuckVector(
      duck_struct_vector_get_child(handle, UInt64(index)), type: fields[index].type, count: count, in: chunk)
  }
}

private nonisolated(unsafe) let noData = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 16)
