import Foundation
import MartletCore
import MartletRDD
import MartletSQL
import Testing

@Suite(
  "Deep and wide files", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct DeepAndWideFileTests {
  private let folder: FileFolder
  private let spark: SparkSession

  init() throws {
    folder = try FileFolder()
    spark = try .forTest()
  }

  private func rows(_ frame: DataFrame) throws -> [String] {
    let rows: [Row] = try frame.collect()
    return rows.map { row in row.values.map { "\($0)" }.joined(separator: "|") }
  }

  private func deep(_ levels: Int) -> String {
    String(repeating: "{\"a\":", count: levels) + "1" + String(repeating: "}", count: levels)
  }

  @Test(
    "A record of JSON that nests too deep does not parse, and the session goes on", arguments: [101, 129, 300, 20_000])
  func deepRecords(levels: Int) throws {
    let path = try folder.write("deep.json", "{\"a\":{\"b\":1}}\n\(deep(levels))\n")
    let frame = spark.read.json(path)
    #expect(try frame.columns == ["_corrupt_record", "a"])
    #expect(try rows(frame.selectExpr("a.b", "length(_corrupt_record)")) == ["1|null", "null|\(6 * levels + 1)"])
    #expect(throws: MartletError.self) { try spark.read.option("mode", "FAILFAST").json(path).count() }
    #expect(throws: MartletError.self) { try spark.sql("SELECT schema_of_json('\(deep(levels))')").count() }
    #expect(try spark.range(5).count() == 5)
  }

  @Test("A record with 100 levels parses") func levels() throws {
    let path = try folder.write("deep.json", deep(100) + "\n")
    #expect(try spark.read.json(path).columns == ["a"])
  }

  @Test("Integers beyond BIGINT are decimal numbers in inferred columns") func largeIntegers() throws {
    let path = try folder.write(
      "large.json", "{\"a\":9223372036854775808,\"b\":[18446744073709551616],\"c\":9223372036854775807}\n{\"a\":1}\n")
    let frame = spark.read.json(path)
    #expect(try frame.schema.fields.map { "\($0.type)" } == ["decimal(20,0)", "array<decimal(20,0)>", "bigint"])
    #expect(
      try rows(frame.selectExpr("a", "b[0]", "c")) == [
        "9223372036854775808|18446744073709551616|9223372036854775807", "1|null|null",
      ])
  }

  @Test("The types of a thousand columns of a CSV file are inferred") func wideFiles() throws {
    let header = (0..<1000).map { "c\($0)" }.joined(separator: ",")
    let first = (0..<1000).map { "\($0)" }.joined(separator: ",")
    let second = (0..<1000).map { $0 % 2 == 0 ? "x" : "" }.joined(separator: ",")
    let path = try folder.write("wide.csv", "\(header)\n\(first)\n\(second)\n")
    let types = try spark.read.option("header", true).option("inferSchema", true).csv(path).schema.fields.map(\.type)
    #expect(types == (0..<1000).map { $0 % 2 == 0 ? .string : .integer })
  }
}
