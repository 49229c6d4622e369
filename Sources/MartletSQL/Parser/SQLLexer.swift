/// The division of SQL text into tokens.
struct SQLLexer {
  let source: [UInt8]
  private var position = 0
  private var tokens: [SQLToken] = []

  /// The tokens of a text, of which the last is `end`.
  static func tokens(of source: [UInt8]) throws -> [SQLToken] {
    var lexer = SQLLexer(source: source)
    try lexer.run()
    return lexer.tokens
  }

  private init(source: [UInt8]) { self.source = source }

  private mutating func run() throws {
    guard source.count < Int(Int32.max) else {
      throw SQLSyntaxError("the text is longer than 2 GB", in: source, at: 0)
    }
    tokens.reserveCapacity(source.count / 4 + 1)
    while true {
      try skipSpaceAndComments()
      let start = position
      guard let byte = peek() else { break }
      let kind: SQLToken.Kind
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""): kind = try string(closedBy: byte, from: start)
      case UInt8(ascii: "`"): kind = try quotedName()
      case UInt8(ascii: "r"), UInt8(ascii: "R"): kind = try rawString() ?? word()
      case UInt8(ascii: "."): kind = peek(1).map(isDigit) == true ? number() : sign()
      case _ where isDigit(byte): kind = number()
      case _ where Self.isWordByte(byte): kind = word()
      default: kind = sign()
      }
      tokens.append(SQLToken(kind: kind, start: Int32(start), end: Int32(position)))
    }
    tokens.append(SQLToken(kind: .end, start: Int32(source.count), end: Int32(source.count)))
  }

  private func peek(_ distance: Int = 0) -> UInt8? {
    position + distance < source.count ? source[position + distance] : nil
  }

  private func looking(at text: StaticString) -> Bool {
    text.withUTF8Buffer { source[position...].starts(with: $0) }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

  /// Names consist of letters of all languages, digits and underscores.
  static func isWordByte(_ byte: UInt8) -> Bool {
    (byte >= 48 && byte <= 57) || ((byte | 32) >= 97 && (byte | 32) <= 122) || byte == 95 || byte >= 128
  }

  // MARK: Space and comments

  private mutating func skipSpaceAndComments() throws {
    while let byte = peek() {
      if byte == 32 || (byte >= 9 && byte <= 13) {
        position += 1
      } else if byte >= 128, let length = unicodeSpace() {
        position += length
      } else if looking(at: "--") {
        skipLine()
      } else if looking(at: "/*"), peek(2) != UInt8(ascii: "+") {
        try skipComment()
      } else {
        return
      }
    }
  }

  private func unicodeSpace() -> Int? { Self.unicodeSpace(in: source, at: position) }

  /// The length of the space character of Unicode at a position, if there is one.
  static func unicodeSpace(in source: [UInt8], at position: Int) -> Int? {
    guard source[position] >= 0xC2 else { return nil }
    let rest = source[position...]
    if rest.count > 2, rest[position] == 0xE2, rest[position + 1] == 0x80,
      (0x80...0x8A).contains(rest[position + 2])
    {
      return 3
    }
    return unicodeSpaces.first { rest.starts(with: $0) }?.count
  }

  private static let unicodeSpaces: [[UInt8]] = [
    [0xC2, 0xA0], [0xE1, 0x9A, 0x80], [0xE2, 0x80, 0xA8], [0xE2, 0x80, 0xAF], [0xE2, 0x81, 0x9F], [0xE3, 0x80, 0x80],
    [0xEF, 0xBB, 0xBF],
  ]

  private mutating func skipLine() {
    while let byte = peek(), byte != 10, byte != 13 { position += looking(at: "\\\n") ? 2 : 1 }
  }

  private mutating func skipComment() throws {
    let start = position
    var depth = 0
    repeat {
      if looking(at: "/*") {
        depth += 1
        position += 2
      } else if looking(at: "*/") {
        depth -= 1
        position += 2
      } else if position < source.count {
        position += 1
      } else {
        throw SQLSyntaxError("the comment has no end '*/'", in: source, at: start)
      }
    } while depth > 0
  }

  // MARK: Strings and names

  private mutating func string(closedBy quote: UInt8, from start: Int) throws -> SQLToken.Kind {
    position += 1
    while let byte = peek() {
      if byte == UInt8(ascii: "\\"), peek(1) != nil {
        position += 2
      } else if byte != quote {
        position += 1
      } else if peek(1) == quote {
        position += 2
      } else {
        position += 1
        return .string
      }
    }
    throw SQLSyntaxError("the string has no end \(Character(Unicode.Scalar(quote)))", in: source, at: start)
  }

  private mutating func rawString() throws -> SQLToken.Kind? {
    guard let quote = peek(1), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
    guard let end = source[(position + 2)...].firstIndex(of: quote) else {
      throw SQLSyntaxError("the string has no end \(Character(Unicode.Scalar(quote)))", in: source, at: position)
    }
    position = end + 1
    return .string
  }

  private mutating func quotedName() throws -> SQLToken.Kind {
    let start = position
    position += 1
    while let byte = peek() {
      position += 1
      guard byte == UInt8(ascii: "`") else { continue }
      guard peek() == byte else { return .quotedName }
      position += 1
    }
    throw SQLSyntaxError("the name has no end `", in: source, at: start)
  }

  private mutating func word() -> SQLToken.Kind {
    let start = position
    while let byte = peek(), Self.isWordByte(byte), byte < 128 || unicodeSpace() == nil { position += 1 }
    return .word(SQLKeyword(source[start..<position]))
  }

  // MARK: Numbers and signs

  private mutating func number() -> SQLToken.Kind {
    let start = position
    skipDigits()
    let integerEnd = position
    if peek() == UInt8(ascii: ".") {
      position += 1
      skipDigits()
    }
    if let letter = peek(), letter | 32 == UInt8(ascii: "e") {
      let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
      if peek(1 + sign).map(isDigit) == true {
        position += 1 + sign
        skipDigits()
      }
    }
    skipSuffix(isInteger: position == integerEnd)
    guard let next = peek(), Self.isWordByte(next) else { return .number }
    // Letters follow, so the text is a name that begins with digits, or a number and a name: `2.3W` is `2`, `.`, `3W`.
    position = integerEnd
    if integerEnd == start {
      position += 1
      return .sign(.period)
    }
    return peek().map(Self.isWordByte) == true ? word(from: start) : .number
  }

  private mutating func word(from start: Int) -> SQLToken.Kind {
    position = start
    return word()
  }

  private mutating func skipDigits() {
    while let byte = peek(), isDigit(byte) { position += 1 }
  }

  private mutating func skipSuffix(isInteger: Bool) {
    guard let letter = peek() else { return }
    switch letter & ~32 {
    case UInt8(ascii: "B") where peek(1).map({ $0 & ~32 == UInt8(ascii: "D") }) == true: position += 2
    case UInt8(ascii: "D"), UInt8(ascii: "F"): position += 1
    case UInt8(ascii: "L") where isInteger, UInt8(ascii: "S") where isInteger, UInt8(ascii: "Y") where isInteger:
      position += 1
    default: break
    }
  }

  private mutating func sign() -> SQLToken.Kind {
    let first = source[position]
    let next = peek(1)
    func sign(_ sign: SQLSign, _ length: Int = 1) -> SQLToken.Kind {
      position += length
      return .sign(sign)
    }
    switch first {
    case UInt8(ascii: "<"):
      if looking(at: "<=>") { return sign(.nullSafeEqual, 3) }
      if next == UInt8(ascii: "=") { return sign(.lessOrEqual, 2) }
      if next == UInt8(ascii: ">") { return sign(.angles, 2) }
      return next == first ? sign(.shiftLeft, 2) : sign(.less)
    case UInt8(ascii: ">"): return next == UInt8(ascii: "=") ? sign(.greaterOrEqual, 2) : sign(.greater)
    case UInt8(ascii: "="):
      if next == UInt8(ascii: ">") { return sign(.fatArrow, 2) }
      return sign(.equal, next == first ? 2 : 1)
    case UInt8(ascii: "!"):
      if next == UInt8(ascii: "=") { return sign(.notEqual, 2) }
      if next == UInt8(ascii: ">") { return sign(.lessOrEqual, 2) }
      return next == UInt8(ascii: "<") ? sign(.greaterOrEqual, 2) : sign(.exclamation)
    case UInt8(ascii: "|"):
      if next == UInt8(ascii: ">") { return sign(.pipe, 2) }
      return next == first ? sign(.concatenation, 2) : sign(.bar)
    case UInt8(ascii: ":"): return next == first ? sign(.doubleColon, 2) : sign(.colon)
    case UInt8(ascii: "-"): return next == UInt8(ascii: ">") ? sign(.arrow, 2) : sign(.minus)
    case UInt8(ascii: "*"):
      guard next == UInt8(ascii: "/") else { return sign(.star) }
      position += 2
      return .hintEnd
    case UInt8(ascii: "/"):
      guard looking(at: "/*+") else { return sign(.slash) }
      position += 3
      return .hintStart
    default:
      position += 1
      return SQLSign(rawValue: String(Unicode.Scalar(first))).map { .sign($0) } ?? .unrecognized
    }
  }
}
