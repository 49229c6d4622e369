import MartletCore
import MartletRDD
import MartletSQL
import Testing

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct TableStatementTests {
  @Test func `rows are inserted by position, by name and into listed columns`() throws {
    try withWarehouse { spark in
      try spark.rows("CREATE TABLE t (a INT, b STRING DEFAULT 'none', c DOUBLE) USING parquet")
      try spark.rows("INSERT INTO t VALUES (1, 'x', 1.5)")
      try spark.rows("INSERT INTO TABLE t (c, a) SELECT 2, 2Y")
      try spark.rows("INSERT INTO t BY NAME SELECT 'z' AS b, 3 AS a")
      try spark.rows("WITH q AS (SELECT 4 AS n) INSERT INTO t SELECT n, NULL, n FROM q")
      #expect(
        try spark.rows("SELECT * FROM t ORDER BY a")
          == [Row(1, "x", 1.5), Row(2, "none", 2.0), Row(3, "z", nil), Row(4, nil, 4.0)])
    }
  }

  @Test func `rows are replaced, also by a query that reads them`() throws {
    try withWarehouse { spark in
      try spark.rows("CREATE TABLE t AS SELECT id FROM range(3)")
      try spark.rows("INSERT OVERWRITE t SELECT id + 10 FROM t WHERE id > 0")
      #expect(try spark.rows("SELECT * FROM t ORDER BY 1") == [Row(11), Row(12)])
      try spark.rows("INSERT OVERWRITE TABLE t VALUES (1L)")
      #expect(try spark.rows("TABLE t") == [Row(1)])
      try spark.rows("CREATE OR REPLACE TABLE t AS SELECT id, id * 2 AS twice FROM t")
      #expect(try spark.rows("TABLE t") == [Row(1, 2)])
      try spark.rows("TRUNCATE TABLE t")
      #expect(try spark.table("t").count() == 0)
    }
  }

  @Test func `rows are deleted and updated`() throws {
    try withWarehouse { spark in
      try spark.rows("CREATE TABLE t AS SELECT id, CAST(id AS STRING) AS name FROM range(6)")
      try spark.rows("CREATE TABLE gone AS SELECT 5L AS id")
      try spark.rows("DELETE FROM t WHERE id IN (SELECT id FROM gone) OR id = 4")
      try spark.rows("UPDATE t AS x SET name = concat(name, '!'), id = x.id * 10 WHERE x.id % 2 = 1")
      #expect(
        try spark.rows("SELECT * FROM t ORDER BY id") == [Row(0, "0"), Row(2, "2"), Row(10, "1!"), Row(30, "3!")])
      try spark.rows("UPDATE t SET id = 1")
      #expect(try spark.rows("SELECT DISTINCT id FROM t") == [Row(1)])
      try spark.rows("DELETE FROM t")
      #expect(try spark.table("t").isEmpty())
    }
  }

  @Test func `partition columns come last, and a partition is replaced alone`() throws {
    try withWarehouse { spark in
      try spark.rows("CREATE TABLE t (day INT, n INT) PARTITIONED BY (day)")
      try spark.rows("INSERT INTO t VALUES (1, 1), (2, 1), (3, 2)")
      try spark.rows("INSERT INTO t PARTITION (day = 2) SELECT 4")
      try spark.rows("INSERT OVERWRITE t PARTITION (day = '1') VALUES (9)")
      #expect(try spark.rows("SELECT * FROM t ORDER BY n") == [Row(3, 2), Row(4, 2), Row(9, 1)])
      #expect(
        try spark.rows("DESCRIBE t").map { try $0.getString(0) }
          == ["n", "day", "# Partition Information", "# col_name", "day"])
    }
  }

  @Test func `databases group tables`() throws {
    try withWarehouse { spark in
      try spark.rows("CREATE DATABASE sales")
      try spark.rows("CREATE SCHEMA IF NOT EXISTS sales")
      try spark.rows("CREATE TABLE sales.orders AS SELECT 1 AS id")
      try spark.rows("USE sales")
      #expect(try spark.rows("SELECT current_database(), id FROM orders") == [Row("sales", 1)])
      #expect(try spark.newSession().rows("SELECT current_database()") == [Row("default")])
      #expect(try spark.rows("SHOW DATABASES") == [Row("default"), Row("sales")])
      #expect(try spark.rows("SHOW TABLES IN sales LIKE 'ord*|x'") == [Row("sales", "orders", false)])
      #expect(try spark.rows("SHOW TABLES IN default") == [])
      #expect(try errorMessage { try spark.rows("DROP DATABASE sales") }.contains("SCHEMA_NOT_EMPTY"))
      try spark.rows("DROP DATABASE sales CASCADE")
      #expect(spark.catalog.currentDatabase == "default")
      #expect(try errorMessage { try spark.rows("USE sales") }.contains("SCHEMA_NOT_FOUND"))
    }
  }

  @Test func `a table is renamed with all that is known of it`() throws {
    try withWarehouse { spark in
      try spark.rows("CREATE TABLE t (a INTERVAL DAY TO SECOND COMMENT 'how long', b INT DEFAULT 7) COMMENT 'times'")
      try spark.rows("ALTER TABLE t RENAME TO u")
      try spark.rows("INSERT INTO u (a) VALUES (INTERVAL '1' DAY)")
      #expect(try spark.rows("SELECT b FROM u") == [Row(7)])
      #expect(
        try spark.rows("DESCRIBE TABLE u")
          == [Row("a", "interval day to second", "how long"), Row("b", "int", nil)])
      #expect(try spark.catalog.listTables().map(\.description) == ["times"])
      #expect(try errorMessage { try spark.table("t").count() }.contains("TABLE_OR_VIEW_NOT_FOUND"))
    }
  }

  @Test(arguments: [
    ("INSERT INTO t VALUES ('x', 'y', 1)", "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST", "'a'"),
    ("INSERT INTO t VALUES (true, 'y', 1)", "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST", "boolean"),
    ("INSERT INTO t VALUES (1, 'y', DATE '2024-01-01')", "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST", "date"),
    ("INSERT INTO t VALUES (1, array(1), 1)", "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST", "array<int>"),
    ("INSERT INTO t VALUES (1, 'y')", "INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS", "a, b, c"),
    ("INSERT INTO t VALUES (1, 'y', 1, 2)", "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS", "a, b, c"),
    ("INSERT INTO t (a, x) VALUES (1, 2)", "UNRESOLVED_COLUMN", "'x'"),
    ("INSERT INTO t (a, A) VALUES (1, 2)", "COLUMN_ALREADY_EXISTS", "'A'"),
    ("INSERT INTO t (b) VALUES ('x')", "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_FIND_DATA", "'a'"),
    ("INSERT INTO t BY NAME SELECT 1 AS a, 2 AS x", "INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_COLUMNS", "'x'"),
    ("INSERT INTO t VALUES (NULL, 'y', 1)", "NOT_NULL_ASSERT_VIOLATION", "t.a"),
    ("INSERT INTO t VALUES (3000000000, 'y', 1)", "CAST_OVERFLOW_IN_TABLE_INSERT", "3000000000"),
    ("INSERT INTO missing VALUES (1)", "TABLE_OR_VIEW_NOT_FOUND", "missing"),
    ("INSERT INTO v VALUES (1)", "EXPECT_TABLE_NOT_VIEW", "'v'"),
    ("INSERT INTO t PARTITION (a = 1) VALUES ('x', 1)", "NON_PARTITION_COLUMN", "'a'"),
    ("UPDATE t SET x = 1", "UNRESOLVED_COLUMN", "'x'"), ("UPDATE t SET a = 'x'", "CANNOT_SAFELY_CAST", "'a'"),
    ("UPDATE t SET a = b + 1, c = y", "UNRESOLVED_COLUMN", "'y'"),
    ("DELETE FROM t WHERE y = 1", "UNRESOLVED_COLUMN", "'y'"),
    ("DELETE FROM v", "EXPECT_TABLE_NOT_VIEW", "'v'"), ("CREATE TABLE t (a INT)", "TABLE_OR_VIEW_ALREADY_EXISTS", "t"),
    ("CREATE TABLE u (a INT, A INT)", "COLUMN_ALREADY_EXISTS", "'A'"),
    ("CREATE TABLE u AS SELECT NULL AS x", "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "'x'"),
    ("CREATE TABLE u (a INT DEFAULT 'x')", "INVALID_DEFAULT_VALUE.DATA_TYPE", "'a'"),
    ("CREATE TABLE u (a INT) LOCATION '/tmp/u'", "UNSUPPORTED_FEATURE", "warehouse"),
    ("CREATE TABLE d.u (a INT)", "SCHEMA_NOT_FOUND", "'d'"),
    ("DROP TABLE missing", "TABLE_OR_VIEW_NOT_FOUND", "missing"),
    ("DROP VIEW t", "TABLE_OR_VIEW_NOT_FOUND", "'t'"),
    ("CREATE TABLE x.y.z (a INT)", "REQUIRES_SINGLE_PART_NAMESPACE", "x.y.z"), ("USE d", "SCHEMA_NOT_FOUND", "'d'"),
    ("ALTER TABLE t RENAME TO u2.t", "UNSUPPORTED_FEATURE", "u2"),
  ]) func `a mistake is refused by name, and nothing changes`(_ text: String, kind: String, part: String) throws {
    try withWarehouse { spark in
      try spark.rows("CREATE TABLE t (a INT NOT NULL, b STRING, c DOUBLE)")
      try spark.rows("INSERT INTO t VALUES (1, 'x', 2)")
      try spark.range(1).createOrReplaceTempView("v")
      let message = try errorMessage { try spark.rows(text) }
      #expect(message.contains(kind) && message.contains(part), "\(message)")
      #expect(message.contains("rows at ") || message.contains("sql at "), "\(message)")
      #expect(try spark.rows("SELECT * FROM t") == [Row(1, "x", 2.0)])
      #expect(try spark.catalog.listTables().map(\.name) == ["t", "v"])
    }
  }

  @Test(arguments: [
    "CREATE TABLE IF NOT EXISTS t (x STRING)", "DROP TABLE IF EXISTS missing", "DROP DATABASE IF EXISTS missing",
    "CREATE DATABASE IF NOT EXISTS default", "INSERT INTO t SELECT a FROM t WHERE false", "DELETE FROM t WHERE false",
    "UPDATE t SET a = 2 WHERE a IS NULL",
  ]) func `a statement that finds nothing to do does nothing`(_ text: String) throws {
    try withWarehouse { spark in
      try spark.rows("CREATE TABLE t AS SELECT 1 AS a")
      #expect(try spark.rows(text) == [])
      #expect(try spark.rows("SELECT * FROM t") == [Row(1)])
    }
  }

  @Test func `DROP TABLE drops the temporary view that hides a table, and not the table`() throws {
    try withWarehouse { spark in
      try spark.rows("CREATE TABLE t AS SELECT 1 AS a")
      try spark.rows("CREATE TEMPORARY VIEW t AS SELECT 99 AS a")
      try spark.rows("DROP TABLE t")
      #expect(try spark.rows("SELECT * FROM t") == [Row(1)])
      try spark.rows("DROP TABLE t")
      #expect(try errorMessage { try spark.rows("DROP TABLE t") }.contains("TABLE_OR_VIEW_NOT_FOUND"))
    }
  }
}
