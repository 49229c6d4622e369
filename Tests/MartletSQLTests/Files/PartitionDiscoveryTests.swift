import Foundation
import MartletCore
import MartletRDD
import MartletSQL
import Testing

@Suite(
  "Paths of files", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct PartitionDiscoveryTests {
  private let folder: FileFolder
  private let spark: SparkSession

  init() throws {
    folder = try FileFolder()
    spark = try .forTest()
  }

  private func rows(_ frame: DataFrame) throws -> [String] {
    let rows: [Row] = try frame.collect()
    return rows.map { row in row.values.map { "\($0)" }.joined(separator: "|") }.sorted()
  }

  private func schema(_ frame: DataFrame) throws -> [String] {
    try frame.schema.fields.map { "\($0.name) \($0.type)" }
  }

  @Test func `columns of folders have the types that fit all their values`() throws {
    try folder.write("d/i=1/l=99999999999/f=1.5/t=2024-01-02/s=x/1.json", "{\"a\": 1}\n")
    try folder.write("d/i=2/l=1/f=2/t=__HIVE_DEFAULT_PARTITION__/s=1/1.json", "{\"a\": 2}\n")
    let frame = spark.read.json("\(folder.path)/d")
    #expect(try schema(frame) == ["a bigint", "i int", "l bigint", "f double", "t date", "s string"])
    #expect(try rows(frame) == ["1|1|99999999999|1.5|2024-01-02|x", "2|2|1|2.0|null|1"])
    #expect(try rows(frame.filter("i = 2").select("a")) == ["2"])
    spark.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    #expect(try schema(frame).dropFirst() == ["i string", "l string", "f string", "t string", "s string"])
  }

  @Test func `a schema gives columns of folders their types`() throws {
    try folder.write("d/day=2024-01-02/1.csv", "1\n")
    let frame = spark.read.schema("a INT, day STRING").csv("\(folder.path)/d")
    #expect(try schema(frame) == ["a int", "day string"])
    #expect(try rows(frame) == ["1|2024-01-02"])
  }

  @Test func `folders with different keys are refused`() throws {
    try folder.write("d/a=1/1.csv", "1\n")
    try folder.write("d/b=2/1.csv", "1\n")
    let message = try errorMessage { try spark.read.csv("\(folder.path)/d").schema }
    #expect(message.contains("[CONFLICTING_PARTITION_COLUMN_NAMES]"), "\(message)")
  }

  @Test func `options choose files, and take folders apart or together`() throws {
    try folder.write("d/y=1/1.csv", "1\n")
    try folder.write("d/y=2/2.csv", "2\n")
    try folder.write("d/y=2/3.txt", "3\n")
    try folder.write("d/deep/er/4.csv", "4\n")
    let path = "\(folder.path)/d"
    #expect(try rows(spark.read.option("pathGlobFilter", "*.csv").csv(path)) == ["1|1", "2|2"])
    #expect(try rows(spark.read.option("recursiveFileLookup", true).csv(path)) == ["1", "2", "3", "4"])
    #expect(try rows(spark.read.option("basePath", path).csv("\(path)/y=2/2.csv")) == ["2|2"])
    let outside = try errorMessage { try spark.read.option("basePath", "\(path)/y=1").csv("\(path)/y=2").schema }
    #expect(outside.contains("basePath"), "\(outside)")
  }

  @Test func `patterns name several files, in order`() throws {
    for name in ["a1", "a2", "b1", "c[1]"] { try folder.write("\(name).csv", "\(name)\n") }
    try folder.write("_a3.csv", "hidden\n")
    func found(_ pattern: String) throws -> [String] { try rows(spark.read.csv("\(folder.path)/\(pattern)")) }
    #expect(try found("a*.csv") == ["a1", "a2"])
    #expect(try found("?1.csv") == ["a1", "b1"])
    #expect(try found("[ab]1.csv") == ["a1", "b1"])
    #expect(try found("{a2,b1}.csv") == ["a2", "b1"])
    #expect(try found("c[1].csv") == ["c[1]"])
    #expect(try rows(spark.read.csv("\(folder.path)/a1.csv", "\(folder.path)/b1.csv")) == ["a1", "b1"])
    let message = try errorMessage { try found("z*.csv") }
    #expect(message.contains("[PATH_NOT_FOUND]"), "\(message)")
  }

  @Test func `JSON files need not have the same fields, and lines need not be objects`() throws {
    try folder.write("d/1.json", "{\"a\": 1, \"n\": {\"x\": 1}}\n[1, 2]\n")
    try folder.write("d/2.json", "\"text\"\n{\"b\": \"x\", \"n\": {\"y\": [true]}}\n")
    try folder.write("d/3.json", "")
    let frame = spark.read.json("\(folder.path)/d")
    #expect(
      try schema(frame) == [
        "_corrupt_record string", "a bigint", "b string", "n struct<x:bigint,y:array<boolean>>",
      ])
    #expect(
      try rows(frame.select("a", "b", "_corrupt_record")) == [
        "1|null|null", "null|null|\"text\"", "null|null|[1, 2]", "null|x|null",
      ])
    let strict = spark.read.option("mode", "DROPMALFORMED").json("\(folder.path)/d")
    #expect(try schema(strict).count == 3)
    #expect(try rows(strict.select("a", "b")) == ["1|null", "null|x"])
    let failing = try errorMessage { try spark.read.option("mode", "FAILFAST").json("\(folder.path)/d").schema }
    #expect(failing.contains("[MALFORMED_RECORD_IN_PARSING]"), "\(failing)")
    try folder.write("case.json", "{\"a\": 1, \"A\": 2}\n")
    let twice = try errorMessage { try spark.read.json("\(folder.path)/case.json").schema }
    #expect(twice.contains("[COLUMN_ALREADY_EXISTS]"), "\(twice)")
  }
}
