import Testing

@testable import MartletSQL

struct ParserQueryTests {
  private static func meaning(of text: String) throws -> String { notation(try SQLParser.parseQuery(text)) }

  @Test(arguments: [
    ("SELECT 1", "project([1], one)"),
    (
      "SELECT a, count(*) c FROM t WHERE x > 1 GROUP BY a HAVING count(*) > 1 ORDER BY 1 DESC LIMIT 3 OFFSET 2",
      "limit(3, offset(2, sort([1 desc], filter(>(count(1), 1), aggregate(group [a], [a, count(1) as c], "
        + "filter(>(x, 1), t))))))"
    ),
    ("SELECT count(*) FROM t HAVING a > 1", "filter(>(a, 1), aggregate(group [], [count(1)], t))"),
    ("SELECT DISTINCT a FROM t ORDER BY a NULLS LAST", "sort([a nulls last], distinct(project([a], t)))"),
    ("SELECT a FROM t LIMIT ALL OFFSET 1 + 2", "offset(3, project([a], t))"),
    ("SELECT a FROM t DISTRIBUTE BY a SORT BY b", "sort([b], project([a], t))"),
    ("FROM t SELECT a", "project([a], t)"),
    ("TABLE a.b", "a.b"),
    ("VALUES (1, 2), (3, 4) ORDER BY 1", "sort([1], values([1, 2], [3, 4]))"),
    ("SELECT /*+ BROADCAST(t) */ a FROM t", "hint(BROADCAST, project([a], t))"),
    ("SELECT a FROM t QUALIFY b > 1", "filter(>(b, 1), project([a], t))"),
    (
      "SELECT sum(x) OVER w, row_number() OVER v FROM t WINDOW w AS (PARTITION BY a ORDER BY b), v AS w",
      "project([sum(x) over ([a] order [b]), row_number() over ([a] order [b])], t)"
    ),
    ("SELECT a -- x\n/* y /* z */ */ FROM t;", "project([a], t)"),
  ])
  func clausesApplyInOrder(text: String, meaning: String) throws {
    #expect(try Self.meaning(of: text) == meaning)
  }

  @Test(arguments: [
    ("a, b WITH ROLLUP", "rollup [a, b]"), ("CUBE(a, b)", "cube [a, b]"), ("ALL", "group [ALL]"),
    ("a, b GROUPING SETS ((a), (a, b), ())", "sets [[0], [0, 1], []] of [a, b]"),
    ("CUBE(a, (b, c)), d", "sets [[3, 0, 1, 2], [3, 0], [3, 1, 2], [3]] of [a, b, c, d]"),
    ("GROUPING SETS (ROLLUP(a, b), c)", "sets [[0, 1], [0], [], [2]] of [a, b, c]"),
    ("a, ROLLUP(a)", "sets [[0], [0]] of [a]"),
  ])
  func groupingMayHaveSets(text: String, meaning: String) throws {
    #expect(try Self.meaning(of: "SELECT a FROM t GROUP BY \(text)") == "aggregate(\(meaning), [a], t)")
  }

  @Test(arguments: [
    ("a UNION b INTERSECT c", "union(a, intersect(b, c))"),
    ("a UNION ALL b EXCEPT c MINUS ALL d", "exceptAll(except(unionAll(a, b), c), d)"),
    ("a UNION ALL b UNION ALL c UNION ALL d", "unionAll(unionAll(a, b), unionAll(c, d))"),
    ("a UNION (b LIMIT 1)", "union(a, limit(1, b))"),
    ("a UNION ALL BY NAME b", "unionAllByName(a, b)"),
    ("(a) UNION b ORDER BY x LIMIT 1", "limit(1, sort([x], union(a, b)))"),
  ])
  func setOperationsAssociateToTheLeft(text: String, meaning: String) throws {
    let query = text.replacing(#/\b[a-d]\b/#) { "TABLE \($0.output)" }
    #expect(try Self.meaning(of: query) == meaning)
  }

  @Test(arguments: [
    ("t AS x(a, b)", "renamed([\"a\", \"b\"], t) as x"),
    ("(SELECT 1)", "project([1], one) as __auto_generated_subquery_name"),
    ("(SELECT 1) x", "project([1], one) as x"),
    ("((SELECT 1) UNION (SELECT 2)) x", "union(project([1], one), project([2], one)) as x"),
    ("((SELECT 1) a JOIN b)", "inner(project([1], one) as a, b)"),
    ("((t)) x", "t as x"),
    ("VALUES (1, 'a'), (2, 'b') t(x, y)", "renamed([\"x\", \"y\"], values([1, 'a'], [2, 'b'])) as t"),
    ("range(10) r", "range(10) as r"),
    ("csv.`/tmp/x.csv` WITH (header = true) AS x", "files(csv, /tmp/x.csv, header=true) as x"),
    ("t TABLESAMPLE (10 PERCENT) REPEATABLE (3) x", "sample(0.1 seed 3, t) as x"),
    ("t TABLESAMPLE (5 ROWS)", "limit(5, t)"),
    ("a, b LEFT JOIN c ON d", "leftOuter(cross(a, b), c, d)"),
    ("a FULL OUTER JOIN b USING (x, y)", "fullOuter(a, b, using [\"x\", \"y\"])"),
    ("a NATURAL JOIN b", "inner(a, b, natural)"),
    ("a LEFT SEMI JOIN b ON x ANTI JOIN c ON y", "leftAnti(leftSemi(a, b, x), c, y)"),
    ("a, LATERAL explode(a.x) e", "lateral cross(a, explode(a.x) as e)"),
    ("a LEFT JOIN LATERAL (SELECT 1) b ON true", "lateral leftOuter(a, project([1], one) as b, true)"),
    ("a LATERAL VIEW OUTER explode(m) e AS k, v", "generate(explode(m), outer e[\"k\", \"v\"], a)"),
    (
      "t PIVOT (sum(x) AS s FOR k IN ('a' AS b, 'c'))",
      "aggregate(pivot k ['a' as b, 'c'] by [*], [sum(x) as s], t)"
    ),
    ("t UNPIVOT (v FOR n IN (a, b AS z)) u", "unpivot([* except [a, b]], [a, b as z], n, v, t) as u"),
    ("window", "window"), ("t sort", "t as sort"),
  ])
  func relationsCombine(text: String, meaning: String) throws {
    #expect(try Self.meaning(of: "SELECT * FROM \(text)") == "project([*], \(meaning))")
  }

  @Test func commonTableExpressionsNest() throws {
    #expect(
      try Self.meaning(of: "WITH a AS (WITH b AS (TABLE t) TABLE b), c(x) AS (TABLE a) TABLE c")
        == "with([a = with([b = t], b), c[\"x\"] = a], c)")
  }

  @Test func parametersTakeTheirValues() throws {
    let byName = try SQLParser.parseQuery(
      "SELECT :a, :b, :a LIMIT :n", named: ["a": .integer(1), "b": .string("x';"), "n": .long(3)])
    #expect(notation(byName) == "limit(3, project([1, 'x';', 1], one))")
    let byPosition = try SQLParser.parseQuery(
      "SELECT ? FROM IDENTIFIER(?)", positional: [.boolean(true), .string("a.b")])
    #expect(notation(byPosition) == "project([true], a.b)")
    #expect(throws: SQLSyntaxError.self) { try SQLParser.parseQuery("SELECT :a") }
    #expect(throws: SQLSyntaxError.self) { try SQLParser.parseQuery("SELECT 1", named: ["a": .integer(1)]) }
    #expect(throws: SQLSyntaxError.self) { try SQLParser.parseQuery("SELECT ?", positional: []) }
    #expect(throws: SQLSyntaxError.self) { try SQLParser.parseQuery("SELECT 1", positional: [.integer(1)]) }
    #expect(throws: SQLSyntaxError.self) { try SQLParser.parseQuery("SELECT ?", named: ["a": .integer(1)]) }
  }
}
