import MartletDatabases
import MartletJDBC
import TestSupport
import Testing

/// Tables that others have made.
@Suite(.enabled(if: hasEngine, "DuckDB is not installed: `make duckdb` installs it"), .timeLimit(.minutes(30)))
struct JDBCTypeTests {
  private func read(_ system: String, _ create: [String], _ table: String = "made") throws -> DataFrame? {
    guard let place = Place.all.first(where: { $0.system == system }) else { return nil }
    let (url, properties) = try place.make()
    let database = try Database(url, password: properties["password"])
    for statement in create { try database.execute(statement) }
    return try Place.session().read.jdbc(url, table, properties)
  }

  @Test func `types of PostgreSQL are read as Spark reads them`() throws {
    let frame = try read(
      "postgres",
      [
        """
        CREATE TABLE made (a uuid, b jsonb, c numeric, d char(4), e time, f interval, g text[], h money, i oid, j bit(3),
          k "char", l name, m numeric(5, 2), n real, o date, p timestamp, q timestamptz, r bool, s smallint, t bytea)
        """,
        """
        INSERT INTO made VALUES ('00000000-0000-0000-0000-000000000001', '{"a": 1}', 1.5, 'ab', '12:30', '1 day', '{x,y}',
          12.5, 7, B'101', 'c', 'n', 123.45, 'NaN', '0044-03-15 BC', '2024-02-29 12:00', '2024-02-29 12:00+02', true, -1,
          '\\x00ff')
        """,
      ])
    guard let frame else { return }
    #expect(
      try frame.schema.fields.map { "\($0.type)" } == [
        "string", "string", "decimal(38,18)", "string", "string", "string", "string", "string", "bigint", "string",
        "string", "string", "decimal(5,2)", "float", "date", "timestamp", "timestamp", "boolean", "smallint", "binary",
      ])
    let row = try frame.collect()[0]
    #expect(row[2] == .decimal(SQLDecimal("1.5")!))  // a number, as written
    #expect(row[6] == .string("{x,y}") && row[12] == .decimal(SQLDecimal("123.45")!))  // a number, as written
    #expect("\(row[14])" == "-0043-03-15")
    #expect("\(row[16])".hasPrefix("2024-02-29 10:00"))
    #expect(row[19] == .binary([0, 255]))
  }

  @Test func `types of MariaDB are read as Spark reads them`() throws {
    let frame = try read(
      "mariaDB",
      [
        """
        CREATE TABLE made (a bigint unsigned, b tinyint(1), c bit(8), d year, e time, f json, g enum('x', 'y'), h set('x', 'y'),
          i decimal(30, 10), j double, k float, l date, m datetime(6), n timestamp(6) NULL, o varchar(10) CHARACTER SET utf8mb3,
          p binary(3), q mediumint unsigned, r int unsigned)
        """,
        """
        INSERT INTO made VALUES (18446744073709551615, 1, b'101', 2024, '12:30:00', '{"a": 1}', 'y', 'x,y', 1.5, 2.5, 0.1,
          '2024-02-29', '2024-02-29 12:00:00.5', '2024-02-29 12:00:00.5', 'Ünï', X'00FF', 16777215, 4294967295)
        """,
      ])
    guard let frame else { return }
    #expect(
      try frame.schema.fields.map { "\($0.type)" } == [
        "decimal(20,0)", "boolean", "binary", "int", "string", "string", "string", "string", "decimal(30,10)", "double",
        "float", "date", "timestamp", "timestamp", "string", "binary", "int", "bigint",
      ])
    let row = try frame.collect()[0]
    #expect(row[0] == .decimal(SQLDecimal(UInt64.max)) && row[3] == .integer(2024))
    #expect(row[10] == .float(0.1) && row[14] == .string("Ünï") && row[17] == .long(4_294_967_295))
  }

  @Test func `a value that a type of Spark cannot hold is an error that names the column`() throws {
    let many: [(String, [String])] = [
      ("postgres", ["CREATE TABLE made (w numeric)", "INSERT INTO made VALUES ('NaN')"]),
      ("postgres", ["CREATE TABLE made (w numeric)", "INSERT INTO made VALUES (1e30)"]),
      ("postgres", ["CREATE TABLE made (w date)", "INSERT INTO made VALUES ('infinity')"]),
      ("postgres", ["CREATE TABLE made (w timestamp)", "INSERT INTO made VALUES ('294276-12-31 23:59:59')"]),
      ("sqlite", ["CREATE TABLE made (w INTEGER)", "INSERT INTO made VALUES ('many')"]),
      ("sqlite", ["CREATE TABLE made (w DATE)", "INSERT INTO made VALUES ('2024-02-31')"]),
      ("sqlite", ["CREATE TABLE made (w DATE)", "INSERT INTO made VALUES ('9999999999999999-01-01')"]),
      ("sqlite", ["CREATE TABLE made (w TIMESTAMP)", "INSERT INTO made VALUES ('999999-01-01 00:00')"]),
      (
        "sqlite",
        ["CREATE TABLE made (w TIMESTAMP)", "INSERT INTO made VALUES ('2024-01-01 9223372036854775807:00:00')"]
      ),
    ]
    for (system, statements) in many {
      guard let frame = try read(system, statements) else { continue }
      let error = try #require(throws: MartletError.self, "\(statements)") { try frame.collect() }
      #expect(error.message.contains("[FAILED_JDBC]") && error.message.contains("'w'"), "\(error)")
      #expect(error.message.contains("query"), "\(error)")
    }
  }

  @Test(arguments: Place.all)
  func `names with quotes, points and spaces, and texts of all kinds, survive`(_ place: Place) throws {
    let (url, properties) = try place.make()
    let spark = try Place.session()
    let long = String(repeating: "Ünï 😀 ", count: 300_000)
    let schema = StructType([StructField("it's \"a\" `b`.c", .string), StructField("Ünï DROP TABLE", .string)])
    let frame = try spark.createDataFrame(
      [
        Row(values: [.string("a'b\"c`d\\e\n\t;--"), .string("")], schema: schema),
        Row(values: [.string(long), .null], schema: schema),
      ], schema: schema)
    let table = "\"odd \"\"name\"\".x'y\""
    try frame.write.jdbc(url, table, properties)
    let read = spark.read.jdbc(url, table, properties)
    #expect(try read.columns == frame.columns)
    #expect(try Place.rows(read) == Place.rows(frame))
    try frame.write.jdbc(url, table, mode: .overwrite, properties)
    #expect(try read.count() == 2)
  }
}
