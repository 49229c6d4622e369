import Foundation
import MartletRDD
import MartletSQL
import Testing

@Suite(
  "Sessions", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct SessionTests {
  private func fault(_ body: () throws -> some Any) throws -> String { try errorMessage(body) }

  @Test func `timestamps are shown in the time zone of the session`() throws {
    let spark = try SparkSession.forTest()
    let frame = try spark.sql(
      "SELECT TIMESTAMP '2024-07-01 12:00:00Z' AS summer, TIMESTAMP '2024-01-01 12:00:00Z' AS winter")
    #expect(try frame.showString().contains("|2024-07-01 12:00:00|2024-01-01 12:00:00|"))
    spark.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    #expect(try frame.showString().contains("|2024-07-01 14:00:00|2024-01-01 13:00:00|"))
    #expect(try spark.sql("SELECT hour(TIMESTAMP '2024-07-01 12:00:00Z') AS h").first()[0] == .integer(14))
    spark.conf.unset("spark.sql.session.timeZone")
    #expect(spark.conf.get("spark.sql.session.timeZone", "UTC") == "UTC")
  }

  @Test func `a table that is missing is one mistake, not one for each of its columns`() throws {
    let spark = try SparkSession.forTest()
    let message = try fault { try spark.sql("SELECT a, upper(b) FROM missing WHERE c > 1 ORDER BY d") }
    #expect(message.contains("TABLE_OR_VIEW_NOT_FOUND"), "\(message)")
    #expect(!message.contains("UNRESOLVED_COLUMN"), "\(message)")
    let joined = try fault { try spark.sql("SELECT x.a FROM missing x JOIN (SELECT 1 AS k) y ON x.k = y.k") }
    #expect(!joined.contains("UNRESOLVED_COLUMN"), "\(joined)")
  }

  @Test func `all mistakes of a statement are named at once, with the names that were meant`() throws {
    let spark = try SparkSession.forTest()
    let message = try fault { try spark.sql("SELECT nme, uper(name) FROM (SELECT 'Ada' AS name)") }
    #expect(message.contains("Did you mean name?") && message.contains("Did you mean upper"), "\(message)")
  }

  @Test func `windows are partitioned and ordered by remainders`() throws {
    let spark = try SparkSession.forTest()
    let rows: [Row] = try spark.sql(
      "SELECT id, sum(id) OVER (PARTITION BY id % 2 ORDER BY id % 3) AS s FROM range(6) ORDER BY id"
    ).collect()
    #expect(rows.map { "\($0[1])" } == ["0", "4", "6", "3", "4", "9"])
  }

  @Test func `a window that is ordered by an expression that can fail is refused with advice`() throws {
    let spark = try SparkSession.forTest()
    let message = try fault {
      try spark.sql("SELECT sum(id) OVER (ORDER BY id % (id + 1)) FROM range(6)").collect() as [Row]
    }
    #expect(message.contains("UNSUPPORTED_EXPR_FOR_WINDOW") && message.contains("withColumn"), "\(message)")
    let rows: [Row] = try spark.sql(
      "SELECT sum(id) OVER (ORDER BY r) AS s FROM (SELECT id, id % (id + 1) AS r FROM range(3)) ORDER BY s"
    ).collect()
    #expect(rows.map { "\($0[0])" } == ["0", "1", "3"])
  }

  @Test(arguments: ["1, 2", "start, n", "window(time, '10 seconds', '5 seconds'), n"])
  func `sliding windows are groups by their number, name, or expression`(grouping: String) throws {
    let spark = try SparkSession.forTest()
    let rows: [Row] = try spark.sql(
      """
      SELECT window(time, '10 seconds', '5 seconds') AS start, n, count(*) AS c
      FROM VALUES (TIMESTAMP '2026-01-01 00:00:07', 1), (TIMESTAMP '2026-01-01 00:00:12', 1) AS t(time, n)
      GROUP BY \(grouping)
      """
    ).select("start.start", "c").orderBy("start").collect()
    #expect(
      rows.map { "\($0[0]) \($0[1])" } == ["2026-01-01 00:00:00 1", "2026-01-01 00:00:05 2", "2026-01-01 00:00:10 1"])
  }

  @Test(arguments: [
    ("selct 1", "PARSE_SYNTAX_ERROR", "Did you mean SELECT?"), ("INSTALL httpfs", "PARSE_SYNTAX_ERROR", "'INSTALL'"),
    ("SHOW CREATE TABLE t", "UNSUPPORTED_FEATURE", "SHOW"),
    ("IMPORT DATABASE '/tmp'", "PARSE_SYNTAX_ERROR", "'IMPORT'"),
  ]) func `a statement that does not exist is refused by its first word`(
    text: String, kind: String, part: String
  ) throws {
    let spark = try SparkSession.forTest()
    let message = try fault { try spark.sql(text) }
    #expect(message.contains(kind) && message.contains(part), "\(message)")
  }

  @Test func `EXPORT DATABASE is refused before it creates a folder`() throws {
    let spark = try SparkSession.forTest()
    let folder = try FileFolder()
    let path = "\(folder.path)/exported"
    #expect(try fault { try spark.sql("EXPORT DATABASE '\(path)'") }.contains("No statement begins with 'EXPORT'"))
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `SHOW FUNCTIONS lists the functions that fit the whole pattern`() throws {
    let spark = try SparkSession.forTest()
    #expect(try spark.sql("SHOW FUNCTIONS LIKE 'up*'").collect() == [Row("upper")])
  }
}
