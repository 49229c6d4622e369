import MartletCore
import MartletRDD
import MartletSQL
import Synchronization
import Testing

/// A number that closures on several threads increase.
final class Counter: Sendable {
  private let count = Atomic(0)
  var value: Int { count.load(ordering: .relaxed) }
  func add() { count.add(1, ordering: .relaxed) }
}

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct UserFunctionTests {
  private let spark: SparkSession

  init() throws { spark = try .forTest() }

  private func value(_ sql: String) throws -> Row { try spark.sql("SELECT \(sql)").first() }

  @Test func `closures of up to four parameters are functions in SQL`() throws {
    try spark.udf.register("answer") { 42 }
    try spark.udf.register("length_of") { (s: String) -> Int in s.count }
    try spark.udf.register("repeated") { (s: Text, n: Int32) -> String in String(repeating: String(s), count: Int(n)) }
    try spark.udf.register("mixed") { (a: Bool, b: Int64, c: Double) -> String in "\(a) \(b) \(c)" }
    try spark.udf.register("total") { (a: Int, b: Int, c: Int, d: Int) in a + b + c + d }
    #expect(
      try value("answer(), length_of('été'), repeated('ab', 2), mixed(true, 1, 2), total(1, 2, 3, 4)")
        == Row(42, 3, "abab", "true 1 2.0", 10))
    let frame = spark.range(5_000).select(callUDF("total", "id", "id", lit(1), lit(0)).alias("t"))
    #expect(try frame.agg(max("t")).first() == Row(9_999))
  }

  @Test func `dates, times, decimals and bytes are passed to functions`() throws {
    try spark.udf.register("tomorrow") { (day: SQLDate) in SQLDate(days: day.days + 1) }
    try spark.udf.register("later") { (time: SQLTimestamp) in SQLTimestamp(microseconds: time.microseconds + 1) }
    try spark.udf.register("same") { (number: SQLDecimal) in number }
    try spark.udf.register("reversed") { (bytes: [UInt8]) in [UInt8](bytes.reversed()) }
    #expect(
      try value("tomorrow(DATE '2026-02-28'), later(TIMESTAMP '1970-01-01 00:00:00'), same(1.5), reversed(X'0102')")
        == Row(
          SQLDate("2026-03-01"), SQLTimestamp(microseconds: 1), SQLDecimal("1.5"),
          [2, 1] as [UInt8]))
  }

  @Test func `null is passed to optionals only`() throws {
    let calls = Counter()
    try spark.udf.register("plain") { (n: Int) -> Int in
      calls.add()
      return n
    }
    try spark.udf.register("orZero") { (n: Int?) -> Int in n ?? 0 }
    try spark.udf.register("even") { (n: Int) -> Int? in n % 2 == 0 ? n : nil }
    #expect(try value("plain(NULL), orZero(NULL), orZero(3), even(3), even(4)") == Row(nil, 0, 3, nil, 4))
    #expect(calls.value == 0)
    let schema = try spark.sql("SELECT plain(1) AS a, orZero(NULL) AS b, even(1) AS c").schema
    #expect(schema.fields.map(\.nullable) == [false, false, true])
  }

  @Test func `arguments are converted to the types of the parameters`() throws {
    try spark.udf.register("half") { (x: Double) in x / 2 }
    #expect(try value("half(3), half(CAST(1 AS TINYINT))") == Row(1.5, 0.5))
    let message = try errorMessage { try value("half(array(1))") }
    #expect(message.contains("half"), "\(message)")
    #expect(try errorMessage { try value("half(1, 2)") }.contains("half takes 1 argument"))
  }

  @Test func `a function of the same name is replaced`() throws {
    let first = try spark.udf.register("f") { (n: Int) in n + 1 }
    #expect(try spark.range(1).select(first("id")).first() == Row(1))
    try spark.sql("SELECT f(10) AS x").createOrReplaceTempView("old")
    try spark.udf.register("F") { (n: Int) in "\(n)!" }
    #expect(try value("f(10)") == Row("10!"))
    #expect(try spark.table("old").first() == Row(11))
  }

  @Test func `an error of a closure names the function and its line`() throws {
    struct Negative: Error, CustomStringConvertible { var description: String { "it is negative" } }
    try spark.udf.register("root", file: "Sources/Main.swift", line: 12) { (x: Double) throws -> Double in
      guard x >= 0 else { throw Negative() }
      return x.squareRoot()
    }
    let message = try errorMessage { try value("root(-1)") }
    #expect(message.contains("The function 'root', registered at Sources/Main.swift:12,"), "\(message)")
    #expect(message.contains("it is negative"), "\(message)")
  }

  @Test func `a name that SQL cannot call is refused`() throws {
    #expect(throws: MartletError.self) { try spark.udf.register("a b") { 1 } }
    #expect(throws: MartletError.self) { try spark.udf.register("") { 1 } }
  }

  @Test func `functions belong to their session`() throws {
    try spark.udf.register("mine") { 1 }
    #expect(throws: (any Error).self) { try spark.newSession().sql("SELECT mine()").collect() }
  }
}
