#if CommandLineTool
  /// The drawing of an entry on a terminal: text and escape sequences that replace the drawing before.
  struct EditorScreen {
    private let prompt: String
    private let continuation: String
    /// The row of the cursor in the last drawing, and the number of its rows.
    private var cursorRow = 0
    private var rowCount = 1

    /// - Parameters:
    ///   - prompt: the text before the first line.
    ///   - continuation: the text before the others.
    init(prompt: String, continuation: String) {
      self.prompt = prompt
      self.continuation = continuation
    }

    /// The rows of an entry, without what ends them, and the place of the cursor.
    struct Layout: Hashable {
      var rows: [String]
      var cursorRow: Int
      var cursorColumn: Int
    }

    func layout(_ editor: LineEditor, width: Int) -> Layout {
      let width = max(2, width)
      let (prompt, text, cursor): (String, [Character], Int)
      if let search = editor.search {
        prompt = "(\(search.hasFailed ? "no entry with" : "search")) '\(search.query)': "
        text = Array(search.entry)
        cursor = text.count
      } else {
        (prompt, text, cursor) = (self.prompt, editor.text, editor.cursor)
      }
      var layout = Layout(rows: [""], cursorRow: 0, cursorColumn: 0)
      var column = 0
      func begin() {
        layout.rows.append("")
        column = 0
      }
      func append(_ characters: some Sequence<Character>) {
        for character in characters {
          let columns = CharacterWidth.columns(character)
          if column + columns > width { begin() }
          layout.rows[layout.rows.count - 1].append(character)
          column += columns
        }
      }
      func mark(_ columns: Int) {
        if column + columns > width { begin() }
        (layout.cursorRow, layout.cursorColumn) = (layout.rows.count - 1, column)
      }
      append(prompt)
      for (index, character) in text.enumerated() {
        let shown = Self.shown(character)
        if index == cursor { mark(character == "\n" ? 1 : CharacterWidth.columns(shown)) }
        if character == "\n" {
          begin()
          append(continuation)
        } else {
          append(shown)
        }
      }
      if cursor == text.count { mark(1) }
      return layout
    }

    /// The characters for one of the text: control characters have a notation of two.
    private static func shown(_ character: Character) -> String {
      guard let byte = character.asciiValue, byte < 32 || byte == 127 else { return String(character) }
      return byte == 9 ? "    " : "^" + String(Unicode.Scalar(byte ^ 64))
    }

    /// Replaces the last drawing by one of the entry.
    mutating func draw(_ editor: LineEditor, width: Int, height: Int) -> String {
      let layout = layout(editor, width: width)
      // Only the rows around the cursor, if the screen has not enough for all.
      let first = max(0, min(layout.cursorRow - height / 2, layout.rows.count - height))
      let rows = layout.rows.count > height ? Array(layout.rows[first..<(first + height)]) : layout.rows
      let row = layout.rows.count > height ? layout.cursorRow - first : layout.cursorRow
      var text = beginning
      text += rows.joined(separator: "\r\n")
      text += Self.up(rows.count - 1 - row) + "\r"
      if layout.cursorColumn > 0 { text += "\u{1B}[\(layout.cursorColumn)C" }
      (cursorRow, rowCount) = (row, rows.count)
      return text
    }

    /// Moves below the last drawing, which stays.
    mutating func leave() -> String {
      defer { (cursorRow, rowCount) = (0, 1) }
      let down = rowCount - 1 - cursorRow
      return (down > 0 ? "\u{1B}[\(down)B" : "") + "\r\n"
    }

    /// Clears the screen for the next drawing.
    mutating func clear() -> String {
      (cursorRow, rowCount) = (0, 1)
      return "\u{1B}[H\u{1B}[2J"
    }

    /// Forgets the last drawing, after the terminal has changed the lines of the screen or another program has used it.
    mutating func forget() { (cursorRow, rowCount) = (0, 1) }

    /// Moves to the beginning of the last drawing, and removes it.
    private var beginning: String { Self.up(cursorRow) + "\r\u{1B}[J" }

    private static func up(_ rows: Int) -> String { rows > 0 ? "\u{1B}[\(rows)A" : "" }

    /// Names in columns, as many as fit next to each other, of which a screen shows at most 200.
    static func columns(_ names: [String], width: Int) -> String {
      let shown = names.prefix(200).map { CharacterWidth.cut($0, to: max(8, width - 2)) }
      let column = (shown.map(CharacterWidth.columns).max() ?? 0) + 2
      let count = max(1, width / column)
      let rows = (shown.count + count - 1) / count
      var lines = (0..<rows).map { row in
        stride(from: row, to: shown.count, by: rows).map { index in
          let isLast = index + rows >= shown.count
          return shown[index]
            + (isLast ? "" : String(repeating: " ", count: column - CharacterWidth.columns(shown[index])))
        }.joined()
      }
      if names.count > shown.count { lines.append("… and \(names.count - shown.count) more") }
      return lines.joined(separator: "\r\n")
    }
  }
#endif
