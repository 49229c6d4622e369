/// The decoder of one value of a record. As an `any Decoder` it is stored without an allocation.
struct JSONValueDecoder: Decoder {
  private let record: JSONRecord
  private let index: Int

  init(_ record: JSONRecord, _ index: Int) {
    self.record = record
    self.index = index
  }

  var codingPath: [any CodingKey] { record.isCurrent ? record.path(to: index) : [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    try record.check()
    guard record[index].kind == .object else { throw record.mismatch([String: Any].self, index) }
    return KeyedDecodingContainer(JSONKeyedDecoding<Key>(record, index))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try record.check()
    guard record[index].kind == .array else { throw record.mismatch([Any].self, index) }
    return JSONUnkeyedDecoding(record, index)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    try record.check()
    return self
  }
}

extension JSONValueDecoder: SingleValueDecodingContainer {
  @inline(__always)
  private var current: JSONRecord {
    get throws {
      try record.check()
      return record
    }
  }

  func decodeNil() -> Bool { record.isCurrent && record.isNull(index) }
  func decode(_ type: Bool.Type) throws -> Bool { try current.bool(index) }
  func decode(_ type: String.Type) throws -> String { try current.stringValue(index) }
  func decode(_ type: Double.Type) throws -> Double { try current.double(index) }
  func decode(_ type: Float.Type) throws -> Float { try current.float(index) }
  func decode(_ type: Int.Type) throws -> Int { try current.integer(type, index) }
  func decode(_ type: Int8.Type) throws -> Int8 { try current.integer(type, index) }
  func decode(_ type: Int16.Type) throws -> Int16 { try current.integer(type, index) }
  func decode(_ type: Int32.Type) throws -> Int32 { try current.integer(type, index) }
  func decode(_ type: Int64.Type) throws -> Int64 { try current.integer(type, index) }
  func decode(_ type: Int128.Type) throws -> Int128 { try current.integer(type, index) }
  func decode(_ type: UInt.Type) throws -> UInt { try current.integer(type, index) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try current.integer(type, index) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try current.integer(type, index) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try current.integer(type, index) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try current.integer(type, index) }
  func decode(_ type: UInt128.Type) throws -> UInt128 { try current.integer(type, index) }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try current.value(type, index) }
}
