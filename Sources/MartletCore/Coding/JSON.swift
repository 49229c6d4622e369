/// Reads one JSON value.
package struct JSONReader {
  /// The text is no JSON.
  package struct Malformed: Error, CustomStringConvertible {
    package let offset: Int
    package var description: String { "there is no JSON value at byte \(offset)" }
  }

  private let bytes: [UInt8]
  private var position = 0

  /// The value that `bytes` are.
  ///
  /// - Throws: `Malformed` if they are not one value and nothing else.
  package static func value(_ bytes: some Sequence<UInt8>) throws -> DynamicValue {
    var reader = JSONReader(bytes: Array(bytes))
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.position == reader.bytes.count else { throw reader.malformed }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var malformed: Malformed { Malformed(offset: position) }
  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func skip(_ text: StaticString) -> Bool {
    let end = position + text.utf8CodeUnitCount
    guard end <= bytes.count, text.withUTF8Buffer({ bytes[position..<end].elementsEqual($0) }) else { return false }
    position = end
    return true
  }

  private mutating func value(depth: Int) throws -> DynamicValue {
    guard depth < BinaryNode.maximumDepth else { throw malformed }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try items("}") { try $0.field(depth: depth + 1) })
    case UInt8(ascii: "["): return .array(try items("]") { try $0.value(depth: depth + 1) })
    case UInt8(ascii: "\""): return .string(try string())
    default: break
    }
    if skip("null") { return .null }
    if skip("true") { return .bool(true) }
    if skip("false") { return .bool(false) }
    return try number()
  }

  /// The items of an array or object, whose beginning is next.
  private mutating func items<Item>(
    _ end: StaticString, _ item: (inout JSONReader) throws -> Item
  ) throws -> [Item] {
    position += 1
    var items: [Item] = []
    skipSpace()
    if skip(end) { return items }
    while true {
      items.append(try item(&self))
      skipSpace()
      if skip(end) { return items }
      guard skip(",") else { throw malformed }
    }
  }

  private mutating func field(depth: Int) throws -> DynamicValue.Field {
    skipSpace()
    guard next == UInt8(ascii: "\"") else { throw malformed }
    let name = try string()
    skipSpace()
    guard skip(":") else { throw malformed }
    return DynamicValue.Field(name, try value(depth: depth))
  }

  private mutating func number() throws -> DynamicValue {
    let start = position
    while let byte = next, "+-.eE0123456789".utf8.contains(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if let value = Int64(text) { return .signed(value) }
    if let value = UInt64(text) { return .unsigned(value) }
    if let value = Double(text), value.isFinite { return .double(value) }
    position = start
    throw malformed
  }

  private mutating func string() throws -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = next, byte >= 0x20 {
      position += 1
      if byte == UInt8(ascii: "\"") {
        guard let string = String(validating: text, as: UTF8.self) else { throw malformed }
        return string
      }
      if byte == UInt8(ascii: "\\") {
        text += String(try escaped()).utf8
      } else {
        text.append(byte)
      }
    }
    throw malformed
  }

  private mutating func escaped() throws -> Unicode.Scalar {
    guard let byte = next else { throw malformed }
    position += 1
    switch byte {
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "u"): break
    default: throw malformed
    }
    let unit = try hexadecimal()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    // The first of two halves.
    guard unit < 0xDC00, skip("\\u") else { throw malformed }
    let low = try hexadecimal()
    guard (0xDC00...0xDFFF).contains(low), let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    else { throw malformed }
    return scalar
  }

  private mutating func hexadecimal() throws -> UInt32 {
    guard position + 4 <= bytes.count, !bytes[position..<position + 4].contains(where: { $0 == UInt8(ascii: "+") }),
      let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw malformed }
    position += 4
    return value
  }
}

extension DynamicValue {
  /// The parts of a `Codable` value by their names, as JSON has them.
  package init<Value: Encodable>(encoding value: Value) throws {
    let keys = BinaryKeys(isJSON: true)
    self.init(try BinaryEncoder.node(of: value, keys, path: []), keys.names)
  }

  /// The value of a `Codable` type that this was made of.
  package func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
    let keys = BinaryKeys(isJSON: true)
    return try BinaryDecoder(BinaryNode(self, keys), keys, path: []).value(type)
  }

  /// The fields of an object; `nil` of anything else.
  package var fields: [Field]? { if case .object(let fields) = self { fields } else { nil } }
}

extension BinaryNode {
  fileprivate init(_ value: DynamicValue, _ keys: BinaryKeys) {
    switch value {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .signed(let value): self = .signed(value)
    case .unsigned(let value): self = .unsigned(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .array(let values): self = .unkeyed(values.map { BinaryNode($0, keys) })
    case .object(let fields): self = .keyed(fields.map { (keys.number($0.name), BinaryNode($0.value, keys)) })
    case .bytes(let bytes): self = .unkeyed(bytes.map { .unsigned(UInt64($0)) })
    }
  }
}
