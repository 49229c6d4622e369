/// The structure that the engine finds in JSON, such as `{"a":["UBIGINT"]}`.
struct JSONStructure {
  private var rest: Substring.UnicodeScalarView

  /// The type of Spark for a structure; `nil` for a text that is none.
  static func type(_ text: String) -> DataType? {
    var structure = JSONStructure(rest: text[...].unicodeScalars)
    return structure.type()
  }

  private mutating func type() -> DataType? {
    switch rest.first {
    case "[":
      rest.removeFirst()
      guard let element = type(), rest.popFirst() == "]" else { return nil }
      return .array(element)
    case "{":
      rest.removeFirst()
      var fields: [StructField] = []
      while rest.first == "\"" {
        guard let name = text(), rest.popFirst() == ":", let type = type() else { return nil }
        fields.append(StructField(name, type))
        if rest.first == "," { rest.removeFirst() }
      }
      guard rest.popFirst() == "}" else { return nil }
      return .struct(StructType(fields))
    default:
      switch text() {
      case "BIGINT", "UBIGINT": return .long
      case "DOUBLE": return .double
      case "BOOLEAN": return .boolean
      case nil: return nil
      default: return .string
      }
    }
  }

  /// A text in quotes.
  private mutating func text() -> String? {
    guard rest.popFirst() == "\"" else { return nil }
    var text = String.UnicodeScalarView()
    while let next = rest.popFirst() {
      if next == "\"" { return String(text) }
      guard next == "\\" else {
        text.append(next)
        continue
      }
      switch rest.popFirst() {
      case "n": text.append("\n")
      case "r": text.append("\r")
      case "t": text.append("\t")
      case "b": text.append("\u{8}")
      case "f": text.append("\u{C}")
      case "u":
        let digits = rest.prefix(4)
        guard digits.count == 4, let code = UInt32(String(digits), radix: 16) else { return nil }
        rest.removeFirst(4)
        // The engine escapes control characters alone.
        text.append(Unicode.Scalar(code) ?? "\u{FFFD}")
      case let other?: text.append(other)
      case nil: return nil
      }
    }
    return nil
  }
}
