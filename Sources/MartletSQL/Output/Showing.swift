/// The length that `show` cuts the text of a value to: `true` for 20 characters, `false` for none, or a number.
public struct Truncation: Hashable, Sendable, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
  /// The number of characters; 0 for all of them.
  public let length: Int

  /// Cuts texts to so many characters; 0 leaves them whole.
  public init(_ length: Int) { self.length = max(0, length) }
  /// Cuts texts to 20 characters if this is true.
  public init(_ isOn: Bool) { self.init(isOn ? 20 : 0) }

  public init(booleanLiteral isOn: Bool) { self.init(isOn) }
  public init(integerLiteral length: Int) { self.init(length) }
}

/// The drawing of rows as Spark's `show` makes it.
///
/// Lengths are counted as in Java, in units of UTF-16. The wide characters of East Asia take two columns.
package struct TableDrawing {
  var names: [String]
  /// The texts of the rows to draw.
  var rows: [[String]]
  /// True if there are rows that are not drawn.
  var hasMore: Bool
  var truncation: Truncation

  init(_ rows: [Row], schema: StructType, limit: Int, truncation: Truncation, text: ValueText = ValueText()) {
    self.truncation = truncation
    self.names = schema.names.map(Self.escaped)
    self.hasMore = rows.count > limit
    self.rows = rows.prefix(limit).map { row in
      zip(row.values, schema.fields).map { value, field in
        Self.cut(Self.escaped(text.text(of: value, as: field.type)), truncation.length)
      }
    }
  }

  /// A table with a line for each row.
  var table: String {
    let widths = Self.widths([names] + rows)
    // Spark aligns cells to the right if it may cut them.
    let alignsRight = truncation.length > 0
    let rule = Self.rule(widths)
    return rule + Self.line(names, widths, alignsRight) + rule
      + rows.map { Self.line($0, widths, alignsRight) }.joined() + rule + ending
  }

  /// The widths of columns in which these cells have space.
  package static func widths(_ lines: [[String]]) -> [Int] {
    var widths = [Int](repeating: 3, count: lines.first?.count ?? 0)
    for line in lines {
      for (column, cell) in line.enumerated() { widths[column] = max(widths[column], width(cell)) }
    }
    return widths
  }

  /// The line above and below the names of columns.
  package static func rule(_ widths: [Int]) -> String {
    "+" + widths.map { String(repeating: "-", count: $0) }.joined(separator: "+") + "+\n"
  }

  /// A line of cells, none of which is wider than its column.
  package static func line(_ cells: [String], _ widths: [Int], _ alignsRight: Bool = false) -> String {
    let padded = zip(cells, widths).map { cell, width in
      let padding = String(repeating: " ", count: width - Self.width(cell))
      return alignsRight ? padding + cell : cell + padding
    }
    return "|" + padded.joined(separator: "|") + "|\n"
  }

  /// A line for each value.
  var records: String {
    guard !rows.isEmpty else { return "(0 rows)" }
    let nameWidth = names.map(Self.width).max().map { max(3, $0) } ?? 3
    let cellWidth = rows.joined().map(Self.width).max().map { max(3, $0) } ?? 3
    var text = ""
    for (index, row) in rows.enumerated() {
      let header = "-RECORD \(index)"
      text += header + String(repeating: "-", count: max(0, nameWidth + cellWidth + 5 - header.count)) + "\n"
      for (name, cell) in zip(names, row) {
        text += " \(Self.padded(name, nameWidth)) | \(Self.padded(cell, cellWidth)) \n"
      }
    }
    return text + ending
  }

  private var ending: String {
    hasMore ? "only showing top \(rows.count) \(rows.count == 1 ? "row" : "rows")" : ""
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: width - Self.width(text))
  }

  /// The number of columns that a text takes.
  static func width(_ text: String) -> Int {
    var width = 0
    for unit in text.utf16 {
      switch unit {
      case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6:
        width += 2
      default: width += 1
      }
    }
    return width
  }

  /// The beginning of a text, with `...` at its end if there is room for them.
  static func cut(_ text: String, _ length: Int) -> String {
    guard length > 0, text.utf16.count > length else { return text }
    return prefix(text, length < 4 ? length : length - 3) + (length < 4 ? "" : "...")
  }

  /// So many units of UTF-16; one less where that would divide a character of two.
  private static func prefix(_ text: String, _ length: Int) -> String {
    var scalars = String.UnicodeScalarView()
    var rest = length
    for scalar in text.unicodeScalars {
      rest -= UTF16.width(scalar)
      guard rest >= 0 else { break }
      scalars.append(scalar)
    }
    return String(scalars)
  }

  /// The text with control characters in the notation of programs, so that they do not break the drawing.
  package static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 }) else { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": scalars.append(contentsOf: "\\n".unicodeScalars)
      case "\r": scalars.append(contentsOf: "\\r".unicodeScalars)
      case "\t": scalars.append(contentsOf: "\\t".unicodeScalars)
      case "\u{C}": scalars.append(contentsOf: "\\f".unicodeScalars)
      case "\u{8}": scalars.append(contentsOf: "\\b".unicodeScalars)
      case "\u{B}": scalars.append(contentsOf: "\\v".unicodeScalars)
      case "\u{7}": scalars.append(contentsOf: "\\a".unicodeScalars)
      default: scalars.append(scalar)
      }
    }
    return String(scalars)
  }
}
