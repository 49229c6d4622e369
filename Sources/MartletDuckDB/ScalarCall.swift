// Unsafe code. Invariant: a call exists only while DuckDB waits for the results of one chunk, whose vectors are flat.

import CDuckDB

/// One call of a function, with up to 2,048 rows.
@frozen @usableFromInline package struct ScalarCall {
  @usableFromInline let chunk: OpaquePointer
  @usableFromInline let output: ScalarOutput
  @usableFromInline let count: Int

  init?(_ chunk: duck_data_chunk?, _ vector: duck_vector?) {
    guard let chunk, let vector, let data = duck_vector_get_data(vector) else { return nil }
    self.chunk = chunk
    output = ScalarOutput(data: data, vector: vector)
    count = Int(duck_data_chunk_get_size(chunk))
  }

  @usableFromInline func input(_ index: Int) -> ScalarInput {
    let vector = duck_data_chunk_get_vector(chunk, UInt64(index))
    return ScalarInput(data: duck_vector_get_data(vector), validity: duck_vector_get_validity(vector))
  }

  /// Marks each result as null for which one of the inputs is null. Returns the bits of the results; `nil` if all inputs
  /// are valid.
  @usableFromInline func excludeNulls(of inputs: [ScalarInput]) -> UnsafePointer<UInt64>? {
    var bits: UnsafeMutablePointer<UInt64>?
    for input in inputs {
      guard let validity = input.validity else { continue }
      let result = bits ?? output.writableValidity()
      bits = result
      for word in 0..<(count + 63) / 64 { result[word] &= validity[word] }
    }
    return UnsafePointer(bits)
  }

  /// Calls `body` with each row that it accepts.
  @inlinable @inline(__always)
  func forEachRow(excludingNullsOf inputs: [ScalarInput], _ body: (Int) throws -> Void) rethrows {
    guard let bits = excludeNulls(of: inputs) else {
      for row in 0..<count { try body(row) }
      return
    }
    for row in 0..<count where bits[row &>> 6] &>> UInt64(row & 63) & 1 != 0 { try body(row) }
  }

  @inlinable
  func run<R: ScalarValue>(_ body: () throws -> R) throws {
    for row in 0..<count { try body().write(row, of: output) }
  }

  @inlinable
  func run<A: ScalarValue, R: ScalarValue>(_ body: (A) throws -> R) throws {
    let a = input(0)
    try forEachRow(excludingNullsOf: A.acceptsNull ? [] : [a]) { row in
      try body(A.read(row, of: a)).write(row, of: output)
    }
  }

  @inlinable
  func run<A: ScalarValue, B: ScalarValue, R: ScalarValue>(_ body: (A, B) throws -> R) throws {
    let a = input(0), b = input(1)
    try forEachRow(excludingNullsOf: (A.acceptsNull ? [] : [a]) + (B.acceptsNull ? [] : [b])) { row in
      try body(A.read(row, of: a), B.read(row, of: b)).write(row, of: output)
    }
  }

  @inlinable
  func run<A: ScalarValue, B: ScalarValue, C: ScalarValue, R: ScalarValue>(_ body: (A, B, C) throws -> R) throws {
    let a = input(0), b = input(1), c = input(2)
    try forEachRow(
      excludingNullsOf: (A.acceptsNull ? [] : [a]) + (B.acceptsNull ? [] : [b]) + (C.acceptsNull ? [] : [c])
    ) { row in
      try body(A.read(row, of: a), B.read(row, of: b), C.read(row, of: c)).write(row, of: output)
    }
  }

  @inlinable
  func run<A: ScalarValue, B: ScalarValue, C: ScalarValue, D: ScalarValue, R: ScalarValue>(
    _ body: (A, B, C, D) throws -> R
  ) throws {
    let a = input(0), b = input(1), c = input(2), d = input(3)
    let first = (A.acceptsNull ? [] : [a]) + (B.acceptsNull ? [] : [b])
    try forEachRow(excludingNullsOf: first + (C.acceptsNull ? [] : [c]) + (D.acceptsNull ? [] : [d])) { row in
      try body(A.read(row, of: a), B.read(row, of: b), C.read(row, of: c), D.read(row, of: d)).write(row, of: output)
    }
  }
}
