import MartletCore
import MartletDuckDB
import Synchronization
import Testing

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: DuckDBAvailability.isInstalledOrRequired, DuckDBAvailability.advice))
struct ScalarFunctionTests {
  @Test("Closures of every type and number of parameters are called")
  func types() throws {
    let database = try DuckDatabase.forTest()
    let connection = try database.connect()
    try database.register(ScalarFunction("f_bool") { (x: Bool) in !x })
    try database.register(ScalarFunction("f_int32") { (x: Int32) in x - 1 })
    try database.register(ScalarFunction("f_int64") { (x: Int64) in x - 1 })
    try database.register(ScalarFunction("f_int") { (x: Int) in x - 1 })
    try database.register(ScalarFunction("f_float") { (x: Float) in x / 2 })
    try database.register(ScalarFunction("f_double") { (x: Double) in x / 2 })
    try database.register(ScalarFunction("f_string") { (x: String) in x + "!" })
    try database.register(ScalarFunction("f_text") { (x: Text) in x.lowercased() })
    try database.register(ScalarFunction("f_none") { "none" })
    try database.register(ScalarFunction("f_two") { (x: String, n: Int) in String(repeating: x, count: n) })
    try database.register(ScalarFunction("f_three") { (a: Int, b: Double, c: String) in "\(a) \(b) \(c)" })
    try database.register(ScalarFunction("f_four") { (a: Int, b: Int, c: Int, d: Bool) in d ? a + b + c : 0 })
    #expect(
      try connection.rows(
        """
        SELECT f_bool(true), f_int32(5), f_int64(5), f_int(5), f_float(5), f_double(5), f_string('é'), f_text('ABC'),
        f_none(), f_two('ab', 20), f_three(1, 2, 'x'), f_four(1, 2, 3, true)
        """) == [
          [
            false, .int32(4), 4, 4, .float(2.5), 2.5, "é!", "abc", "none",
            .string(String(repeating: "ab", count: 20)), "1 2.0 x", 6,
          ]
        ])
    // Names are not distinguished by case, and arguments are converted where SQL does so.
    #expect(try connection.value("SELECT F_INT(i) FROM (SELECT 7::TINYINT AS i)") == 6)
    #expect(try connection.kindOfError("SELECT f_int('x' || 'y')") != .internalError)
    #expect(throws: MartletError.self) { try connection.query("SELECT f_int(1, 2)") }
  }

  @Test("A null makes the result null, unless the parameter is optional")
  func nulls() throws {
    let database = try DuckDatabase.forTest()
    let connection = try database.connect()
    let calls = Atomic<Int>(0)
    try database.register(
      ScalarFunction("strict") { (x: Int, y: Int) in
        calls.add(1, ordering: .relaxed)
        return x + y
      })
    try database.register(ScalarFunction("lenient") { (x: Int?, y: String?) -> String? in y.map { "\(x ?? -1)\($0)" } })
    try database.register(ScalarFunction("half") { (x: Int) -> Int? in x % 2 == 0 ? x / 2 : nil })
    try connection.execute(
      "CREATE TABLE t AS SELECT CASE WHEN i % 3 > 0 THEN i END AS a, CASE WHEN i % 5 > 0 THEN i END AS b FROM range(5000) t(i)"
    )
    #expect(
      try connection.value("SELECT count(strict(a, b)) FROM t")
        == .int64(Int64((0..<5000).count { $0 % 3 > 0 && $0 % 5 > 0 })))
    #expect(calls.load(ordering: .relaxed) == (0..<5000).count { $0 % 3 > 0 && $0 % 5 > 0 })
    #expect(
      try connection.value("SELECT count(*) FROM t WHERE strict(a, b) IS DISTINCT FROM a + b") == 0)
    #expect(
      try connection.value(
        "SELECT count(*) FROM t WHERE lenient(a, b::VARCHAR) IS DISTINCT FROM coalesce(a, -1)::VARCHAR || b") == 0)
    #expect(
      try connection.rows("SELECT strict(NULL, 1), lenient(NULL, 'x'), lenient(1, NULL), half(3), half(4)")
        == [[.null, "-1x", .null, .null, 2]])
    #expect(try connection.value("SELECT count(half(i)) FROM range(10000) t(i)") == 5000)
  }

  @Test("Strings of every length are passed and returned, with zero bytes")
  func strings() throws {
    let database = try DuckDatabase.forTest()
    let connection = try database.connect()
    try database.register(ScalarFunction("same") { (x: String) in x })
    try database.register(ScalarFunction("same_text") { (x: Text) in x })
    let sql = "SELECT repeat('é', i::INTEGER) || chr(0) || repeat('x', i::INTEGER % 17) AS s FROM range(3000) t(i)"
    #expect(try connection.value("SELECT count(*) FROM (\(sql)) WHERE same(s) = s AND same_text(s) = s") == 3000)
    #expect(try connection.value("SELECT same('')") == "")
  }

  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  @Test("A closure that throws fails the statement with its message, and the connection is usable")
  func throwing() throws {
    let database = try DuckDatabase.forTest()
    let connection = try database.connect()
    try database.register(
      ScalarFunction("careful") { (x: Int) throws -> Int in
        if x == 77_777 { throw Refusal(description: "77777 is refused") }
        return x
      })
    #expect(try connection.value("SELECT sum(careful(i))::BIGINT FROM range(1000) t(i)") == 499_500)
    for _ in 0..<3 {
      let error = try #require(throws: MartletError.self) {
        try connection.query("SELECT sum(careful(i)) FROM range(200000) t(i)").rows()
      }
      #expect(error.message.contains("The function 'careful' threw an error: 77777 is refused"))
      #expect(error.duck?.kind == .invalidInput)
    }
    #expect(try connection.value("SELECT careful(5)") == 5)
    // In an argument that is constant, and in an insertion.
    #expect(throws: MartletError.self) { try connection.query("SELECT careful(77777)").rows() }
    try connection.execute("CREATE TABLE t(i BIGINT)")
    #expect(throws: MartletError.self) {
      try connection.execute("INSERT INTO t SELECT careful(i) FROM range(80000) t(i)")
    }
    #expect(try connection.value("SELECT count(*) FROM t") == 0)
  }

  @Test("A function that is not deterministic is called for every row")
  func notDeterministic() throws {
    let database = try DuckDatabase.forTest()
    let connection = try database.connect()
    let calls = Mutex(0)
    try database.register(
      ScalarFunction("tick", isDeterministic: false) { () -> Int in
        calls.withLock {
          $0 += 1
          return $0
        }
      })
    #expect(try connection.value("SELECT count(DISTINCT tick()) FROM range(5000)") == 5000)
  }

  @Test("A function is called by several threads, and from views and other connections")
  func threads() throws {
    let database = try DuckDatabase.forTest()
    try database.register(ScalarFunction("twice") { (x: Int64) in 2 * x })
    let connection = try database.connect()
    try connection.execute(
      "CREATE TABLE t AS SELECT i FROM range(1000000) t(i); CREATE VIEW v AS SELECT twice(i) AS x FROM t")
    #expect(try database.connect().value("SELECT sum(x)::BIGINT FROM v") == 999_999_000_000)
  }

  @Test("A name that cannot be one is refused; the same name with other types is another function")
  func names() throws {
    let database = try DuckDatabase.forTest()
    let connection = try database.connect()
    #expect(throws: MartletError.self) { try database.register(ScalarFunction("") { (x: Int) in x }) }
    #expect(throws: MartletError.self) { try database.register(ScalarFunction("a\0b") { (x: Int) in x }) }
    try database.register(ScalarFunction("kind") { (x: Int) in "int" })
    try database.register(ScalarFunction("kind") { (x: String) in "string" })
    #expect(try connection.rows("SELECT kind(1), kind('a')") == [["int", "string"]])
    try database.register(ScalarFunction("x'; DROP TABLE t; --") { (x: Int) in x })
    #expect(try connection.value("SELECT \"x'; DROP TABLE t; --\"(3)") == 3)
  }

  @Test("The last function of a name and types replaces those before")
  func replaced() throws {
    let database = try DuckDatabase.forTest()
    let connection = try database.connect()
    try database.register(ScalarFunction("version") { (x: Int) in 1 })
    #expect(try connection.value("SELECT version(0)") == 1)
    try database.register(ScalarFunction("version") { (x: Int) in 2 })
    #expect(try connection.value("SELECT version(0)") == 2)
  }

  @Test("A closure is released with its database")
  func released() throws {
    final class Captured: Sendable {}
    weak var captured: Captured?
    do {
      let database = try DuckDatabase.forTest()
      let object = Captured()
      captured = object
      try database.register(ScalarFunction("held") { (x: Int) in withExtendedLifetime(object) { x } })
      #expect(try database.connect().value("SELECT held(1)") == 1)
      #expect(captured != nil)
    }
    #expect(captured == nil)
  }
}
