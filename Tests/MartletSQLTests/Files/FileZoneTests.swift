import MartletCore
import MartletRDD
import MartletSQL
import Testing

@Suite(
  "Times in files", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct FileZoneTests {
  private let folder: FileFolder
  private let spark: SparkSession

  init() throws {
    folder = try FileFolder()
    spark = try .forTest()
    spark.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
  }

  /// Texts of times, and the times in UTC. In Berlin the clock went from 02:00 to 03:00 on 2024-03-31.
  private static let times = [
    ("2024-01-15 12:00:00", "2024-01-15 11:00:00"), ("2024-07-15T12:00:00.5", "2024-07-15 10:00:00.5"),
    ("2024-03-31 01:59:59", "2024-03-31 00:59:59"), ("2024-03-31 03:00:00", "2024-03-31 01:00:00"),
    ("2024-07-15 12:00:00Z", "2024-07-15 12:00:00"), ("2024-07-15 12:00:00+05:30", "2024-07-15 06:30:00"),
    ("2024-07-15", "2024-07-14 22:00:00"), ("1969-12-31 23:59:59", "1969-12-31 22:59:59"),
  ]

  @Test(arguments: ["csv", "json"])
  func `are in the zone of the session, unless they have an offset of their own`(format: String) throws {
    let lines = Self.times.map { format == "csv" ? $0.0 : #"{"t": "\#($0.0)"}"# }
    let path = try folder.write("times.\(format)", lines.joined(separator: "\n"))
    let rows: [Row] = try spark.read.format(format).schema("t TIMESTAMP").load(path).collect()
    let expected = try Self.times.map { try #require(SQLTimestamp($0.1)) }
    #expect(try rows.map { try $0.getTimestamp(0) } == expected)
  }

  @Test(arguments: ["csv", "json"])
  func `without a zone are as they are written`(format: String) throws {
    let lines = Self.times.prefix(4).map { format == "csv" ? $0.0 : #"{"t": "\#($0.0)"}"# }
    let path = try folder.write("times.\(format)", lines.joined(separator: "\n"))
    let rows: [Row] = try spark.read.format(format).schema("t TIMESTAMP_NTZ").load(path).collect()
    let expected = try Self.times.prefix(4).map { try #require(SQLTimestamp($0.0)) }
    #expect(try rows.map { try $0.getTimestamp(0) } == expected)
  }

  @Test func `that are whole numbers in JSON are seconds since 1970 in UTC`() throws {
    let path = try folder.write("seconds.json", "{\"t\": 0}\n{\"t\": 1721044800}\n{\"t\": -1}\n")
    let rows: [Row] = try spark.read.schema("t TIMESTAMP").json(path).collect()
    #expect(try rows.map { try $0.getTimestamp(0).microseconds } == [0, 1_721_044_800_000_000, -1_000_000])
  }
}
