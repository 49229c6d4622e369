import MartletCore

/// The value of a column that a property's value stands for.
func scalar<Value: Encodable>(_ value: Value, _ property: String) throws -> DatabaseValue {
  if let text = value as? Text { return .text(text) }
  if let value = value as? any DatabaseValueConvertible { return value.databaseValue }
  let encoder = ScalarEncoder(property: property)
  try value.encode(to: encoder)
  let encoded = try encoder.value
  if isFoundationDate(Value.self), case .double(let seconds) = encoded {
    // Foundation counts seconds from the beginning of 2001.
    let micros = ((seconds + 978_307_200) * 1_000_000).rounded()
    guard let exact = Int64(exactly: micros) else {
      throw MartletError(.invalidArgument, "The property '\(property)' is a date beyond the range of timestamps.")
    }
    return .timestamp(exact)
  }
  return encoded
}

private func isFoundationDate(_ type: Any.Type) -> Bool {
  let name = String(reflecting: type)
  return name == "Foundation.Date" || name == "FoundationEssentials.Date"
}

/// The encoder of a property that is one value, or an array of bytes. One call of `encode(to:)` uses it.
final class ScalarEncoder: Encoder, SingleValueEncodingContainer {
  private let property: String
  private var single: DatabaseValue?
  private var bytes: [UInt8]?
  private var isComposite = false

  init(property: String) { self.property = property }

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// The value that was encoded.
  var value: DatabaseValue {
    get throws {
      if let single { return single }
      if let bytes, !isComposite { return .bytes(bytes) }
      throw MartletError(
        .invalidArgument,
        "The property '\(property)' has parts, and a column holds one value. Give its parts columns of their own, or write it as text."
      )
    }
  }

  func append(_ byte: UInt8) { bytes?.append(byte) }
  func refuse() { isComposite = true }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    isComposite = true
    return KeyedEncodingContainer(RefusedProperties<Key>(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    bytes = bytes ?? []
    return ByteContainer(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() throws { single = .null }
  func encode(_ value: some Encodable) throws { single = try scalar(value, property) }
}

/// The elements of an array, which are bytes, or are refused.
private struct ByteContainer: UnkeyedEncodingContainer {
  let encoder: ScalarEncoder
  var count = 0
  var codingPath: [any CodingKey] { [] }

  init(encoder: ScalarEncoder) { self.encoder = encoder }

  mutating func encodeNil() throws { encoder.refuse() }

  mutating func encode(_ value: some Encodable) throws {
    count += 1
    if let byte = value as? UInt8 { encoder.append(byte) } else { encoder.refuse() }
  }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    encoder.container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    encoder.refuse()
    return self
  }

  mutating func superEncoder() -> any Encoder { encoder }
}

/// The properties of a value that should have none.
private struct RefusedProperties<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: ScalarEncoder
  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) throws {}
  func encode(_ value: some Encodable, forKey key: Key) throws {}
  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested>
  {
    encoder.container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder.refuse()
    return ByteContainer(encoder: encoder)
  }
  func superEncoder() -> any Encoder { encoder }
  func superEncoder(forKey key: Key) -> any Encoder { encoder }
}
