import MartletRDD
import MartletSQL
import Testing

@Suite(
  "Rows without columns", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct EmptyRowTests {
  private struct Nothing: Codable, Sendable {}

  private let spark: SparkSession

  init() throws { spark = try .forTest() }

  @Test func `are counted, also after a union`() throws {
    let rows = spark.range(3).drop("id")
    #expect(try rows.count() == 3)
    #expect(try rows.union(rows).count() == 6)
    #expect(try rows.union(rows).columns == [])
    #expect(try rows.intersect(rows).count() == 1)
  }

  @Test func `cannot be made of a type without properties`() throws {
    let message = try errorMessage { try spark.sparkContext.parallelize([Nothing(), Nothing()]).toDF() }
    #expect(message.contains("toDF at ") && message.contains("Nothing has no properties"), "\(message)")
  }

  @Test func `the engine's advice about its own settings is not passed on`() throws {
    let several = try errorMessage {
      try spark.sql("SELECT (SELECT id FROM range(2)) AS x").collect() as [Row]
    }
    #expect(several.contains("[SCALAR_SUBQUERY_TOO_MANY_ROWS] A subquery") && !several.contains("SET "), "\(several)")
  }
}
