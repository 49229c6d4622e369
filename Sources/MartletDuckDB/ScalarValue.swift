// Unsafe code. Invariant: `data` holds the values of a flat vector of the type that `duckType` names, and `validity` a
// bit for each; rows are less than the number of values of the call.

import CDuckDB
public import MartletCore

/// A type of the parameters and results of functions that SQL can call.
@usableFromInline package protocol ScalarValue: SendableMetatype {
  /// The type in SQL.
  static var duckType: DuckType { get }
  /// True if the type has a value for nulls. A function is not called for rows in which another parameter is null: its
  /// result is null there.
  static var acceptsNull: Bool { get }
  /// The value in `row`.
  static func read(_ row: Int, of input: ScalarInput) -> Self
  /// Writes the value into `row`.
  func write(_ row: Int, of output: ScalarOutput)
}

extension ScalarValue {
  @inlinable package static var acceptsNull: Bool { false }
}

/// The values of a parameter.
@frozen @usableFromInline package struct ScalarInput {
  @usableFromInline let data: UnsafeRawPointer
  @usableFromInline let validity: UnsafePointer<UInt64>?

  @inlinable init(data: UnsafeRawPointer, validity: UnsafePointer<UInt64>?) {
    self.data = data
    self.validity = validity
  }

  @inlinable @inline(__always) package func isValid(_ row: Int) -> Bool {
    guard let validity else { return true }
    return validity[row &>> 6] &>> UInt64(row & 63) & 1 != 0
  }

  /// A copy of the bytes of a string.
  @usableFromInline package func bytes(_ row: Int) -> [UInt8] {
    DuckString.withBytes(data + row * MemoryLayout<DuckString>.stride) { Array($0) }
  }

  @inlinable @inline(__always) package func load<Value: BitwiseCopyable>(_ row: Int) -> Value {
    data.load(fromByteOffset: row &* MemoryLayout<Value>.stride, as: Value.self)
  }
}

/// The results of a function.
@frozen @usableFromInline package struct ScalarOutput {
  @usableFromInline let data: UnsafeMutableRawPointer
  @usableFromInline let vector: OpaquePointer

  @inlinable init(data: UnsafeMutableRawPointer, vector: OpaquePointer) {
    self.data = data
    self.vector = vector
  }

  @inlinable @inline(__always) package func store<Value: BitwiseCopyable>(_ value: Value, _ row: Int) {
    data.storeBytes(of: value, toByteOffset: row &* MemoryLayout<Value>.stride, as: Value.self)
  }

  /// The bits of the results, all set at first.
  @usableFromInline func writableValidity() -> UnsafeMutablePointer<UInt64> {
    duck_vector_ensure_validity_writable(vector)
    return duck_vector_get_validity(vector)
  }

  @usableFromInline package func setNull(_ row: Int) { writableValidity()[row >> 6] &= ~(1 << UInt64(row & 63)) }

  /// Writes a copy of the bytes, which are UTF-8.
  @usableFromInline package func store(bytes: UnsafeBufferPointer<UInt8>, _ row: Int) {
    let base = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
    if let base, !bytes.isEmpty {
      duck_unsafe_vector_assign_string_element_len(vector, UInt64(row), base, UInt64(bytes.count))
    } else {
      store(DuckString(low: 0, high: 0), row)
    }
  }
}

extension Bool: ScalarValue {
  @usableFromInline package static var duckType: DuckType { .bool }
  @inlinable @inline(__always) package static func read(_ row: Int, of input: ScalarInput) -> Bool { input.load(row) }
  @inlinable @inline(__always) package func write(_ row: Int, of output: ScalarOutput) { output.store(self, row) }
}

extension Int32: ScalarValue {
  @usableFromInline package static var duckType: DuckType { .int32 }
  @inlinable @inline(__always) package static func read(_ row: Int, of input: ScalarInput) -> Int32 { input.load(row) }
  @inlinable @inline(__always) package func write(_ row: Int, of output: ScalarOutput) { output.store(self, row) }
}

extension Int64: ScalarValue {
  @usableFromInline package static var duckType: DuckType { .int64 }
  @inlinable @inline(__always) package static func read(_ row: Int, of input: ScalarInput) -> Int64 { input.load(row) }
  @inlinable @inline(__always) package func write(_ row: Int, of output: ScalarOutput) { output.store(self, row) }
}

extension Int: ScalarValue {
  @usableFromInline package static var duckType: DuckType { .int64 }
  @inlinable @inline(__always) package static func read(_ row: Int, of input: ScalarInput) -> Int {
    Int(input.load(row) as Int64)
  }
  @inlinable @inline(__always) package func write(_ row: Int, of output: ScalarOutput) {
    output.store(Int64(self), row)
  }
}

extension Float: ScalarValue {
  @usableFromInline package static var duckType: DuckType { .float }
  @inlinable @inline(__always) package static func read(_ row: Int, of input: ScalarInput) -> Float { input.load(row) }
  @inlinable @inline(__always) package func write(_ row: Int, of output: ScalarOutput) { output.store(self, row) }
}

extension Double: ScalarValue {
  @usableFromInline package static var duckType: DuckType { .double }
  @inlinable @inline(__always) package static func read(_ row: Int, of input: ScalarInput) -> Double { input.load(row) }
  @inlinable @inline(__always) package func write(_ row: Int, of output: ScalarOutput) { output.store(self, row) }
}

extension String: ScalarValue {
  @usableFromInline package static var duckType: DuckType { .varchar }
  @inlinable package static func read(_ row: Int, of input: ScalarInput) -> String {
    DuckString.withBytes(input.data + row &* MemoryLayout<DuckString>.stride) { String(decoding: $0, as: UTF8.self) }
  }
  @inlinable package func write(_ row: Int, of output: ScalarOutput) {
    var copy = self
    copy.withUTF8 { output.store(bytes: $0, row) }
  }
}

extension Text: ScalarValue {
  @usableFromInline package static var duckType: DuckType { .varchar }
  @inlinable package static func read(_ row: Int, of input: ScalarInput) -> Text {
    DuckString.withBytes(input.data + row &* MemoryLayout<DuckString>.stride) { Text(copying: $0) }
  }
  @inlinable package func write(_ row: Int, of output: ScalarOutput) {
    withUTF8Bytes { output.store(bytes: $0, row) }
  }
}

extension Optional: ScalarValue where Wrapped: ScalarValue {
  @usableFromInline package static var duckType: DuckType { Wrapped.duckType }
  @inlinable package static var acceptsNull: Bool { true }
  @inlinable @inline(__always) package static func read(_ row: Int, of input: ScalarInput) -> Wrapped? {
    input.isValid(row) ? Wrapped.read(row, of: input) : nil
  }
  @inlinable @inline(__always) package func write(_ row: Int, of output: ScalarOutput) {
    if let self { self.write(row, of: output) } else { output.setNull(row) }
  }
}
