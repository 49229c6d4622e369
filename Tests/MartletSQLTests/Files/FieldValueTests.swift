import MartletCore
import MartletRDD
import MartletSQL
import Testing

/// The values of fields of CSV files, which are read without the engine's casts.
@Suite(
  "Values of fields", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct FieldValueTests {
  private let folder: FileFolder
  private let spark: SparkSession

  init() throws {
    folder = try FileFolder()
    spark = try .forTest()
  }

  /// The values of texts as cells of a frame; `NULL` for those that do not parse.
  private func values(_ type: String, _ texts: [String]) throws -> [String] {
    let path = try folder.write("\(type).csv", texts.map { "\($0),end\n" }.joined())
    let rows: [Row] = try spark.read.schema("x \(type), y STRING, _corrupt_record STRING").csv(path).collect()
    try #require(rows.count == texts.count)
    for (text, row) in zip(texts, rows) {
      #expect(row[1] == "end")
      // A text that does not parse is kept as it is.
      let record = row[0].isNull && !text.isEmpty ? "\(text),end" : nil
      #expect(row[2] == (record.map { .string($0) } ?? .null), "\(text)")
    }
    return rows.map { $0[0].isNull ? "NULL" : "\($0[0])" }
  }

  @Test(arguments: [
    (
      "BIGINT", ["0", "-0", "+7", "007", "9223372036854775807", "-9223372036854775808", "00000000000000000000012"],
      ["0", "0", "7", "7", "9223372036854775807", "-9223372036854775808", "12"]
    ),
    (
      "BIGINT",
      ["", "9223372036854775808", "-9223372036854775809", "1.0", "1e3", "--1", "+", "-", "0x1", "1_0", "1L", "１"],
      Array(repeating: "NULL", count: 12)
    ),
    ("INT", ["2147483647", "-2147483648", "2147483648", "1.5"], ["2147483647", "-2147483648", "NULL", "NULL"]),
    ("SMALLINT", ["32767", "-32768", "32768"], ["32767", "-32768", "NULL"]),
    ("TINYINT", ["127", "-128", "128", "-129"], ["127", "-128", "NULL", "NULL"]),
    (
      "BOOLEAN", ["true", "FALSE", "True", "1", "yes", "tru", "truee"],
      ["true", "false", "true", "NULL", "NULL", "NULL", "NULL"]
    ),
    (
      "DATE",
      [
        "2026-02-28", "2024-02-29", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "1969-12-31", "2026-2-3",
        "x",
      ],
      ["2026-02-28", "2024-02-29", "NULL", "NULL", "NULL", "NULL", "1969-12-31", "2026-02-03", "NULL"]
    ),
    (
      "TIMESTAMP",
      [
        "2026-01-02 03:04:05", "2026-01-02T03:04:05.6", "2026-01-02 03:04:05.123456", "1969-12-31 23:59:59.999999",
        "2026-01-02 24:00:00", "2026-01-02 03:60:00", "2026-01-02 03:04:05.", "2026-01-02",
      ],
      [
        "2026-01-02 03:04:05", "2026-01-02 03:04:05.6", "2026-01-02 03:04:05.123456", "1969-12-31 23:59:59.999999",
        "NULL", "NULL", "NULL", "2026-01-02 00:00:00",
      ]
    ),
  ])
  func `a field is a value of its column's type, or its record is bad`(
    type: String, texts: [String], expected: [String]
  ) throws {
    let found = try values(type, texts)
    #expect(found == expected, "\(found)")
  }

  @Test func `numbers with a point are the nearest ones`() throws {
    var texts = [
      "0", "-0.0", "1.5", ".5", "5.", "1e3", "1E-3", "+2.5e+2", "123456789012345678", "0.1", "0.30000000000000004",
      "9007199254740993", "1.7976931348623157e308", "1e309", "-1e400", "5e-324", "1e-400", "2.2250738585072011e-308",
      "0.000000000000000000000000000001", "00000000000000000000000000000.5", "8.41e21", "1e22", "1e23",
    ]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      texts.append("\(Double(bitPattern: random.next() & 0x7FEF_FFFF_FFFF_FFFF))")
      texts.append(
        "\(Int64.random(in: -1_000_000...1_000_000, using: &random)).\(Int64.random(in: 0...999_999, using: &random))")
    }
    let path = try folder.write("numbers.csv", texts.joined(separator: "\n"))
    let doubles: [Row] = try spark.read.schema("x DOUBLE").csv(path).collect()
    #expect(doubles.map { $0[0] } == texts.map { Double($0).map { .double($0) } ?? .null })
    let floats: [Row] = try spark.read.schema("x FLOAT").csv(path).collect()
    #expect(floats.map { $0[0] } == texts.map { Float($0).map { .float($0) } ?? .null })
    for bad in ["1e", "e5", ".", "-", "1.2.3", "0x10", "1f", "1 ", "1_0"] {
      #expect(try values("DOUBLE", [bad]) == ["NULL"], "\(bad)")
    }
    #expect(
      try values("DOUBLE", ["NaN", "Infinity", "-Infinity"]).map { $0.lowercased() } == [
        "nan", "infinity", "-infinity",
      ])
  }

  @Test func `lines of every length are taken apart at their separators`() throws {
    // Separators and quotes on both sides of the borders of blocks of 64 bytes.
    for width in [1, 2, 5] {
      var lines: [String] = []
      var expected: [[String?]] = []
      for length in 0..<200 {
        let fields = (0..<width).map {
          String(
            repeating: "abcdé"[String.Index(utf16Offset: ($0 + length) % 5, in: "abcdé")], count: length * ($0 + 1) % 67
          )
        }
        guard fields.contains(where: { !$0.isEmpty }) || width > 1 else { continue }
        lines.append(fields.joined(separator: ","))
        expected.append(fields.map { $0.isEmpty ? nil : $0 })
        let quoted = fields.map { "\"\($0),\"" }
        lines.append(quoted.joined(separator: ","))
        expected.append(fields.map { "\($0)," })
      }
      let path = try folder.write("width\(width).csv", lines.joined(separator: "\n"))
      let schema = (0..<width).map { "c\($0) STRING" }.joined(separator: ", ")
      let rows: [Row] = try spark.read.schema(schema).option("mode", "FAILFAST").csv(path).collect()
      #expect(rows.map { row in row.values.map { $0.isNull ? nil : "\($0)" } } == expected)
    }
  }

  @Test func `missing and surplus fields make a record bad, and the fields that are there count`() throws {
    let path = try folder.write("ragged.csv", "1,a\n2\n3,c,x\n,\n4,d\n")
    let schema = "n INT, s STRING, _corrupt_record STRING"
    let rows: [Row] = try spark.read.schema(schema).csv(path).collect()
    #expect(
      rows == [Row(1, "a", nil), Row(2, nil, "2"), Row(3, "c", "3,c,x"), Row(nil, nil, nil), Row(4, "d", nil)])
    let dropped: [Row] = try spark.read.schema("n INT, s STRING").option("mode", "DROPMALFORMED").csv(path).collect()
    #expect(dropped == [Row(1, "a"), Row(nil, nil), Row(4, "d")])
  }
}
