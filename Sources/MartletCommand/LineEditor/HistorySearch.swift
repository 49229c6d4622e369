#if CommandLineTool
  /// A search for earlier entries that contain a text, in upper or lower case.
  struct HistorySearch {
    private let history: [String]
    private(set) var query = ""
    /// The entry that is found, by its position.
    private(set) var match: Int?
    /// True if no further entry contains the text.
    private(set) var hasFailed = false

    init(history: [String]) { self.history = history }

    /// The entry that is found.
    var entry: String { match.map { history[$0] } ?? "" }

    /// Takes a key; `nil` for one that has no meaning in a search.
    mutating func press(_ key: Key) -> LineEditor.Action? {
      switch key {
      case .text(let scalar):
        query.unicodeScalars.append(scalar)
        return find(in: (0..<(match.map { $0 + 1 } ?? history.count)).reversed(), keepsMatch: true)
      case .control("R"): return find(in: (0..<(match ?? history.count)).reversed(), keepsMatch: true)
      case .control("S"):
        let first = min((match ?? history.count) + 1, history.count)
        return find(in: first..<history.count, keepsMatch: true)
      case .backspace:
        guard !query.isEmpty else { return .bell }
        query.removeLast()
        match = nil
        return find(in: (0..<history.count).reversed(), keepsMatch: false)
      default: return nil
      }
    }

    private mutating func find(in places: some Sequence<Int>, keepsMatch: Bool) -> LineEditor.Action {
      let wanted = query.lowercased()
      let found = wanted.isEmpty ? nil : places.first { history[$0].lowercased().contains(wanted) }
      hasFailed = found == nil && !wanted.isEmpty
      if found != nil || !keepsMatch { match = found }
      return .redraw
    }
  }
#endif
