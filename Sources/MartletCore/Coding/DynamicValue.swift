/// A value that was read without knowing its type.
package indirect enum DynamicValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case signed(Int64)
  case unsigned(UInt64)
  case double(Double)
  case string(String)
  case array([DynamicValue])
  case object([Field])
  /// Bytes that only the program can interpret.
  case bytes([UInt8])

  package struct Field: Hashable, Sendable {
    package var name: String
    package var value: DynamicValue

    package init(_ name: String, _ value: DynamicValue) {
      self.name = name
      self.value = value
    }
  }
}

extension DynamicValue: CustomStringConvertible {
  /// The value as JSON, on one line. Bytes are an object with their hexadecimal digits; numbers without a JSON form are
  /// strings.
  package var description: String {
    var out = ""
    write(to: &out)
    return out
  }

  private func write(to out: inout String) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .signed(let value): out += "\(value)"
    case .unsigned(let value): out += "\(value)"
    case .double(let value): out += value.isFinite ? "\(value)" : "\"\(value)\""
    case .string(let value): Self.write(value, to: &out)
    case .array(let items): Self.write(items, "[", "]", to: &out) { $0.write(to: &$1) }
    case .object(let fields):
      Self.write(fields, "{", "}", to: &out) { field, out in
        Self.write(field.name, to: &out)
        out += ":"
        field.value.write(to: &out)
      }
    case .bytes(let bytes): out += "{\"hex\":\"\(hexadecimal(bytes))\"}"
    }
  }

  private static func write<Item>(
    _ items: [Item], _ begin: String, _ end: String, to out: inout String, _ body: (Item, inout String) -> Void
  ) {
    out += begin
    for (number, item) in items.enumerated() {
      if number > 0 { out += "," }
      body(item, &out)
    }
    out += end
  }

  private static func write(_ string: String, to out: inout String) {
    out += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"", "\\": out += "\\\(scalar)"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20: out += "\\u00\(hexadecimal([UInt8(scalar.value)]))"
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}

/// Two digits for each byte.
private func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }.joined()
}
