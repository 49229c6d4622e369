#if CommandLineTool
  import MartletSQL

  /// The completion of keywords, functions, views and columns in SQL text, and of the shell's own commands.
  struct SQLCompletion {
    /// The names of views.
    var views: () -> [String] = { [] }
    /// The columns of a view; none if it does not exist.
    var columns: (_ view: String) -> [String] = { _ in [] }
    var functions: [String] = []
    var keywords: [String] = []
    /// The paths that begin with a text.
    var paths: (_ prefix: String) -> [String] = { _ in [] }

    /// The completions of the word before the cursor.
    func completion(_ text: [Character], _ cursor: Int) -> Completion {
      let before = text[..<cursor]
      if before.first(where: { !$0.isWhitespace }) == "." { return command(before) }
      switch StatementSplitter.place(after: String(before)) {
      case .text: return Completion(start: cursor, candidates: [])
      case .quotedName:
        let start = before.lastIndex(of: "`") ?? cursor
        return Completion(start: start, candidates: names(String(text), String(before[(start + 1)...]), quotes: true))
      case .code: return word(text, before)
      }
    }

    // MARK: SQL

    private func word(_ text: [Character], _ before: ArraySlice<Character>) -> Completion {
      let start = before.lastIndex { !Self.isWord($0) }.map { $0 + 1 } ?? 0
      let prefix = String(before[start...])
      if start > 0, before[start - 1] == ".", let qualifier = Self.name(endingAt: start - 1, in: before) {
        let known = columns(view(qualifier, in: String(text)))
        // `global_temp` is the place of views, not one.
        let inner = views().filter { $0.hasPrefix("\(qualifier).") }.map { String($0.dropFirst(qualifier.count + 1)) }
        return Completion(start: start, candidates: Self.matching(prefix, (known + inner).map(Self.quoted)))
      }
      let lead = Self.lastWord(before[..<start])
      if ["from", "join", "table", "describe", "desc", "view"].contains(lead) {
        return Completion(start: start, candidates: Self.matching(prefix, views().map(Self.quoted)))
      }
      guard !prefix.isEmpty else { return Completion(start: start, candidates: names(String(text), "", quotes: false)) }
      let isLower = !prefix.contains(where: \.isUppercase)
      func spelled(_ word: String) -> String { isLower ? word.lowercased() : word.uppercased() }
      let words = Self.matching(prefix, keywords.map(spelled) + functions.map { spelled($0) + "(" })
      return Completion(start: start, candidates: Self.sorted(names(String(text), prefix, quotes: false) + words))
    }

    /// The columns of the views that a text mentions, and the views.
    private func names(_ text: String, _ prefix: String, quotes: Bool) -> [String] {
      let views = views()
      let mentioned = views.filter { text.mentions($0) }
      let all = mentioned.flatMap(columns) + (quotes || !prefix.isEmpty ? views : [])
      return Self.sorted(
        Self.matching(quotes ? "`" + prefix : prefix, all.map { quotes ? Self.inBackticks($0) : Self.quoted($0) }))
    }

    /// The view that a name stands for: itself, or the view whose alias it is.
    private func view(_ name: String, in text: String) -> String {
      let views = views()
      if let view = views.first(where: { $0.lowercased() == name.lowercased() }) { return view }
      let words = text.split { !Self.isWord($0) && $0 != "." }.map { $0.lowercased() }
      for (index, word) in words.enumerated() where word == name.lowercased() && index > 0 {
        let place = words[index - 1] == "as" ? index - 2 : index - 1
        if place >= 0, let view = views.first(where: { $0.lowercased() == words[place] }) { return view }
      }
      return name
    }

    private static func name(endingAt end: Int, in text: ArraySlice<Character>) -> String? {
      if end > 0, text[end - 1] == "`" {
        guard let start = text[..<(end - 1)].lastIndex(of: "`") else { return nil }
        return String(text[(start + 1)..<(end - 1)])
      }
      let start = text[..<end].lastIndex { !isWord($0) && $0 != "." }.map { $0 + 1 } ?? 0
      return start < end ? String(text[start..<end]) : nil
    }

    private static func lastWord(_ text: ArraySlice<Character>) -> String {
      let end = text.lastIndex { !$0.isWhitespace }.map { $0 + 1 } ?? 0
      let start = text[..<end].lastIndex { !isWord($0) }.map { $0 + 1 } ?? 0
      return String(text[start..<end]).lowercased()
    }

    private static func isWord(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || character == "_"
    }

    /// The name as SQL text, in backticks if it needs them.
    static func quoted(_ name: String) -> String {
      let isPlain = name.allSatisfy { isWord($0) || $0 == "." } && name.first?.isNumber == false
      return isPlain ? name : inBackticks(name)
    }

    private static func inBackticks(_ name: String) -> String { "`\(name.replacing("`", with: "``"))`" }

    private static func matching(_ prefix: String, _ names: [String]) -> [String] {
      let wanted = prefix.lowercased()
      return sorted(
        names.filter { name in
          let name = name.lowercased()
          // A name that needs backticks is also found without them.
          return name.hasPrefix(wanted) || (name.hasPrefix("`") && name.dropFirst().hasPrefix(wanted))
        })
    }

    private static func sorted(_ names: [String]) -> [String] {
      Set(names).sorted { ($0.lowercased(), $0) < ($1.lowercased(), $1) }
    }

    // MARK: Commands

    private func command(_ before: ArraySlice<Character>) -> Completion {
      let start = before.lastIndex { $0.isWhitespace }.map { $0 + 1 } ?? 0
      let prefix = String(before[start...])
      let words = before[..<start].split { $0.isWhitespace }
      let candidates: [String] =
        switch (words.first.map { String($0).lowercased() }, words.count) {
        case (nil, _): ShellCommand.table.map(\.name)
        case (".mode", 1): ResultFormat.allCases.map(\.rawValue)
        case (".timing", 1): ["on", "off"]
        case (".schema", 1): views()
        case (".read", 1): paths(prefix)
        default: []
        }
      return Completion(start: start, candidates: Self.matching(prefix, candidates))
    }
  }

  extension String {
    /// A Boolean value that indicates whether a name occurs in a text, not as a part of a longer name.
    fileprivate func mentions(_ name: String) -> Bool {
      let (text, name) = (lowercased(), name.lowercased())
      guard !name.isEmpty else { return false }
      func isWord(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
      }
      return text.ranges(of: name).contains { range in
        !isWord(text[..<range.lowerBound].last) && !isWord(text[range.upperBound...].first)
      }
    }
  }
#endif
