import MartletCore
import MartletRDD
import MartletSQL
import Testing

private struct Person: Codable, Sendable, Equatable {
  var name: String
  var age: Int?
}

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct FrameRDDTests {
  private let spark: SparkSession

  init() throws { spark = try .forTest() }

  @Test func `the rows of a frame are an RDD`() throws {
    let rdd = spark.range(10_000).selectExpr("id", "id % 10 AS digit").rdd
    #expect(try rdd.numPartitions == 1)
    #expect(try rdd.count() == 10_000)
    let sums = try rdd.map { (try $0.get("digit", as: Int.self), try $0.get("id", as: Int.self)) }.reduceByKey(+)
      .collect()
    #expect(sums.count == 10)
    #expect(sums.reduce(0) { $0 + $1.1 } == 10_000 * 9_999 / 2)
  }

  @Test func `rows are read while they are needed`() throws {
    // More rows than memory could hold.
    #expect(try spark.range(1_000_000_000_000).rdd.take(3) == [Row(0), Row(1), Row(2)])
  }

  @Test func `the rows of a frame are values of a type`() throws {
    let people = [Person(name: "Ada", age: 36), Person(name: "Emi", age: nil)]
    let frame = try spark.sparkContext.parallelize(people).toDF()
    #expect(try frame.orderBy("name").rdd(as: Person.self).collect() == people)
    let message = try errorMessage { try frame.select("age").rdd(as: Person.self).collect() }
    #expect(message.contains("rdd at") && message.contains("name"), "\(message)")
  }

  @Test func `faults of a frame are those of the action`() throws {
    let rdd = spark.range(3).select("nothing").rdd
    let message = try errorMessage { try rdd.collect() }
    #expect(message.contains("nothing") && message.contains("select at"), "\(message)")
    let division = spark.range(3).selectExpr("1 DIV id AS x").rdd
    #expect(throws: (any Error).self) { try division.collect() }
  }

  // MARK: Cached frames

  @Test func `a cached frame is computed once`() throws {
    let calls = Counter()
    try spark.udf.register("counted", isDeterministic: false) { (n: Int) -> Int in
      calls.add()
      return n * 2
    }
    let frame = spark.range(100).selectExpr("counted(id) AS n").cache()
    #expect(calls.value == 0)
    #expect(try frame.columns == ["n"])
    #expect(calls.value == 0)
    #expect(try frame.count() == 100)
    #expect(calls.value == 100)
    #expect(try frame.filter(frame["n"] > 100).orderBy("n").first() == Row(102))
    #expect(try frame.join(frame.withColumnRenamed("n", "m"), col("n") == col("m")).count() == 100)
    try frame.createOrReplaceTempView("doubles")
    #expect(try spark.sql("SELECT sum(n) FROM doubles").collect() == [Row(9_900)])
    #expect(calls.value == 100)
    frame.unpersist()
    // The view still reads the rows.
    #expect(try spark.sql("SELECT sum(n) FROM doubles").collect() == [Row(9_900)])
    #expect(calls.value == 100)
    #expect(try frame.collect().count == 100)
    #expect(calls.value == 200)
  }

  @Test func `columns of frames below a cached frame keep their names`() throws {
    let numbers = spark.range(10)
    let filtered = numbers.filter(numbers["id"] > 5).cache()
    #expect(try filtered.count() == 4)
    #expect(try filtered.select(numbers["id"]).collect() == [Row(6), Row(7), Row(8), Row(9)])
  }
}
