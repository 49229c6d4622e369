import Foundation
import TestSupport
import Testing

@testable import MartletSQL

struct ParserLimitTests {
  private static func fault(in text: String) throws -> SQLSyntaxError {
    try #require(throws: SQLSyntaxError.self) { try SQLParser.parse(text) }
  }

  @Test func faultsShowWhereTheyAre() throws {
    let fault = try Self.fault(in: "SELECT a,\n  b FROM t WHERE = 3")
    #expect(fault.line == 2)
    #expect(fault.column == 18)
    #expect(
      "\(fault)" == """
        SQL syntax error in line 2, column 18: expected an expression, found '='
            b FROM t WHERE = 3
                           ^
        """)
  }

  @Test(arguments: [
    ("SELECT 'a", 8, "the string has no end '"), ("SELECT /* a", 8, "the comment has no end '*/'"),
    ("SELECT `a", 8, "the name has no end `"),
    ("SELECT \u{0}", 8, "expected an expression, found the control character 0"),
    ("SELECT a b c", 12, "expected the end of the statement, found 'c'"),
    ("SELECT (1", 10, "expected ')', found the end of the text"),
    ("", 1, "expected a statement, found the end of the text"),
    ("SELECT a FROM", 14, "expected a table, found the end of the text"),
    ("SELECT 1e400", 8, "1E400 is out of the range of DOUBLE"),
    ("SELECT 300Y", 8, "300Y is out of the range of TINYINT"),
    ("SELECT DATE '2020-02-30'", 8, "'2020-02-30' is no DATE"),
    ("SELECT INTERVAL 1 YEAR 2 DAYS", 8, "invalid interval: years and months do not mix with days and times"),
    ("WITH RECURSIVE r AS (SELECT 1) TABLE r", 6, "WITH RECURSIVE is not supported"),
    ("SELECT a FROM t LIMIT b", 23, "a number of rows is a constant integer"),
    ("SELECT a FROM t ORDER BY a SORT BY b", 28, "a query has one of ORDER BY, SORT BY and CLUSTER BY"),
    ("SELECT sum(a) OVER w FROM t", 20, "the query has no clause WINDOW that defines 'w'"),
    ("VALUES (1), (2, 3)", 19, "the rows of VALUES have different numbers of values"),
    ("SELECT '日本' AS x y", 18, "expected the end of the statement, found 'y'"),
  ])
  func faultsSayWhatIsWrong(text: String, column: Int, message: String) throws {
    let fault = try Self.fault(in: text)
    #expect(fault.message == message)
    #expect(fault.column == column)
  }

  @Test func longLinesAreCutInFaults() throws {
    let fault = try Self.fault(
      in: "SELECT " + String(repeating: "a, ", count: 1000) + "= " + String(repeating: "b ", count: 1000))
    #expect(fault.excerpt.count < 130)
    #expect(Array(fault.excerpt)[fault.caret] == "=")
  }

  /// Texts that nest or repeat something as often as the argument says.
  private static let shapes: [@Sendable (Int) -> String] = {
    @Sendable func nest(_ start: String, _ core: String, _ end: String) -> @Sendable (Int) -> String {
      { String(repeating: start, count: $0) + core + String(repeating: end, count: $0) }
    }
    let expressions: [@Sendable (Int) -> String] = [
      nest("(", "1", ")"), nest("- ", "a", ""), nest("NOT ", "a", ""), nest("f(a, ", "1", ")"), nest("trim(", "1", ")"),
      nest("CASE WHEN a THEN ", "1", " END"), nest("CAST(", "1", " AS INT)"), nest("x -> ", "1", ""),
      nest("a[", "1", "]"),
      nest("struct(", "1", ")"), nest("sum(x) OVER (ORDER BY ", "1", ")"), nest("(SELECT ", "1", ")"),
      nest("((", "SELECT 1", "))"), nest("EXISTS (SELECT a WHERE ", "a", ")"), nest("a IN (SELECT a WHERE ", "a", ")"),
      nest("1 + (2 * ", "1", ")"), { "a" + String(repeating: "[1]", count: $0) },
      { "1" + String(repeating: " + 1", count: $0) }, { "a" + String(repeating: "::int", count: $0) },
      { "CAST(a AS " + nest("array<", "int", ">")($0) + ")" },
    ]
    let queries: [@Sendable (Int) -> String] = [
      nest("(", "SELECT 1", ")"), nest("SELECT 1 EXCEPT (", "SELECT 1", ")"),
      nest("SELECT * FROM (", "SELECT 1", ") t"),
      nest("SELECT * FROM a JOIN (", "SELECT 1", ") b"), nest("WITH a AS (", "SELECT 1", ") SELECT 1"),
      nest("SELECT sum(x) OVER w FROM t WINDOW w AS (ORDER BY (", "SELECT 1", "))"), nest("EXPLAIN ", "SELECT 1", ""),
      { "SELECT 1" + String(repeating: " EXCEPT SELECT 1", count: $0) },
      { "SELECT * FROM a" + String(repeating: " JOIN b ON c", count: $0) },
      { "SELECT * FROM a" + String(repeating: ", b", count: $0) }, { "SELECT * FROM " + nest("(", "a", ")")($0) },
      { "SELECT * FROM a" + String(repeating: " LATERAL VIEW explode(m) t", count: $0) },
      { "SELECT * FROM a" + String(repeating: " PIVOT (sum(x) FOR k IN (1))", count: $0) },
      { "SELECT /*+ " + String(repeating: "a ", count: $0) + "*/ 1" },
      { "SELECT 1 GROUP BY " + nest("GROUPING SETS (", "a", ")")($0) },
    ]
    return expressions.map { shape in { "SELECT " + shape($0) } } + queries
  }()

  @Test(.timeLimit(.minutes(30)))
  func deepTextsFailByNameOnSmallStacks() async throws {
    for (number, shape) in Self.shapes.enumerated() {
      for count in [2, 10, 20] { _ = try SQLParser.parse(shape(count)) }
      let text = shape(number == 0 ? 10_000 : 2_000)
      let message = await onThread(stackSize: 512 * 1024) {
        for count in [50, 100, 200, 500] { _ = try? SQLParser.parse(shape(count)) }
        do { return "\(try SQLParser.parse(text))" } catch { return "\(error)" }
      }
      #expect(message.contains("nested too deep") || message.contains("depend on each other"), "shape \(number)")
    }
  }

  private func onThread(stackSize: Int, _ body: @escaping @Sendable () -> String) async -> String {
    await withCheckedContinuation { continuation in
      let thread = Thread { continuation.resume(returning: body()) }
      thread.stackSize = stackSize
      thread.start()
    }
  }

  @Test func longListsAndChainsOfConditionsAreParsed() throws {
    func list(_ item: String, _ separator: String) -> String {
      Array(repeating: item, count: 4_000).joined(separator: separator)
    }
    for text in [
      "SELECT \(list("a", ", "))", "VALUES \(list("(1, 'abc', 2.5)", ", "))", "SELECT a IN (\(list("1", ",")))",
      "SELECT \(list("(a = 1 AND b)", " OR "))", list("SELECT 1", " UNION ALL "), "SELECT '\(list("\\n", ""))'",
      "SELECT \(list("a", "."))", "SELECT CASE \(list("WHEN a THEN b", " ")) END",
      "SELECT \(list("/*", ""))\(list("*/", "")) 1",
      "SELECT \(list("sum(x) OVER w", ",")) FROM t WINDOW w AS ()", "SELECT 1 \(list("-- x", "\n"))",
    ] { _ = try SQLParser.parse(text) }
  }

  /// Texts of which the fuzzer makes others.
  private static let seeds = [
    "SELECT a, count(*) c FROM t x JOIN (SELECT 1) y USING (a) WHERE b BETWEEN 1 AND 2 GROUP BY ROLLUP(a, b) HAVING c > 1 ORDER BY 1",
    "WITH a(x) AS (VALUES (1, 'a\\n'), (2, r'b')) SELECT DISTINCT CASE WHEN x IN (1, 2) THEN -x ELSE x::int END FROM a LIMIT 3",
    "SELECT sum(x) OVER w, trim(BOTH 'x' FROM y), transform(a, (x, i) -> x + i) FROM t LATERAL VIEW explode(m) e AS k, v WINDOW w AS (PARTITION BY a ROWS 1 PRECEDING)",
    "SELECT INTERVAL '1-2' YEAR TO MONTH, DATE '2020-01-01', TIMESTAMP '2020-01-01 12:00:00.5+02:00', X'1F', 1.5e3BD, `a``b`",
    "SELECT * EXCEPT (a) FROM t PIVOT (sum(x) AS s FOR k IN ('a' AS b)) UNION ALL (SELECT CAST(a AS map<int, array<struct<x:int>>>)) EXCEPT TABLE u",
    "CREATE TABLE IF NOT EXISTS t (a INT NOT NULL COMMENT 'k') USING csv PARTITIONED BY (a) OPTIONS (x = 'y')",
    "INSERT OVERWRITE t PARTITION (p = 1) SELECT /*+ BROADCAST(t) */ 1 -- x",
    "SET TIME ZONE INTERVAL '2' HOUR", "DESCRIBE EXTENDED t a.b",
    "EXPLAIN FORMATTED FROM t UNPIVOT (v FOR n IN (a, b AS c))",
  ]

  @Test func mutilatedTextsNeverCrash() {
    var random = TestRandom(seed: 11)
    let pieces =
      Self.seeds.flatMap { $0.split(separator: " ").map(String.init) } + [
        "(", ")", "'", "\"", "`", "/*", "*/", "\\", "\u{0}", "é", "?", ":a", ";",
      ]
    var parsed = 0
    for _ in 0..<2_000 {
      var bytes = Array(Self.seeds.randomElement(using: &random)!.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let start = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, start + Int.random(in: 0...6, using: &random))
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.removeSubrange(start..<end)
        case 1: bytes.insert(contentsOf: pieces.randomElement(using: &random)!.utf8, at: start)
        case 2: bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &random))
        default: bytes.removeLast(bytes.count - start)
        }
      }
      let text = String(decoding: bytes, as: UTF8.self)
      if (try? SQLParser.parse(text)) != nil { parsed += 1 }
      _ = try? SQLParser.parseAll(text)
      _ = try? SQLParser.parseExpression(text)
      _ = try? StructType(ddl: text)
    }
    #expect(parsed > 20)
  }
}
