import Foundation
import MartletCore
import MartletRDD
import MartletSQL
import Testing

@Suite(
  "Reading files", .timeLimit(.minutes(30)),
  .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct FileReadingTests {
  private let folder: FileFolder
  private let spark: SparkSession

  init() throws {
    folder = try FileFolder()
    spark = try .forTest()
  }

  private func write(_ name: String, _ text: String) throws -> String { try folder.write(name, text) }

  private func write(_ name: String, _ bytes: Data) throws -> String { try folder.write(name, bytes) }

  /// The rows as text, with their fields in order.
  private func rows(_ frame: DataFrame) throws -> [String] {
    let rows: [Row] = try frame.collect()
    return rows.map { row in row.values.map { "\($0)" }.joined(separator: "|") }
  }

  private func schema(_ frame: DataFrame) throws -> [String] {
    try frame.schema.fields.map { "\($0.name) \($0.type)" }
  }

  private func dirty() throws -> String {
    try write(
      "dirty.csv",
      "id,name,score\n1,\"Ada, L\",1.5\nx,Bob,2\n\n3,\"say \\\"hi\\\"\",\n4\n5,a,6,7\n6,\"open,1\n 7 ,\"\",NaN\n")
  }

  @Test("Columns of CSV files are texts, named by the header") func texts() throws {
    let frame = spark.read.option("header", true).csv(try dirty())
    #expect(try schema(frame) == ["id string", "name string", "score string"])
    #expect(
      try rows(frame) == [
        "1|Ada, L|1.5", "x|Bob|2", "3|say \"hi\"|null", "4|null|null", "5|a|6", "6|\"open|1", " 7 |null|NaN",
      ])
    #expect(try schema(spark.read.option("sep", ";").csv(try write("n.csv", "a;b\n"))) == ["_c0 string", "_c1 string"])
  }

  @Test("Fields that do not parse are NULL, and their records are retained in a column")
  func permissive() throws {
    let reader = spark.read.option("header", true)
      .schema("id INT, name STRING, score DOUBLE, _corrupt_record STRING")
    #expect(
      try rows(reader.csv(try dirty()).select("id", "score", "_corrupt_record")) == [
        "1|1.5|null", "null|2.0|x,Bob,2", "3|null|null", "4|null|4", "5|6.0|5,a,6,7", "6|1.0|null",
        "null|NaN| 7 ,\"\",NaN",
      ])
  }

  @Test("Records that do not parse are dropped, or fail the query") func modes() throws {
    let reader = spark.read.option("header", true).schema("id INT, name STRING, score DOUBLE")
    #expect(
      try rows(reader.option("mode", "DROPMALFORMED").csv(try dirty()).select("id")) == ["1", "3", "6"])
    let error = #expect(throws: MartletError.self) { try rows(reader.option("mode", "FAILFAST").csv(try dirty())) }
    #expect(error?.message.contains("[MALFORMED_RECORD_IN_PARSING]") == true)
  }

  @Test("An unknown option is refused with the one that was meant") func nearMiss() throws {
    let path = try dirty()
    let error = #expect(throws: MartletError.self) { try spark.read.option("heder", true).csv(path).schema }
    #expect(error?.message.contains("There is no option 'heder'") == true)
    #expect(error?.message.contains("Did you mean header?") == true)
    #expect(throws: MartletError.self) { try spark.read.option("encoding", "UTF-16").csv(path).schema }
    #expect(throws: MartletError.self) { try spark.read.option("header", "maybe").csv(path).schema }
  }

  @Test("Types are inferred if asked for") func inferred() throws {
    let path = try write(
      "types.csv",
      "1,99999999999,1.5,2024-01-02,2024-01-02 10:00:00,true,x,99999999999999999999,\n"
        + "2,1,2,2024-01-03,2024-01-02 11:00:00,false,1,1,\n")
    #expect(
      try spark.read.option("inferSchema", true).csv(path).schema.fields.map { "\($0.type)" } == [
        "int", "bigint", "double", "date", "timestamp", "boolean", "string", "decimal(20,0)", "string",
      ])
  }

  @Test("Names with quotes, semicolons and wildcards are names") func hostileNames() throws {
    let path = try write("we'i\";rd\n [x]*?y.csv", "q'\";--,b\n1,2\n")
    let reader = spark.read.option("header", true)
    #expect(try schema(reader.csv(path)) == ["q'\";-- string", "b string"])
    #expect(try rows(reader.csv(folder.path + "/we*")) == ["1|2"])
    #expect(throws: MartletError.self) { try spark.read.csv("a\0b").schema }
    let gone = #expect(throws: MartletError.self) { try spark.read.csv(folder.path + "/gone.csv").schema }
    #expect(gone?.message.contains("[PATH_NOT_FOUND]") == true)
  }

  @Test("A folder is read without hidden files, with the columns of subfolders")
  func folders() throws {
    _ = try write("m/1.csv", "a,b\n1,2\n")
    _ = try write("m/2.csv", "a\n3\n")
    _ = try write("m/_SUCCESS", "x,y\n")
    _ = try write("m/.hidden.csv", "x,y\n")
    let frame = spark.read.option("header", true).schema("a INT, b INT").csv(folder.path + "/m")
    #expect(try rows(frame) == ["1|2", "3|null"])
    _ = try write("p/y=2024/c=a%2Fb/1.csv", "1\n")
    _ = try write("p/y=2025/c=__HIVE_DEFAULT_PARTITION__/1.csv", "2\n")
    let partitions = spark.read.csv(folder.path + "/p")
    #expect(try schema(partitions) == ["_c0 string", "y int", "c string"])
    #expect(try rows(partitions) == ["1|2024|a/b", "2|2025|null"])
  }

  @Test("Values of JSON files are checked field by field") func json() throws {
    let path = try write(
      "a.json",
      "{\"id\": 1, \"n\": \"x\", \"o\": {\"b\": [1, 2.5]}}\n{\"id\": \"2\", \"n\": 7}\nnot json\n\n{\"id\": 3.5, \"q'\": true}\n"
    )
    let frame = spark.read.schema("id INT, n STRING, `q'` BOOLEAN, _corrupt_record STRING").json(path)
    #expect(
      try rows(frame) == [
        "1|x|null|null", "null|7|null|{\"id\": \"2\", \"n\": 7}", "null|null|null|not json",
        "null|null|true|{\"id\": 3.5, \"q'\": true}",
      ])
    let strict = spark.read.schema("id INT, n STRING").option("mode", "DROPMALFORMED").json(path)
    #expect(try rows(strict) == ["1|x"])
    let several = spark.read.option("multiLine", true).json(try write("b.json", "[{\"a\":\n 1}, {\"a\": 2}]"))
    #expect(try schema(several) == ["a bigint"])
    #expect(try rows(several) == ["1", "2"])
  }

  @Test("SQL names files like tables, and makes views of them") func sql() throws {
    let path = try write("people.csv", "id,name\n1,Ada\n")
    #expect(try rows(spark.sql("SELECT * FROM csv.`\(path)`")) == ["id|name", "1|Ada"])
    #expect(try rows(spark.sql("SELECT count(*) FROM text.`\(path)`")) == ["2"])
    _ = try spark.sql(
      "CREATE TEMPORARY VIEW people USING csv OPTIONS (path '\(path)', header 'true', inferSchema 'true')")
    #expect(try schema(spark.table("people")) == ["id int", "name string"])
  }
}
