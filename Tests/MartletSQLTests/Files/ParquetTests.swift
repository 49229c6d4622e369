import Foundation
import MartletCore
import MartletRDD
import MartletSQL
import Testing

@Suite(
  "Parquet files", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct ParquetTests {
  private let folder: FileFolder
  private let spark: SparkSession
  private var path: String { "\(folder.path)/p" }

  init() throws {
    folder = try FileFolder()
    spark = try .forTest()
  }

  private func rows(_ frame: DataFrame) throws -> [String] {
    let rows: [Row] = try frame.collect()
    return rows.map { row in row.values.map { "\($0)" }.joined(separator: "|") }
  }

  private func schema(_ frame: DataFrame) throws -> [String] {
    try frame.schema.fields.map { "\($0.name) \($0.type)" }
  }

  private func write(_ sql: String, _ mode: SaveMode = .append) throws {
    try spark.sql(sql).write.mode(mode).parquet(path)
  }

  @Test func `all types of columns are stored`() throws {
    let frame = try spark.sql(
      """
      SELECT CAST(1 AS TINYINT) AS b, CAST(2 AS SMALLINT) AS h, 3 AS i, 4L AS l, CAST(1.5 AS FLOAT) AS f, 2.5D AS d,
      CAST(12.30 AS DECIMAL(10, 2)) AS x, CAST(1 AS DECIMAL(38, 18)) AS y, true AS t, 'é' AS s, X'00FF' AS bin,
      DATE '0001-01-01' AS day, TIMESTAMP '1582-10-10 01:02:03.123456' AS ts, TIMESTAMP_NTZ '2024-01-02 03:04:05' AS ntz,
      array(1, NULL) AS a, map('k', 1.5D) AS m, named_struct('x', 1, 'y', array(TIMESTAMP '2024-01-02 03:04:05')) AS st,
      CAST(NULL AS INT) AS n
      """)
    try frame.write.parquet(path)
    let back = spark.read.parquet(path)
    #expect(try schema(back) == schema(frame))
    #expect(try rows(back) == rows(frame))
  }

  @Test func `types that Parquet lacks are refused before anything is written`() throws {
    for sql in ["SELECT NULL AS a", "SELECT INTERVAL '1' DAY AS a", "SELECT array(make_interval(1)) AS a"] {
      let message = try errorMessage { try write(sql) }
      #expect(message.contains("[UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE]") && message.contains("'a'"), "\(message)")
    }
    #expect(try folder.names() == [])
  }

  @Test func `the first file has the columns, unless those of all files are put together`() throws {
    try write("SELECT 1 AS a, 'x' AS b")
    try write("SELECT 2 AS a, 2.5D AS c")
    let merged = spark.read.option("mergeSchema", true).parquet(path)
    #expect(try Set(schema(merged)) == ["a int", "b string", "c double"])
    #expect(try Set(rows(merged.select("a", "b", "c"))) == ["1|x|null", "2|null|2.5"])
    let first = spark.read.parquet(path)
    #expect(try first.columns.count == 2)
    #expect(try Set(rows(first.select("a"))) == ["1", "2"])
    let wanted = spark.read.schema("c DOUBLE, a INT, z STRING").parquet(path)
    #expect(try Set(rows(wanted)) == ["null|1|null", "2.5|2|null"])
  }

  @Test func `a schema may widen a type, and is refused if values would change`() throws {
    try write("SELECT 1 AS a, CAST(1.5 AS FLOAT) AS f")
    #expect(try rows(spark.read.schema("a BIGINT, f DOUBLE").parquet(path)) == ["1|1.5"])
    let message = try errorMessage { try spark.read.schema("a STRING").parquet(path).schema }
    #expect(message.contains("PARQUET_COLUMN_DATA_TYPE_MISMATCH") && message.contains("'a'"), "\(message)")
  }

  @Test func `columns of folders are those of the path, not those of folders around it`() throws {
    let outer = "\(folder.path)/outer=1/p"
    try spark.sql("SELECT 1 AS a, 2024 AS year").write.partitionBy("year").parquet(outer)
    #expect(try schema(spark.read.parquet(outer)) == ["a int", "year int"])
    #expect(try rows(spark.read.parquet(outer)) == ["1|2024"])
    #expect(try rows(spark.read.parquet("\(outer)/year=2024")) == ["1"])
    let based = spark.read.option("basePath", outer).parquet("\(outer)/year=2024")
    #expect(try rows(based) == ["1|2024"])
    #expect(try rows(based.filter("year = 2023")) == [])
  }

  @Test func `what is no Parquet file is an error by name`() throws {
    for (name, text) in [("empty.parquet", ""), ("text.parquet", "a,b\n1,2\n"), ("cut.parquet", "PAR1")] {
      let message = try errorMessage { try spark.read.parquet(try folder.write(name, text)).collect() as [Row] }
      #expect(message.contains("[FAILED_READ_FILE") && message.contains(name), "\(message)")
      #expect(message.contains("ParquetTests.swift"), "\(message)")
    }
    let options = try errorMessage { try spark.read.option("header", true).parquet(path).schema }
    #expect(options.contains("There is no option 'header'"), "\(options)")
  }

  @Test func `a file that vanishes between finding and reading is an error by name`() throws {
    try write("SELECT 1 AS a")
    let frame = spark.read.parquet(path)
    try frame.createOrReplaceTempView("gone")
    try FileManager.default.removeItem(atPath: path)
    let view = try errorMessage { try spark.table("gone").collect() as [Row] }
    #expect(view.contains("[FAILED_READ_FILE.FILE_NOT_EXIST]"), "\(view)")
    let message = try errorMessage { try frame.collect() as [Row] }
    #expect(message.contains("[PATH_NOT_FOUND]"), "\(message)")
  }

  @Test func `an empty frame has a file with its columns`() throws {
    try write("SELECT 1 AS a, 'x' AS b LIMIT 0")
    #expect(try schema(spark.read.parquet(path)) == ["a int", "b string"])
    #expect(try rows(spark.read.parquet(path)) == [])
  }

  @Test func `names that differ only in case, and those of SQL, are read back`() throws {
    try write("SELECT 1 AS `select`, 2 AS `a b`, 3 AS `q\"x`")
    #expect(try spark.read.parquet(path).columns == ["select", "a b", "q\"x"])
    #expect(try rows(spark.read.parquet(path)) == ["1|2|3"])
    let message = try errorMessage { try write("SELECT 1 AS a, 2 AS A") }
    #expect(message.contains("[COLUMN_ALREADY_EXISTS]"), "\(message)")
  }
}
