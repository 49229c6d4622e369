import MartletCore
import MartletRDD
import MartletSQL
import TestSupport
import Testing

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct WarehouseTests {
  @Test func `tables survive the context`() throws {
    try withTemporaryFolder { folder in
      let first = try SparkSession.forTest(warehouse: folder)
      try first.rows("CREATE TABLE people (name STRING, age INT)")
      try first.rows("INSERT INTO people VALUES ('Ada', 36), ('Emi', NULL)")
      first.stop()
      // The first session still exists.
      let second = try SparkSession.forTest(warehouse: folder)
      #expect(try second.rows("SELECT * FROM people ORDER BY name") == [Row("Ada", 36), Row("Emi", nil)])
      second.stop()
      withExtendedLifetime(first) {}
    }
  }

  @Test func `the folder is made when the first table is written`() throws {
    try withTemporaryFolder { folder in
      let spark = try SparkSession.forTest(warehouse: "\(folder)/deep/warehouse")
      defer { spark.stop() }
      #expect(try errorMessage { try spark.rows("SELECT * FROM people") }.contains("TABLE_OR_VIEW_NOT_FOUND"))
      #expect(try spark.catalog.listTables().isEmpty)
      #expect(try spark.catalog.listDatabases().map(\.name) == ["default"])
      #expect(try Folder.names(folder) == [])
      try spark.rows("CREATE TABLE people (name STRING)")
      #expect(try Folder.names("\(folder)/deep/warehouse").contains("warehouse.duckdb"))
    }
  }

  @Test func `one query reads tables and views`() throws {
    try withWarehouse { spark in
      try spark.rows("CREATE TABLE cities AS SELECT 1 AS id, 'Berlin' AS city UNION ALL SELECT 2, 'Oslo'")
      try spark.createDataFrame([Row(2, "Emi"), Row(3, "Ada")], schema: StructType(ddl: "id INT, name STRING"))
        .createOrReplaceTempView("people")
      let rows = try spark.rows(
        "SELECT name, city FROM people JOIN cities USING (id) WHERE default.cities.city LIKE 'O%' AND cities.id > 0")
      #expect(rows == [Row("Emi", "Oslo")])
      #expect(try spark.table("spark_catalog.default.cities").count() == 2)
      // A view is looked up first.
      try spark.range(1).createOrReplaceTempView("cities")
      #expect(try spark.table("cities").count() == 1)
      #expect(try spark.table("default.cities").count() == 2)
    }
  }

  @Test func `values of all types come back as they were`() throws {
    let query = """
      SELECT true AS a, 1Y AS b, 2S AS c, 3 AS d, 4L AS e, CAST('NaN' AS FLOAT) AS f, CAST('-Infinity' AS DOUBLE) AS g,
      CAST('12345678901234567890.123456789' AS DECIMAL(38, 9)) AS h, 'text' AS i, X'00FF' AS j, DATE '2024-02-29' AS k,
      TIMESTAMP '2024-07-01 12:00:00.123456Z' AS l, TIMESTAMP_NTZ '1900-01-01 00:00:00' AS m,
      INTERVAL '1 2:03:04' DAY TO SECOND AS n, INTERVAL '1-2' YEAR TO MONTH AS o, array(1, NULL) AS p,
      map('k', array(1.5)) AS q, named_struct('x y', 1, 'z', named_struct('t', TIMESTAMP '2024-01-01 00:00:00Z')) AS r,
      '' AS `odd "name" of; a column`, CAST(NULL AS ARRAY<STRING>) AS `sélect`
      """
    try withTemporaryFolder { folder in
      let first = try SparkSession.forTest(warehouse: folder)
      let expected = try first.sql(query)
      let (rows, schema) = (try expected.collect(), try expected.schema)
      try first.sql(query).write.saveAsTable("`all types`")
      first.stop()
      let second = try SparkSession.forTest(warehouse: folder)
      defer { second.stop() }
      let found = second.table("`all types`")
      #expect(try found.collect() == rows)
      let types = try found.schema.fields
      #expect(types.map(\.type) == schema.fields.map(\.type))
      #expect(types.map(\.name) == schema.fields.map(\.name))
      // Columns that are declared have the same types.
      let list = types.map { "`\($0.name)` \($0.type)" }.filter { !$0.contains("x y") }.joined(separator: ", ")
      try second.rows("CREATE TABLE again (\(list))")
      #expect(
        try second.table("again").schema.fields.map(\.type) == types.map(\.type).filter { !"\($0)".contains("x y") })
    }
  }

  @Test func `a warehouse that another context of the program has open is refused by name`() throws {
    try withWarehouse { first, folder in
      try first.rows("CREATE TABLE t AS SELECT 1 AS a")
      let second = try SparkSession.forTest(warehouse: folder)
      defer { second.stop() }
      let message = try errorMessage { try second.rows("SELECT * FROM t") }
      #expect(message.contains(folder) && message.contains("another context"), "\(message)")
      first.stop()
      #expect(try second.rows("SELECT * FROM t") == [Row(1)])
    }
  }

  @Test func `the folder cannot change once a table has been used`() throws {
    try withWarehouse { spark, folder in
      try spark.rows("CREATE TABLE t AS SELECT 1 AS a")
      spark.conf.set("spark.sql.warehouse.dir", "\(folder)/../other")
      let message = try errorMessage { try spark.rows("SELECT * FROM t") }
      #expect(message.contains("CANNOT_MODIFY_CONFIG") && message.contains(folder), "\(message)")
      spark.conf.unset("spark.sql.warehouse.dir")
      #expect(try spark.newSession().rows("SELECT * FROM t") == [Row(1)])
    }
  }

  @Test func `a file that is no warehouse is refused, and left alone`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/warehouse.duckdb"
      let text = String(repeating: "This is no warehouse. ", count: 1000)
      try SystemFile.create(path).write(Array(text.utf8))
      let spark = try SparkSession.forTest(warehouse: folder)
      defer { spark.stop() }
      for statement in ["SELECT * FROM t", "CREATE TABLE t AS SELECT 1 AS a"] {
        let message = try errorMessage { try spark.rows(statement) }
        #expect(message.contains(path) && message.contains("damaged"), "\(message)")
      }
      #expect(try contents(path) == text)
      // The session works without it.
      #expect(try spark.range(3).count() == 3)
    }
  }

  @Test func `a damaged block is an error, and other tables can be read`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/warehouse.duckdb"
      let first = try SparkSession.forTest(warehouse: folder)
      try first.rows("CREATE TABLE large AS SELECT id, hash(id) AS h FROM range(300000)")
      try first.rows("CREATE TABLE small AS SELECT 1 AS a")
      first.stop()
      var bytes = Array(try bytes(of: path))
      // Blocks of 256 KiB follow three headers of 4 KiB.
      for start in stride(from: 12288 + 100_000, to: bytes.count - 64, by: 262_144) {
        for i in start..<start + 64 { bytes[i] ^= 0xA5 }
      }
      try Folder.remove(path)
      try SystemFile.create(path).write(bytes)
      let second = try SparkSession.forTest(warehouse: folder)
      defer { second.stop() }
      let message = try errorMessage { try second.rows("SELECT sum(id), max(h) FROM large") }
      #expect(message.lowercased().contains("checksum") || message.contains("damaged"), "\(message)")
      #expect(try second.range(3).count() == 3)
    }
  }

  private func bytes(of path: String) throws -> [UInt8] {
    let file = try SystemFile.read(path)
    let buffer = ByteBuffer()
    let size = try file.size()
    _ = try file.read(buffer.extend(by: size), count: size, at: 0)
    return Array(buffer.bytes)
  }

  @Test func `hostile names are only names`() throws {
    try withWarehouse { spark in
      for name in ["a\"b", "a'b; DROP TABLE t", "a.b", "--", "\"\"\"", "ü*%", "select", "tab\tle"] {
        let table = "`\(name)`"
        try spark.rows("CREATE TABLE \(table) (`\(name)` INT COMMENT '\(name.replacing("'", with: "\\'"))')")
        try spark.rows("INSERT INTO \(table) (`\(name)`) VALUES (1)")
        #expect(try spark.rows("SELECT `\(name)` FROM \(table)") == [Row(1)])
        #expect(try spark.catalog.listTables().map(\.name) == [name.lowercased()])
        #expect(try spark.catalog.listColumns(table).map(\.description) == [name])
        try spark.rows("UPDATE \(table) SET `\(name)` = 2 WHERE `\(name)` = 1")
        #expect(try spark.rows("SELECT `\(name)` FROM default.\(table)") == [Row(2)])
        try spark.rows("DROP TABLE \(table)")
      }
      // Martlet's own tables cannot be reached.
      for statement in ["SELECT * FROM martlet_internal.batches", "DROP TABLE martlet_internal.columns"] {
        let message = try errorMessage { try spark.rows(statement) }
        #expect(message.contains("NOT_FOUND"), "\(message)")
      }
    }
  }

  @Test func `a table that is dropped or replaced while it is read is read to its end`() throws {
    try withWarehouse { spark in
      try spark.rows("CREATE TABLE t AS SELECT id FROM range(200000)")
      func sum(_ frame: DataFrame) throws -> (Int, Int) {
        let rows = try frame.toLocalIterator()
        var (sum, count) = (0, 0)
        while let row = try rows.next() {
          if count == 10 {
            try spark.rows("DROP TABLE t")
            try spark.rows("CREATE TABLE t AS SELECT 'other' AS name")
          }
          sum += try row.get(0, as: Int.self)
          count += 1
        }
        return (sum, count)
      }
      let view = spark.table("t")
      try view.createOrReplaceTempView("v")
      #expect(try sum(view) == (199_999 * 100_000, 200_000))
      // A view of the table that is gone is an error, and never a value of another type.
      #expect(throws: MartletError.self) { try spark.rows("SELECT * FROM v") }
      try spark.rows("DROP TABLE t")
      let message = try errorMessage { try spark.rows("SELECT * FROM v") }
      #expect(message.contains("TABLE_OR_VIEW_NOT_FOUND"), "\(message)")
    }
  }
}
