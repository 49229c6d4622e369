import MartletRDD
import MartletSQL
import Testing

@Suite(
  "Frames that depend on many others", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct DeepFrameTests {
  @Test(arguments: [400, 2_000, 20_000])
  func `transformations one after the other run, or are refused, and never overflow the stack`(count: Int) throws {
    let spark = try SparkSession.forTest()
    var changed = spark.range(3), filtered = changed, united = spark.range(1)
    for index in 0..<count {
      changed = changed.withColumn("c", col("id") + lit(index))
      filtered = filtered.filter("id >= 0")
      united = united.union(spark.range(1))
    }
    if count < 500 {
      #expect(try changed.count() == 3)
      #expect(try filtered.count() == 3)
      #expect(try united.count() == count + 1)
    } else {
      for frame in [changed, filtered, united] {
        #expect(try errorMessage { try frame.count() }.contains("[PLAN_TOO_DEEP]"))
      }
    }
  }

  @Test(arguments: [350, 2_000, 5_000])
  func `an expression with many levels runs, or is refused, and never overflows the stack`(count: Int) throws {
    let spark = try SparkSession.forTest()
    var column = col("id")
    for _ in 0..<count { column = column + lit(1) }
    let frame = spark.range(1).select(column.alias("n"))
    if count < 400 {
      #expect(try frame.collect() == [Row(count)])
    } else {
      #expect(try errorMessage { try frame.count() }.contains("[EXPRESSION_TOO_DEEP]"))
    }
  }
}
