import Foundation
import MartletCore
import MartletRDD
import MartletSQL
import Testing

@Suite(
  "Avro and Arrow", .serialized, .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct AvroAndArrowTests {
  private let folder: String
  private let spark: SparkSession

  init() throws {
    folder = NSTemporaryDirectory() + "martlet-avro-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    spark = try .forTest()
  }

  /// Removes what a test has made.
  private func end() throws {
    spark.stop()
    try FileManager.default.removeItem(atPath: folder)
  }

  private func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../MartletFormatTests/Fixtures/\(name)").standardizedFileURL.path
  }

  private func rows(_ frame: DataFrame) throws -> [String] {
    let rows: [Row] = try frame.collect()
    return rows.map { row in row.values.map { "\($0)" }.joined(separator: "|") }
  }

  private func schema(_ frame: DataFrame) throws -> [String] {
    try frame.schema.fields.map { "\($0.name) \($0.type)" }
  }

  private func message(_ body: () throws -> some Any) throws -> String {
    "\(try #require(throws: MartletError.self) { _ = try body() })"
  }

  /// Rows of all types that both formats have, with nulls.
  private func everything() throws -> DataFrame {
    try spark.sql(
      """
      SELECT id, id % 2 = 0 AS flag, CAST(id AS TINYINT) AS b, CAST(-id AS SMALLINT) AS s, CAST(id * 1000 AS INT) AS i,
        CAST(id / 3 AS FLOAT) AS f, id / 7 AS d, CAST(id / 8 AS DECIMAL(12, 3)) AS m,
        CAST(concat('1234567890123456789012345', CAST(id AS STRING)) AS DECIMAL(38, 0)) AS big,
        CASE WHEN id % 3 = 0 THEN NULL ELSE repeat('wörd', CAST(id AS INT)) END AS word, unhex('00ff') AS raw,
        date_add(DATE '1999-12-30', CAST(id AS INT)) AS day,
        TIMESTAMP '2024-05-06 07:08:09.123456' + make_interval(0, 0, 0, CAST(id AS INT)) AS t,
        CAST('1960-05-06 07:08:09.123456' AS TIMESTAMP_NTZ) AS ntz,
        CASE WHEN id % 4 = 1 THEN NULL ELSE transform(sequence(0, id), x -> CASE WHEN x = 2 THEN NULL ELSE x END) END AS list,
        map(concat('k', CAST(id AS STRING)), id, 'other', NULL) AS m2,
        CASE WHEN id % 5 = 2 THEN NULL ELSE named_struct('x', id, 'y', array(named_struct('z', CAST(id AS STRING)))) END AS st
      FROM range(12)
      """)
  }

  @Test(
    "Rows of all types are the same after they are written and read", .timeLimit(.minutes(30)),
    arguments: ["avro", "arrow"])
  func roundTrip(format: String) throws {
    let frame = try everything()
    let path = "\(folder)/out"
    try frame.write.format(format).save(path)
    let files = try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix("_") }
    #expect(files.count == 1 && files[0].hasSuffix(".\(format)"))
    let read = spark.read.format(format).load(path)
    // Avro has no integers of one or two bytes.
    let expected = try schema(frame).map { name in
      format == "avro" && ["b tinyint", "s smallint"].contains(name) ? "\(name.prefix(1)) int" : name
    }
    #expect(try schema(read) == expected)
    #expect(try rows(read.orderBy("id")) == rows(frame.orderBy("id")))
    #expect(try rows(read.selectExpr("count(*)", "sum(st.x)", "max(st.y[0].z)")) == ["12|57|9"])
    try end()
  }

  @Test("Methods, globs, folders with keys and save modes work as for other formats", .timeLimit(.minutes(30)))
  func folders() throws {
    let frame = try spark.sql("SELECT id, id % 3 AS part, CAST(id AS STRING) AS name FROM range(10)")
    for format in ["avro", "arrow"] {
      let path = "\(folder)/\(format)"
      func read(_ path: String) -> DataFrame { format == "avro" ? spark.read.avro(path) : spark.read.arrow(path) }
      let writer = frame.write.partitionBy("part")
      if format == "avro" { try writer.avro(path) } else { try writer.arrow(path) }
      let all = read(path)
      #expect(try schema(all) == ["id bigint", "name string", "part int"])
      #expect(try rows(all.orderBy("id")) == (0..<10).map { "\($0)|\($0)|\($0 % 3)" })
      #expect(try rows(read("\(path)/part=1/*.\(format)").orderBy("id")) == ["1|1", "4|4", "7|7"])
      #expect(try rows(all.filter("part = 2").select("id").orderBy("id")) == ["2", "5", "8"])
      #expect(try message { try frame.write.format(format).save(path) }.contains("PATH_ALREADY_EXISTS"))
      try frame.write.mode("append").partitionBy("part").format(format).save(path)
      #expect(try read(path).count() as Int == 20)
      // A schema of the user selects columns, and adds those that are missing.
      let some = spark.read.format(format).schema("name STRING, id BIGINT, other INT").load("\(path)/part=0")
      #expect(try rows(some.distinct().orderBy("id")).first == "0|0|null")
      #expect(
        try message { try spark.read.format(format).schema("name INT").load(path).schema }
          .contains("The column 'name' is of type string in the files, but int in the schema"))
    }
    try end()
  }

  @Test("Files that other programs have written are tables", .timeLimit(.minutes(30))) func fixtures() throws {
    let avro = spark.read.avro(fixture("everything-snappy.avro"))
    #expect(
      try schema(avro) == [
        "nothing void", "flag boolean", "small int", "large bigint", "single float", "precise double", "raw binary",
        "word string", "maybe string", "either struct<member0:string,member1:int>", "number bigint", "suit string",
        "code binary", "items array<bigint>", "counts map<string,int>", "point struct<x:int,y:double>",
        "other struct<x:int,y:double>", "price decimal(10,2)", "weight decimal(38,3)", "day date", "millis timestamp",
        "micros timestamp", "local timestamp_ntz", "clock int", "id string",
      ])
    #expect(
      try rows(
        avro.selectExpr(
          "count(*)", "sum(small)", "count(maybe)", "sum(either.member1)", "sum(size(items))", "sum(counts['k1'])",
          "sum(point.x)", "count(other)", "max(price)", "min(day)", "max(micros)", "max(local)"))
        == rows(
          spark.sql(
            """
            SELECT 200L, 100L, 160L, 6567L, 496L, 100L, 19900L, 67L, CAST(19566.55 AS DECIMAL(10, 2)), DATE '1950-01-01',
              TIMESTAMP '1976-04-22 05:46:40.000007', CAST('2024-03-31 02:33:19' AS TIMESTAMP_NTZ)
            """)))
    let arrow = spark.read.arrow(fixture("everything.arrow"))
    #expect(
      try schema(arrow) == [
        "nothing void", "flag boolean", "i8 tinyint", "i16 smallint", "i32 int", "i64 bigint", "u8 smallint", "u16 int",
        "u32 bigint", "u64 decimal(20,0)", "f32 float", "f64 double", "dec decimal(20,2)", "big decimal(38,3)",
        "word string", "large string", "view string", "raw binary", "fixed binary", "d32 date", "d64 date",
        "ts_s timestamp_ntz", "ts_ms timestamp_ntz", "ts_us timestamp", "ts_ns timestamp_ntz",
        "span interval day to second", "months interval", "list array<int>", "large_list array<string>",
        "pair array<smallint>", "struct struct<x:int,y:string>", "map map<string,bigint>", "dict string",
      ])
    #expect(
      try rows(
        arrow.selectExpr(
          "count(*)", "sum(u8)", "max(u64)", "count(dict)", "count(DISTINCT dict)", "max(view)", "sum(map['k1'])",
          "min(ts_ns)", "sum(struct.x)", "max(dec)"))
        == rows(
          spark.sql(
            """
            SELECT 50L, 8535L, CAST(18446744073709551615 AS DECIMAL(20, 0)), 37L, 7L,
              'view 8view 8view 8', 24L, CAST('1969-12-31 23:59:59' AS TIMESTAMP_NTZ), 900L, CAST(390.48 AS DECIMAL(20, 2))
            """)))
    try end()
  }

  @Test("Lists longer than a chunk, with nulls in them, keep their elements", .timeLimit(.minutes(30)))
  func longLists() throws {
    let frame = try spark.sql(
      """
      SELECT id, transform(sequence(0, id * 3000), x -> CASE WHEN x % 3 = 0 THEN NULL ELSE named_struct('n', x, 's', CAST(x AS STRING)) END) AS list
      FROM range(5)
      """)
    for format in ["avro", "arrow"] {
      let path = "\(folder)/\(format)"
      try frame.write.format(format).save(path)
      let read = spark.read.format(format).load(path)
      #expect(try rows(read.orderBy("id")) == rows(frame.orderBy("id")))
    }
    try end()
  }

  @Test("Many rows are read in parallel, each once", .timeLimit(.minutes(30))) func parallel() throws {
    let frame = try spark.sql("SELECT id, concat('row ', CAST(id AS STRING)) AS name FROM range(300000)")
    for format in ["avro", "arrow"] {
      let path = "\(folder)/\(format)"
      try frame.write.format(format).save(path)
      try frame.write.mode("append").format(format).save(path)
      let read = spark.read.format(format).load(path)
      #expect(
        try rows(read.selectExpr("count(*)", "count(DISTINCT id)", "sum(id)", "sum(length(name))"))
          == ["600000|300000|89999700000|\(2 * (1_688_890 + 4 * 300_000))"])
      #expect(try rows(read.limit(2).select("id")).count == 2)
      #expect(try rows(read.selectExpr("count(*)")) == ["600000"])
    }
    try end()
  }

  @Test("The option avroSchema decides the columns, in both directions", .timeLimit(.minutes(30)))
  func avroSchema() throws {
    let path = "\(folder)/out"
    let frame = try spark.sql("SELECT 7 AS id, 'A' AS suit")
    try frame.write.option(
      "avroSchema",
      #"{"type":"record","name":"R","fields":[{"name":"suit","type":{"type":"enum","name":"S","symbols":["A","B"]}},{"name":"id","type":["null","long"]}]}"#
    ).option("compression", "deflate").avro(path)
    #expect(try schema(spark.read.avro(path)) == ["suit string", "id bigint"])
    let evolved = spark.read.option(
      "avroSchema",
      #"{"type":"record","name":"R","fields":[{"name":"id","type":["null","double"]},{"name":"more","type":"string","default":"none"}]}"#
    ).avro(path)
    #expect(try schema(evolved) == ["id double", "more string"])
    #expect(try rows(evolved) == ["7.0|none"])
    let missing = spark.read.option(
      "avroSchema", #"{"type":"record","name":"R","fields":[{"name":"no","type":"int"}]}"#)
    #expect(try message { try rows(missing.avro(path)) }.contains("lacks the field 'no', which has no default"))
    #expect(
      try message { try spark.read.option("avroSchema", "{").avro(path).schema }.contains("The option avroSchema"))
    #expect(
      try message { try frame.write.option("avroSchema", #""int""#).avro("\(folder)/other") }.contains(
        "the schema is int"))
    #expect(
      try message {
        try spark.sql("SELECT 'C' AS suit").write.option(
          "avroSchema",
          #"{"type":"record","name":"R","fields":[{"name":"suit","type":{"type":"enum","name":"S","symbols":["A"]}}]}"#
        ).avro("\(folder)/other")
      }.contains("'C' is none of the symbols A"))
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/other"))
    try end()
  }

  @Test("Options that are wrong, and types and names that Avro lacks, are refused", .timeLimit(.minutes(30)))
  func refusals() throws {
    let frame = try spark.sql("SELECT 1 AS a")
    let path = "\(folder)/out"
    #expect(
      try message { try frame.write.option("compression", "xz").avro(path) }.contains(
        "The compression 'xz' of Avro files"))
    #expect(try message { try frame.write.option("compression", "lz4").arrow(path) }.contains("The option compression"))
    #expect(try message { try frame.write.option("recordname", "a b").avro(path) }.contains("no name in Avro"))
    #expect(try message { try spark.sql("SELECT 1 AS `a b`").write.avro(path) }.contains("'a b'"))
    #expect(
      try message { try spark.sql("SELECT map(1, 2) AS m").write.avro(path) }.contains("keys are not strings"))
    #expect(
      try message { try spark.read.option("no", 1).avro(fixture("everything-null.avro")).schema }.contains(
        "no option 'no'"))
    #expect(try message { try spark.read.avro("\(folder)/none").schema }.contains("PATH_NOT_FOUND"))
    #expect(!FileManager.default.fileExists(atPath: path))
    try frame.write.option("recordName", "Line").option("recordNamespace", "org.example").avro(path)
    let file = try #require(FileManager.default.contentsOfDirectory(atPath: path).first { $0.hasSuffix(".avro") })
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(file)"))
    #expect(String(decoding: bytes, as: UTF8.self).contains(#""name":"Line","namespace":"org.example""#))
    try bytes.write(to: URL(fileURLWithPath: "\(path)/copy.other"))
    #expect(try spark.read.avro(path).count() as Int == 2)
    #expect(try spark.read.option("ignoreExtension", false).avro(path).count() as Int == 1)
    try end()
  }

  @Test("A damaged file fails the query with the file, the block and the line", .timeLimit(.minutes(30)))
  func damage() throws {
    for (name, part) in [("everything-snappy.avro", "block"), ("everything.arrows", "message")] {
      var bytes = try Data(contentsOf: URL(fileURLWithPath: fixture(name)))
      // In the middle of the last block or message.
      let place = bytes.count - 100
      let path = "\(folder)/\(name)"
      try Data(bytes[..<place]).write(to: URL(fileURLWithPath: path))
      let frame = spark.read.format(name.hasSuffix("avro") ? "avro" : "arrow").load(path)
      let text = try message { try rows(frame) }
      #expect(text.contains("[FAILED_READ_FILE]") && text.contains(path) && text.contains("\(part) "))
      #expect(text.contains("collect at ") && text.contains("at byte "))
      bytes[0] = 0
      try bytes.write(to: URL(fileURLWithPath: path))
      let other = try message { try rows(spark.read.format(name.hasSuffix("avro") ? "avro" : "arrow").load(path)) }
      #expect(other.contains("[FAILED_READ_FILE]") && other.contains(path))
    }
    try end()
  }

  @Test("A view of files is readable after its frame is gone", .timeLimit(.minutes(30))) func views() throws {
    try spark.read.avro(fixture("everything-deflate.avro")).createOrReplaceTempView("everything")
    try spark.read.arrow(fixture("everything.arrows")).createOrReplaceTempView("arrows")
    #expect(
      try rows(spark.sql("SELECT count(*), sum(a.i32) FROM everything e JOIN arrows a ON e.point.x = a.i32 + 40"))
        == rows(spark.sql("SELECT count(*), sum(-id) FROM range(50) WHERE id % 4 <> 1 AND id <= 40")))
    try end()
  }

  @Test("A stream of Arrow has the rows of a frame, and can be read", .timeLimit(.minutes(30))) func arrowStream()
    throws
  {
    let frame = try everything()
    let bytes: [UInt8] = try frame.toArrow()
    let path = "\(folder)/stream.arrows"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    #expect(try rows(spark.read.arrow(path).orderBy("id")) == rows(frame.orderBy("id")))
    let other = "\(folder)/other.arrows"
    #expect(FileManager.default.createFile(atPath: other, contents: nil))
    let handle = try #require(FileHandle(forWritingAtPath: other))
    try frame.writeArrowStream(to: handle.fileDescriptor)
    try handle.close()
    #expect(try spark.read.arrow(other).count() as Int == 12)
    let failing = try spark.sql("SELECT 1 / (id - 3) AS x FROM range(10)")
    #expect(try message { try failing.toArrow() as [UInt8] }.contains("DIVIDE_BY_ZERO"))
    #expect(try message { try frame.writeArrowStream(to: -1) }.contains("Cannot write a stream of Arrow"))
    try end()
  }

  @Test("Intervals are written to Arrow as Spark writes them", .timeLimit(.minutes(30))) func intervals() throws {
    let frame = try spark.sql(
      "SELECT INTERVAL '1 02:03:04.5' DAY TO SECOND AS d, INTERVAL '1-2' YEAR TO MONTH AS y, make_interval(1, 2, 3, 4, 5, 6, 7.5) AS c"
    )
    try frame.write.arrow("\(folder)/out")
    let read = spark.read.arrow("\(folder)/out")
    #expect(try schema(read) == ["d interval day to second", "y interval year to month", "c interval"])
    #expect(try rows(read.select("y", "c")) == rows(frame.select("y", "c")))
    // Arrow has the length of the interval.
    #expect(try rows(read.select("d")) == ["26 hours 3 minutes 4.5 seconds"])
    #expect(try message { try frame.write.avro("\(folder)/avro") }.contains("has a type that Avro does not have"))
    try end()
  }
}
