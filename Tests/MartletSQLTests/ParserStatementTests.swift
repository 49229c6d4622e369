import MartletCore
import Testing

@testable import MartletSQL

struct ParserStatementTests {
  @Test func viewsHaveScopesAndTexts() throws {
    let text = "CREATE OR REPLACE GLOBAL TEMP VIEW g.v (a COMMENT 'x', b) COMMENT 'c' AS SELECT 1, 2"
    let view = CreateView(
      name: ["g", "v"], columns: ["a", "b"], scope: .globalTemporary, replaces: true,
      plan: try SQLParser.parseQuery("SELECT 1, 2"), text: "SELECT 1, 2")
    #expect(try SQLParser.parse(text) == .createView(view))
    let files = try SQLParser.parse("CREATE TEMP VIEW v (a INT) USING CSV OPTIONS (path 'p.csv', Header true)")
    guard case .createView(let view) = files else { throw MartletError(.invalidArgument, "\(files)") }
    #expect(notation(view.plan) == "files(csv, p.csv, struct<a:int>, header=true)")
    #expect(view.scope == .temporary)
  }

  @Test func tablesHaveColumnsAndFormats() throws {
    let text = """
      CREATE TABLE IF NOT EXISTS t (a INT NOT NULL COMMENT 'k', b STRING DEFAULT 'x') USING Parquet
      PARTITIONED BY (b) LOCATION '/x' OPTIONS (compression 'zstd') TBLPROPERTIES ('k.X' = 3) COMMENT 'c'
      """
    let table = CreateTable(
      name: ["t"], ifNotExists: true,
      columns: [
        ColumnDefinition(StructField("a", .integer, nullable: false), comment: "k"),
        ColumnDefinition(StructField("b", .string), defaultValue: .literal(.string("x")), defaultText: "'x'"),
      ], format: "parquet", location: "/x", partitionColumns: ["b"], options: ["compression": "zstd"],
      properties: ["k.X": "3"], comment: "c")
    #expect(try SQLParser.parse(text) == .createTable(table))
    let query = CreateTable(name: ["t"], plan: try SQLParser.parseQuery("SELECT 1"))
    #expect(try SQLParser.parse("CREATE TABLE t AS SELECT 1") == .createTable(query))
  }

  @Test func insertsHaveColumnsAndPartitions() throws {
    let plan = try SQLParser.parseQuery("SELECT 1")
    let cases: [(String, Insert)] = [
      ("INSERT INTO t SELECT 1", Insert(table: ["t"], plan: plan)),
      ("INSERT INTO TABLE a.t (x, y) (SELECT 1)", Insert(table: ["a", "t"], columns: ["x", "y"], plan: plan)),
      (
        "INSERT OVERWRITE t PARTITION (p = 'x', q) SELECT 1",
        Insert(
          table: ["t"], overwrites: true,
          partition: [PartitionValue(column: "p", value: .literal(.string("x"))), PartitionValue(column: "q")],
          plan: plan)
      ),
      ("INSERT INTO t BY NAME SELECT 1", Insert(table: ["t"], byName: true, plan: plan)),
      (
        "WITH a AS (SELECT 1) INSERT INTO t SELECT 1",
        Insert(table: ["t"], plan: .with([NamedPlan("a", plan)], plan))
      ),
    ]
    for (text, insert) in cases { #expect(try SQLParser.parse(text) == .insert(insert)) }
  }

  @Test(arguments: [
    ("DROP TABLE IF EXISTS a.b PURGE", Statement.dropTable(["a", "b"], ifExists: true)),
    ("DROP VIEW v", .dropView(["v"], ifExists: false)),
    ("CREATE SCHEMA IF NOT EXISTS d", .createDatabase(["d"], ifNotExists: true)),
    ("DROP DATABASE d CASCADE", .dropDatabase(["d"], ifExists: false, cascades: true)),
    ("TRUNCATE TABLE t", .truncateTable(["t"])),
    ("DELETE FROM d.t", .delete(Deletion(table: ["d", "t"]))),
    ("DELETE FROM t AS x WHERE true", .delete(Deletion(table: ["t"], alias: "x", condition: .literal(.boolean(true))))),
    (
      "UPDATE t x SET a = 1, x.b = NULL WHERE c",
      .update(
        Update(
          table: ["t"], alias: "x",
          assignments: [
            Update.Assignment(column: ["a"], value: .literal(.integer(1))),
            Update.Assignment(column: ["x", "b"], value: .literal(.null())),
          ], condition: .attribute(["c"])))
    ),
    ("ALTER TABLE a.t RENAME TO u", .renameTable(["a", "t"], to: ["u"])),
    ("CACHE LAZY TABLE t AS TABLE u", .cacheTable(["t"], .table(["u"]), isLazy: true)),
    ("UNCACHE TABLE IF EXISTS t", .uncacheTable(["t"], ifExists: true)),
    ("CLEAR CACHE", .clearCache),
    ("REFRESH TABLE t", .refreshTable(["t"])),
    ("SHOW TABLES IN d LIKE 'a*'", .showTables(database: ["d"], pattern: "a*")),
    ("SHOW VIEWS", .showViews(database: nil, pattern: nil)),
    ("SHOW COLUMNS IN t FROM d", .showColumns(["d", "t"])),
    ("SHOW USER FUNCTIONS LIKE 'a*'", .showFunctions(pattern: "a*")),
    ("SHOW SCHEMAS", .showDatabases(pattern: nil)),
    ("DESC EXTENDED t a.b", .describeTable(["t"], column: ["a", "b"], isExtended: true)),
    ("DESCRIBE QUERY TABLE t", .describeQuery(.table(["t"]))),
    ("DESC FUNCTION EXTENDED abs", .describeFunction("abs", isExtended: true)),
    ("SET", .set(key: nil, value: nil)),
    ("SET spark.sql.x-y = a b  c ;", .set(key: "spark.sql.x-y", value: "a b  c")),
    ("SET `a b` = `c d`", .set(key: "a b", value: "c d")),
    ("SET k", .set(key: "k", value: nil)),
    ("SET TIME ZONE 'Europe/Berlin'", .set(key: "spark.sql.session.timeZone", value: "Europe/Berlin")),
    ("SET TIME ZONE INTERVAL '2' HOUR", .set(key: "spark.sql.session.timeZone", value: "+02:00")),
    ("RESET spark.x", .reset(key: "spark.x")),
    ("USE DATABASE d", .use(["d"])),
    ("EXPLAIN FORMATTED TABLE t", .explain(.formatted, .query(.table(["t"])))),
  ])
  func statementsAreData(text: String, statement: Statement) throws {
    #expect(try SQLParser.parse(text) == statement)
  }

  @Test(arguments: [
    "PRAGMA show_tables", "ALTER TABLE t ADD COLUMN a INT", "CREATE MACRO f(a) AS a", "SHOW CREATE TABLE t",
    "ATTACH 'x' AS y", "CREATE TABLE t LIKE u",
  ])
  func unknownStatementsPassAsTheyAre(text: String) throws {
    #expect(try SQLParser.parse(text) == .unknown(text))
  }

  @Test func semicolonsSeparateStatements() throws {
    let statements = try SQLParser.parseAll(";; PRAGMA a 'x;y' ; -- c;\nTABLE t; SET a = b;c d")
    #expect(
      statements == [.unknown("PRAGMA a 'x;y'"), .query(.table(["t"])), .set(key: "a", value: "b"), .unknown("c d")])
    #expect(try SQLParser.parseAll(" ; -- nothing") == [])
    #expect(throws: SQLSyntaxError.self) { try SQLParser.parseAll("TABLE t TABLE u x y") }
  }

  @Test func schemasAreWrittenAsDDL() throws {
    let schema = StructType([
      StructField("a", .integer, nullable: false),
      StructField("b c", .array(.map(key: .string, value: .decimal(precision: 10, scale: 2)))),
      StructField("s", .struct(StructType([StructField("x", .timestampNTZ), StructField("y", .null)]))),
    ])
    let ddl =
      "a INT NOT NULL COMMENT 'x', `b c` array<map<string, decimal(10, 2)>>, s: STRUCT<x: timestamp_ntz, y void>"
    #expect(try StructType(ddl: ddl) == schema)
    #expect(try DataType(ddl: ddl) == .struct(schema))
    #expect(try StructType(ddl: "") == StructType())
    let types: [(String, DataType)] = [
      ("tinyint", .byte), ("SHORT", .short), ("bigint", .long), ("real", .float),
      ("dec", .decimal(precision: 10, scale: 0)),
      ("numeric(38, 38)", .decimal(precision: 38, scale: 38)), ("varchar(10)", .string),
      ("interval day to second", .dayTimeInterval(from: .day, to: .second)),
      ("timestamp_ltz", .timestamp), ("timestamp without time zone", .timestampNTZ),
      ("struct<>", .struct(StructType())),
      ("array<array<int>>", .array(.array(.integer))),
    ]
    for (text, type) in types { #expect(try DataType(ddl: text) == type) }
    for text in [
      "", "array", "decimal(39)", "decimal(2,3)", "money", "array<int", "map<int>", "a int,", "int'",
    ] {
      #expect(throws: MartletError.self) { try DataType(ddl: text) }
    }
  }
}
