import Foundation
import MartletCore
import MartletDuckDB
import Synchronization
import TestSupport
import Testing

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: DuckDBAvailability.isInstalledOrRequired, DuckDBAvailability.advice))
struct DuckConnectionTests {
  @Test("Several statements run in turn, and those before a failure have had their effect")
  func scripts() throws {
    let connection = try DuckDatabase.forTest().connect()
    try connection.execute("CREATE TABLE t(i INTEGER); INSERT INTO t VALUES (1), (2);; -- done")
    #expect(throws: MartletError.self) {
      try connection.execute("INSERT INTO t VALUES (3); SELECT nothing; INSERT INTO t VALUES (4)")
    }
    #expect(try connection.rows("SELECT i FROM t ORDER BY i") == [[.int32(1)], [.int32(2)], [.int32(3)]])
    try connection.execute("")
  }

  @Test("The results of several statements are given one by one")
  func results() throws {
    let connection = try DuckDatabase.forTest().connect()
    var seen: [String] = []
    try connection.queryEach("CREATE TABLE t(i INTEGER); INSERT INTO t SELECT range FROM range(7); FROM t LIMIT 2;") {
      seen.append("\($0.hasRows) \($0.rowsChanged) \(try $0.rows().count)")
    }
    #expect(seen == ["false 0 0", "false 7 0", "true 0 2"] || seen == ["false 0 0", "false 7 1", "true 0 2"])
    let error = try #require(throws: MartletError.self) { try connection.queryEach("SELECT 1; SELEC 2") { _ in } }
    #expect(error.duck?.kind == .parser)
  }

  @Test("An error has DuckDB's kind and message")
  func errors() throws {
    let connection = try DuckDatabase.forTest().connect()
    try connection.execute("CREATE TABLE t(i INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)")
    #expect(try connection.kindOfError("SELECT nothing FROM t") == .binder)
    #expect(try connection.kindOfError("SELECT * FROM nowhere") == .catalog)
    #expect(try connection.kindOfError("SELECT nothing(1)") == .catalog)
    #expect(try connection.kindOfError("SELEC 1") == .parser)
    #expect(try connection.kindOfError("SELECT 'a'::INTEGER FROM t") == .conversion)
    #expect(
      try connection.kindOfError("SELECT (i + 9223372036854775807)::BIGINT + 9223372036854775807 FROM t") == .outOfRange
    )
    #expect(try connection.kindOfError("INSERT INTO t VALUES (1)") == .constraint)
    #expect(try connection.kindOfError("SELECT * FROM '/nowhere/a.csv'") == .io)
    #expect(try connection.kindOfError("SELECT error('my message')") == .invalidInput)
    let error = try #require(throws: MartletError.self) { try connection.execute("SELECT nothing FROM t") }
    #expect(error.message.hasPrefix("Binder Error: "))
    #expect(error.message.contains("nothing"))
    #expect(error.duck?.message.hasPrefix("Binder") == false)
    #expect(error.code == .invalidArgument)
  }

  @Test("The kinds of errors are read from messages")
  func kinds() {
    #expect(DuckError(parsing: "Out of Memory Error: a: b") == DuckError(.outOfMemory, "a: b"))
    #expect(DuckError(parsing: "Something Error: a") == DuckError(.other, "Something Error: a"))
    #expect(DuckError(parsing: "") == DuckError(.other, ""))
    for kind in DuckError.Kind.allCases where kind != .other {
      #expect(DuckError(parsing: "\(kind.rawValue) Error: text").kind == kind)
    }
  }

  @Test("SQL with a zero byte is refused, not shortened")
  func zeroByte() throws {
    let connection = try DuckDatabase.forTest().connect()
    for run in [connection.execute, { _ = try connection.query($0) }, { try connection.queryEach($0) { _ in } }] {
      let error = try #require(throws: MartletError.self) { try run("SELECT 1\0; DROP TABLE t") }
      #expect(error.message.contains("zero byte"))
    }
  }

  @Test("A statement can be as long as a megabyte and more")
  func longStatement() throws {
    let connection = try DuckDatabase.forTest().connect()
    let list = (0..<150_000).map { "\($0)" }.joined(separator: ", ")
    #expect(try connection.value("SELECT len([\(list)])") == 150_000)
    let text = String(repeating: "é", count: 1 << 20)
    #expect(try connection.value("SELECT strlen('\(text)')") == .int64(2 << 20))
  }

  @Test("Parameters of every type arrive as they are")
  func parameters() throws {
    let connection = try DuckDatabase.forTest().connect()
    let values: [DuckValue] = [
      .bool(true), .int8(-1), .int16(-300), .int32(.min), .int64(.min), .uint8(255), .uint16(.max), .uint32(.max),
      .uint64(.max), .int128(.min + 1), .uint128(.max), .float(1.5), .double(-0.25),
      .decimal(-12345, width: 9, scale: 2), .decimal(.init(Int64.max) * 100, width: 38, scale: 4), .string("a\0b€"),
      .string(""), .blob([0, 255, 1]), .blob([]), .uuid(1), .uuid(.max), .date(-5), .time(86_399_999_999),
      .timestamp(-1, .microseconds), .timestampTZ(1), .interval(months: 1, days: -2, microseconds: 3),
      .list([.int32(1), .null, .int32(3)]), .list([.list([.string("a")]), .list([])]), .null,
    ]
    for value in values {
      let found = try connection.value("SELECT ?", [value])
      #expect(found == value)
    }
  }

  @Test("Parameters have names or positions, and a wrong number or name is an error")
  func parameterNames() throws {
    let connection = try DuckDatabase.forTest().connect()
    let named = try connection.query("SELECT $low + $high, $low", named: ["high": 5, "low": 2])
    #expect(try named.rows() == [[.int64(7), .int64(2)]])
    #expect(try connection.rows("SELECT $2, $1, $2", [1, 2]) == [[2, 1, 2]])
    let few = try #require(throws: MartletError.self) { try connection.query("SELECT ? + ?", [1]) }
    #expect(few.message == "The statement has 2 parameters, but 1 values were given.")
    let unknown = try #require(throws: MartletError.self) { try connection.query("SELECT $a", named: ["b": 1]) }
    #expect(unknown.message.contains("there is no value for the parameter '$a'"))
    #expect(unknown.message.contains("the statement has no parameter '$b'"))
    let mixed = try #require(throws: MartletError.self) { try connection.query("SELECT ?", [.list([1, "a"])]) }
    #expect(mixed.message.contains("one type"))
    // The connection is free after each failure.
    #expect(try connection.value("SELECT 1") == .int32(1))
  }

  @Test("A prepared statement runs several times, and describes its parameters and columns")
  func prepared() throws {
    let connection = try DuckDatabase.forTest().connect()
    try connection.execute("CREATE TABLE t(i INTEGER, s VARCHAR)")
    let insert = try connection.prepare("INSERT INTO t VALUES ($i, $s)")
    #expect(Set(insert.parameterNames) == ["i", "s"])
    #expect(insert.parameterTypes.count == 2)
    for i in 0..<5 { _ = try insert.run(named: ["i": .int32(Int32(i)), "s": .string("s\(i)")]).rows() }
    let select = try connection.prepare("SELECT s, i + 1 AS next FROM t WHERE i = ?")
    #expect(select.columns == [DuckColumn("s", .varchar), DuckColumn("next", .int32)])
    for i in 0..<5 { #expect(try select.run([.int64(Int64(i))]).rows() == [[.string("s\(i)"), .int32(Int32(i + 1))]]) }
  }

  @Test("A statement is described without being run")
  func describe() throws {
    let connection = try DuckDatabase.forTest().connect()
    try connection.execute("CREATE TABLE t(i INTEGER)")
    let columns = try connection.describe(
      """
      SELECT i, 1.5::DECIMAL(10, 3) AS d, [1] AS l, {'a': 1, 'b': ['x']} AS s, MAP {'k': 1} AS m, 'a'::ENUM('a', 'b') AS e,
      NULL AS n, now()::TIMESTAMP_NS AS t, '{}'::JSON AS j, [1, 2]::INTEGER[2] AS a FROM t
      """)
    #expect(
      columns == [
        DuckColumn("i", .int32), DuckColumn("d", .decimal(width: 10, scale: 3)), DuckColumn("l", .list(.int32)),
        DuckColumn("s", .structure([DuckField("a", .int32), DuckField("b", .list(.varchar))])),
        DuckColumn("m", .map(key: .varchar, value: .int32)), DuckColumn("e", .enumeration(["a", "b"])),
        DuckColumn("n", columns[6].type), DuckColumn("t", .timestamp(.nanoseconds)),
        DuckColumn("j", .varchar, alias: "JSON"), DuckColumn("a", .array(.int32, count: 2)),
      ])
    #expect([.null, .int32].contains(columns[6].type))
    _ = try connection.describe("INSERT INTO t VALUES (1)")
    #expect(try connection.value("SELECT count(*) FROM t") == 0)
    #expect(throws: MartletError.self) { try connection.describe("SELECT j FROM t") }
  }

  @Test("Rows are computed while they are read")
  func streaming() throws {
    let connection = try DuckDatabase.forTest().connect()
    // Some 16 TB: neither time nor memory would suffice to collect them.
    let result = try connection.query("SELECT i, i::VARCHAR FROM range(1000000000000) t(i)")
    var rows = 0
    while rows < 10_000, let chunk = try result.nextChunk() {
      #expect(chunk[0].load(0, as: Int64.self) == Int64(rows))
      rows += chunk.count
    }
    #expect(rows >= 10_000)
    result.close()
    #expect(try result.nextChunk() == nil)
    #expect(try connection.value("SELECT 1") == .int32(1))
  }

  @Test("An error after the first rows is thrown where the rows end")
  func lateError() throws {
    let connection = try DuckDatabase.forTest(threads: 1).connect()
    let result = try connection.query("SELECT (1000000 - i)::UTINYINT FROM range(2000000) t(i) WHERE i > 999800")
    let error = try #require(throws: MartletError.self) { while try result.nextChunk() != nil {} }
    #expect(error.duck?.kind == .conversion)
    #expect(try connection.value("SELECT 1") == .int32(1))
  }

  @Test("A second statement while a result is read is refused, until the result is released")
  func oneAtATime() throws {
    let connection = try DuckDatabase.forTest().connect()
    do {
      let result = try connection.query("SELECT * FROM range(100000)")
      let error = try #require(throws: MartletError.self) { try connection.execute("SELECT 1") }
      #expect(error.code == .invalidState)
      #expect(error.message.contains("another connection"))
      #expect(throws: MartletError.self) { try connection.prepare("SELECT 1") }
      // Another connection is independent.
      #expect(try connection.database.connect().value("SELECT 1") == .int32(1))
      _ = try #require(try result.nextChunk())
    }
    try connection.execute("SELECT 1")
    let read = try connection.query("SELECT 1")
    _ = try read.rows()
    try connection.execute("SELECT 1")
  }

  @Test("A result stays valid when the objects that it came from are released")
  func lifetimes() throws {
    func result() throws -> DuckResult {
      try DuckDatabase.forTest().connect().prepare("SELECT i::VARCHAR FROM range(5000) t(i)").run()
    }
    let open = try result()
    let chunk = try #require(try open.nextChunk())
    var count = chunk.count
    while let next = try open.nextChunk() { count += next.count }
    #expect(count == 5000)
    #expect(chunk[0].string(17) == "17")
  }

  @Test("Another thread can interrupt a statement, whose connection is usable afterwards")
  func interrupt() async throws {
    let database = try DuckDatabase.forTest()
    let connection = try database.connect()
    let isDone = Mutex(false)
    let runner = Thread {
      let error = #expect(throws: MartletError.self) {
        try connection.query("SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(1000000) b(i)").rows()
      }
      #expect(error?.duck?.kind == .interrupt)
      #expect(error?.code == .cancelled)
      isDone.withLock { $0 = true }
    }
    runner.start()
    while !isDone.withLock({ $0 }) {
      connection.interrupt()
      await Task.yield()
    }
    #expect(try connection.value("SELECT 1") == .int32(1))
    // Without a statement, an interruption is without effect.
    connection.interrupt()
    #expect(try connection.value("SELECT 2") == .int32(2))
  }

  @Test("The progress of a statement is known while it runs")
  func progress() async throws {
    let connection = try DuckDatabase.forTest(threads: 1).connect()
    try connection.execute("CREATE TABLE t AS SELECT i FROM range(2000000) t(i)")
    try connection.trackProgress()
    #expect(connection.progress == nil)
    let isDone = Mutex(false)
    Thread {
      #expect(throws: MartletError.self) {
        try connection.query("SELECT sum(a.i % (b.range + 1)) FROM t a, range(100000) b").rows()
      }
      isDone.withLock { $0 = true }
    }.start()
    var seen: Double?
    while seen == nil {
      seen = connection.progress.flatMap { $0 > 0 ? $0 : nil }
      await Task.yield()
    }
    #expect(seen.map { $0 <= 1 } == true)
    connection.interrupt()
    while !isDone.withLock({ $0 }) { await Task.yield() }
  }

  @Test("A query that needs more memory than the limit uses the temporary folder, and leaves nothing there")
  func spill() throws {
    try withTemporaryFolder { folder in
      let database = try DuckDatabase.forTest {
        $0.memoryLimit = 60 << 20
        $0.temporaryFolder = folder
      }
      let connection = try database.connect()
      let sql = "SELECT count(*) FROM (SELECT i, md5(i::VARCHAR) AS h FROM range(3000000) t(i) ORDER BY h, i)"
      try connection.execute("CREATE TABLE t AS SELECT i, md5(i::VARCHAR) AS h FROM range(2500000) t(i)")
      #expect(try connection.value("SELECT count(*) FROM t") == 2_500_000)
      #expect(try connection.value(sql) == 3_000_000)
      let used = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(used.allSatisfy { $0.hasPrefix("martlet-duckdb-") } && used.count == 1)
    }
    try withTemporaryFolder { folder in
      do {
        let connection = try DuckDatabase.forTest {
          $0.memoryLimit = 60 << 20
          $0.temporaryFolder = folder
        }.connect()
        try connection.execute("CREATE TABLE t AS SELECT i, md5(i::VARCHAR) AS h FROM range(2500000) t(i)")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test("Without a temporary folder, a query over the memory limit fails by name, and the connection is usable")
  func outOfMemory() throws {
    let database = try DuckDatabase.forTest {
      $0.memoryLimit = 60 << 20
      $0.temporaryFolder = nil
    }
    let connection = try database.connect()
    let error = try #require(throws: MartletError.self) {
      try connection.execute("CREATE TABLE t AS SELECT i, md5(i::VARCHAR) AS h FROM range(5000000) t(i)")
    }
    #expect(error.duck?.kind == .outOfMemory)
    #expect(error.code == .resourcesExhausted)
    #expect(try connection.value("SELECT 1") == .int32(1))
  }

  @Test("Changes are committed and rolled back by connection")
  func transactions() throws {
    let database = try DuckDatabase.forTest()
    let first = try database.connect(), second = try database.connect()
    try first.execute("CREATE TABLE t(i INTEGER); BEGIN; INSERT INTO t VALUES (1)")
    #expect(try second.value("SELECT count(*) FROM t") == 0)
    try first.execute("COMMIT")
    #expect(try second.value("SELECT count(*) FROM t") == 1)
    let result = try second.query("UPDATE t SET i = i + 1")
    #expect(result.rowsChanged == 1)
    #expect(!result.hasRows)
  }
}
