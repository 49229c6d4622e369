/// The items of an array.
struct JSONUnkeyedDecoding: UnkeyedDecodingContainer {
  // Indices of nodes have 32 bits, so that the container is stored in an `any UnkeyedDecodingContainer` without an
  // allocation.
  private let record: JSONRecord
  private let array: UInt32
  private var item: UInt32
  private var position: UInt32 = 0

  init(_ record: JSONRecord, _ array: Int) {
    self.record = record
    self.array = UInt32(truncatingIfNeeded: array)
    item = UInt32(truncatingIfNeeded: array + 1)
  }

  var codingPath: [any CodingKey] { record.isCurrent ? record.path(to: Int(array)) : [] }
  var count: Int? { record.isCurrent ? record[Int(array)].mark : nil }
  var currentIndex: Int { Int(position) }
  var isAtEnd: Bool { !record.isCurrent || Int(item) >= record[Int(array)].end }

  /// Runs `body` on the next item, and advances if that succeeds.
  @inline(__always)
  private mutating func next<Value>(_ type: Any.Type, _ body: (JSONRecord, Int) throws -> Value) throws -> Value {
    try record.check()
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        type, .init(codingPath: codingPath, debugDescription: "there are only \(position) items"))
    }
    let value = try body(record, Int(item))
    advance()
    return value
  }

  @inline(__always)
  private mutating func advance() {
    item = UInt32(truncatingIfNeeded: record.index(after: Int(item)))
    position &+= 1
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd && record.isNull(Int(item)) else { return false }
    advance()
    return true
  }
  mutating func decode(_ type: Bool.Type) throws -> Bool { try next(type) { try $0.bool($1) } }
  mutating func decode(_ type: String.Type) throws -> String { try next(type) { try $0.stringValue($1) } }
  mutating func decode(_ type: Double.Type) throws -> Double { try next(type) { try $0.double($1) } }
  mutating func decode(_ type: Float.Type) throws -> Float { try next(type) { try $0.float($1) } }
  mutating func decode(_ type: Int.Type) throws -> Int { try next(type) { try $0.integer(type, $1) } }
  mutating func decode(_ type: Int8.Type) throws -> Int8 { try next(type) { try $0.integer(type, $1) } }
  mutating func decode(_ type: Int16.Type) throws -> Int16 { try next(type) { try $0.integer(type, $1) } }
  mutating func decode(_ type: Int32.Type) throws -> Int32 { try next(type) { try $0.integer(type, $1) } }
  mutating func decode(_ type: Int64.Type) throws -> Int64 { try next(type) { try $0.integer(type, $1) } }
  mutating func decode(_ type: Int128.Type) throws -> Int128 { try next(type) { try $0.integer(type, $1) } }
  mutating func decode(_ type: UInt.Type) throws -> UInt { try next(type) { try $0.integer(type, $1) } }
  mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try next(type) { try $0.integer(type, $1) } }
  mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try next(type) { try $0.integer(type, $1) } }
  mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try next(type) { try $0.integer(type, $1) } }
  mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try next(type) { try $0.integer(type, $1) } }
  mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try next(type) { try $0.integer(type, $1) } }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try next(type) { try $0.value(type, $1) }
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try next([String: Any].self) { try JSONValueDecoder($0, $1).container(keyedBy: type) }
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next([Any].self) { try JSONValueDecoder($0, $1).unkeyedContainer() }
  }
  mutating func superDecoder() throws -> any Decoder { try next((any Decoder).self) { JSONValueDecoder($0, $1) } }
}
