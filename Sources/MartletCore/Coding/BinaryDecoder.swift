/// Reconstructs a `Codable` value.
struct BinaryDecoder: Decoder {
  let codingPath: [any CodingKey]
  let userInfo: [CodingUserInfoKey: Any] = [:]
  private let node: BinaryNode
  private let keys: BinaryKeys

  /// Whether the value comes from JSON, which does not tell one kind of number from another.
  private var isJSON: Bool { keys.isJSON }

  init(_ node: BinaryNode, _ keys: BinaryKeys, path: [any CodingKey]) {
    self.node = node
    self.keys = keys
    codingPath = path
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .keyed(let fields) = node else { throw mismatch([String: Any].self) }
    return KeyedDecodingContainer(BinaryKeyedDecoding(fields, keys, codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    switch node {
    case .unkeyed(let nodes): BinaryUnkeyedDecoding(nodes, keys, codingPath)
    // A value that wrote nothing is stored as a keyed container without fields.
    case .keyed(let fields) where fields.isEmpty: BinaryUnkeyedDecoding([], keys, codingPath)
    default: throw mismatch([Any].self)
    }
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
    // Text is encoded as a string, even if its own conformance does something else.
    if type == Text.self, let text = Text(try decode(String.self)) as? Value { return text }
    return try Value(from: self)
  }

  private func mismatch(_ type: Any.Type) -> DecodingError {
    .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "The value has another type."))
  }

  private func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
    let number: Number?
    switch node {
    case .signed(let value): number = Number(exactly: value)
    case .unsigned(let value): number = Number(exactly: value)
    default: throw mismatch(type)
    }
    guard let number else {
      throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: "The number is out of range."))
    }
    return number
  }
}

extension BinaryDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool {
    if case .null = node { true } else { false }
  }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .bool(let value) = node else { throw mismatch(type) }
    return value
  }

  func decode(_ type: String.Type) throws -> String {
    guard case .string(let value) = node else { throw mismatch(type) }
    return value
  }

  func decode(_ type: Double.Type) throws -> Double {
    switch node {
    case .double(let value): return value
    // Whoever passes JSON on may write 2.0 as 2, and JSON has no infinity.
    case .signed(let value) where isJSON: return Double(value)
    case .unsigned(let value) where isJSON: return Double(value)
    case .string(let text) where isJSON:
      guard let value = Double(text), !value.isFinite else { throw mismatch(type) }
      return value
    default: throw mismatch(type)
    }
  }

  func decode(_ type: Float.Type) throws -> Float {
    if case .float(let value) = node { return value }
    guard isJSON else { throw mismatch(type) }
    return Float(try decode(Double.self))
  }

  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try value(type) }
}
