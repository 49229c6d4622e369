#if CommandLineTool
  import Testing

  @testable import MartletCommand

  @Suite("Completion in the shell") struct SQLCompletionTests {
    private let completion = SQLCompletion(
      views: { ["people", "Pumps", "odd name", "global_temp.totals"] },
      columns: { view in
        ["people": ["name", "age"], "pumps": ["pump", "psi"], "odd name": ["a b", "select`x"]][view.lowercased()] ?? []
      },
      functions: ["count", "count_if", "concat"], keywords: ["SELECT", "SET", "FROM", "WHERE", "GROUP"],
      paths: { prefix in ["queries.sql", "query/"].filter { $0.hasPrefix(prefix) } })

    /// The candidates at the bar in a text.
    private func candidates(_ text: String) -> [String] {
      let parts = text.split(separator: "|", omittingEmptySubsequences: false)
      return completion.completion(Array(parts.joined()), parts[0].count).candidates
    }

    @Test(
      "Words are completed by what can stand there",
      arguments: [
        ("sel|", ["select"]), ("SE|", ["SELECT", "SET"]), ("select cou|", ["count(", "count_if("]),
        ("SELECT COUNT_|", ["COUNT_IF("]),
        ("SELECT 1 FROM p|", ["people", "Pumps"]),
        ("SELECT 1 FROM |", ["`odd name`", "global_temp.totals", "people", "Pumps"]),
        ("SELECT n| FROM people", ["name"]), ("SELECT p| FROM pumps", ["people", "psi", "pump", "Pumps"]),
        ("SELECT people.|", ["age", "name"]), ("SELECT x.p| FROM pumps AS x", ["psi", "pump"]),
        ("SELECT x.| FROM pumps x", ["psi", "pump"]),
        ("SELECT 1 FROM global_temp.t|", ["totals"]), ("SELECT `odd name`.|", ["`a b`", "`select``x`"]),
        ("SELECT a| FROM `odd name`", ["`a b`"]), ("SELECT `o|", ["`odd name`"]), ("SELECT 'sel|", []),
        ("SELECT 1 -- sel|", []),
        ("SELECT 1 JOIN peo|", ["people"]), ("SELECT | FROM people", ["age", "name"]), ("SELECT nothing|", []),
        (".m|", [".mode"]), (".mode c|", ["chart", "csv"]), (".timing o|", ["off", "on"]),
        (".read qu|", ["queries.sql", "query/"]),
        (".schema pe|", ["people"]), (".mode csv x|", []),
      ])
    func words(_ text: String, _ expected: [String]) { #expect(candidates(text) == expected) }

    @Test("The completion of a name in backticks replaces the first of them") func backticks() {
      let text = Array("SELECT `od")
      #expect(completion.completion(text, text.count) == Completion(start: 7, candidates: ["`odd name`"]))
    }

    @Test("Candidates agree in upper and lower case") func prefix() {
      #expect(Completion(start: 0, candidates: ["people", "Pumps"]).commonPrefix == "p")
      #expect(Completion(start: 0, candidates: ["count(", "count_if("]).commonPrefix == "count")
      #expect(Completion(start: 0, candidates: []).commonPrefix == nil)
    }
  }
#endif
