import MartletCore
import MartletRDD
import MartletSQL
import MartletStreaming
import MartletTesting
import Synchronization
import Testing

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct StreamTableTests {
  @Test func `every batch is a table`() throws {
    let test = TestStreamingContext()
    let spark = try SparkSession(test.context.sparkContext)
    let input = test.stream([[("a" as Text, 1), ("b", 2)], [], [("c", 3)]])
    let seen = Mutex<[[Row]]>([])
    input.foreachDataFrame("tag", "count") { df, time in
      try df.createOrReplaceTempView("counts")
      let rows = try SparkSession(test.context.sparkContext).sql("SELECT tag, count + 1 AS n FROM counts").collect()
      seen.withLock { $0.append(rows) }
    }
    try test.start()
    for _ in 0..<3 { try test.runBatch() }
    #expect(seen.withLock { $0 } == [[Row("a", 2), Row("b", 3)], [], [Row("c", 4)]])
    #expect(try spark.table("counts").count() == 1)
    test.stop()
  }

  @Test func `async closures get every batch as a table`() throws {
    let test = TestStreamingContext()
    let input = test.stream([[1, 2], [3]])
    let seen = Mutex<[Int]>([])
    input.foreachDataFrame("n") { df, time in
      let count = try await df.count()
      seen.withLock { $0.append(count) }
    }
    try test.start()
    for _ in 0..<2 { try test.runBatch() }
    #expect(seen.withLock { $0 } == [2, 1])
    test.stop()
  }

  @Test func `readers see whole batches while a view is replaced`() async throws {
    let spark = try SparkSession.forTest()
    let sc = spark.sparkContext
    // All rows of a batch have its number, and there are as many as the number says.
    @Sendable func replace(_ batch: Int) throws {
      try sc.parallelize((0..<(100 + batch)).map { (batch, $0) }, 2).toDF("batch", "row").createOrReplaceTempView("v")
    }
    try replace(0)
    let done = Counter()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<3 {
        group.addTask {
          var last = 0
          var reads = 0
          while reads == 0 || done.value == 0 {
            let rows = try await spark.sql("SELECT min(batch), max(batch), count(*) FROM v").collect()
            let (low, high, count) = (
              try rows[0].get(0, as: Int.self), try rows[0].get(1, as: Int.self), try rows[0].get(2, as: Int.self)
            )
            #expect(low == high && count == 100 + low && low >= last)
            last = low
            reads += 1
          }
          return reads
        }
      }
      try await sc.async { for batch in 1...200 { try replace(batch) } }
      done.add()
      for try await reads in group { #expect(reads > 0) }
    }
    #expect(try await spark.table("v").count() == 300)
  }

  @Test func `a result that is being read stays valid after its view is replaced`() throws {
    let spark = try SparkSession.forTest()
    let sc = spark.sparkContext
    try sc.parallelize((0..<50_000).map { ("a long text with the number \($0)", $0) }, 4).toDF("text", "n")
      .createOrReplaceTempView("v")
    let rows = try spark.sql("SELECT text, n FROM v").toLocalIterator()
    #expect(try rows.next() == Row("a long text with the number 0", 0))
    try sc.parallelize([("other", 1)]).toDF("text", "n").createOrReplaceTempView("v")
    var (count, sum) = (1, 0)
    while let row = try rows.next() {
      #expect(try row.get(0, as: String.self).hasPrefix("a long text"))
      sum += try row.get(1, as: Int.self)
      count += 1
    }
    #expect(count == 50_000 && sum == 50_000 * 49_999 / 2)
    #expect(spark.registeredTables == 1)
  }

  @Test func `views that are replaced release their columns`() throws {
    let spark = try SparkSession.forTest()
    let rdd = spark.sparkContext.parallelize([(1, "a text that is not stored inline")])
    weak var old: LocalTable?
    for i in 0..<10_000 {
      let table = try rdd.toDF("n", "text")
      try table.createOrReplaceTempView("v")
      if i == 5_000, case .local(let local) = table.plan { old = local }
      if i % 1_000 == 0 { #expect(try spark.sql("SELECT n FROM v").collect() == [Row(1)]) }
    }
    #expect(spark.registeredTables == 1)
    #expect(old == nil)
  }

  @Test func `a query turns a stream into a stream of rows`() throws {
    let test = TestStreamingContext()
    let spark = try SparkSession(test.context.sparkContext)
    try spark.sparkContext.parallelize([("a", "Anna"), ("b", "Bert")]).toDF("tag", "name").cache()
      .createOrReplaceTempView("names")
    let input = test.stream([[("a" as Text, 1), ("b", 2), ("a", 3)], [("b", 5)]])
    let counts = input.transformSQL(
      "SELECT name, sum(n) AS total FROM batch JOIN names ON batch.tag = names.tag GROUP BY name ORDER BY name", "tag",
      "n")
    let output = test.output(of: counts)
    let windows = test.output(
      of: counts.map { row in (try row.get("name", as: String.self), try row.get("total", as: Int.self)) }
        .reduceByKeyAndWindow(+, .seconds(2), .seconds(1)).map { "\($0.0) \($0.1)" })
    try test.start()
    for _ in 0..<2 { try test.runBatch() }
    #expect(output.batches == [[Row("Anna", 4), Row("Bert", 2)], [Row("Bert", 5)]])
    #expect(windows.batches.map { $0.sorted() } == [["Anna 4", "Bert 2"], ["Anna 4", "Bert 7"]])
    #expect(throws: (any Error).self) { try spark.table("batch").collect() }
    test.stop()
  }

  @Test func `a fault of the query fails the batch, with its line`() throws {
    let test = TestStreamingContext()
    let rows = test.stream([[1]]).transformSQL("SELECT nmber FROM batch", "number")
    rows.foreachRDD { rdd in
      let message = try errorMessage { try rdd.collect() }
      #expect(message.contains("transformSQL at") && message.contains("nmber") && message.contains("number"))
    }
    try test.start()
    try test.runBatch()
    test.stop()
  }
}
