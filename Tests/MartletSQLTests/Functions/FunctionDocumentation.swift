import Foundation
import Testing

@testable import MartletSQL

@Suite("The page of the functions") struct FunctionDocumentation {
  private let themes: [(title: String, rules: [FunctionRule])] = [
    ("Conditions", FunctionRegistry.conditionals), ("Mathematics", FunctionRegistry.mathematics),
    ("Texts and binary values", FunctionRegistry.texts), ("Dates and times", FunctionRegistry.dates),
    ("Arrays, maps and structures", FunctionRegistry.collections),
    ("Functions that take a function", FunctionRegistry.higherOrder), ("JSON", FunctionRegistry.json),
    ("Aggregates", FunctionRegistry.aggregates), ("Windows", FunctionRegistry.windows),
    ("Generators of rows", FunctionRegistry.generators), ("Others and casts", FunctionRegistry.others),
    ("Operators as functions", FunctionRegistry.operators),
  ]

  @Test("docs/sql-functions.md lists the registry; `make sql-functions` writes it") func pageIsUpToDate() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("docs/sql-functions.md")
    var text = """
      # The functions of SQL

      The \(FunctionRegistry.names.count) names of Spark's functions that SQL text, `expr` and `selectExpr` accept; those that are on one line are \
      the same function. The functions for data frames, such as `upper(col("name"))`, have the same names. `make sql-functions` \
      writes this page.

      """
    var written: Set<String> = []
    for theme in themes {
      let rows = theme.rules.compactMap { rule -> String? in
        // Of two functions with one name, the registry has the last.
        let names = rule.names.filter { $0.first?.isLetter ?? false }.filter { written.insert($0).inserted }
        if names.isEmpty { return nil }
        return
          "| \(names.map { "`\($0)`" }.joined(separator: " ")) | \(rule.arityText.replacing(#/ arguments?$/#, with: "")) |\n"
      }
      text += "\n## \(theme.title)\n\n| function | arguments |\n|---|---|\n\(rows.sorted().joined())"
    }
    if ProcessInfo.processInfo.environment["MARTLET_WRITE_SOURCES"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(written == Set(FunctionRegistry.names))
    let isUpToDate = try String(contentsOf: file, encoding: .utf8) == text
    #expect(isUpToDate, "docs/sql-functions.md differs: run `make sql-functions`")
  }
}
