import Foundation
import MartletCore
import MartletRDD
import MartletSQL
import Testing

@Suite(
  "Records that do not parse", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct BadRecordTests {
  private let folder: FileFolder
  private let spark: SparkSession
  private let log = RecordedLog()

  init() throws {
    folder = try FileFolder()
    spark = try SparkSession(MartletContext(master: "local[2]", appName: "test", logger: log.logger))
  }

  private func rows(_ frame: DataFrame) throws -> [String] {
    let rows: [Row] = try frame.collect()
    return rows.map { row in row.values.map { "\($0)" }.joined(separator: "|") }
  }

  private var warnings: [String] { log.messages.filter { $0.hasPrefix("warning") } }

  /// Lines of which the third is not UTF-8 and the fourth has a wrong value.
  private func csv() throws -> String {
    try folder.write("bad.csv", Data("id,name\n1,Ada\n2,".utf8) + [0xFF, 0xC3] + Data("\nx,Bo\n3,Emi\n".utf8))
  }

  private func json() throws -> String {
    try folder.write(
      "bad.json",
      Data("{\"id\": 1, \"name\": \"Ada\"}\n{\"id\": 2, \"name\": \"".utf8) + [0xFF]
        + Data("\"}\n{\"id\": \"x\"}\n{\"id\": 3, \"name\": \"Emi\"}\n".utf8))
  }

  @Test func `PERMISSIVE keeps rows that are not UTF-8, with replaced bytes and the record`() throws {
    let schema = "id INT, name STRING, _corrupt_record STRING"
    #expect(
      try rows(spark.read.option("header", true).schema(schema).csv(csv())) == [
        "1|Ada|null", "2|\u{FFFD}\u{FFFD}|2,\u{FFFD}\u{FFFD}", "null|Bo|x,Bo", "3|Emi|null",
      ])
    #expect(
      try rows(spark.read.schema(schema).json(json())) == [
        "1|Ada|null", "null|null|{\"id\": 2, \"name\": \"\u{FFFD}\"}", "null|null|{\"id\": \"x\"}", "3|Emi|null",
      ])
    #expect(warnings == [])
  }

  @Test func `DROPMALFORMED drops records, and their number is logged`() throws {
    let reader = spark.read.option("mode", "DROPMALFORMED").schema("id INT, name STRING")
    #expect(try rows(reader.option("header", true).csv(csv())) == ["1|Ada", "3|Emi"])
    #expect(warnings.count == 1)
    #expect(warnings.last?.hasPrefix("warning 2 records in ") == true, "\(warnings)")
    #expect(warnings.last?.contains("DROPMALFORMED") == true)
    #expect(try reader.json(json()).count() == 2)
    #expect(warnings.count == 2)
  }

  @Test func `FAILFAST names the file and the line`() throws {
    let reader = spark.read.option("mode", "FAILFAST").schema("id INT, name STRING")
    let csvMessage = try errorMessage { try reader.option("header", true).csv(csv()).collect() as [Row] }
    #expect(csvMessage.contains("[MALFORMED_RECORD_IN_PARSING]"), "\(csvMessage)")
    #expect(csvMessage.contains("line 3 of ") && csvMessage.contains("bad.csv"), "\(csvMessage)")
    #expect(csvMessage.contains("BadRecordTests.swift"), "\(csvMessage)")
    let jsonMessage = try errorMessage { try reader.json(json()).collect() as [Row] }
    #expect(jsonMessage.contains("line 2 of ") && jsonMessage.contains("bad.json"), "\(jsonMessage)")
  }

  @Test func `badRecordsPath keeps records aside, with their files`() throws {
    let aside = "\(folder.path)/aside"
    let reader = spark.read.option("badRecordsPath", aside).schema("id INT, name STRING")
    #expect(try rows(reader.option("header", true).csv(csv())) == ["1|Ada", "3|Emi"])
    let times = try folder.names("aside")
    #expect(times.count == 1)
    let files = try folder.names("aside/\(times[0])/bad_records")
    #expect(files.count == 1)
    let kept = spark.read.json("\(aside)/\(times[0])/bad_records/\(files[0])")
    #expect(try kept.columns == ["path", "position", "reason", "record"])
    #expect(try rows(kept.select("record").orderBy("position")) == ["2,\u{FFFD}\u{FFFD}", "x,Bo"])
    #expect(try rows(kept.select("path").distinct()) == ["\(folder.path)/bad.csv"])
    #expect(warnings.last?.contains(aside) == true, "\(warnings)")
  }

  @Test func `the setting names the column for records that do not parse`() throws {
    spark.conf.set("spark.sql.columnNameOfCorruptRecord", "broken")
    let path = try folder.write("a.json", "{\"a\": 1}\noops\n[1]\n")
    let frame = spark.read.json(path)
    #expect(try frame.columns == ["a", "broken"])
    #expect(try rows(frame) == ["1|null", "null|oops", "null|[1]"])
    let other = spark.read.option("columnNameOfCorruptRecord", "x").json(path)
    #expect(try other.columns == ["a", "x"])
  }
}
