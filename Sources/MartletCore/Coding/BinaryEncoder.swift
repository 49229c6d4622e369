// Unsafe code. Invariant: the bytes of a text are read only during the lifetime of the text.

/// Encodes a `Codable` value as nodes. Each nested value has its own encoder.
final class BinaryEncoder: Encoder {
  let codingPath: [any CodingKey]
  let userInfo: [CodingUserInfoKey: Any] = [:]
  private let keys: BinaryKeys
  /// The container that the value has written last.
  private var content: Content = .nothing

  enum Content {
    case nothing
    case single(BinaryNode)
    case keyed(KeyedFields)
    case unkeyed(UnkeyedItems)
  }

  private init(_ keys: BinaryKeys, path: [any CodingKey]) {
    self.keys = keys
    codingPath = path
  }

  static func node<Value: Encodable>(of value: Value, _ keys: BinaryKeys, path: [any CodingKey]) throws -> BinaryNode {
    switch value {
    // Text is encoded as a string; numbers and strings have no container.
    case let value as Text: return .string(string(of: value))
    case let value as String: return .string(value)
    case let value as Int: return .signed(Int64(value))
    case let value as Double: return .double(value)
    default:
      let encoder = BinaryEncoder(keys, path: path)
      try value.encode(to: encoder)
      return encoder.node
    }
  }

  var node: BinaryNode {
    switch content {
    case .nothing: .keyed([])
    case .single(let node): node
    case .keyed(let fields): fields.node
    case .unkeyed(let items): items.node
    }
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    // A class and its superclass may ask one after the other; they share the fields.
    if case .keyed(let fields) = content {
      return KeyedEncodingContainer(BinaryKeyedEncoding(fields, keys, codingPath))
    }
    let fields = KeyedFields()
    content = .keyed(fields)
    return KeyedEncodingContainer(BinaryKeyedEncoding(fields, keys, codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .unkeyed(let items) = content { return BinaryUnkeyedEncoding(items, keys, codingPath) }
    let items = UnkeyedItems()
    content = .unkeyed(items)
    return BinaryUnkeyedEncoding(items, keys, codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  /// An encoder whose node is requested when everything has been written.
  static func deferred(_ keys: BinaryKeys, path: [any CodingKey]) -> BinaryEncoder { BinaryEncoder(keys, path: path) }
}

extension BinaryEncoder: SingleValueEncodingContainer {
  func encodeNil() { content = .single(.null) }
  func encode(_ value: Bool) { content = .single(.bool(value)) }
  func encode(_ value: String) { content = .single(.string(value)) }
  func encode(_ value: Double) { content = .single(.double(value)) }
  func encode(_ value: Float) { content = .single(.float(value)) }
  func encode(_ value: Int) { content = .single(.signed(Int64(value))) }
  func encode(_ value: Int8) { content = .single(.signed(Int64(value))) }
  func encode(_ value: Int16) { content = .single(.signed(Int64(value))) }
  func encode(_ value: Int32) { content = .single(.signed(Int64(value))) }
  func encode(_ value: Int64) { content = .single(.signed(value)) }
  func encode(_ value: UInt) { content = .single(.unsigned(UInt64(value))) }
  func encode(_ value: UInt8) { content = .single(.unsigned(UInt64(value))) }
  func encode(_ value: UInt16) { content = .single(.unsigned(UInt64(value))) }
  func encode(_ value: UInt32) { content = .single(.unsigned(UInt64(value))) }
  func encode(_ value: UInt64) { content = .single(.unsigned(value)) }
  func encode<Value: Encodable>(_ value: Value) throws {
    content = .single(try Self.node(of: value, keys, path: codingPath))
  }
}

/// The scalars of `text` as a string.
func string(of text: Text) -> String {
  withUnsafePointer(to: text) { pointer in
    // Safe: an inline text begins with its bytes.
    let start = text.isInline ? UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt8.self) : text.longBase
    return withExtendedLifetime(text) {
      String(decoding: UnsafeBufferPointer(start: start, count: text.utf8Count), as: UTF8.self)
    }
  }
}
