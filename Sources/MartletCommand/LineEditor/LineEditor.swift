#if CommandLineTool
  /// An entry that a user types, which may have several lines: keys go in, and a view to draw and an action come out.
  ///
  /// It does no input or output.
  /// ```swift
  /// var editor = LineEditor(history: [], isComplete: { $0.hasSuffix(";") })
  /// editor.press(.text("1"))   // .redraw
  /// editor.press(.text(";"))   // .redraw
  /// editor.press(.enter)       // .submit("1;")
  /// ```
  struct LineEditor {
    /// What follows a key, apart from the change of the view.
    enum Action: Hashable {
      case redraw
      /// The key does nothing here.
      case bell
      /// The entry is complete.
      case submit(String)
      /// Ctrl-C: the entry is given up.
      case interrupt
      /// Ctrl-D in an empty entry.
      case end
      /// Shows possible completions below the entry.
      case list([String])
      /// Clears the screen, with the entry on its first line.
      case clear
      /// Ctrl-Z: the process waits until its shell continues it.
      case suspend
    }

    private(set) var text: [Character] = []
    /// The position of the next character, from 0 to the number of characters.
    private(set) var cursor = 0
    /// Earlier entries, the oldest one first.
    private let history: [String]
    /// The entry of the history that is shown; their number for the new entry.
    private var place: Int
    /// The new entry, while one of the history is shown.
    private var draft: [Character] = []
    private var killed: [Character] = []
    /// True if the key before removed text, to which the next one adds.
    private var hasJustKilled = false
    private(set) var search: HistorySearch?
    private let isComplete: (String) -> Bool
    private let complete: ([Character], Int) -> Completion

    /// - Parameters:
    ///   - isComplete: whether Enter ends an entry, or begins another line of it.
    ///   - complete: the completions at a position of an entry.
    init(
      history: [String], isComplete: @escaping (String) -> Bool,
      complete: @escaping ([Character], Int) -> Completion = { _, cursor in Completion(start: cursor, candidates: []) }
    ) {
      self.history = history
      self.isComplete = isComplete
      self.complete = complete
      place = history.count
    }

    /// Takes a key.
    mutating func press(_ key: Key) -> Action {
      if search != nil, let action = pressInSearch(key) { return action }
      let couldAppend = hasJustKilled
      hasJustKilled = false
      switch key {
      case .text(let scalar): return insert(String(scalar))
      case .paste(let pasted): return insert(pasted)
      case .alt("\r"): return insert("\n")
      case .enter: return enter()
      case .tab: return completeWord()
      case .left, .control("B"): return move(to: cursor - 1)
      case .right, .control("F"): return move(to: cursor + 1)
      case .home, .control("A"): return move(to: lineStart(cursor), always: true)
      case .end, .control("E"): return move(to: lineEnd(cursor), always: true)
      case .wordLeft, .alt("b"): return move(to: wordStart(before: cursor))
      case .wordRight, .alt("f"): return move(to: wordEnd(after: cursor))
      case .up: return moveLine(up: true)
      case .down: return moveLine(up: false)
      case .control("P"): return show(place - 1)
      case .control("N"): return show(place + 1)
      case .backspace: return remove(max(0, cursor - 1)..<cursor)
      case .delete: return remove(cursor..<min(text.count, cursor + 1))
      case .control("D"): return text.isEmpty ? .end : remove(cursor..<min(text.count, cursor + 1))
      case .control("K"):
        let end = lineEnd(cursor)
        return kill(cursor..<(end == cursor ? min(text.count, end + 1) : end), couldAppend)
      case .control("U"): return kill(lineStart(cursor)..<cursor, couldAppend)
      case .control("W"): return kill(spacedWordStart(before: cursor)..<cursor, couldAppend)
      case .alt("\u{7F}"): return kill(wordStart(before: cursor)..<cursor, couldAppend)
      case .alt("d"): return kill(cursor..<wordEnd(after: cursor), couldAppend)
      case .control("Y"): return insert(String(killed))
      case .control("R"): return beginSearch()
      case .control("L"): return .clear
      case .control("C"): return .interrupt
      case .control("Z"): return .suspend
      default: return .bell
      }
    }

    // MARK: Text

    private mutating func insert(_ inserted: String) -> Action {
      // Combining marks become part of the character before.
      let first = max(0, cursor - 1)
      let joined = Array(String(text[first..<cursor]) + inserted)
      text.replaceSubrange(first..<cursor, with: joined)
      cursor = first + joined.count
      return .redraw
    }

    private mutating func remove(_ range: Range<Int>) -> Action {
      guard !range.isEmpty else { return .bell }
      text.removeSubrange(range)
      cursor = range.lowerBound
      return .redraw
    }

    /// Removes text for `control("Y")`.
    private mutating func kill(_ range: Range<Int>, _ appends: Bool) -> Action {
      guard !range.isEmpty else { return .bell }
      let removed = Array(text[range])
      if !appends { killed = [] }
      if range.lowerBound < cursor { killed = removed + killed } else { killed += removed }
      hasJustKilled = true
      return remove(range)
    }

    private mutating func enter() -> Action {
      let entry = String(text)
      return isComplete(entry) ? .submit(entry) : insert("\n")
    }

    /// Replaces the entry, with the cursor at its end.
    private mutating func replace(with entry: [Character]) {
      text = entry
      cursor = entry.count
    }

    // MARK: Positions

    private mutating func move(to position: Int, always: Bool = false) -> Action {
      let next = min(max(0, position), text.count)
      guard next != cursor || always else { return .bell }
      cursor = next
      return .redraw
    }

    private func lineStart(_ position: Int) -> Int { text[..<position].lastIndex(of: "\n").map { $0 + 1 } ?? 0 }

    private func lineEnd(_ position: Int) -> Int { text[position...].firstIndex(of: "\n") ?? text.count }

    private func wordStart(before position: Int) -> Int {
      var start = position
      while start > 0, !isWord(text[start - 1]) { start -= 1 }
      while start > 0, isWord(text[start - 1]) { start -= 1 }
      return start
    }

    private func wordEnd(after position: Int) -> Int {
      var end = position
      while end < text.count, !isWord(text[end]) { end += 1 }
      while end < text.count, isWord(text[end]) { end += 1 }
      return end
    }

    private func spacedWordStart(before position: Int) -> Int {
      var start = position
      while start > 0, text[start - 1].isWhitespace { start -= 1 }
      while start > 0, !text[start - 1].isWhitespace { start -= 1 }
      return start
    }

    private func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }

    /// Moves to the line above or below at the same distance from its start, or to another entry of the history.
    private mutating func moveLine(up: Bool) -> Action {
      let start = lineStart(cursor)
      let end = lineEnd(cursor)
      guard up ? start > 0 : end < text.count else { return show(up ? place - 1 : place + 1) }
      let target = up ? lineStart(start - 1) : end + 1
      return move(to: min(target + cursor - start, lineEnd(target)))
    }

    // MARK: History

    private mutating func show(_ next: Int) -> Action {
      guard (0...history.count).contains(next) else { return .bell }
      if place == history.count { draft = text }
      place = next
      replace(with: next == history.count ? draft : Array(history[next]))
      return .redraw
    }

    private mutating func beginSearch() -> Action {
      search = HistorySearch(history: history)
      return .redraw
    }

    /// Takes a key of a search; `nil` for one that ends the search and has its usual effect.
    private mutating func pressInSearch(_ key: Key) -> Action? {
      switch key {
      case .control("G"), .control("C"):
        search = nil
        return .redraw
      case .escape: return endSearch(.redraw)
      default: break
      }
      if let action = search?.press(key) { return action }
      return endSearch(nil)
    }

    private mutating func endSearch(_ action: Action?) -> Action? {
      if let match = search?.match { _ = show(match) }
      search = nil
      return action
    }

    // MARK: Completion

    private mutating func completeWord() -> Action {
      if text[lineStart(cursor)..<cursor].allSatisfy(\.isWhitespace) { return insert("  ") }
      let completion = complete(text, cursor)
      let start = min(max(0, completion.start), cursor)
      guard let common = completion.commonPrefix else { return .bell }
      if completion.candidates.count == 1 {
        // Another word follows, unless the completion is open.
        let isOpen = common.last.map { "(./".contains($0) } ?? true
        let followed = cursor < text.count && text[cursor] == " "
        text.replaceSubrange(start..<cursor, with: Array(common) + (isOpen || followed ? [] : [" "]))
        cursor = start + common.count + (isOpen ? 0 : 1)
        return .redraw
      }
      guard common.count > cursor - start else { return .list(completion.candidates) }
      text.replaceSubrange(start..<cursor, with: Array(common))
      cursor = start + common.count
      return .redraw
    }
  }

  /// The completions of a word.
  struct Completion: Hashable, Sendable {
    /// The position of the first character that a candidate replaces.
    var start: Int
    var candidates: [String]

    /// The longest text with which all candidates begin, in the spelling of the first one; `nil` if there are none.
    var commonPrefix: String? {
      guard let first = candidates.first else { return nil }
      var length = first.count
      for other in candidates.dropFirst() {
        let same = zip(first, other).prefix { $0 == $1 || $0.lowercased() == $1.lowercased() }.count
        length = min(length, same)
      }
      return String(first.prefix(length))
    }
  }
#endif
