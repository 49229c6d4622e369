import MartletCore
import MartletRDD
import MartletSQL
import Testing

private struct Reading: Codable, Sendable, Equatable {
  var sensor: String
  var value: Double?
  var count: Int32
  var day: SQLDate
}

private struct Nested: Codable, Sendable, Equatable {
  var name: String
  var tags: [String]
}

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct ToDFTests {
  private let spark: SparkSession
  private var sc: MartletContext { spark.sparkContext }

  init() throws { spark = try .forTest() }

  @Test func `tuples become columns, in the order of the partitions`() throws {
    let pairs: [(Text, Int)] = (0..<5_000).map { (Text($0 % 2 == 0 ? "a text that is long \($0)" : "w\($0)"), $0) }
    let table = try sc.parallelize(pairs, 3).toDF("tag", "count")
    #expect(
      try table.schema
        == StructType([
          StructField("tag", .string, nullable: false), StructField("count", .long, nullable: false),
        ]))
    #expect(try table.collect() == pairs.map { Row(String($0.0), $0.1) })
    #expect(try table.filter("count = 4998").collect() == [Row("a text that is long 4998", 4998)])
  }

  @Test func `every type of element becomes a column`() throws {
    let time = SQLTimestamp(microseconds: 1_500_000), day = SQLDate(days: 20_000)
    let number = try #require(SQLDecimal("-12345678901234567890.5"))
    let first = try sc.parallelize([(true, Int8(-1), Int16(2), Int32(3), Int64(4), 5)]).toDF(
      "a", "b", "c", "d", "e", "f")
    #expect(try first.dtypes.map(\.1) == ["boolean", "tinyint", "smallint", "int", "bigint", "bigint"])
    #expect(try first.collect() == [Row(true, Int8(-1), Int16(2), Int32(3), Int64(4), 5)])
    let second = try sc.parallelize([(Float(0.5), 0.25, Text("é"), "b", [1, 2, 255] as [UInt8])]).toDF()
    #expect(try second.dtypes.map(\.1) == ["float", "double", "string", "string", "binary"])
    #expect(try second.columns == ["_1", "_2", "_3", "_4", "_5"])
    #expect(try second.collect() == [Row(Float(0.5), 0.25, "é", "b", [1, 2, 255] as [UInt8])])
    let third = try sc.parallelize([(day, time, number)]).toDF("day", "time", "number")
    #expect(try third.dtypes.map(\.1) == ["date", "timestamp", "decimal(38,18)"])
    #expect(try third.collect() == [Row(day, time, number)])
  }

  @Test func `optionals are nullable columns`() throws {
    let pairs: [(String?, Int?)] = [("a", nil), (nil, 2), ("c", 3)]
    let table = try sc.parallelize(pairs, 2).toDF("name", "age")
    #expect(try table.schema.fields.map(\.nullable) == [true, true])
    #expect(try table.collect() == [Row("a", nil), Row(nil, 2), Row("c", 3)])
  }

  @Test func `single values become one column`() throws {
    #expect(try sc.parallelize(["a", "b"] as [Text]).toDF("word").collect() == [Row("a"), Row("b")])
    let numbers = try sc.parallelize([1, 2, 3]).toDF()
    #expect(try numbers.columns == ["value"])
    #expect(try numbers.collect() == [Row(1), Row(2), Row(3)])
  }

  @Test func `an empty RDD becomes a table without rows`() throws {
    let table = try sc.parallelize([] as [(Text, Int)]).toDF("tag", "count")
    #expect(try table.collect().isEmpty)
    #expect(try table.columns == ["tag", "count"])
  }

  @Test func `the wrong number of names is an error`() throws {
    let message = try errorMessage { try sc.parallelize([(1, 2)]).toDF("a", "b", "c") }
    #expect(message.contains("toDF at") && message.contains("2 columns, but 3 names: a, b, c"), "\(message)")
  }

  @Test func `the error of a closure fails toDF`() throws {
    struct Broken: Error {}
    let rdd = sc.parallelize([1, 2]).map { (number: Int) throws -> (Int, Int) in
      guard number == 1 else { throw Broken() }
      return (number, number)
    }
    let message = try errorMessage { try rdd.toDF("a", "b") }
    #expect(message.contains("map at") && message.contains("Broken"), "\(message)")
  }

  @Test func `a decimal with too many digits is an error`() throws {
    let number = try #require(SQLDecimal("123456789012345678901234567890"))
    let message = try errorMessage { try sc.parallelize([number]).toDF("n") }
    #expect(message.contains("does not fit into a column of the type decimal(38,18)"), "\(message)")
  }

  @Test func `structs become columns of their properties`() throws {
    let readings = (0..<3_000).map { (number: Int) -> Reading in
      let value: Double? = number % 3 == 0 ? nil : Double(number)
      return Reading(
        sensor: "sensor \(number)", value: value, count: Int32(number), day: SQLDate(days: Int32(number)))
    }
    let table = try sc.parallelize(readings, 2).toDF()
    #expect(try table.dtypes.map(\.0) == ["sensor", "value", "count", "day"])
    #expect(try table.dtypes.map(\.1) == ["string", "double", "int", "date"])
    #expect(try table.schema.fields.map(\.nullable) == [false, true, false, false])
    #expect(try table.collect(as: Reading.self) == readings)
  }

  @Test func `structs with arrays become columns of arrays`() throws {
    let values = [Nested(name: "a", tags: ["x", "y"]), Nested(name: "b", tags: [])]
    let table = try sc.parallelize(values).toDF()
    #expect(try table.dtypes.map(\.1) == ["string", "array<string>"])
    #expect(try table.collect(as: Nested.self) == values)
  }

  @Test func `rows become the columns of a schema`() throws {
    let schema = StructType([StructField("name", .string), StructField("age", .integer, nullable: false)])
    let rows = [Row("Ada", Int32(36)), Row(nil, Int32(4))]
    #expect(try sc.parallelize(rows, 2).toDF(schema).collect() == rows)
    #expect(try errorMessage { try sc.parallelize([Row("Ada", "x")]).toDF(schema) }.contains("column 'age'"))
    #expect(try errorMessage { try sc.parallelize([Row("Ada", nil)]).toDF(schema) }.contains("not nullable"))
    #expect(try errorMessage { try sc.parallelize([Row("Ada")]).toDF(schema) }.contains("1 values"))
  }

  @Test func `async code suspends until the columns are built`() async throws {
    let table = try await sc.parallelize([(1, 2)]).toDFAsync("a", "b")
    #expect(try await table.collect() == [Row(1, 2)])
  }

  @Test func `columns are released with the last frame or view`() throws {
    do {
      let table = try sc.parallelize([(1, 2)]).toDF("a", "b")
      #expect(spark.registeredTables == 1)
      try table.createOrReplaceTempView("t")
    }
    #expect(spark.registeredTables == 1)
    let rows = try spark.table("t").toLocalIterator()
    _ = try spark.sql("DROP VIEW t").collect()
    // The iterator still reads them.
    #expect(spark.registeredTables == 1)
    #expect(try rows.next() == Row(1, 2))
    #expect(try rows.next() == nil)
  }
}
