#if CommandLineTool
  import Testing

  @testable import MartletCommand

  /// Keys are written as in `ab<left>c`: a name in angle brackets, `^A` for a control key, other characters for themselves.
  @Suite("The line editor") struct LineEditorTests {
    private static let named: [String: Key] = [
      "left": .left, "right": .right, "up": .up, "down": .down, "home": .home, "end": .end, "del": .delete,
      "bs": .backspace, "tab": .tab, "enter": .enter, "esc": .escape, "wordleft": .wordLeft, "wordright": .wordRight,
      "alt-d": .alt("d"), "alt-b": .alt("b"), "alt-f": .alt("f"), "alt-bs": .alt("\u{7F}"), "alt-enter": .alt("\r"),
    ]

    private static func keys(_ notation: String) -> [Key] {
      var keys: [Key] = []
      var rest = Substring(notation)
      while let first = rest.popFirst() {
        if first == "<", let end = rest.firstIndex(of: ">") {
          keys.append(named[String(rest[..<end])] ?? .unknown)
          rest = rest[rest.index(after: end)...]
        } else if first == "^", let letter = rest.popFirst() {
          keys += letter.unicodeScalars.map { .control($0) }
        } else {
          keys += first.unicodeScalars.map { .text($0) }
        }
      }
      return keys
    }

    private static let history = ["SELECT 1;", "SELECT a\nFROM t;", "SHOW TABLES;"]

    /// The editor after the keys, and what the last one did.
    private func pressed(
      _ notation: String, history: [String] = history, complete: [String] = []
    ) -> (editor: LineEditor, action: LineEditor.Action) {
      var editor = LineEditor(
        history: history, isComplete: { $0.isEmpty || $0.hasSuffix(";") },
        complete: { text, cursor in
          let start = text[..<cursor].lastIndex(of: " ").map { $0 + 1 } ?? 0
          let word = String(text[start..<cursor])
          return Completion(start: start, candidates: complete.filter { $0.lowercased().hasPrefix(word.lowercased()) })
        })
      var action = LineEditor.Action.redraw
      for key in Self.keys(notation) { action = editor.press(key) }
      return (editor, action)
    }

    /// The text with a bar at the cursor.
    private func shown(_ editor: LineEditor) -> String {
      String(editor.text[..<editor.cursor]) + "|" + String(editor.text[editor.cursor...])
    }

    @Test(
      "Keys edit the text",
      arguments: [
        ("abc<left><left>X", "aX|bc"), ("abc^AX", "X|abc"), ("abc<home>X<end>Y", "XabcY|"), ("abc^A^EX", "abcX|"),
        ("abc^B^BX^F^FY", "aXbcY|"), ("abc<bs><bs>", "a|"), ("abc<left><del>", "ab|"), ("abc<left>^D", "ab|"),
        ("one two^W", "one |"), ("one  ^W", "|"), ("a.b_c<alt-bs>", "a.|"), ("one two^U", "|"),
        ("one two<left><left>^K", "one t|"), ("one two^W^W^Y", "one two|"), ("ab cd^A^K^Y^Y", "ab cdab cd|"),
        ("ab cd^W^Ax^Y", "xcd|ab "), ("one two<alt-b><alt-b>X", "X|one two"), ("one two^A<wordright>X", "oneX| two"),
        ("one two^A<alt-d>", "| two"), ("one two<wordleft>^K", "one |"), ("日本語<left>X", "日本X|語"), ("日本<bs>", "日|"),
        ("a1<enter>b2", "a1\nb2|"), ("a1<enter>b2^AX", "a1\nX|b2"), ("a1<enter>b2<up>X", "a1X|\nb2"),
        ("a<enter>bcd<up><down>X", "a\nbX|cd"), ("a1<enter>b2^A^U", "a1\n|b2"), ("a1<enter>b2^P^N", "a1\nb2|"),
        ("a1<enter>b2<up>^K", "a1|b2"), ("ab;<left><alt-enter>c", "ab\nc|;"), ("<tab>x", "  x|"), ("abc^Gx", "abcx|"),
      ])
    func editing(_ keys: String, _ expected: String) { #expect(shown(pressed(keys).editor) == expected) }

    @Test("A combining mark joins the character before, and both are removed together") func combining() {
      #expect(pressed("ae\u{301}").editor.text == ["a", "e\u{301}"])
      #expect(shown(pressed("ae\u{301}<bs>").editor) == "a|")
      #expect(pressed("👩\u{200D}👩x<left><left>").editor.cursor == 0)
    }

    @Test("Enter ends a complete entry, and begins a line of one that is not") func enter() {
      #expect(pressed("1;<enter>").action == .submit("1;"))
      #expect(pressed("1<enter>2;<enter>").action == .submit("1\n2;"))
      #expect(pressed("12;<left><left><enter>").action == .submit("12;"))
      #expect(pressed("<enter>").action == .submit(""))
    }

    @Test("Control keys end, give up, clear and suspend") func actions() {
      #expect(pressed("^D").action == .end)
      #expect(pressed("a^A^D^D").action == .end)
      #expect(pressed("abc^D").action == .bell)
      #expect(pressed("abc^C").action == .interrupt)
      #expect(pressed("abc^L").action == .clear)
      #expect(pressed("abc^Z").action == .suspend)
      #expect(pressed("<left>").action == .bell)
      #expect(pressed("^Y").action == .redraw)
    }

    @Test(
      "The arrow keys show earlier entries, and the new one again",
      arguments: [
        ("new<up>", "SHOW TABLES;|"), ("new<up><up>", "SELECT a\nFROM t;|"), ("new<up><down>", "new|"),
        ("new<up><up><up>X", "SELECT X|a\nFROM t;"), ("new<up><up><up><up>", "SELECT 1;|"),
        ("new<up><up><up><up><up>", "SELECT 1;|"), ("^P^P^P^P^N", "SELECT a\nFROM t;|"), ("<down>", "|"),
        ("<up><bs><bs><up>", "SELECT a\nFROM t;|"),
      ])
    func history(_ keys: String, _ expected: String) { #expect(shown(pressed(keys).editor) == expected) }

    @Test(
      "Ctrl-R finds entries that contain a text",
      arguments: [
        ("^Rsel<esc>", "SELECT a\nFROM t;|"), ("^RSELECT^R<end>X", "SELECT 1;X|"),
        ("^Rsel^R^S<esc>", "SELECT a\nFROM t;|"),
        ("new^Rnothing<esc>", "new|"), ("new^Rsel^G", "new|"), ("new^Rsel^C", "new|"),
        ("^Rselx<bs><esc>", "SELECT a\nFROM t;|"),
        ("^Rshow<left>X", "SHOW TABLESX|;"), ("^R<bs><esc>", "|"), ("^Rsel<esc><up>", "SELECT |a\nFROM t;"),
      ])
    func search(_ keys: String, _ expected: String) {
      let editor = pressed(keys).editor
      #expect(shown(editor) == expected)
      #expect(editor.search == nil)
    }

    @Test("Enter in a search takes the entry that is found, and a search of nothing finds nothing") func searchEnter() {
      #expect(pressed("^Rselect 1<enter>").action == .submit("SELECT 1;"))
      #expect(pressed("^R^R^S", history: []).editor.search?.match == nil)
      #expect(pressed("^Rx", history: []).editor.search?.hasFailed == true)
    }

    @Test(
      "Tab completes a word as far as all candidates agree",
      arguments: [
        ("sel<tab>", "SELECT |"), ("a cou<tab>", "a count|"), ("a count_<tab>", "a count_if(|"), ("x<tab>", "x|"),
        ("tabl<tab>", "table|"), ("sel<left><left><tab>", "SELECT |el"),
      ])
    func completion(_ keys: String, _ expected: String) {
      let names = ["SELECT", "count(", "count_if(", "tables", "tableau"]
      #expect(shown(pressed(keys, complete: names).editor) == expected)
    }

    @Test("Tab lists the candidates where nothing more is certain") func list() {
      let names = ["count(", "count_if(", "SELECT"]
      #expect(pressed("count<tab>", complete: names).action == .list(["count(", "count_if("]))
      #expect(pressed("nope<tab>", complete: names).action == .bell)
    }

    @Test("Pasted text is inserted as it is") func paste() {
      var editor = LineEditor(history: [], isComplete: { _ in true })
      #expect(editor.press(.paste("SELECT 1,\n\t2;\nSELECT 3;")) == .redraw)
      #expect(editor.press(.enter) == .submit("SELECT 1,\n\t2;\nSELECT 3;"))
    }
  }
#endif
