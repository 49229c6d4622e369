import MartletRDD
import MartletSQL
import Testing

@Suite(
  "Results of functions at their limits", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct FunctionResultTests {
  /// The text of the only value of a query.
  private func value(_ expression: String) throws -> String {
    let row: Row = try SparkSession.forTest().sql("SELECT \(expression)").first()
    return "\(row[0])"
  }

  @Test(arguments: ["kurtosis", "skewness"])
  func `equal values have neither kurtosis nor skewness`(function: String) throws {
    let spark = try SparkSession.forTest()
    let row: Row = try spark.sql("SELECT \(function)(x) FROM VALUES (2), (2) t(x)").first()
    #expect(row[0] == .null)
  }

  @Test func `kurtosis and skewness do not depend on where the values lie`() throws {
    let spark = try SparkSession.forTest()
    let row: Row = try spark.sql(
      "SELECT kurtosis(x), round(skewness(x), 12) FROM VALUES (1000000001d), (1000000002d), (1000000004d), (1000000009d), (NULL) t(x)"
    ).first()
    #expect(row.values.map { "\($0)" } == ["-1.0", "0.768417257988"])
    let windows: [Row] = try spark.sql(
      "SELECT kurtosis(x) OVER (PARTITION BY k) AS v FROM VALUES (1, 1d), (1, 2d), (1, 4d), (1, 9d), (2, 1d) t(k, x) ORDER BY k, x"
    ).collect()
    #expect(windows.map { "\($0[0])" } == ["-1.0", "-1.0", "-1.0", "-1.0", "null"])
  }

  @Test(arguments: [
    ("pow(0, -1)", "Infinity"), ("pow(0, -0.5)", "Infinity"), ("pow(0, 0)", "1.0"), ("pow(2, -1)", "0.5"),
  ])
  func `zero to a negative power is infinite`(expression: String, result: String) throws {
    #expect(try value(expression) == result)
  }

  @Test(arguments: [
    ("month", "date'2024-01-31'", "date'2024-02-29'", 0), ("month", "date'2024-01-31'", "date'2024-03-30'", 1),
    ("month", "date'2024-02-29'", "date'2024-01-31'", 0), ("month", "date'2024-01-30'", "date'2024-02-29'", 0),
    ("month", "date'2024-01-15'", "date'2024-03-15'", 2), ("month", "date'2024-03-15'", "date'2024-01-16'", -1),
    ("year", "date'2020-02-29'", "date'2021-02-28'", 0), ("quarter", "date'2024-01-31'", "date'2024-04-30'", 0),
    ("month", "timestamp'2024-01-15 10:00:00'", "timestamp'2024-02-15 09:59:59'", 0),
    ("month", "timestamp'2024-01-15 10:00:00'", "timestamp'2024-02-15 10:00:00'", 1),
  ]) func `only whole months count`(unit: String, first: String, last: String, result: Int) throws {
    #expect(try value("timestampdiff(\(unit), \(first), \(last))") == "\(result)")
  }

  @Test(arguments: [
    ("pmod(7, -3)", "1"), ("pmod(-7, 3)", "2"), ("pmod(-7, -3)", "-1"), ("pmod(7, 3)", "1"), ("pmod(-7.5, 2)", "0.5"),
  ])
  func `pmod changes only negative remainders`(expression: String, result: String) throws {
    #expect(try value(expression) == result)
  }

  @Test func `the size of NULL is NULL`() throws { #expect(try value("size(NULL)") == "null") }
}
