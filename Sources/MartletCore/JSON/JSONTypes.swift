/// The types that are not decoded by their own `init(from:)`, or not from what the text contains.
///
/// Foundation is not imported: on Linux it would triple the start-up time of every program. Its types are found by name.
struct JSONTypes {
  enum Kind {
    case plain, text, texts, strings, integers
    /// The keys of Swift's dictionaries, which are data: names that are not converted.
    case dictionaryKey
    case date, url, data, decimal
  }

  private var known: [(type: ObjectIdentifier, kind: Kind)] = []

  mutating func kind(of type: Any.Type) -> Kind {
    if type == Text.self { return .text }
    let identifier = ObjectIdentifier(type)
    for entry in known where entry.type == identifier { return entry.kind }
    let kind = Self.find(type)
    known.append((identifier, kind))
    return kind
  }

  private static func find(_ type: Any.Type) -> Kind {
    if type == [Text].self { return .texts }
    if type == [String].self { return .strings }
    if type == [Int].self { return .integers }
    let name = String(reflecting: type)
    if name == "Swift._DictionaryCodingKey" { return .dictionaryKey }
    guard let dot = name.firstIndex(of: "."), ["Foundation", "FoundationEssentials"].contains(name[..<dot]) else {
      return .plain
    }
    switch name[name.index(after: dot)...] {
    case "Date": return .date
    case "URL": return .url
    case "Data": return .data
    case "Decimal", "NSDecimal": return .decimal
    default: return .plain
    }
  }
}

extension JSONRecord {
  /// A decoder from which the `init(from:)` of a type of Foundation gets what it asks for.
  func foreign(_ kind: JSONTypes.Kind, _ type: Any.Type, _ index: Int) throws -> any Decoder {
    switch kind {
    case .date:
      return decoder(.double(try secondsSince2001(index)), index)
    case .url:
      guard self[index].kind == .string else { throw mismatch(type, index) }
      return decoder(.keyed([(0, .string(string(index)))]), index, ["relative"])
    case .data:
      guard self[index].kind == .string else { throw mismatch(type, index) }
      guard let bytes = text(index).withUTF8Bytes({ Base64.decoded($0) }) else {
        throw corrupt(index, "the string is not Base64")
      }
      return decoder(.unkeyed(bytes.map { .unsigned(UInt64($0)) }), index)
    case .decimal: return try decimal(type, index)
    case .plain, .text, .texts, .strings, .integers, .dictionaryKey: return JSONValueDecoder(self, index)
    }
  }

  private func decoder(_ node: BinaryNode, _ index: Int, _ names: [String] = []) -> BinaryDecoder {
    BinaryDecoder(node, BinaryKeys(names: names), path: path(to: index))
  }

  private func secondsSince2001(_ index: Int) throws -> Double {
    let from1970To2001: Double = 978_307_200
    switch contents.pointee.settings.dates {
    case .deferredToDate: return try double(index)
    case .secondsSince1970: return try double(index) - from1970To2001
    case .millisecondsSince1970: return try double(index) / 1000 - from1970To2001
    case .iso8601:
      guard self[index].kind == .string else {
        throw DecodingError.typeMismatch(
          String.self,
          .init(
            codingPath: path(to: index),
            debugDescription:
              "a date as a string is required, not \(self[index].name); see the dates of JSONRecordDecoder"))
      }
      guard let time = text(index).withUTF8Bytes({ ISO8601.time($0) }) else {
        throw corrupt(index, "'\(string(index).prefix(100))' is not a date of ISO 8601, such as 2024-02-29T12:30:00Z")
      }
      return Double(time.seconds) - from1970To2001 + time.fraction
    }
  }

  private func decimal(_ type: Any.Type, _ index: Int) throws -> any Decoder {
    let node = self[index]
    let parts: JSONNumbers.Parts
    switch node.kind {
    case .integer:
      parts =
        "\(node.integer)".utf8.withContiguousStorageIfAvailable { bytes in
          bytes.baseAddress.map { JSONNumbers.Parts($0, count: bytes.count) }
        }.flatMap { $0 } ?? JSONNumbers.Parts(contents.pointee.base + node.offset, count: 1)
    case .number: parts = JSONNumbers.Parts(contents.pointee.base + node.offset, count: node.count)
    default: throw mismatch(type, index)
    }
    guard (-128...127).contains(parts.exponent) || parts.digits == 0 else {
      throw corrupt(index, "the number \(numberText(node)) is out of the range of Decimal")
    }
    var words = (0..<8).map { UInt16(truncatingIfNeeded: parts.digits >> UInt128($0 * 16)) }
    while words.last == 0 { words.removeLast() }
    let length = words.count
    words += Array(repeating: 0, count: 8 - length)
    let fields: [(String, BinaryNode)] = [
      ("exponent", .signed(parts.digits == 0 ? 0 : Int64(parts.exponent))), ("length", .unsigned(UInt64(length))),
      ("isNegative", .bool(parts.isNegative && parts.digits != 0)), ("isCompact", .bool(true)),
      ("mantissa", .unkeyed(words.map { .unsigned(UInt64($0)) })),
    ]
    return decoder(.keyed(fields.enumerated().map { ($0, $1.1) }), index, fields.map(\.0))
  }
}

/// Bytes in the form of RFC 4648.
enum Base64 {
  /// The bytes, or `nil` if the text is of another form.
  static func decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    for start in stride(from: 0, to: text.count, by: 4) {
      var word: UInt32 = 0
      var padding = 0
      for byte in text[start..<(start + 4)] {
        let digit: UInt8
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): digit = 62
        case UInt8(ascii: "/"): digit = 63
        case UInt8(ascii: "=") where start + 4 == text.count:
          digit = 0
          padding += 1
        default: return nil
        }
        if padding > 0 && byte != UInt8(ascii: "=") { return nil }
        word = word << 6 | UInt32(digit)
      }
      guard padding <= 2 else { return nil }
      for shift in [16, 8, 0].dropLast(padding) { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(shift))) }
    }
    return bytes
  }
}
