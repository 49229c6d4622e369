import Foundation
import MartletCore
import MartletRDD
import MartletSQL
import Testing

@Suite(
  "Lines of files", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct LineFileTests {
  private let folder: FileFolder
  private let spark: SparkSession

  init() throws {
    folder = try FileFolder()
    spark = try .forTest()
  }

  private func lines(_ path: String) throws -> [String] {
    let rows: [Row] = try spark.read.text(path).collect()
    return rows.map { "\($0[0])" }
  }

  @Test(arguments: [
    ("", []), ("a", ["a"]), ("a\n", ["a"]), ("\n\n", ["", ""]), ("a\r\nb\r\n", ["a", "b"]), ("a\rb\r", ["a", "b"]),
    ("a\r\n\rb\n\n", ["a", "", "b", ""]), ("\u{FEFF}a\n\u{FEFF}b", ["a", "\u{FEFF}b"]), ("a\0b\nc", ["a\0b", "c"]),
    ("\r", [""]), ("é\u{2028}x\n", ["é\u{2028}x"]),
  ])
  func `lines end with a line feed, a carriage return, or both`(text: String, expected: [String]) throws {
    #expect(try lines(folder.write("a.txt", text)) == expected)
  }

  @Test func `a large file is read in pieces, each line once and in order`() throws {
    // Lines of very different lengths, so that pieces begin everywhere in them, with each kind of end.
    var text = ""
    var expected: [String] = []
    let ends = ["\n", "\r\n", "\r"]
    for number in 0..<60_000 {
      let line = "\(number):" + String(repeating: number % 7 == 0 ? "é" : "x", count: number * 31 % 97)
      expected.append(line)
      text += line + ends[number % 3]
    }
    text += String(repeating: "y", count: 5_000_000) + "\nlast"
    expected += [String(repeating: "y", count: 5_000_000), "last"]
    let path = try folder.write("large.txt", text)
    #expect(try lines(path) == expected)
    let frame = spark.read.text(path)
    #expect(try frame.count() == expected.count)
    #expect(try frame.distinct().count() == expected.count)
  }

  @Test func `a line that is too long is an error with its place, and the setting that admits it`() throws {
    let conf = MartletConf().setMaster("local[2]").setAppName("long").set("martlet.line.maximum.bytes", "3000000")
    let spark = try SparkSession(MartletContext(conf: conf))
    let fits = try folder.write("fits.txt", String(repeating: "a", count: 3_000_000) + "\nb\n")
    #expect(try spark.read.text(fits).count() == 2)
    let path = try folder.write("long.txt", "a\n" + String(repeating: "b", count: 3_000_001) + "\n")
    for frame in [
      spark.read.text(path), spark.read.schema("a STRING").csv(path), spark.read.schema("a STRING").json(path),
    ] {
      let message = try errorMessage { try frame.collect() as [Row] }
      #expect(message.contains("FAILED_READ_FILE") && message.contains("martlet.line.maximum.bytes"), "\(message)")
      #expect(message.contains("long.txt'") && message.contains("from byte 2"), "\(message)")
    }
  }

  @Test func `a field of many megabytes is read`() throws {
    let long = String(repeating: "z", count: 30_000_000)
    let path = try folder.write("long.json", "{\"a\": \"\(long)\", \"b\": 1}\n")
    let rows: [Row] = try spark.read.json(path).selectExpr("length(a)", "b").collect()
    #expect(rows[0][0] == .integer(30_000_000) && rows[0][1] == .long(1))
  }

  @Test func `compressed files are read whole, and damaged ones are an error by name`() throws {
    let frame = try spark.sql("SELECT 'line ' || id AS value FROM range(200000)")
    try frame.write.option("compression", "gzip").text("\(folder.path)/packed")
    #expect(try spark.read.text("\(folder.path)/packed").except(frame).count() == 0)
    #expect(try spark.read.text("\(folder.path)/packed").count() == 200_000)
    let name = try #require(try folder.names("packed").first { $0.hasSuffix(".gz") })
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/packed/\(name)"))
    let cut = try folder.write("cut.txt.gz", bytes.prefix(bytes.count / 2))
    let message = try errorMessage { try spark.read.text(cut).collect() as [Row] }
    #expect(message.contains("cut.txt.gz") && message.contains("FAILED_READ_FILE"), "\(message)")
    let plain = try folder.write("plain.gz", "not packed\n")
    #expect(throws: MartletError.self) { try spark.read.text(plain).collect() as [Row] }
    #expect(try spark.read.option("compression", "none").text(plain).count() == 1)
  }

  @Test func `a view reads a file as it is when a query begins`() throws {
    let path = try folder.write("a.csv", "1\n")
    try spark.read.schema("a INT").csv(path).createOrReplaceTempView("numbers")
    #expect(try spark.table("numbers").count() == 1)
    try folder.write("a.csv", "1\n2\n3\n")
    #expect(try spark.table("numbers").count() == 3)
    try FileManager.default.removeItem(atPath: path)
    let message = try errorMessage { try spark.table("numbers").count() }
    #expect(message.contains("[FAILED_READ_FILE.FILE_NOT_EXIST]") && message.contains("a.csv"), "\(message)")
  }

  @Test func `a file that is shortened while it is read is an error by name`() throws {
    let path = try folder.write("a.txt", String(repeating: "0123456789abcde\n", count: 2_000_000))
    let rows = try spark.read.text(path).toLocalIterator()
    #expect(try rows.next() != nil)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: 100)
    try handle.close()
    let message = try errorMessage { while try rows.next() != nil {} }
    #expect(message.contains("a.txt") && message.contains("FAILED_READ_FILE"), "\(message)")
  }

  @Test func `bytes that are not UTF-8 are replaced in texts`() throws {
    let path = try folder.write("a.txt", Data([97, 255, 98, 10, 99, 10]))
    #expect(try lines(path) == ["a\u{FFFD}b", "c"])
    let whole: [Row] = try spark.read.option("wholetext", true).text(path).collect()
    #expect(whole.map { "\($0[0])" } == ["a\u{FFFD}b\nc\n"])
  }
}
