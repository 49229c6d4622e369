/// The fields of a keyed container; values that a nested container is still writing are stored as encoders.
final class KeyedFields {
  var entries: [(key: Int, content: () -> BinaryNode)] = []

  var node: BinaryNode { .keyed(entries.map { ($0.key, $0.content()) }) }
}

/// The items of an unkeyed container.
final class UnkeyedItems {
  var entries: [() -> BinaryNode] = []

  var node: BinaryNode { .unkeyed(entries.map { $0() }) }
}

struct BinaryKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let codingPath: [any CodingKey]
  private let fields: KeyedFields
  private let keys: BinaryKeys

  init(_ fields: KeyedFields, _ keys: BinaryKeys, _ path: [any CodingKey]) {
    self.fields = fields
    self.keys = keys
    codingPath = path
  }

  private func add(_ key: any CodingKey, _ node: BinaryNode) {
    fields.entries.append((keys.number(key.stringValue), { node }))
  }

  /// An encoder for a value that is written later.
  private func later(_ key: any CodingKey) -> BinaryEncoder {
    let encoder = BinaryEncoder.deferred(keys, path: codingPath + [key])
    fields.entries.append((keys.number(key.stringValue), { encoder.node }))
    return encoder
  }

  func encodeNil(forKey key: Key) { add(key, .null) }
  func encode(_ value: Bool, forKey key: Key) { add(key, .bool(value)) }
  func encode(_ value: String, forKey key: Key) { add(key, .string(value)) }
  func encode(_ value: Double, forKey key: Key) { add(key, .double(value)) }
  func encode(_ value: Float, forKey key: Key) { add(key, .float(value)) }
  func encode(_ value: Int, forKey key: Key) { add(key, .signed(Int64(value))) }
  func encode(_ value: Int8, forKey key: Key) { add(key, .signed(Int64(value))) }
  func encode(_ value: Int16, forKey key: Key) { add(key, .signed(Int64(value))) }
  func encode(_ value: Int32, forKey key: Key) { add(key, .signed(Int64(value))) }
  func encode(_ value: Int64, forKey key: Key) { add(key, .signed(value)) }
  func encode(_ value: UInt, forKey key: Key) { add(key, .unsigned(UInt64(value))) }
  func encode(_ value: UInt8, forKey key: Key) { add(key, .unsigned(UInt64(value))) }
  func encode(_ value: UInt16, forKey key: Key) { add(key, .unsigned(UInt64(value))) }
  func encode(_ value: UInt32, forKey key: Key) { add(key, .unsigned(UInt64(value))) }
  func encode(_ value: UInt64, forKey key: Key) { add(key, .unsigned(value)) }
  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    add(key, try BinaryEncoder.node(of: value, keys, path: codingPath + [key]))
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    later(key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { later(key).unkeyedContainer() }
  func superEncoder() -> any Encoder { later(SuperKey.super) }
  func superEncoder(forKey key: Key) -> any Encoder { later(key) }
}

struct BinaryUnkeyedEncoding: UnkeyedEncodingContainer {
  let codingPath: [any CodingKey]
  private let items: UnkeyedItems
  private let keys: BinaryKeys

  init(_ items: UnkeyedItems, _ keys: BinaryKeys, _ path: [any CodingKey]) {
    self.items = items
    self.keys = keys
    codingPath = path
  }

  var count: Int { items.entries.count }

  private func add(_ node: BinaryNode) { items.entries.append { node } }

  private func later() -> BinaryEncoder {
    let encoder = BinaryEncoder.deferred(keys, path: codingPath)
    items.entries.append { encoder.node }
    return encoder
  }

  func encodeNil() { add(.null) }
  func encode(_ value: Bool) { add(.bool(value)) }
  func encode(_ value: String) { add(.string(value)) }
  func encode(_ value: Double) { add(.double(value)) }
  func encode(_ value: Float) { add(.float(value)) }
  func encode(_ value: Int) { add(.signed(Int64(value))) }
  func encode(_ value: Int8) { add(.signed(Int64(value))) }
  func encode(_ value: Int16) { add(.signed(Int64(value))) }
  func encode(_ value: Int32) { add(.signed(Int64(value))) }
  func encode(_ value: Int64) { add(.signed(value)) }
  func encode(_ value: UInt) { add(.unsigned(UInt64(value))) }
  func encode(_ value: UInt8) { add(.unsigned(UInt64(value))) }
  func encode(_ value: UInt16) { add(.unsigned(UInt64(value))) }
  func encode(_ value: UInt32) { add(.unsigned(UInt64(value))) }
  func encode(_ value: UInt64) { add(.unsigned(value)) }
  func encode<Value: Encodable>(_ value: Value) throws {
    add(try BinaryEncoder.node(of: value, keys, path: codingPath))
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    later().container(keyedBy: type)
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { later().unkeyedContainer() }
  func superEncoder() -> any Encoder { later() }
}

/// The key under which a class stores the fields of its superclass.
enum SuperKey: String, CodingKey {
  case `super`
}
