/// The meaning of strings and names as they are written in SQL text.
enum SQLText {
  /// The value of a string token: without its quotes, escapes replaced.
  static func string(_ token: ArraySlice<UInt8>) -> String {
    guard let first = token.first else { return "" }
    if first | 32 == UInt8(ascii: "r") {
      return String(decoding: token.dropFirst(2).dropLast(), as: UTF8.self)
    }
    let body = token.dropFirst().dropLast()
    guard body.contains(where: { $0 == UInt8(ascii: "\\") || $0 == first }) else {
      return String(decoding: body, as: UTF8.self)
    }
    var result: [UInt8] = []
    result.reserveCapacity(body.count)
    var position = body.startIndex
    while position < body.endIndex {
      let byte = body[position]
      position += 1
      if byte == first {
        // A doubled quote.
        position += 1
        result.append(byte)
      } else if byte != UInt8(ascii: "\\") || position == body.endIndex {
        result.append(byte)
      } else {
        position = escape(body, position, &result)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Appends the meaning of the escape whose backslash is before `position`; returns the position after it.
  private static func escape(_ body: ArraySlice<UInt8>, _ position: Int, _ result: inout [UInt8]) -> Int {
    let byte = body[position]
    func digits(_ count: Int, radix: Int) -> UInt32? {
      guard position + count <= body.endIndex else { return nil }
      let text = body[position..<(position + count)]
      guard text.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
      return UInt32(String(decoding: text, as: UTF8.self), radix: radix)
    }
    if let value = digits(3, radix: 8), value < 128 {
      result.append(UInt8(value))
      return position + 3
    }
    for (letter, count) in [(UInt8(ascii: "u"), 4), (UInt8(ascii: "U"), 8)] where byte == letter {
      guard position + count < body.endIndex else { continue }
      let text = body[(position + 1)...(position + count)]
      guard text.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
        let value = UInt32(String(decoding: text, as: UTF8.self), radix: 16)
      else { continue }
      result += Array(String(Character(Unicode.Scalar(value) ?? "\u{FFFD}")).utf8)
      return position + 1 + count
    }
    switch byte {
    case UInt8(ascii: "0"): result.append(0)
    case UInt8(ascii: "b"): result.append(8)
    case UInt8(ascii: "n"): result.append(10)
    case UInt8(ascii: "r"): result.append(13)
    case UInt8(ascii: "t"): result.append(9)
    case UInt8(ascii: "Z"): result.append(26)
    // The escapes of patterns remain.
    case UInt8(ascii: "%"), UInt8(ascii: "_"): result += [UInt8(ascii: "\\"), byte]
    default: result.append(byte)
    }
    return position + 1
  }

  /// The name in a token in backticks.
  static func name(_ token: ArraySlice<UInt8>) -> String {
    let body = token.dropFirst().dropLast()
    guard body.contains(UInt8(ascii: "`")) else { return String(decoding: body, as: UTF8.self) }
    var result: [UInt8] = []
    var isSecond = false
    for byte in body {
      if byte == UInt8(ascii: "`"), !isSecond {
        isSecond = true
        continue
      }
      isSecond = false
      result.append(byte)
    }
    return String(decoding: result, as: UTF8.self)
  }
}
