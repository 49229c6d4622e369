// GROUP BY: expressions, ROLLUP, CUBE and GROUPING SETS.

extension SQLParser {
  /// What `GROUP BY` lists: each element as the sets of expressions by which it groups.
  private struct GroupingElements {
    var expressions: [Expression] = []
    /// The sets of each element; an expression has one.
    var elements: [[[Int]]] = []
    /// The kind of the only element, if it is one that plans have.
    var simpleKind: Aggregate.Kind?

    /// The position of an expression, which is added if it is new.
    mutating func position(of expression: Expression) -> Int {
      if let position = expressions.firstIndex(of: expression) { return position }
      expressions.append(expression)
      return expressions.count - 1
    }
  }

  private static let maximumSetCount = 4096

  /// The kind of the grouping and its expressions, after `GROUP BY`.
  mutating func grouping() throws -> (Aggregate.Kind, [Expression]) {
    let start = index
    var elements = GroupingElements()
    var hasSets = false
    var plain: [Expression] = []
    repeat {
      if let analytics = try groupingAnalytics(&elements) {
        elements.elements.append(analytics)
        hasSets = true
      } else {
        plain.append(try expression())
      }
    } while skip(.comma)
    if hasSets {
      if elements.elements.count == 1, plain.isEmpty, let kind = elements.simpleKind {
        return (kind, elements.expressions)
      }
      let sets = try product(plain.map { [[elements.position(of: $0)]] } + elements.elements, at: start)
      return (.groupingSets(sets), elements.expressions)
    }
    // The forms of Hive, which follow the expressions.
    if skip(.with, .rollup) { return (.rollup, plain) }
    if skip(.with, .cube) { return (.cube, plain) }
    guard areNext(.grouping, .sets) else { return (.groupBy, plain) }
    elements.expressions = plain
    index += 2
    let sets = try parenthesized { try $0.list { try $0.groupingSet(&elements) } }
    return (.groupingSets(sets), elements.expressions)
  }

  /// `ROLLUP(…)`, `CUBE(…)` or `GROUPING SETS (…)` as its sets; `nil` if something else is next.
  private mutating func groupingAnalytics(_ elements: inout GroupingElements) throws -> [[Int]]? {
    let start = index
    if skip(.grouping, .sets) {
      return try nested { parser in
        try parser.parenthesized { parser in
          try parser.list { parser in
            try parser.groupingAnalytics(&elements) ?? [try parser.groupingSet(&elements)]
          }.flatMap { $0 }
        }
      }
    }
    guard isNext(.rollup) || isNext(.cube), token(after: 1).kind == .sign(.leftParenthesis) else { return nil }
    let isRollup = isNext(.rollup)
    index += 1
    let parts = try parenthesized { try $0.list { try $0.groupingSet(&elements) } }
    if parts == elements.expressions.indices.map({ [$0] }) { elements.simpleKind = isRollup ? .rollup : .cube }
    if isRollup { return (0...parts.count).reversed().map { Array(parts[..<$0].joined()) } }
    guard parts.count <= 12 else { throw error("CUBE has more than 12 elements", at: start) }
    return (0..<(1 << parts.count)).reversed().map { chosen in
      parts.indices.filter { chosen & (1 << (parts.count - 1 - $0)) != 0 }.flatMap { parts[$0] }
    }
  }

  /// `(a, b)`, `()` or `a`
  private mutating func groupingSet(_ elements: inout GroupingElements) throws -> [Int] {
    if isNext(.leftParenthesis), token(after: 1).kind == .sign(.rightParenthesis) {
      index += 2
      return []
    }
    let values = isNext(.leftParenthesis) ? Self.rowValues(try expression()) : [try expression()]
    return values.map { elements.position(of: $0) }
  }

  /// All combinations of a set of each element.
  private func product(_ elements: [[[Int]]], at start: Int) throws -> [[Int]] {
    var sets: [[Int]] = [[]]
    for element in elements {
      guard sets.count * element.count <= Self.maximumSetCount else {
        throw error("GROUP BY has more than \(Self.maximumSetCount) grouping sets", at: start)
      }
      sets = sets.flatMap { set in element.map { set + $0 } }
    }
    return sets.map { set in set.enumerated().filter { !set[..<$0.offset].contains($0.element) }.map(\.element) }
  }
}
