import Foundation
import MartletDatabases
import MartletJDBC
import TestSupport
import Testing

/// Mistakes of the user and of the world.
@Suite(.enabled(if: hasEngine, "DuckDB is not installed: `make duckdb` installs it"), .timeLimit(.minutes(30)))
struct JDBCFaultTests {
  private func message(_ body: () throws -> Void) throws -> String {
    let error = try #require(throws: MartletError.self) { try body() }
    return error.message
  }

  @Test(arguments: Place.all)
  func `a table may be read and overwritten by one statement`(_ place: Place) throws {
    let (url, properties) = try place.make()
    let spark = try Place.session()
    try spark.range(0, 20_000).selectExpr("id", "repeat('x', 300) AS w").write.jdbc(url, "own", properties)
    let own = spark.read.jdbc(url, "own", properties)
    try own.selectExpr("id + 1 AS id", "w").write.jdbc(url, "own", mode: .overwrite, properties)
    try own.selectExpr("id + 1 AS id", "w").write.mode(.overwrite).option("truncate", true).jdbc(url, "own", properties)
    #expect(try own.agg(min("id"), max("id"), count("*")).collect()[0] == [.long(2), .long(20_001), .long(20_000)])
    // From one table to another of the same database.
    try own.write.jdbc(url, "copy", properties)
    #expect(try spark.read.jdbc(url, "copy", properties).count() == 20_000)
  }

  @Test(arguments: Place.all)
  func `a frame whose table changes is read as the table is, and a lost table is named`(_ place: Place) throws {
    let (url, properties) = try place.make()
    let spark = try Place.session()
    let database = try Database(url, password: properties["password"])
    let frame = spark.read.jdbc(url, "changing", properties)
    #expect(try message { _ = try frame.count() }.contains("[TABLE_OR_VIEW_NOT_FOUND]"))
    try database.execute("CREATE TABLE changing (a integer)")
    #expect(try frame.columns == ["a"] && frame.count() == 0)
    try database.execute("ALTER TABLE changing ADD COLUMN b integer")
    #expect(try frame.columns == ["a", "b"])
    try frame.createOrReplaceTempView("changing")
    try database.execute("DROP TABLE changing")
    let text = try message { _ = try spark.sql("SELECT * FROM changing").collect() }
    #expect(text.contains("[FAILED_JDBC]") && text.contains("changing"), "\(text)")
  }

  @Test(arguments: Place.all)
  func `rows that a table refuses are an error, and none of them is written`(_ place: Place) throws {
    let (url, properties) = try place.make()
    let spark = try Place.session()
    let database = try Database(url, password: properties["password"])
    try database.execute("CREATE TABLE strict (id integer PRIMARY KEY, w varchar(10) NOT NULL)")
    func write(_ query: String) throws -> String {
      try message { try spark.sql(query).write.mode(.append).jdbc(url, "strict", properties) }
    }
    #expect(try write("SELECT * FROM VALUES (1, 'a'), (1, 'b') AS t(id, w)").contains("strict"))
    #expect(try write("SELECT * FROM VALUES (1, 'a'), (2, null) AS t(id, w)").contains("strict"))
    #expect(try write("SELECT 1 AS id, 'a' AS w, 2 AS more").contains("'more'"))
    #expect(try write("SELECT 1 AS id").contains("strict"))
    #expect(try spark.read.jdbc(url, "strict", properties).count() == 0)
    // Columns are found by name.
    try spark.sql("SELECT 'a' AS W, 1 AS ID").write.mode(.append).jdbc(url, "strict", properties)
    #expect(try Place.rows(spark.read.jdbc(url, "strict", properties)) == ["[1,a]"])
  }

  @Test func `options are checked, and near names suggested`() throws {
    let spark = try Place.session()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-jdbc-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let url = "jdbc:sqlite:\(folder)/x.db"
    try spark.range(10).write.jdbc(url, "t")
    func options(_ options: [String: String]) throws -> String {
      try message { _ = try spark.read.options(options).jdbc(url, "t").collect() }
    }
    #expect(try options(["fetchsise": "1"]).contains("fetchsize"))
    #expect(try options(["fetchsize": "many"]).contains("'many'"))
    #expect(try options(["query": "SELECT 1"]).contains("only one of them"))
    #expect(try options(["lowerBound": "1"]).contains("partitionColumn"))
    #expect(try options(["partitionColumn": "id"]).contains("lowerBound"))
    let part = ["partitionColumn": "id", "lowerBound": "0", "upperBound": "9"]
    #expect(try options(part).contains("numPartitions"))
    #expect(try options(part.merging(["numPartitions": "0"]) { $1 }).contains("numPartitions"))
    #expect(try options(part.merging(["partitionColumn": "no", "numPartitions": "2"]) { $1 }).contains("'no'"))
    #expect(try options(["sessionInitStatement": "no statement"]).contains("syntax"))
    #expect(try message { _ = try spark.read.format("jdbc").load("path").collect() }.contains("paths"))
    #expect(try message { _ = try spark.read.schema("a INT").jdbc(url, "t").collect() }.contains("schema"))
    #expect(try message { try spark.range(1).write.partitionBy("id").jdbc(url, "u") }.contains("partitionBy"))
    #expect(try spark.read.option("fetchsize", 3).jdbc(url, "t").count() == 10)
    try spark.range(10).write.option("batchsize", 3).jdbc(url, "small")
    #expect(try spark.read.jdbc(url, "small").count() == 10)
    _ = try spark.sql("CREATE TEMPORARY VIEW made USING jdbc OPTIONS (url '\(url)', dbtable 't')").collect()
    #expect(try spark.sql("SELECT count(*) FROM made").collect()[0] == [.long(10)])
  }

  @Test func `a password is in no error, explanation or plan`() throws {
    let spark = try Place.session()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-jdbc-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let url = "jdbc:sqlite:\(folder)/x.db"
    try spark.range(10).write.option("password", "geheim").jdbc(url, "t")
    let frame = spark.read.option("password", "geheim").option("user", "geheim").jdbc(url, "t")
    var texts = [try frame.explainString(.extended), "\(frame.plan)", "\(frame)"]
    var dumped = ""
    dump(frame, to: &dumped)
    texts.append(dumped)
    for other in ["jdbc:postgresql://u:geheim@127.0.0.1:1/x", "jdbc:mariadb://127.0.0.1:1/x?password=geheim"] {
      texts.append(try message { _ = try spark.read.jdbc(other, "t").collect() })
      texts.append(try message { try spark.range(1).write.jdbc(other, "t") })
    }
    for text in texts { #expect(!text.contains("geheim"), "\(text)") }
  }
}
