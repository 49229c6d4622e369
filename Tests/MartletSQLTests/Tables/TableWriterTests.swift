import MartletCore
import MartletRDD
import MartletSQL
import TestSupport
import Testing

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct TableWriterTests {
  @Test func `each mode treats a table that exists as it says`() throws {
    try withWarehouse { spark in
      let frame = try spark.sql("SELECT 1 AS a, 'x' AS b")
      try frame.write.saveAsTable("t")
      #expect(try errorMessage { try frame.write.saveAsTable("t") }.contains("TABLE_OR_VIEW_ALREADY_EXISTS"))
      try frame.write.mode(.ignore).saveAsTable("t")
      #expect(try spark.table("t").count() == 1)
      // Columns correspond by name.
      try spark.sql("SELECT 'y' AS b, 2 AS a").write.mode("append").saveAsTable("t")
      #expect(try spark.rows("SELECT a, b FROM t ORDER BY a") == [Row(1, "x"), Row(2, "y")])
      // Columns correspond by position.
      try spark.sql("SELECT 3 AS x, 'z' AS y").write.insertInto("t")
      #expect(try spark.table("t").count() == 3)
      try spark.sql("SELECT 4 AS x, 'u' AS y").write.insertInto("t", overwrite: true)
      #expect(try spark.rows("SELECT * FROM t") == [Row(4, "u")])
      // A table takes the place of the one that it is read from.
      try spark.sql("SELECT b, a * 10L AS n FROM t").write.mode(.overwrite).partitionBy("b").saveAsTable("t")
      #expect(try spark.rows("SELECT * FROM t") == [Row(40, "u")])
      #expect(try spark.table("t").schema == StructType(ddl: "n BIGINT, b STRING"))
    }
  }

  @Test func `columns that do not fit are refused by name`() throws {
    try withWarehouse { spark in
      try spark.rows("CREATE TABLE t (a INT, b STRING)")
      let cases = [
        ("SELECT 1 AS a", "CANNOT_FIND_DATA"), ("SELECT 1 AS a, 'x' AS b, 2 AS c", "EXTRA_COLUMNS"),
        ("SELECT 'x' AS a, 'x' AS b", "CANNOT_SAFELY_CAST"),
      ]
      for (query, kind) in cases {
        let message = try errorMessage { try spark.sql(query).write.mode(.append).saveAsTable("t") }
        #expect(message.contains(kind) && message.contains("saveAsTable at "), "\(message)")
      }
      #expect(try errorMessage { try spark.range(1).write.insertInto("t") }.contains("NOT_ENOUGH_DATA_COLUMNS"))
      #expect(try errorMessage { try spark.range(1).write.insertInto("u") }.contains("TABLE_OR_VIEW_NOT_FOUND"))
      #expect(try spark.table("t").count() == 0)
    }
  }

  @Test func `writers at the same time lose no row, and readers see whole writes`() async throws {
    try await withAsyncTemporaryFolder { folder in
      let spark = try SparkSession.forTest(warehouse: folder)
      defer { spark.stop() }
      try spark.rows("CREATE TABLE t (writer INT, n BIGINT)")
      try spark.rows("CREATE TABLE replaced AS SELECT -1 AS writer, id AS n FROM range(10)")
      let other = spark.newSession()
      let done = Counter()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<4 {
          group.addTask {
            defer { done.add() }
            let session = writer % 2 == 0 ? spark : other
            for round in 0..<25 {
              // A write of ten rows; the others conflict with those of the other writers.
              let rows = try session.sql("SELECT \(writer) AS writer, id AS n FROM range(10)")
              try await rows.write.insertInto("t")
              try await rows.write.insertInto("replaced", overwrite: true)
              if round % 5 == 0 {
                try await rows.write.mode(.overwrite).saveAsTable("new")
              }
            }
          }
        }
        group.addTask {
          while done.value < 4 {
            #expect(try await spark.table("t").count() % 10 == 0)
            let rows = try await other.sql("SELECT count(*), count(DISTINCT n) FROM replaced").collect()
            let count = try rows[0].get(0, as: Int.self)
            #expect(count >= 10 && count % 10 == 0, "\(rows)")
          }
        }
        try await group.waitForAll()
      }
      #expect(try await spark.table("t").count() == 1000)
      let counts = try await spark.sql("SELECT writer, count(*) FROM t GROUP BY writer ORDER BY 1").collect()
      #expect(counts == (0..<4).map { Row(Int32($0), 250) })
      #expect(try await spark.table("new").count() == 10)
    }
  }
}
