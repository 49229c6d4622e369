import MartletSQL
import Testing

@Suite(
  "Windows in time as groups", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct TimeWindowTests {
  private let spark: SparkSession

  init() throws {
    spark = try .forTest()
    try spark.sql(
      """
      SELECT * FROM VALUES (TIMESTAMP '1969-12-31 23:59:58', 1), (TIMESTAMP '2026-01-01 00:00:07', 2), (NULL, 3) AS v(t, n)
      """
    ).createOrReplaceTempView("v")
  }

  private func rows(_ text: String) throws -> [String] {
    let rows: [Row] = try spark.sql(text).collect()
    return rows.map { row in row.values.map { "\($0)" }.joined(separator: " ") }
  }

  @Test func `subtotals have no window`() throws {
    #expect(
      try rows(
        """
        SELECT window(t, '10 seconds').start AS w, grouping(window(t, '10 seconds')) AS g, sum(n) AS s FROM v
        GROUP BY ROLLUP(window(t, '10 seconds')) ORDER BY s
        """) == ["1969-12-31 23:59:50 0 1", "2026-01-01 00:00:00 0 2", "null 1 3"])
  }

  @Test func `windows whose length is no multiple of the slide contain their times`() throws {
    #expect(
      try rows(
        """
        SELECT window(t, '10 seconds', '3 seconds', '1 second').start AS w, sum(n) AS s FROM v
        GROUP BY window(t, '10 seconds', '3 seconds', '1 second') ORDER BY w
        """) == [
          "1969-12-31 23:59:49 1", "1969-12-31 23:59:52 1", "1969-12-31 23:59:55 1", "1969-12-31 23:59:58 1",
          "2025-12-31 23:59:58 2", "2026-01-01 00:00:01 2", "2026-01-01 00:00:04 2", "2026-01-01 00:00:07 2",
        ])
  }

  @Test func `conditions and aggregates take windows as values`() throws {
    #expect(
      try rows(
        """
        SELECT window.end AS e, max(window).start AS m, sum(n) AS s FROM v GROUP BY window(t, '4 seconds', '2 seconds')
        HAVING window.start > TIMESTAMP '2000-01-01' ORDER BY e
        """) == ["2026-01-01 00:00:08 2026-01-01 00:00:04 2", "2026-01-01 00:00:10 2026-01-01 00:00:06 2"])
  }
}
