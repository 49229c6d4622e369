import MartletRDD
import MartletSQL
import Testing

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct CatalogTests {
  @Test func `the catalog lists databases, tables, columns and functions`() throws {
    try withWarehouse { spark, folder in
      let catalog = spark.catalog
      try spark.rows("CREATE TABLE t (a INT NOT NULL COMMENT 'number', b STRING) PARTITIONED BY (b)")
      try spark.rows("CREATE DATABASE d")
      try spark.range(1).createOrReplaceTempView("v")
      try spark.range(1).createGlobalTempView("g")
      try spark.udf.register("shout") { (word: String) in word.uppercased() }
      #expect(try catalog.listDatabases().map(\.name) == ["d", "default"])
      #expect(try catalog.listDatabases("def*").first?.locationUri == "file:\(folder)")
      let tables = try catalog.listTables()
      #expect(tables.map(\.name) == ["t", "v"])
      #expect(tables.map(\.tableType) == ["MANAGED", "TEMPORARY"])
      #expect(tables.map(\.database) == ["default", nil])
      #expect(try catalog.listTables("global_temp").map(\.name) == ["g", "v"])
      #expect(try catalog.listTables("d", pattern: "x*").isEmpty)
      #expect(try errorMessage { try catalog.listTables("missing") }.contains("SCHEMA_NOT_FOUND"))
      let columns = try catalog.listColumns("default.t")
      #expect(columns.map(\.name) == ["a", "b"] && columns.map(\.dataType) == ["int", "string"])
      #expect(columns.map(\.nullable) == [false, true] && columns.map(\.isPartition) == [false, true])
      #expect(columns[0].description == "number")
      #expect(try catalog.tableExists("t") && catalog.tableExists("v") && catalog.tableExists("global_temp.g"))
      #expect(try !catalog.tableExists("u") && !catalog.tableExists("d.t"))
      #expect(try catalog.databaseExists("D") && !catalog.databaseExists("e"))
      #expect(catalog.functionExists("upper") && catalog.functionExists("shout") && !catalog.functionExists("uper"))
      #expect(catalog.listFunctions("sho*").map(\.isTemporary) == [true])
      #expect(catalog.listFunctions("array_d*").map(\.name).contains("array_distinct"))
      try catalog.setCurrentDatabase("d")
      #expect(catalog.currentDatabase == "d")
      #expect(catalog.dropTempView("v") && !catalog.dropTempView("v"))
      #expect(catalog.dropGlobalTempView("g") && !catalog.dropGlobalTempView("g"))
    }
  }

  @Test func `a cached view is computed once`() throws {
    try withWarehouse { spark in
      let calls = Counter()
      try spark.udf.register("counted") { (n: Int) -> Int in
        calls.add()
        return n
      }
      try spark.sql("SELECT counted(id) AS n FROM range(5)").createOrReplaceTempView("v")
      try spark.rows("CACHE TABLE v")
      #expect(calls.value == 5)
      #expect(try spark.rows("SELECT sum(n) FROM v") == [Row(10)])
      #expect(try spark.table("v").count() == 5)
      #expect(try calls.value == 5 && spark.catalog.isCached("v"))
      try spark.catalog.refreshTable("v")
      #expect(try spark.rows("SELECT sum(n) FROM v") == [Row(10)])
      #expect(calls.value == 10)
      try spark.rows("UNCACHE TABLE v")
      #expect(try spark.rows("SELECT sum(n) FROM v") == [Row(10)])
      #expect(try calls.value == 15 && !spark.catalog.isCached("v"))
      try spark.rows("CACHE LAZY TABLE w AS SELECT counted(id) AS n FROM range(3)")
      #expect(calls.value == 15)
      for _ in 0..<2 { #expect(try spark.rows("SELECT max(n) FROM w") == [Row(2)]) }
      #expect(calls.value == 18)
      // A view that is replaced is no longer cached.
      try spark.range(2).createOrReplaceTempView("w")
      #expect(try !spark.catalog.isCached("w") && spark.table("w").count() == 2)
      try spark.rows("CACHE TABLE w")
      try spark.rows("CLEAR CACHE")
      #expect(try !spark.catalog.isCached("w"))
      #expect(try errorMessage { try spark.catalog.isCached("x") }.contains("TABLE_OR_VIEW_NOT_FOUND"))
      #expect(try errorMessage { try spark.rows("UNCACHE TABLE x") }.contains("TABLE_OR_VIEW_NOT_FOUND"))
      try spark.rows("UNCACHE TABLE IF EXISTS x")
    }
  }

  @Test func `a cached table is read again after a write, also through views and frames`() throws {
    try withWarehouse { spark in
      try spark.rows("CREATE TABLE t AS SELECT 1 AS a")
      try spark.catalog.cacheTable("t")
      try spark.rows("CREATE TEMPORARY VIEW v AS SELECT a + 1 AS b FROM t")
      try spark.rows("CACHE TABLE v")
      let frame = try spark.sql("SELECT count(*) AS n FROM t").cache()
      #expect(try spark.rows("SELECT * FROM t") == [Row(1)] && frame.collect() == [Row(1)])
      for n in 2...4 {
        try spark.newSession().rows("INSERT INTO t VALUES (\(n))")
        #expect(try spark.rows("SELECT max(a) FROM t") == [Row(n)])
        #expect(try spark.rows("SELECT max(b) FROM v") == [Row(n + 1)])
        #expect(try frame.collect() == [Row(n)])
        #expect(try frame.collect() == [Row(n)])
      }
      #expect(try spark.catalog.isCached("t"))
    }
  }
}
