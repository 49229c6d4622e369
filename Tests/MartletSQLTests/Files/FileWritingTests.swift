import Foundation
import MartletCore
import MartletRDD
import MartletSQL
import Testing

@Suite(
  "Writing files", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct FileWritingTests {
  private let folder: FileFolder
  private let spark: SparkSession
  private var out: String { "\(folder.path)/out" }

  init() throws {
    folder = try FileFolder()
    spark = try .forTest()
  }

  private func people() throws -> DataFrame {
    try spark.sql("SELECT * FROM VALUES (1, 'Ada', 36), (2, 'Emi', NULL), (3, 'Bo', 5) AS t(id, name, age)")
  }

  private func rows(_ frame: DataFrame) throws -> [String] {
    let rows: [Row] = try frame.collect()
    return rows.map { row in row.values.map { "\($0)" }.joined(separator: "|") }
  }

  @Test func `a folder has a file of rows and the mark of success, and nothing else is left`() throws {
    try people().write.option("header", true).csv(out)
    let names = try folder.names("out")
    #expect(names.count == 2)
    #expect(names[0] == "_SUCCESS")
    #expect(names[1].hasPrefix("part-00000-") && names[1].hasSuffix("-c000.csv"))
    #expect(try folder.parts("out") == ["": "id,name,age\n1,Ada,36\n2,Emi,\n3,Bo,5\n"])
    #expect(try folder.names() == ["out"])
  }

  @Test func `an action suspends the task in async code, and blocks elsewhere`() async throws {
    let frame = try people()
    try await frame.write.mode("overwrite").json(out)
    try await frame.write.mode("append").format("json").save(out)
    #expect(try await spark.read.json(out).count() == 6)
    func blocking() throws { try frame.write.mode(.append).json(out) }
    try blocking()
    #expect(try await spark.read.json(out).count() == 9)
  }

  @Test func `each format is read back as it was written`() throws {
    let frame = try spark.sql(
      """
      SELECT * FROM VALUES (1, 'a,"b', 1.5D, true, DATE '2024-01-02', TIMESTAMP '2024-01-02 03:04:05'),
      (2, NULL, NULL, NULL, NULL, NULL) AS t(i, s, d, b, day, time)
      """)
    let schema = "i INT, s STRING, d DOUBLE, b BOOLEAN, day DATE, time TIMESTAMP"
    for format in ["csv", "json", "parquet"] {
      try frame.write.format(format).save("\(out)/\(format)")
      let back = spark.read.format(format).schema(schema).load("\(out)/\(format)")
      #expect(try rows(back) == rows(frame), "\(format)")
    }
    #expect(try spark.read.parquet("\(out)/parquet").schema == frame.schema)
    try frame.select("s").na.fill("").write.text("\(out)/text")
    #expect(try rows(spark.read.text("\(out)/text")) == ["a,\"b", ""])
  }

  @Test func `without a format, files are Parquet`() throws {
    try people().write.save(out)
    #expect(try folder.names("out").contains { $0.hasSuffix(".snappy.parquet") })
    #expect(try rows(spark.read.load(out)) == rows(people()))
  }

  @Test(arguments: [
    ("csv", "gzip", ".csv.gz"), ("csv", "zstd", ".csv.zst"), ("json", "gzip", ".json.gz"),
    ("json", "zstd", ".json.zst"),
    ("text", "gzip", ".txt.gz"), ("parquet", "zstd", ".zstd.parquet"), ("parquet", "gzip", ".gz.parquet"),
    ("parquet", "none", "c000.parquet"), ("parquet", "lz4_raw", ".lz4_raw.parquet"),
  ])
  func `compressed files are read back by their endings`(format: String, codec: String, ending: String) throws {
    let frame = try people().select("name")
    try frame.write.format(format).option("compression", codec).save(out)
    #expect(try folder.names("out").contains { $0.hasSuffix(ending) })
    #expect(
      try rows(spark.read.format(format).schema(format == "text" ? "value STRING" : "name STRING").load(out)) == [
        "Ada", "Emi", "Bo",
      ])
  }

  // MARK: Modes

  @Test func `a path that is taken is refused, unless a mode says otherwise`() throws {
    try people().write.csv(out)
    let message = try errorMessage { try people().write.csv(out) }
    #expect(message.contains("[PATH_ALREADY_EXISTS]") && message.contains("FileWritingTests.swift"), "\(message)")
    try people().write.mode("ignore").csv(out)
    #expect(try rows(spark.read.csv(out)).count == 3)
    try people().limit(1).write.mode("append").csv(out)
    #expect(try rows(spark.read.csv(out)).count == 4)
    try people().limit(2).write.mode("overwrite").csv(out)
    #expect(try rows(spark.read.csv(out)).count == 2)
    #expect(try folder.names() == ["out"])
    let unknown = try errorMessage { try people().write.mode("replace").csv(out) }
    #expect(unknown.contains("[INVALID_SAVE_MODE]"), "\(unknown)")
  }

  @Test func `appended files never collide, also from several threads`() async throws {
    let frame = try people()
    try await frame.write.csv(out)
    try await withThrowingTaskGroup(of: Void.self) { [out] group in
      for _ in 0..<8 { group.addTask { try await frame.write.mode(.append).csv(out) } }
      try await group.waitForAll()
    }
    #expect(try await spark.read.csv(out).count() == 27)
    #expect(try folder.names() == ["out"])
  }

  @Test func `a reader sees a whole folder while it is overwritten`() async throws {
    let frame = try people()
    try await frame.write.csv(out)
    let writes = Task { [out] in for _ in 0..<20 { try await frame.write.mode(.overwrite).csv(out) } }
    var counts: Set<Int> = []
    for _ in 0..<20 {
      do { counts.insert(try await spark.read.schema("id INT, name STRING, age INT").csv(out).count()) } catch {
        // The file that was found may be gone by the time it is read, which is an error with a name.
        #expect("\(error)".contains("FILE_NOT_EXIST") || "\(error)".contains("No such file"), "\(error)")
      }
    }
    try await writes.value
    #expect(counts.isSubset(of: [3]))
  }

  @Test func `a write that fails leaves the old files, and nothing else`() throws {
    try people().write.csv(out)
    let broken = try spark.sql("SELECT 1 div (id - 50000) AS x FROM range(100000)")
    for mode in [SaveMode.overwrite, .append] {
      let message = try errorMessage { try broken.write.mode(mode).csv(out) }
      #expect(message.contains("DIVIDE_BY_ZERO") || message.lowercased().contains("divi"), "\(message)")
    }
    #expect(throws: MartletError.self) { try broken.write.csv("\(folder.path)/new") }
    #expect(throws: MartletError.self) {
      try broken.selectExpr("x", "1 AS p").write.partitionBy("p").csv("\(folder.path)/new")
    }
    #expect(try folder.names() == ["out"])
    #expect(try rows(spark.read.csv(out)).count == 3)
  }

  @Test func `a folder that the frame reads is not overwritten`() throws {
    try people().write.csv(out)
    let read = spark.read.csv(out)
    for frame in [read, read.filter("_c0 > 1"), read.union(read), read.groupBy("_c1").count()] {
      let message = try errorMessage { try frame.write.mode(.overwrite).csv("\(out)/") }
      #expect(message.contains("[UNSUPPORTED_OVERWRITE.PATH]"), "\(message)")
    }
    try read.createOrReplaceTempView("people")
    let view = try errorMessage { try spark.sql("SELECT * FROM people").write.mode(.overwrite).csv(out) }
    #expect(view.contains("[UNSUPPORTED_OVERWRITE.PATH]"), "\(view)")
    let subquery = try errorMessage {
      try spark.sql("SELECT 1 AS a WHERE EXISTS (SELECT 1 FROM people)").write.mode(.overwrite).csv(out)
    }
    #expect(subquery.contains("[UNSUPPORTED_OVERWRITE.PATH]"), "\(subquery)")
    try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/link", withDestinationPath: out)
    let link = try errorMessage { try spark.read.csv("\(folder.path)/link").write.mode(.overwrite).csv(out) }
    #expect(link.contains("[UNSUPPORTED_OVERWRITE.PATH]"), "\(link)")
    try read.write.mode(.append).csv(out)
    #expect(try rows(spark.read.csv(out)).count == 6)
    let cached = spark.read.csv(out).cache()
    #expect(try cached.count() == 6)
    try cached.filter("_c0 = 1").write.mode(.overwrite).csv(out)
    #expect(try rows(spark.read.csv(out)).count == 2)
  }

  @Test func `paths that cannot be written are refused by name`() throws {
    try folder.write("file", "x")
    for path in ["/", "", "\(folder.path)/file/below", "hdfs://host/x", "a\0b"] {
      #expect(throws: MartletError.self, "\(path)") { try people().write.csv(path) }
    }
    #expect(throws: MartletError.self) { try people().write.save() }
    let both = try errorMessage { try people().write.option("path", out).csv(out) }
    #expect(both.contains("INVALID_OPTION"), "\(both)")
    try people().write.format("csv").option("path", out).save()
    #expect(try rows(spark.read.csv(out)).count == 3)
    let append = try errorMessage { try people().write.mode(.append).csv("\(folder.path)/file") }
    #expect(append.contains("which is a file"), "\(append)")
    try people().write.mode(.overwrite).csv("\(folder.path)/file")
    #expect(try rows(spark.read.csv("\(folder.path)/file")).count == 3)
  }

  @Test func `unknown options, codecs and formats are refused with those that were meant`() throws {
    let option = try errorMessage { try people().write.option("heder", true).csv(out) }
    #expect(option.contains("Did you mean header?"), "\(option)")
    let codec = try errorMessage { try people().write.option("compression", "lzo").json(out) }
    #expect(codec.contains("compression"), "\(codec)")
    let format = try errorMessage { try people().write.format("parket").save(out) }
    #expect(format.contains("[DATA_SOURCE_NOT_FOUND]") && format.contains("Did you mean parquet?"), "\(format)")
    let pattern = try errorMessage { try people().write.option("dateFormat", "'open").csv(out) }
    #expect(pattern.contains("dateFormat"), "\(pattern)")
    #expect(try folder.names() == [])
  }

  // MARK: Partitions

  @Test func `values of partition columns become folders, and columns again`() throws {
    let frame = try spark.sql(
      "SELECT * FROM VALUES (1, 'x', 2024), (2, 'a/b=c', 2024), (3, NULL, 2025), (4, '', 2025) AS t(id, tag, year)")
    try frame.write.partitionBy("year", "tag").csv(out)
    #expect(
      Set(try folder.parts("out").keys) == [
        "year=2024/tag=x", "year=2024/tag=a%2Fb%3Dc", "year=2025/tag=__HIVE_DEFAULT_PARTITION__",
      ])
    let back = spark.read.schema("id INT").csv(out).orderBy("id")
    #expect(try rows(back) == ["1|2024|x", "2|2024|a/b=c", "3|2025|null", "4|2025|null"])
    #expect(try back.schema.fields.map { "\($0.type)" } == ["int", "int", "string"])
    let parquet = "\(folder.path)/parquet"
    try frame.write.partitionBy(["tag"]).parquet(parquet)
    #expect(
      try rows(spark.read.parquet(parquet).orderBy("id")) == ["1|2024|x", "2|2024|a/b=c", "3|2025|null", "4|2025|null"])
  }

  @Test func `partitions are added to, replaced alone, or replaced all`() throws {
    func write(_ mode: SaveMode, _ values: String, dynamic: Bool = false) throws {
      let frame = try spark.sql("SELECT * FROM VALUES \(values) AS t(id, p)")
      let writer = frame.write.mode(mode).partitionBy("p")
      try (dynamic ? writer.option("partitionOverwriteMode", "dynamic") : writer).csv(out)
    }
    func found() throws -> [String] { try rows(spark.read.schema("id INT").csv(out).orderBy("id", "p")) }
    try write(.append, "(1, 'a'), (2, 'b')")
    try write(.append, "(3, 'a'), (4, 'c')")
    #expect(try found() == ["1|a", "2|b", "3|a", "4|c"])
    try write(.overwrite, "(5, 'a'), (6, 'd')", dynamic: true)
    #expect(try found() == ["2|b", "4|c", "5|a", "6|d"])
    try write(.overwrite, "(7, 'z')")
    #expect(try found() == ["7|z"])
    #expect(try folder.names() == ["out"])
    #expect(try folder.names("out") == ["_SUCCESS", "p=z"])
  }

  @Test func `many partitions are written at once`() throws {
    let frame = try spark.sql("SELECT id, id % 300 AS p FROM range(30000)")
    try frame.write.partitionBy("p").parquet(out)
    #expect(try folder.names("out").count == 301)
    let back = spark.read.parquet(out)
    #expect(try rows(back.selectExpr("sum(id)", "max(p)")) == ["449985000|299"])
    #expect(try back.count() == 30000)
  }

  @Test func `hostile names and values are names and values`() throws {
    let name = "q'\";--/é\n[x]*?"
    let frame = try spark.sql("SELECT 1 AS id, 'v' AS v").withColumnRenamed("v", name)
    try frame.write.partitionBy(name).option("header", true).csv("\(folder.path)/we'i\";rd*?[x]")
    let back = spark.read.option("header", true).csv("\(folder.path)/we'i\";rd*?[x]")
    #expect(try back.columns == ["id", name])
    #expect(try rows(back) == ["1|v"])
    try frame.write.option("header", true).option("sep", "'").csv(out)
    #expect(try folder.parts("out").count == 1)
    try frame.write.mode(.overwrite).json(out)
    #expect(try spark.read.json(out).columns.sorted() == ["id", name].sorted())
  }

  @Test func `timestamps in Parquet are points in time`() throws {
    spark.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    let frame = try spark.sql(
      "SELECT TIMESTAMP '2024-07-01 12:00:00' AS t, array(TIMESTAMP '2024-07-01 12:00:00') AS a, TIMESTAMP_NTZ '2024-07-01 12:00:00' AS n"
    )
    try frame.write.parquet(out)
    let back = spark.read.parquet(out)
    #expect(try back.schema == frame.schema)
    #expect(try rows(back) == rows(frame))
    try frame.select("t").write.csv("\(folder.path)/csv")
    #expect(try folder.parts("csv") == ["": "2024-07-01T12:00:00.000+02:00\n"])
  }
}
