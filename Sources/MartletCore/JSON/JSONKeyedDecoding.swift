/// The fields of an object.
struct JSONKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
  private let record: JSONRecord
  private let object: Int
  /// True if the names of fields are converted before they are compared.
  private let isConverted: Bool

  init(_ record: JSONRecord, _ object: Int) {
    self.record = record
    self.object = object
    isConverted =
      record.contents.pointee.settings.keys != .useDefaultKeys
      && record.contents.pointee.types.kind(of: Key.self) != .dictionaryKey
  }

  var codingPath: [any CodingKey] { record.isCurrent ? record.path(to: object) : [] }

  var allKeys: [Key] {
    var keys: [Key] = []
    guard record.isCurrent else { return keys }
    record.forEachKey(of: object) { index in
      if let key = Key(stringValue: isConverted ? record.convertedName(index) : record.string(index)) {
        keys.append(key)
      }
      return true
    }
    return keys
  }

  @inline(__always)
  private func find(_ key: some CodingKey) -> Int? {
    isConverted ? record.convertedField(key.stringValue, of: object) : record.field(key.stringValue, of: object)
  }

  @inline(__always)
  private func value(_ key: some CodingKey) throws -> Int {
    try record.check()
    guard let index = find(key) else { throw record.missing(key, object) }
    return index
  }

  /// The value of a field that is there and not `null`.
  @inline(__always)
  private func present(_ key: Key) throws -> Int? {
    try record.check()
    guard let index = find(key), !record.isNull(index) else { return nil }
    return index
  }

  func contains(_ key: Key) -> Bool { record.isCurrent && find(key) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { record.isNull(try value(key)) }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try record.bool(value(key)) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try record.stringValue(value(key)) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try record.double(value(key)) }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try record.float(value(key)) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try record.integer(type, value(key)) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try record.integer(type, value(key)) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try record.integer(type, value(key)) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try record.integer(type, value(key)) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try record.integer(type, value(key)) }
  func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try record.integer(type, value(key)) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try record.integer(type, value(key)) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try record.integer(type, value(key)) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try record.integer(type, value(key)) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try record.integer(type, value(key)) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try record.integer(type, value(key)) }
  func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try record.integer(type, value(key)) }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try record.value(type, value(key))
  }

  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
    try present(key).map { try record.bool($0) }
  }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    try present(key).map { try record.stringValue($0) }
  }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
    try present(key).map { try record.double($0) }
  }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
    try present(key).map { try record.float($0) }
  }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
    try present(key).map { try record.integer(type, $0) }
  }
  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? {
    try present(key).map { try record.integer(type, $0) }
  }
  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? {
    try present(key).map { try record.integer(type, $0) }
  }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? {
    try present(key).map { try record.integer(type, $0) }
  }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
    try present(key).map { try record.integer(type, $0) }
  }
  func decodeIfPresent(_ type: Int128.Type, forKey key: Key) throws -> Int128? {
    try present(key).map { try record.integer(type, $0) }
  }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? {
    try present(key).map { try record.integer(type, $0) }
  }
  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? {
    try present(key).map { try record.integer(type, $0) }
  }
  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? {
    try present(key).map { try record.integer(type, $0) }
  }
  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? {
    try present(key).map { try record.integer(type, $0) }
  }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
    try present(key).map { try record.integer(type, $0) }
  }
  func decodeIfPresent(_ type: UInt128.Type, forKey key: Key) throws -> UInt128? {
    try present(key).map { try record.integer(type, $0) }
  }
  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    try present(key).map { try record.value(type, $0) }
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try JSONValueDecoder(record, value(key)).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try JSONValueDecoder(record, value(key)).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder { JSONValueDecoder(record, try value(JSONKey("super"))) }
  func superDecoder(forKey key: Key) throws -> any Decoder { JSONValueDecoder(record, try value(key)) }
}

extension JSONRecord {
  /// The name of a field after its conversion.
  func convertedName(_ key: Int) -> String {
    contents.pointee.names.name(text(key), contents.pointee.settings.keys)
  }

  /// The index of the value of the first field whose converted name is `name`.
  func convertedField(_ name: String, of object: Int) -> Int? {
    let (mark, end) = (self[object].mark, self[object].end)
    func isName(_ key: Int) -> Bool { !self[key].isShadowed && convertedName(key) == name }
    if mark < end && isName(mark) {
      contents.pointee.nodes[object].mark = index(after: mark + 1)
      return mark + 1
    }
    var found: Int?
    forEachKey(of: object) { key in
      if isName(key) { found = key }
      return found == nil
    }
    guard let found else { return nil }
    contents.pointee.nodes[object].mark = index(after: found + 1)
    return found + 1
  }
}
