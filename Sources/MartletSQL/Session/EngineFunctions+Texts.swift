internal import MartletDuckDB

extension EngineFunctions {
  static let texts: [ScalarFunction] = [
    ScalarFunction("martlet_encode") { (text: String, name: String) throws -> String in
      try Charset(name).encoded(text)
    },
    ScalarFunction("martlet_decode") { (hex: String, name: String) throws -> String in
      try Charset(name).decoded(bytes(hex: hex))
    },
    ScalarFunction("martlet_url_decode") { (text: String) throws -> String in
      guard let value = urlDecoded(text) else {
        throw EngineFault(
          "[CANNOT_DECODE_URL] '\(text.prefix(100))' is not the text of a URL. Use try_url_decode to get NULL instead.")
      }
      return value
    },
    ScalarFunction("martlet_try_url_decode") { (text: String) -> String? in urlDecoded(text) },
    ScalarFunction("martlet_parse_url") { (url: String, part: String, key: String?) throws -> String? in
      guard let parts = URLParts(url) else {
        throw EngineFault("[INVALID_URL] '\(url.prefix(100))' is no URL. Use try_parse_url to get NULL instead.")
      }
      return parts.part(part, key)
    },
    ScalarFunction("martlet_try_parse_url") { (url: String, part: String, key: String?) -> String? in
      URLParts(url)?.part(part, key)
    },
    // The replacements are four characters; U+0001 leaves a character as it is.
    ScalarFunction("martlet_mask") { (text: String, replacements: String) -> String in
      let marks = Array(replacements.unicodeScalars)
      var result = String.UnicodeScalarView()
      for scalar in text.unicodeScalars {
        let properties = scalar.properties
        let kind = properties.isUppercase ? 0 : properties.isLowercase ? 1 : properties.numericType == .decimal ? 2 : 3
        result.append(kind < marks.count && marks[kind].value != 1 ? marks[kind] : scalar)
      }
      return String(result)
    },
    ScalarFunction("martlet_luhn") { (text: String) -> Bool in
      var sum = 0
      for (index, digit) in text.utf8.reversed().enumerated() {
        guard (48...57).contains(digit) else { return false }
        let value = Int(digit - 48) * (index % 2 == 1 ? 2 : 1)
        sum += value > 9 ? value - 9 : value
      }
      return !text.isEmpty && sum % 10 == 0
    },
    ScalarFunction("martlet_sentences") { (text: String) -> String in sentences(text) },
    ScalarFunction("martlet_to_base32") { (hex: String) -> String in base32(bytes(hex: hex)) },
    ScalarFunction("martlet_from_base32") { (text: String) throws -> String in
      guard let bytes = bytes(base32: text) else { throw invalidInput(text, "BASE32", "to_binary") }
      return hex(bytes)
    },
    ScalarFunction("martlet_binary_text") { (text: String, format: String) throws -> String in
      guard let hex = binary(text, format) else { throw invalidInput(text, format.uppercased(), "try_to_binary") }
      return hex
    },
    ScalarFunction("martlet_try_binary_text") { (text: String, format: String) -> String? in binary(text, format) },
    ScalarFunction("martlet_format") { (format: String, arguments: String) throws -> String in
      try JavaFormat.text(format, arguments)
    },
    ScalarFunction("martlet_format_pattern") { (value: String, pattern: String) -> String? in
      grouped(value, pattern: pattern)
    },
    ScalarFunction("martlet_format_digits") { (value: String, digits: Int32) -> String? in
      digits < 0 ? nil : grouped(value, 0, 1, Int(digits), Int(digits), groups: 3)
    },
    ScalarFunction("martlet_to_number") { (text: String, format: String) throws -> String in
      guard let value = NumberFormat(format)?.number(text) else {
        throw EngineFault(
          "[INVALID_FORMAT.MISMATCH_INPUT] '\(text.prefix(100))' does not have the format '\(format)'. "
            + "Use try_to_number to get NULL instead.")
      }
      return value
    },
    ScalarFunction("martlet_try_to_number") { (text: String, format: String) -> String? in
      NumberFormat(format)?.number(text)
    },
    ScalarFunction("martlet_to_char") { (number: String, format: String) -> String? in
      NumberFormat(format)?.text(number)
    },
    ScalarFunction("martlet_json_path") { (path: String) -> String? in
      JSONPath(path).flatMap { $0.hasWildcard ? nil : $0.engineText }
    },
    ScalarFunction("martlet_json_schema") { (structure: String) -> String? in
      var rest = structure[...]
      return schema(&rest)
    },
    ScalarFunction("martlet_csv_schema") { (fields: String) -> String in
      var names: [String] = []
      for field in fields.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false) {
        let text = field.hasPrefix("\"") ? String(field.dropFirst().dropLast()) : String(field)
        let type =
          Int32(text) != nil ? "INT" : Int64(text) != nil ? "BIGINT" : Double(text) != nil ? "DOUBLE" : "STRING"
        names.append("_c\(names.count): \(type)")
      }
      return "STRUCT<\(names.joined(separator: ", "))>"
    },
    ScalarFunction("martlet_csv_fields") { (line: String, separator: String) -> String in
      csvFields(line, separator)
    },
    ScalarFunction("martlet_csv_field") { (value: String, separator: String) -> String in
      let needsQuotes =
        value.isEmpty || value.contains(separator) || value.utf8.contains { $0 == 34 || $0 == 10 || $0 == 13 }
        || value.first == " " || value.last == " "
      return needsQuotes ? "\"" + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" : value
    },
  ]

  private static func invalidInput(_ text: String, _ format: String, _ advice: String) -> EngineFault {
    EngineFault(
      "[CONVERSION_INVALID_INPUT] The text '\(text.prefix(100))' is not in the format \(format). Use \(advice) to get "
        + "NULL instead.")
  }

  // MARK: URLs

  private static func urlDecoded(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(32)
      case UInt8(ascii: "%"):
        guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
          return nil
        }
        bytes.append(value)
        rest = rest.dropFirst(2)
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private struct URLParts {
    var scheme: Substring?
    var authority: Substring?
    var path: Substring
    var query: Substring?
    var reference: Substring?

    init?(_ url: String) {
      guard !url.unicodeScalars.contains(where: { $0.value <= 32 || "\"<>\\^`{|}".unicodeScalars.contains($0) }) else {
        return nil
      }
      var rest = url[...]
      if let mark = rest.firstIndex(of: "#") {
        reference = rest[rest.index(after: mark)...]
        rest = rest[..<mark]
      }
      if let mark = rest.firstIndex(of: "?") {
        query = rest[rest.index(after: mark)...]
        rest = rest[..<mark]
      }
      if let mark = rest.firstIndex(of: ":"),
        rest[..<mark].allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
      {
        scheme = rest[..<mark]
        rest = rest[rest.index(after: mark)...]
      }
      if rest.hasPrefix("//") {
        rest = rest.dropFirst(2)
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        authority = rest[..<end]
        rest = rest[end...]
      }
      path = rest
    }

    func part(_ name: String, _ key: String?) -> String? {
      if let key {
        guard name == "QUERY", let query else { return nil }
        for pair in query.split(separator: "&") where pair.hasPrefix(key + "=") {
          return String(pair.dropFirst(key.count + 1))
        }
        return nil
      }
      let user = authority.flatMap { $0.lastIndex(of: "@").map { [authority] in authority?[..<$0] } ?? nil }
      let server = authority?.split(separator: "@", omittingEmptySubsequences: false).last
      let host = server.flatMap { text -> Substring? in
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else { return text }
        return text[..<colon]
      }
      switch name {
      case "HOST": return host.flatMap { $0.isEmpty ? nil : String($0) }
      case "PATH": return String(path)
      case "QUERY": return query.map(String.init)
      case "REF": return reference.map(String.init)
      case "PROTOCOL": return scheme.map(String.init)
      case "FILE": return String(path) + (query.map { "?\($0)" } ?? "")
      case "AUTHORITY": return authority.map(String.init)
      case "USERINFO": return user.map { String($0) }
      default: return nil
      }
    }
  }

  // MARK: Binaries

  private static let base32Digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

  private static func base32(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 5) {
      let group = bytes[start..<min(start + 5, bytes.count)]
      let value = group.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } << UInt64(8 * (5 - group.count))
      let count = (group.count * 8 + 4) / 5
      result += (0..<count).map { base32Digits[Int(value >> UInt64(35 - 5 * $0) & 31)] }
      result += [UInt8](repeating: UInt8(ascii: "="), count: 8 - count)
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func bytes(base32 text: String) -> [UInt8]? {
    var result: [UInt8] = []
    var (value, count): (UInt64, UInt64) = (0, 0)
    for digit in text.utf8 where digit != UInt8(ascii: "=") {
      guard let index = base32Digits.firstIndex(of: digit) else { return nil }
      value = value << 5 | UInt64(index)
      count += 5
      if count >= 8 {
        count -= 8
        result.append(UInt8(truncatingIfNeeded: value >> count))
      }
    }
    return result
  }

  /// The digits of a binary in a format: `hex`, `base64` or `utf-8`.
  private static func binary(_ text: String, _ format: String) -> String? {
    switch format.lowercased() {
    case "hex":
      guard text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
      return text.utf8.count % 2 == 0 ? text : "0" + text
    case "base64":
      let digits = text.utf8.filter { $0 > 32 }
      let body = digits.prefix { $0 != UInt8(ascii: "=") }
      guard digits.count % 4 == 0, digits.count - body.count <= 2,
        digits.suffix(digits.count - body.count).allSatisfy({ $0 == UInt8(ascii: "=") })
      else { return nil }
      var (value, count): (UInt32, UInt32) = (0, 0)
      var result: [UInt8] = []
      for digit in body {
        let index: UInt8
        switch digit {
        case 65...90: index = digit - 65
        case 97...122: index = digit - 71
        case 48...57: index = digit + 4
        case UInt8(ascii: "+"): index = 62
        case UInt8(ascii: "/"): index = 63
        default: return nil
        }
        value = value << 6 | UInt32(index)
        count += 6
        if count >= 8 {
          count -= 8
          result.append(UInt8(truncatingIfNeeded: value >> count))
        }
      }
      return hex(result)
    case "utf-8", "utf8": return hex(text.utf8)
    default: return nil
    }
  }

  // MARK: Parts of texts

  /// The words of the sentences of a text, as JSON.
  private static func sentences(_ text: String) -> String {
    var sentences: [[String]] = []
    var words: [String] = []
    var word = ""
    func isPart(_ character: Character) -> Bool { character.isLetter || character.isNumber }
    let characters = Array(text)
    for (index, character) in characters.enumerated() {
      let next = index + 1 < characters.count ? characters[index + 1] : " "
      if isPart(character) || (!word.isEmpty && isPart(next) && "'’.,".contains(character)) {
        word.append(character)
        continue
      }
      if !word.isEmpty { words.append(word) }
      word = ""
      if ".!?".contains(character), !words.isEmpty {
        sentences.append(words)
        words = []
      }
    }
    if !word.isEmpty { words.append(word) }
    if !words.isEmpty { sentences.append(words) }
    return "[" + sentences.map { "[" + $0.map { "\"\($0)\"" }.joined(separator: ",") + "]" }.joined(separator: ",")
      + "]"
  }

  /// The fields of a line, as JSON.
  private static func csvFields(_ line: String, _ separator: String) -> String {
    var fields: [String?] = []
    var rest = line[...]
    while true {
      var field = ""
      if rest.first == "\"" {
        rest.removeFirst()
        while let character = rest.popFirst() {
          if character == "\\", let next = rest.popFirst() {
            field.append(next)
          } else if character == "\"" {
            guard rest.first == "\"" else { break }
            field.append(rest.removeFirst())
          } else {
            field.append(character)
          }
        }
        fields.append(field)
      } else {
        let end = separator.isEmpty ? rest.endIndex : rest.firstRange(of: separator)?.lowerBound ?? rest.endIndex
        fields.append(rest[..<end].isEmpty ? nil : String(rest[..<end]))
        rest = rest[end...]
      }
      guard !separator.isEmpty, rest.hasPrefix(separator) else { break }
      rest = rest.dropFirst(separator.count)
    }
    return "[" + fields.map { $0.map(jsonText) ?? "null" }.joined(separator: ",") + "]"
  }

  static func jsonText(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.value < 32 {
          result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  /// Spark's type for a structure that the engine has found in JSON, such as `{"a":["UBIGINT"]}`.
  private static func schema(_ rest: inout Substring) -> String? {
    func text() -> String? {
      guard rest.popFirst() == "\"" else { return nil }
      let text = rest.prefix { $0 != "\"" }
      rest = rest[text.endIndex...].dropFirst()
      return String(text)
    }
    switch rest.first {
    case "[":
      rest.removeFirst()
      guard let element = schema(&rest), rest.popFirst() == "]" else { return nil }
      return "ARRAY<\(element)>"
    case "{":
      rest.removeFirst()
      var fields: [String] = []
      while rest.first == "\"" {
        guard let name = text(), rest.popFirst() == ":", let type = schema(&rest) else { return nil }
        fields.append("\(name): \(type)")
        if rest.first == "," { rest.removeFirst() }
      }
      guard rest.popFirst() == "}" else { return nil }
      return "STRUCT<\(fields.sorted().joined(separator: ", "))>"
    default:
      switch text() {
      case "BIGINT", "UBIGINT": return "BIGINT"
      case "DOUBLE": return "DOUBLE"
      case "BOOLEAN": return "BOOLEAN"
      default: return "STRING"
      }
    }
  }

  // MARK: Numbers as texts

  /// A number with a pattern such as `#,##0.00`.
  private static func grouped(_ value: String, pattern: String) -> String? {
    let parts = pattern.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let digits = parts[0].filter { $0 == "0" || $0 == "#" || $0 == "," }
    let groups = digits.lastIndex(of: ",").map { digits.distance(from: $0, to: digits.endIndex) - 1 } ?? 0
    let fraction = parts.count > 1 ? parts[1] : ""
    return grouped(
      value, 0, digits.count { $0 == "0" }, fraction.count { $0 == "0" }, fraction.count { $0 == "0" || $0 == "#" },
      groups: groups)
  }

  private static func grouped(
    _ value: String, _ start: Int, _ whole: Int, _ leastFraction: Int, _ fraction: Int, groups: Int
  ) -> String? {
    guard var number = DecimalDigits(value) else { return value }
    number.round(fraction, isEven: true)
    var parts = number.parts(fraction)
    while parts.whole.first == 48, parts.whole.count > whole { parts.whole.removeFirst() }
    while parts.whole.count < whole { parts.whole.insert(48, at: 0) }
    while parts.fraction.count > leastFraction, parts.fraction.last == 48 { parts.fraction.removeLast() }
    var result: [UInt8] = number.isNegative && !number.digits.isEmpty ? [UInt8(ascii: "-")] : []
    for (index, digit) in parts.whole.enumerated() {
      if groups > 0, index > 0, (parts.whole.count - index) % groups == 0 { result.append(UInt8(ascii: ",")) }
      result.append(digit)
    }
    if !parts.fraction.isEmpty { result += [UInt8(ascii: ".")] + parts.fraction }
    return String(decoding: result, as: UTF8.self)
  }
}

/// A character set of `encode` and `decode`.
private enum Charset {
  case utf8, ascii, latin1
  case utf16(isBigEndian: Bool, hasMark: Bool)

  init(_ name: String) throws(EngineFault) {
    switch name.uppercased() {
    case "UTF-8", "UTF8": self = .utf8
    case "US-ASCII": self = .ascii
    case "ISO-8859-1": self = .latin1
    case "UTF-16": self = .utf16(isBigEndian: true, hasMark: true)
    case "UTF-16BE": self = .utf16(isBigEndian: true, hasMark: false)
    case "UTF-16LE": self = .utf16(isBigEndian: false, hasMark: false)
    default:
      throw EngineFault(
        "[INVALID_PARAMETER_VALUE.CHARSET] There is no character set '\(name)'. Known are UTF-8, UTF-16, UTF-16BE, "
          + "UTF-16LE, ISO-8859-1 and US-ASCII.")
    }
  }

  /// The bytes as hexadecimal digits.
  func encoded(_ text: String) throws(EngineFault) -> String {
    switch self {
    case .utf8: return EngineFunctions.hex(text.utf8)
    case .ascii, .latin1:
      var bytes: [UInt8] = []
      for scalar in text.unicodeScalars {
        guard let byte = UInt8(exactly: scalar.value), byte < 128 || isLatin else { throw malformed }
        bytes.append(byte)
      }
      return EngineFunctions.hex(bytes)
    case .utf16(let isBigEndian, let hasMark):
      let units = (hasMark ? [0xfeff] : []) + Array(text.utf16)
      return EngineFunctions.hex(
        units.flatMap { isBigEndian ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] })
    }
  }

  func decoded(_ bytes: [UInt8]) throws(EngineFault) -> String {
    switch self {
    case .utf8:
      guard let text = String(validating: bytes, as: UTF8.self) else { throw malformed }
      return text
    case .ascii, .latin1:
      guard isLatin || bytes.allSatisfy({ $0 < 128 }) else { throw malformed }
      return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    case .utf16(var isBigEndian, let hasMark):
      guard bytes.count % 2 == 0 else { throw malformed }
      var units = stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
      if hasMark, units.first == 0xfffe { isBigEndian = false }
      if !isBigEndian { units = units.map(\.byteSwapped) }
      if hasMark, units.first == 0xfeff { units.removeFirst() }
      guard let text = String(validating: units, as: UTF16.self) else { throw malformed }
      return text
    }
  }

  private var isLatin: Bool { if case .latin1 = self { true } else { false } }

  private var malformed: EngineFault {
    EngineFault(
      "[MALFORMED_CHARACTER_CODING] The character set has no character of the text, or none for a byte of it.")
  }
}

/// The formats of `to_number` and `to_char`, such as `$99,999.99` or `S9`.
struct NumberFormat {
  private var whole: [Character] = []
  private var fraction: [Character] = []
  private var hasDollar = false
  private var hasPoint = false
  private var sign: Character?
  private var isSignFirst = false
  private var isMinus = false
  private var hasBrackets = false

  init?(_ format: String) {
    for character in format.uppercased() {
      switch character {
      case "0", "9":
        guard !(sign != nil && !isSignFirst) else { return nil }
        if hasPoint { fraction.append(character) } else { whole.append(character) }
      case ",", "G":
        guard !hasPoint, !whole.isEmpty else { return nil }
        whole.append(",")
      case ".", "D":
        guard !hasPoint else { return nil }
        hasPoint = true
      case "$":
        guard !hasDollar, whole.isEmpty, !hasPoint else { return nil }
        hasDollar = true
      case "S":
        guard sign == nil else { return nil }
        sign = "S"
        isSignFirst = whole.isEmpty && !hasPoint
      case "M": isMinus = true
      case "I":
        guard isMinus, sign == nil else { return nil }
        isMinus = false
        sign = "M"
        isSignFirst = whole.isEmpty && !hasPoint
      case "P": isMinus = true
      case "R":
        guard isMinus else { return nil }
        isMinus = false
        hasBrackets = true
      default: return nil
      }
    }
    guard !whole.isEmpty || !fraction.isEmpty, !isMinus else { return nil }
  }

  /// The decimal that holds the numbers of the format.
  var type: DataType {
    let digits = whole.count { $0 != "," }
    return .decimal(precision: min(38, max(1, digits + fraction.count)), scale: fraction.count)
  }

  /// The number that a text in this format stands for.
  func number(_ text: String) -> String? {
    var rest = text.filter { !$0.isWhitespace }[...]
    var isNegative = false
    if hasBrackets, rest.hasPrefix("<"), rest.hasSuffix(">") {
      isNegative = true
      rest = rest.dropFirst().dropLast()
    }
    if sign != nil {
      let mark = isSignFirst ? rest.first : rest.last
      if mark == "-" || (mark == "+" && sign == "S") {
        isNegative = mark == "-"
        rest = isSignFirst ? rest.dropFirst() : rest.dropLast()
      }
    }
    if hasDollar {
      guard rest.first == "$" else { return nil }
      rest = rest.dropFirst()
    }
    let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 1 || hasPoint, parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber || $0 == "," } })
    else { return nil }
    let digits = parts[0].filter { $0 != "," }
    let after = parts.count > 1 ? parts[1] : ""
    // Groups of digits end at the same places from the right.
    let groups = parts[0].split(separator: ",", omittingEmptySubsequences: false).map(\.count)
    let wanted = whole.split(separator: ",", omittingEmptySubsequences: false).map(\.count)
    guard groups.count <= wanted.count, groups.dropFirst().elementsEqual(wanted.suffix(groups.count - 1)),
      let first = groups.first, first <= wanted[wanted.count - groups.count], !after.contains(","),
      !digits.isEmpty || !after.isEmpty, after.count <= fraction.count
    else { return nil }
    if whole.first == "0", groups != wanted { return nil }
    return (isNegative ? "-" : "") + (digits.isEmpty ? "0" : digits) + (after.isEmpty ? "" : "." + after)
  }

  /// A number in this format; number signs if it has too many digits.
  func text(_ number: String) -> String? {
    guard var value = DecimalDigits(number) else { return nil }
    value.round(fraction.count)
    let count = whole.count { $0 != "," }
    let isNegative = value.isNegative
    value.isNegative = false
    if value.wholeCount > count || isNegative && sign == nil && !hasBrackets {
      return String(repeating: "#", count: 1) + whole.map { _ in "#" }.dropFirst().joined()
        + (hasPoint ? "." + fraction.map { _ in "#" }.joined() : "")
    }
    let parts = value.parts(fraction.count)
    var digits = parts.whole.map { Character(Unicode.Scalar($0)) }
    if value.wholeCount <= 0 { digits = [] }
    var rest = digits[...]
    let isPadded = whole.first == "0"
    var result: [Character] = []
    for mark in whole.reversed() {
      if mark == "," {
        result.append(rest.isEmpty && !isPadded ? " " : ",")
      } else if let digit = rest.popLast() {
        result.append(digit)
      } else {
        result.append(isPadded || mark == "0" || (result.isEmpty && !hasPoint) ? "0" : " ")
      }
    }
    var text = String(result.reversed())
    let blank = text.prefix { $0 == " " }
    var body = String(text.dropFirst(blank.count))
    if hasPoint { body += "." + String(decoding: parts.fraction, as: UTF8.self) }
    if hasDollar { body = "$" + body }
    if let sign {
      let mark = isNegative ? "-" : sign == "S" ? "+" : " "
      body = isSignFirst ? mark + body : body + mark
    }
    if hasBrackets { body = isNegative ? "<\(body)>" : body + "  " }
    text = blank + body
    return text
  }
}

/// The formats of `format_string`, as in Java.
private enum JavaFormat {
  /// - Parameter arguments: each argument as the number of its bytes, a colon and its text, or a dash for null.
  static func text(_ format: String, _ arguments: String) throws(EngineFault) -> String {
    let values = read(arguments)
    var result = ""
    var rest = format[...]
    var next = 0
    while let character = rest.popFirst() {
      guard character == "%" else {
        result.append(character)
        continue
      }
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      var position: Int?
      if rest[digits.endIndex...].first == "$", let number = Int(digits) {
        position = number - 1
        rest = rest[digits.endIndex...].dropFirst()
      }
      let flags = rest.prefix { "-#+ 0,(".contains($0) }
      rest = rest[flags.endIndex...]
      let width = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest[width.endIndex...]
      var precision: Int?
      if rest.first == "." {
        rest.removeFirst()
        let number = rest.prefix { $0.isASCII && $0.isNumber }
        precision = Int(number)
        rest = rest[number.endIndex...]
      }
      guard let kind = rest.popFirst() else {
        throw EngineFault("[INVALID_FORMAT] The format '\(format)' ends with %.")
      }
      var text: String
      switch kind {
      case "%": text = "%"
      case "n": text = "\n"
      default:
        let index = position ?? next
        if position == nil { next += 1 }
        guard index >= 0, index < values.count else {
          throw EngineFault(
            "[INVALID_PARAMETER_VALUE] The format '\(format)' needs more than \(values.count) arguments.")
        }
        text = try value(values[index], kind, flags, precision, Int(width), format)
      }
      let missing = max(0, (Int(width) ?? 0) - text.count)
      let spaces = String(repeating: " ", count: missing)
      result += flags.contains("-") ? text + spaces : spaces + text
    }
    return result
  }

  private static func read(_ arguments: String) -> [String?] {
    var values: [String?] = []
    var rest = Array(arguments.utf8)[...]
    while let first = rest.first {
      if first == UInt8(ascii: "-") {
        values.append(nil)
        rest = rest.dropFirst()
        continue
      }
      let digits = rest.prefix { $0 != UInt8(ascii: ":") }
      rest = rest[digits.endIndex...].dropFirst()
      let count = Int(String(decoding: digits, as: UTF8.self)) ?? 0
      values.append(String(decoding: rest.prefix(count), as: UTF8.self))
      rest = rest.dropFirst(count)
    }
    return values
  }

  private static func value(
    _ value: String?, _ kind: Character, _ flags: Substring, _ precision: Int?, _ width: Int?, _ format: String
  ) throws(EngineFault) -> String {
    func invalid() -> EngineFault {
      EngineFault("[INVALID_PARAMETER_VALUE] '\(value ?? "null")' does not fit %\(kind) of the format '\(format)'.")
    }
    guard let value else { return kind == "b" ? "false" : String("null".prefix(precision ?? .max)) }
    var digits: String
    var isNegative = false
    switch kind {
    case "s": return String(value.prefix(precision ?? .max))
    case "S": return String(value.prefix(precision ?? .max)).uppercased()
    case "b": return value == "true" || value == "false" ? value : "true"
    case "c":
      guard let number = UInt32(value) else { return value }
      guard let scalar = Unicode.Scalar(number) else { throw invalid() }
      return String(Character(scalar))
    case "x", "X", "o":
      guard let number = Int64(value) else { throw invalid() }
      // A negative int has 32 bits in Java; its text does not tell the two types apart.
      let bits =
        number < 0 && number >= Int64(Int32.min)
        ? UInt64(UInt32(bitPattern: Int32(number))) : UInt64(bitPattern: number)
      digits = String(bits, radix: kind == "o" ? 8 : 16, uppercase: kind == "X")
    case "d":
      guard var number = DecimalDigits(value), !value.contains("."), !value.contains("E") else { throw invalid() }
      isNegative = number.isNegative
      number.isNegative = false
      digits = number.text(0)
    case "f":
      guard var number = DecimalDigits(value) else { return value }
      number.round(precision ?? 6)
      isNegative = number.isNegative
      number.isNegative = false
      digits = number.text(precision ?? 6)
    case "e", "E":
      guard let number = DecimalDigits(value) else { return value }
      isNegative = number.isNegative
      digits = scientific(number, precision ?? 6)
      if kind == "E" { digits = digits.uppercased() }
    case "g", "G":
      guard let number = DecimalDigits(value), let double = Double(value) else { return value }
      let precision = max(precision ?? 6, 1)
      isNegative = number.isNegative
      if double == 0 || (1e-4..<pow10(precision)).contains(double.magnitude) {
        var rounded = number
        rounded.isNegative = false
        rounded.round(precision - max(number.wholeCount, double.magnitude < 1 ? number.wholeCount : 1))
        digits = rounded.text(max(0, precision - max(number.wholeCount, double.magnitude < 1 ? number.wholeCount : 1)))
      } else {
        digits = scientific(number, precision - 1)
      }
    default:
      throw EngineFault("[INVALID_PARAMETER_VALUE] The format '\(format)' contains %\(kind), which does not exist.")
    }
    if flags.contains(","), kind == "d" || kind == "f" {
      let whole = digits.prefix { $0 != "." }
      var grouped = ""
      for (index, digit) in whole.enumerated() {
        if index > 0, (whole.count - index) % 3 == 0 { grouped += "," }
        grouped.append(digit)
      }
      digits = grouped + digits.dropFirst(whole.count)
    }
    var sign = isNegative ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : ""
    if isNegative, flags.contains("(") {
      sign = "("
      digits += ")"
    }
    if flags.contains("0"), let width {
      digits = String(repeating: "0", count: max(0, width - digits.count - sign.count)) + digits
    }
    return sign + digits
  }

  private static func pow10(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? .infinity }

  private static func scientific(_ number: DecimalDigits, _ precision: Int) -> String {
    var number = number
    number.isNegative = false
    var exponent = number.digits.isEmpty ? 0 : number.wholeCount - 1
    number.round(precision - exponent)
    if !number.digits.isEmpty, number.wholeCount - 1 > exponent { exponent = number.wholeCount - 1 }
    var digits = number.digits.prefix(precision + 1).map { String($0) }
    while digits.count < precision + 1 { digits.append("0") }
    let power = "\(exponent.magnitude)"
    return digits[0] + (precision > 0 ? "." + digits.dropFirst().joined() : "") + "e" + (exponent < 0 ? "-" : "+")
      + (power.count < 2 ? "0" : "") + power
  }
}
