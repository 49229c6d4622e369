/// A fault in SQL text: where it is, and what was expected there.
struct SQLSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, such as `expected ')', found ','`.
  let message: String
  /// The line of the fault, from 1.
  let line: Int
  /// The position of the fault in its line, in Unicode scalars, from 1.
  let column: Int
  /// The part of the line around the fault, and the position of the fault in it, from 0.
  let excerpt: String
  let caret: Int

  /// The message and the line of the text, with a caret under the fault.
  var description: String {
    """
    SQL syntax error in line \(line), column \(column): \(message)
      \(excerpt)
      \(String(repeating: " ", count: caret))^
    """
  }

  init(_ message: String, in source: [UInt8], at offset: Int) {
    let offset = min(max(offset, 0), source.count)
    let before = source[..<offset]
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let end = source[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? source.count
    let prefix = String(decoding: source[start..<offset], as: UTF8.self).unicodeScalars
    let suffix = String(decoding: source[offset..<min(end, offset + 200)], as: UTF8.self).unicodeScalars
    let shown = prefix.suffix(60)
    let cut = shown.count < prefix.count ? "…" : ""
    self.message = message
    line = before.count(where: { $0 == UInt8(ascii: "\n") }) + 1
    column = prefix.count + 1
    // Control characters would move the caret, or the cursor of a terminal.
    let visible = (Array(shown) + Array(suffix.prefix(60))).map {
      $0.value < 32 || $0.value == 127 ? " " : Character($0)
    }
    excerpt = cut + String(visible) + (suffix.count > 60 ? "…" : "")
    caret = cut.count + shown.count
  }
}
