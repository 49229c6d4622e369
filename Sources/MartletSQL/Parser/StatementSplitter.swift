internal import MartletCore

/// The division of SQL text, which may arrive in pieces, into statements that semicolons separate.
///
/// ```swift
/// var splitter = StatementSplitter()
/// splitter.append("SELECT 1; SELECT".utf8)
/// while let statement = splitter.next() { … }   // SELECT 1
/// splitter.append(" 2".utf8)
/// let last = splitter.finish()                  // SELECT 2
/// ```
/// Semicolons in strings, names and comments separate nothing. White space stands before a statement, so that errors name its
/// line and column in the whole text. Text that is not needed any more is released.
package struct StatementSplitter: Sendable {
  private enum Mode: Hashable {
    case code, name, lineComment
    case string(UInt8), rawString(UInt8)
    case comment(depth: Int)
  }

  private var source: [UInt8] = []
  private var position = 0
  private var mode = Mode.code
  /// The first byte of the statement that has begun.
  private var start: Int?
  /// True if the byte before `position` is part of a word or number.
  private var isAfterWord = false
  /// The place of `counted` in the whole text: line feeds before it, and characters in its line.
  private var counted = 0
  private var line = 0
  private var column = 0

  package init() {}

  /// Adds text after that of earlier calls.
  package mutating func append(_ text: some Sequence<UInt8>) {
    if counted > source.count / 2, start == nil {
      // What is not scanned yet is at most a few bytes.
      source.removeFirst(counted)
      position -= counted
      counted = 0
    }
    source += text
  }

  /// The next statement whose semicolon has arrived.
  package mutating func next() -> String? { scan(isFinal: false) }

  /// The rest of the text as a statement, after `next` has returned `nil`: one without a semicolon, or with an open string.
  package mutating func finish() -> String? {
    if let statement = scan(isFinal: true) { return statement }
    return start.map { statement(from: $0) }
  }

  /// A Boolean value that indicates whether a statement or a comment has begun and not ended.
  package var isInsideStatement: Bool {
    if case .comment = mode { return true }
    return start != nil
  }

  /// A Boolean value that indicates whether nothing but whole statements, space and comments is in a text.
  package static func isComplete(_ text: String) -> Bool {
    var splitter = StatementSplitter()
    splitter.append(text.utf8)
    while splitter.scan(isFinal: true) != nil {}
    return !splitter.isInsideStatement
  }

  // MARK: Scanning

  private mutating func scan(isFinal: Bool) -> String? {
    while position < source.count {
      if !isFinal, position + neededBytes(source[position]) > source.count { break }
      if let statement = step() { return statement }
    }
    if start == nil { count(upTo: position) }
    return nil
  }

  /// The number of bytes, from this one, that decide what this one means.
  private func neededBytes(_ byte: UInt8) -> Int {
    switch byte {
    case UInt8(ascii: "/"), 0xE0...: 3
    case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "\\"), UInt8(ascii: "r"), UInt8(ascii: "R"), 0x80...: 2
    default: 1
    }
  }

  private func peek(_ distance: Int) -> UInt8? {
    position + distance < source.count ? source[position + distance] : nil
  }

  /// Takes the next bytes; returns the statement that they end.
  private mutating func step() -> String? {
    let byte = source[position]
    switch mode {
    case .code: return stepInCode(byte)
    case .string(let quote):
      if byte == UInt8(ascii: "\\"), peek(1) != nil { position += 1 } else if byte == quote { mode = .code }
    case .rawString(let quote): if byte == quote { mode = .code }
    case .name: if byte == UInt8(ascii: "`") { mode = .code }
    case .lineComment:
      if byte == UInt8(ascii: "\\"), peek(1) == 10 { position += 1 } else if byte == 10 || byte == 13 { mode = .code }
    case .comment(let depth):
      if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
        mode = .comment(depth: depth + 1)
        position += 1
      } else if byte == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
        mode = depth == 1 ? .code : .comment(depth: depth - 1)
        position += 1
      }
    }
    position += 1
    return nil
  }

  private mutating func stepInCode(_ byte: UInt8) -> String? {
    let wasAfterWord = isAfterWord
    isAfterWord = false
    switch byte {
    case 32, 9...13: position += 1
    case UInt8(ascii: ";"):
      position += 1
      guard let first = start else { break }
      defer {
        start = nil
        count(upTo: position)
      }
      return statement(from: first, to: position - 1)
    case UInt8(ascii: "-") where peek(1) == byte:
      mode = .lineComment
      position += 2
    case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*") && peek(2) != UInt8(ascii: "+"):
      mode = .comment(depth: 1)
      position += 2
    case UInt8(ascii: "'"), UInt8(ascii: "\""): begin(.string(byte), length: 1)
    case UInt8(ascii: "`"): begin(.name, length: 1)
    case UInt8(ascii: "r"), UInt8(ascii: "R"):
      if !wasAfterWord, let quote = peek(1), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
        begin(.rawString(quote), length: 2)
      } else {
        begin(.code, length: 1)
        isAfterWord = true
      }
    default:
      if let length = SQLLexer.unicodeSpace(in: source, at: position) {
        position += length
      } else {
        begin(.code, length: 1)
        isAfterWord = SQLLexer.isWordByte(byte)
      }
    }
    return nil
  }

  private mutating func begin(_ mode: Mode, length: Int) {
    if start == nil { start = position }
    self.mode = mode
    position += length
  }

  // MARK: Statements

  private mutating func statement(from first: Int, to end: Int? = nil) -> String {
    count(upTo: first)
    return String(repeating: "\n", count: line) + String(repeating: " ", count: column)
      + String(decoding: source[first..<(end ?? source.count)], as: UTF8.self)
  }

  private mutating func count(upTo end: Int) {
    for byte in source[counted..<max(counted, end)] {
      if byte == 10 {
        line += 1
        column = 0
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    counted = max(counted, end)
  }
}

extension StatementSplitter {
  /// The kind of text at the end of what has been appended.
  package enum Place: Hashable, Sendable {
    case code
    /// A name in backticks.
    case quotedName
    /// A string or a comment.
    case text
  }

  /// The kind of text after a beginning of a statement.
  package static func place(after text: String) -> Place {
    var splitter = StatementSplitter()
    splitter.append(text.utf8)
    while splitter.scan(isFinal: true) != nil {}
    return switch splitter.mode {
    case .code: .code
    case .name: .quotedName
    case .lineComment, .string, .rawString, .comment: .text
    }
  }
}
