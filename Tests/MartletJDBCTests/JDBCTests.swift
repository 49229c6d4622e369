import Foundation
import MartletDatabases
import MartletJDBC
import MartletTesting
import TestSupport
import Testing

@Suite(.enabled(if: hasEngine, "DuckDB is not installed: `make duckdb` installs it"), .timeLimit(.minutes(30)))
struct JDBCTests {
  @Test(arguments: Place.all)
  func `a frame of all types is written to a table, and read again`(_ place: Place) throws {
    let (url, properties) = try place.make()
    let spark = try Place.session()
    let frame = try spark.sql(
      """
      SELECT * FROM VALUES
        (true, 1S, 2, 3L, 1.5D, CAST(1.25 AS DECIMAL(20, 3)), 'Ünï 😀 long enough to be outside', X'00FF', DATE '2024-02-29',
         TIMESTAMP '2024-02-29 12:30:00.5'),
        (null, null, null, 4L, null, null, null, null, null, null)
      AS t(b, s, i, l, d, n, w, x, day, at)
      """)
    try frame.write.jdbc(url, "every", properties)
    let read = spark.read.jdbc(url, "every", properties)
    #expect(try Place.rows(read) == Place.rows(frame))
    let types = try read.schema.fields.map { "\($0.type)" }
    let expected = try frame.schema.fields.map { "\($0.type)" }
    // SQLite has one type of integers.
    #expect(
      types
        == (place.system == "sqlite" ? expected.map { ["smallint", "int"].contains($0) ? "bigint" : $0 } : expected))
    // Columns alone, conditions, counts, and a join with another frame.
    try read.createOrReplaceTempView("every")
    #expect(try Place.rows(spark.sql("SELECT l, w FROM every WHERE i = 2")) == ["[3,Ünï 😀 long enough to be outside]"])
    #expect(try read.count() == 2)
    #expect(try Place.rows(spark.sql("SELECT a.l FROM every a JOIN every b ON a.l = b.l + 1")) == ["[4]"])
    #expect(try Place.rows(read.select("w").limit(1)).count == 1)
  }

  @Test(arguments: Place.all)
  func `the modes of saving are Spark's`(_ place: Place) throws {
    let (url, properties) = try place.make()
    let spark = try Place.session()
    func frame(_ numbers: Range<Int>) throws -> DataFrame { spark.range(numbers.lowerBound, numbers.upperBound) }
    func count() throws -> Int { Int(try spark.read.jdbc(url, "numbers", properties).count()) }
    try frame(0..<10).write.jdbc(url, "numbers", properties)
    let error = try #require(throws: (any Error).self) { try frame(0..<1).write.jdbc(url, "numbers", properties) }
    #expect("\(error)".contains("TABLE_OR_VIEW_ALREADY_EXISTS") && !"\(error)".contains(MariaDBServer.password))
    try frame(0..<5).write.mode("ignore").jdbc(url, "numbers", properties)
    #expect(try count() == 10)
    try frame(10..<15).write.mode(.append).jdbc(url, "numbers", properties)
    #expect(try count() == 15)
    try frame(0..<3).write.mode(.overwrite).jdbc(url, "numbers", properties)
    #expect(try count() == 3)
    try frame(0..<4).write.mode(.overwrite).option("truncate", true).jdbc(url, "numbers", properties)
    #expect(try count() == 4)
    // A write that fails changes nothing.
    let bad = spark.range(0, 10).selectExpr("100 DIV (9 - id) AS id")
    for mode in [SaveMode.append, .overwrite] {
      #expect(throws: (any Error).self) { try bad.write.mode(mode).jdbc(url, "numbers", properties) }
      #expect(try count() == 4)
    }
    try spark.sql("SELECT 1L AS id, 'one' AS w UNION ALL SELECT 2L, 'two'").write.option("upsertKeys", "id")
      .jdbc(url, "keyed", properties)
    try spark.sql("SELECT 2L AS id, 'TWO' AS w").write.mode(.append).option("upsertKeys", "id").jdbc(
      url, "keyed", properties)
    #expect(try Place.rows(spark.read.jdbc(url, "keyed", properties)) == ["[1,one]", "[2,TWO]"])
  }

  @Test(arguments: Place.all)
  func `large tables are read in parts and by cursor, and a limit ends the reading`(_ place: Place) throws {
    let (url, properties) = try place.make()
    let spark = try Place.session()
    try spark.range(0, 50_000).selectExpr("id", "concat('a text of some length: ', id) AS w").write
      .jdbc(url, "many", properties)
    let whole = spark.read.jdbc(url, "many", properties)
    #expect(try whole.agg(sum("id"), countDistinct("w")).collect()[0] == [.long(1_249_975_000), .long(50_000)])
    let parts = spark.read.jdbc(
      url, "many", column: "id", lowerBound: 1000, upperBound: 40_000, numPartitions: 4, properties)
    #expect(try parts.agg(sum("id"), count("*")).collect()[0] == [.long(1_249_975_000), .long(50_000)])
    #expect(try whole.limit(3).count() == 3)
    let query = try spark.read.format("jdbc").options(properties).option("url", url)
      .option("query", "SELECT count(*) AS n, max(id) AS m FROM many WHERE id < 100").load().collect()
    #expect(query[0] == [.long(100), .long(99)])
    #expect(try spark.read.jdbc(url, "(SELECT id FROM many WHERE id < 7) few", properties).count() == 7)
  }

  @Test func `wrong options are named, and a password is in no message`() throws {
    let spark = try Place.session()
    let url = "jdbc:sqlite:/no/such/folder/x.db"
    let frames = [
      ("dbtable", spark.read.format("jdbc").option("url", url).option("password", "geheim").load()),
      ("url", spark.read.format("jdbc").option("dbtable", "t").load()),
      ("fetchsise", spark.read.option("fetchsise", 1).jdbc(url, "t")),
      ("/no/such/folder/x.db", spark.read.option("password", "geheim").jdbc(url, "t")),
      ("form such as", spark.read.jdbc("jdbc:oracle://ann:geheim@h/x", "t")),
    ]
    for (part, frame) in frames {
      let error = try #require(throws: MartletError.self) { try frame.schema }
      #expect(error.message.contains(part) && !error.message.contains("geheim"), "\(error)")
    }
    let nested = try spark.sql("SELECT array(1, 2) AS parts")
    let error = try #require(throws: (any Error).self) { try nested.write.jdbc("jdbc:sqlite:/tmp/never-made.db", "t") }
    #expect("\(error)".contains("'parts'"), "\(error)")
  }

  @Test(arguments: Place.all)
  func `the rows of SQL over a stream are in a table once`(_ place: Place) throws {
    let (url, properties) = try place.make()
    let database = try Database(url, password: properties["password"])
    try database.execute("CREATE TABLE totals (word varchar(100), total bigint)")
    let test = TestStreamingContext(master: "local[2]")
    let words = test.stream([["a", "b", "a"], ["c"]] as [[Text]])
    try words.transformSQL("SELECT w AS word, count(*) AS total FROM batch GROUP BY w", "w")
      .write(to: DatabaseSink<Row>(database, table: "totals"))
    try test.start()
    try test.runBatches(2)
    test.stop()
    let rows = try Place.rows(try Place.session().read.jdbc(url, "totals", properties))
    #expect(rows == ["[a,2]", "[b,1]", "[c,1]"])
  }
}
