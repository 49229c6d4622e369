#if CommandLineTool
  import Testing

  @testable import MartletCommand

  @Suite("The drawing of an entry") struct EditorScreenTests {
    private func editor(_ text: String, cursor: Int? = nil) -> LineEditor {
      var editor = LineEditor(history: [], isComplete: { _ in false })
      _ = editor.press(.paste(text))
      for _ in 0..<(editor.text.count - (cursor ?? editor.text.count)) { _ = editor.press(.left) }
      return editor
    }

    private func layout(_ text: String, cursor: Int? = nil, width: Int = 10) -> EditorScreen.Layout {
      EditorScreen(prompt: "> ", continuation: ". ").layout(editor(text, cursor: cursor), width: width)
    }

    @Test(
      "Lines are wrapped at the width of the terminal, and wide characters are not divided",
      arguments: [
        ("", ["> "], 0, 2), ("abc", ["> abc"], 0, 5), ("a\nb", ["> a", ". b"], 1, 3),
        ("12345678", ["> 12345678", ""], 1, 0), ("123456789", ["> 12345678", "9"], 1, 1),
        ("1234567日", ["> 1234567", "日"], 1, 2), ("123456日", ["> 123456日", ""], 1, 0), ("日本", ["> 日本"], 0, 6),
        ("e\u{301}x", ["> e\u{301}x"], 0, 4), ("a\tb", ["> a    b"], 0, 8), ("\u{1B}[", ["> ^[["], 0, 5),
        ("12345678\nx", ["> 12345678", ". x"], 1, 3),
      ] as [(String, [String], Int, Int)])
    func layouts(_ text: String, _ rows: [String], _ row: Int, _ column: Int) {
      let layout = layout(text)
      #expect(layout.rows == rows)
      #expect([layout.cursorRow, layout.cursorColumn] == [row, column])
    }

    @Test("The cursor stands on its character") func cursor() {
      #expect(layout("123456789", cursor: 8).cursorRow == 1 && layout("123456789", cursor: 8).cursorColumn == 0)
      #expect(layout("1234567日", cursor: 7).cursorRow == 1 && layout("1234567日", cursor: 7).cursorColumn == 0)
      #expect(layout("ab\ncd", cursor: 2).cursorRow == 0 && layout("ab\ncd", cursor: 2).cursorColumn == 4)
      #expect(layout("日本", cursor: 1).cursorColumn == 4)
    }

    @Test("Each drawing replaces the one before") func replaces() {
      var screen = EditorScreen(prompt: "> ", continuation: ". ")
      var terminal = VirtualTerminal(width: 10, height: 6)
      terminal.write("before\r\n")
      let texts = ["", "a", "123456789", "12345678", "1234567日本", "a\nb\nc", "a\nb", "x"]
      for text in texts {
        for cursor in 0...text.count {
          let editor = editor(text, cursor: cursor)
          terminal.write(screen.draw(editor, width: 10, height: 6))
          let layout = screen.layout(editor, width: 10)
          #expect(terminal.lines.first == "before", "\(text)")
          var rows = layout.rows.map { $0 == "> " ? ">" : $0 == ". " ? "." : $0 }
          while rows.last == "" { rows.removeLast() }
          #expect(Array(terminal.lines.dropFirst()) == rows, "\(text)")
          #expect(
            [terminal.row, terminal.column] == [layout.cursorRow + 1, layout.cursorColumn], "\(text) at \(cursor)")
        }
      }
      terminal.write(screen.leave() + "after")
      #expect(terminal.lines == ["before", "> x", "after"])
      #expect(terminal.unknown.isEmpty)
    }

    @Test("An entry that is higher than the screen shows the rows around the cursor") func high() {
      let text = (1...9).map { "line\($0)" }.joined(separator: "\n")
      var screen = EditorScreen(prompt: "> ", continuation: ". ")
      var terminal = VirtualTerminal(width: 10, height: 4)
      terminal.write(screen.draw(editor(text), width: 10, height: 4))
      #expect(terminal.lines == [". line6", ". line7", ". line8", ". line9"])
      terminal.write(screen.draw(editor(text, cursor: 0), width: 10, height: 4))
      #expect(terminal.lines == ["> line1", ". line2", ". line3", ". line4"])
      #expect([terminal.row, terminal.column] == [0, 2])
    }

    @Test("A search shows its text and the entry that it finds") func search() {
      var editor = LineEditor(history: ["SELECT 1;"], isComplete: { _ in true })
      for key in [Key.control("R"), .text("l"), .text("e")] { _ = editor.press(key) }
      let screen = EditorScreen(prompt: "> ", continuation: ". ")
      #expect(screen.layout(editor, width: 80).rows == ["(search) 'le': SELECT 1;"])
      _ = editor.press(.text("?"))
      #expect(screen.layout(editor, width: 80).rows == ["(no entry with) 'le?': SELECT 1;"])
    }

    @Test("Names stand in columns that the screen has space for") func columns() {
      #expect(EditorScreen.columns(["a", "bb", "ccc", "d"], width: 12) == "a    ccc\r\nbb   d")
      #expect(EditorScreen.columns(["日本", "b"], width: 20) == "日本  b")
      #expect(EditorScreen.columns(["a long name"], width: 9) == "a long …")
      #expect(EditorScreen.columns((0..<300).map { "\($0)" }, width: 80).hasSuffix("… and 100 more"))
    }

    @Test(
      "Characters have the width that terminals give them",
      arguments: [
        ("a", 1), ("é", 1), ("e\u{301}", 1), ("日", 2), ("😀", 2), ("❤\u{FE0F}", 2), ("👩\u{200D}👩", 2), ("\u{200B}", 0),
        ("ß", 1), ("한", 2),
      ])
    func widths(_ text: String, _ columns: Int) { #expect(CharacterWidth.columns(text) == columns) }
  }
#endif
