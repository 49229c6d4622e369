import Foundation
import MartletCore
import Synchronization
import TestSupport
import Testing

@testable import MartletDuckDB

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: DuckDBAvailability.isInstalledOrRequired, DuckDBAvailability.advice))
struct ColumnTableTests {
  /// A table of one column with the values, in pieces of the given size.
  private func table<Value: ColumnElement>(_ values: [Value], piece: Int = .max) throws -> ColumnTable {
    var pieces: [ColumnPiece] = []
    var rest = values[...]
    while !rest.isEmpty {
      var builder = ColumnBuilder(Value.columnType, capacity: 1)
      for value in rest.prefix(piece) { builder.append(value) }
      rest = rest.dropFirst(piece)
      pieces.append(try ColumnPiece([builder.finish()]))
    }
    return try ColumnTable([TableColumn("x", Value.columnType)], pieces)
  }

  @Test("Values of every type arrive in SQL, with nulls")
  func types() throws {
    let connection = try DuckDatabase.forTest().connect()
    func check<Value: ColumnElement>(_ values: [Value?], _ expected: [DuckValue]) throws {
      let registration = connection.database.register(try table(values))
      #expect(try connection.rows("SELECT x FROM \(registration.sql)").map { $0[0] } == expected)
    }
    try check([true, nil, false], [.bool(true), .null, .bool(false)])
    try check([Int8.min, nil, .max], [.int8(.min), .null, .int8(.max)])
    try check([nil, Int16.min, .max], [.null, .int16(.min), .int16(.max)])
    try check([Int32.min, nil, .max], [.int32(.min), .null, .int32(.max)])
    try check([Int64.min, nil, .max], [.int64(.min), .null, .int64(.max)])
    try check([Int.min, nil, .max], [.int64(.min), .null, .int64(.max)])
    try check([Float(1.5), nil, -.infinity], [.float(1.5), .null, .float(-.infinity)])
    try check([1.5, nil, Double.leastNonzeroMagnitude], [.double(1.5), .null, .double(.leastNonzeroMagnitude)])
    try check(["a" as Text, nil, ""], ["a", .null, ""])
    try check(["a" as String, nil, ""], ["a", .null, ""])
  }

  @Test("Dates, timestamps, decimals and bytes arrive in SQL")
  func storedTypes() throws {
    let connection = try DuckDatabase.forTest().connect()
    let types: [(ColumnType, (inout ColumnBuilder) -> Void, DuckValue)] = [
      (.date, { $0.append(stored: Int32(-1)) }, .date(-1)),
      (.timestamp, { $0.append(stored: Int64(5)) }, .timestamp(5, .microseconds)),
      (.timestampTZ, { $0.append(stored: Int64(5)) }, .timestampTZ(5)),
      (.decimal(width: 4, scale: 1), { $0.append(decimal: -9999) }, .decimal(-9999, width: 4, scale: 1)),
      (.decimal(width: 9, scale: 9), { $0.append(decimal: 999_999_999) }, .decimal(999_999_999, width: 9, scale: 9)),
      (.decimal(width: 18, scale: 0), { $0.append(decimal: -1 << 59) }, .decimal(-1 << 59, width: 18, scale: 0)),
      (.binary, { builder in [0, 255].withUnsafeBufferPointer { builder.append(bytes: $0) } }, .blob([0, 255])),
    ]
    for (type, append, expected) in types {
      var builder = ColumnBuilder(type)
      builder.appendNull()
      append(&builder)
      let table = try ColumnTable([TableColumn("x", type)], [ColumnPiece([builder.finish()])])
      let registration = connection.database.register(table)
      #expect(try connection.rows("SELECT x FROM \(registration.sql)") == [[.null], [expected]], "\(type)")
      #expect(try connection.describe("SELECT x FROM \(registration.sql)") == [DuckColumn("x", type.duckType)])
    }
  }

  @Test("Strings of every length around the borders arrive, whatever holds their bytes")
  func strings() throws {
    let connection = try DuckDatabase.forTest().connect()
    // Slices of a shared buffer that do not begin with it, zero bytes, and scalars of several bytes.
    let line = Text("0123456789abcdefghijklmnopqrstuvwxyz\0\u{0}é€🙂" + String(repeating: "long ", count: 5000))
    var texts: [Text] = (0..<40).flatMap { length in
      [line.slice(0..<min(length, 36)), line.slice(3..<min(3 + length, 36))]
    }
    texts += [
      "a\0b", "\0", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "é€🙂", "ééééééé", line, line.slice(30..<38), "", "twelve bytes",
      "thirteen byte",
    ]
    let expected = texts.map { DuckValue.string(String($0)) }
    for piece in [1, 7, Int.max] {
      let first = connection.database.register(try table(texts, piece: piece))
      #expect(try connection.rows("SELECT x FROM \(first.sql)").map { $0[0] } == expected)
      let second = connection.database.register(try table(texts.map { String($0) }, piece: piece))
      #expect(try connection.rows("SELECT x FROM \(second.sql)").map { $0[0] } == expected)
      // Equal strings compare equal with those that DuckDB makes itself.
      #expect(
        try connection.value(
          "SELECT count(*) FROM \(first.sql) a JOIN (SELECT DISTINCT x || '' AS x FROM \(second.sql)) b USING (x)")
          == .int64(Int64(texts.count)))
    }
  }

  @Test("Bytes that are not UTF-8 are replaced, as in a String")
  func invalidText() throws {
    let connection = try DuckDatabase.forTest().connect()
    let cases: [[UInt8]] = [
      [0xFF], [0x61, 0xC3], [0xED, 0xA0, 0x80], Array("twelve bytes".utf8) + [0xF0, 0x9F],
      Array("é, and a valid text".utf8), [],
    ]
    var builder = ColumnBuilder(.string)
    for bytes in cases { bytes.withUnsafeBufferPointer { builder.append(utf8: $0) } }
    let table = try ColumnTable([TableColumn("x", .string)], [ColumnPiece([builder.finish()])])
    let registration = connection.database.register(table)
    let rows = try connection.rows("SELECT x FROM \(registration.sql)").map { $0[0] }
    #expect(rows == cases.map { .string(String(decoding: $0, as: UTF8.self)) })
    // SQL that depends on valid text works.
    #expect(try connection.value("SELECT count(upper(reverse(x))) FROM \(registration.sql)") == 6)
  }

  @Test("A table keeps the buffers of its texts, of many owners")
  func owners() throws {
    let connection = try DuckDatabase.forTest().connect()
    func registration() throws -> TableRegistration {
      let texts = (0..<3000).map { Text("a text that is longer than fifteen bytes, number \($0)") }
      // Owners that alternate, and repeat.
      return connection.database.register(try table((0..<9000).map { texts[$0 % 3000] }, piece: 4000))
    }
    let registration = try registration()
    #expect(try connection.value("SELECT count(DISTINCT x) FROM \(registration.sql)") == 3000)
    #expect(
      try connection.rows("SELECT x FROM \(registration.sql) ORDER BY x DESC LIMIT 1")
        == [["a text that is longer than fifteen bytes, number 999"]])
  }

  @Test("Nulls in any place and number arrive, over the borders of chunks and pieces")
  func nulls() throws {
    let connection = try DuckDatabase.forTest().connect()
    var random = TestRandom(seed: 7)
    // Long runs of each kind, and a mixture.
    var values: [Int64?] = []
    for row: Int64 in 0..<20_000 {
      let isNull = row >= 5000 && (row < 9000 || Bool.random(using: &random))
      values.append(isNull ? nil : row)
    }
    let expected = values.map { $0.map { DuckValue.int64($0) } ?? .null }
    for piece in [100, 2048, 5000, Int.max] {
      let registration = connection.database.register(try table(values, piece: piece))
      #expect(try connection.rows("SELECT x FROM \(registration.sql)").map { $0[0] } == expected)
    }
  }

  @Test("Only the wanted columns are read, in any order, with counts, filters and joins")
  func projections() throws {
    let connection = try DuckDatabase.forTest().connect()
    var a = ColumnBuilder(.int64), b = ColumnBuilder(.string), c = ColumnBuilder(.double)
    for i in 0..<10_000 {
      a.append(i)
      b.append("row number \(i)")
      c.append(i % 3 == 0 ? nil : Double(i) / 2)
    }
    let table = try ColumnTable(
      [TableColumn("a", .int64), TableColumn("b", .string), TableColumn("C d", .double)],
      [ColumnPiece([a.finish(), b.finish(), c.finish()])])
    let registration = connection.database.register(table)
    let sql = registration.sql
    #expect(try connection.value("SELECT count(*) FROM \(sql)") == 10_000)
    #expect(try connection.value("SELECT count(\"C d\") FROM \(sql)") == 6666)
    #expect(
      try connection.rows("SELECT \"C d\", a FROM \(sql) WHERE b = 'row number 4' ") == [[.double(2), .int64(4)]])
    #expect(
      try connection.value("SELECT count(*) FROM \(sql) x JOIN \(sql) y ON x.a = y.a + 1 WHERE x.b <> y.b") == 9999)
    #expect(try connection.rows("SELECT b FROM \(sql) ORDER BY a DESC LIMIT 1") == [["row number 9999"]])
    #expect(try connection.value("SELECT 1 FROM \(sql) LIMIT 1") == .int32(1))
    #expect(throws: MartletError.self) { try connection.query("SELECT e FROM \(sql)") }
    // The exact number of rows is known to the optimizer.
    let plan = try connection.rows("EXPLAIN SELECT a FROM \(sql)").description
    #expect(plan.contains("10,000") || plan.contains("10000"))
  }

  @Test("The order of rows is kept, and all threads read if it need not be")
  func order() throws {
    let values = (0..<300_000).map { Int64($0) }
    for preserves in [true, false] {
      let database = try DuckDatabase.forTest { $0.preservesInsertionOrder = preserves }
      let connection = try database.connect()
      let registration = database.register(try table(values, piece: 70_001))
      try connection.execute("CREATE TABLE t AS SELECT x FROM \(registration.sql)")
      #expect(
        try connection.rows("SELECT count(*), sum(x)::BIGINT, min(x), max(x) FROM t")
          == [[300_000, .int64(values.reduce(0, +)), 0, 299_999]])
      if preserves {
        #expect(try connection.value("SELECT count(*) FROM (SELECT x, rowid AS r FROM t) WHERE x <> r") == 0)
        var next: Int64 = 0
        let result = try connection.query("SELECT x FROM \(registration.sql)")
        while let chunk = try result.nextChunk() {
          for value in chunk[0].values(as: Int64.self) {
            guard value == next else { Issue.record("\(value) instead of \(next)"); return }
            next += 1
          }
        }
        #expect(next == 300_000)
      }
    }
  }

  @Test("Empty tables and empty pieces have no rows")
  func empty() throws {
    let connection = try DuckDatabase.forTest().connect()
    let none = connection.database.register(try ColumnTable([TableColumn("x", .string)], []))
    #expect(try connection.rows("SELECT * FROM \(none.sql)").isEmpty)
    #expect(try connection.describe("SELECT * FROM \(none.sql)") == [DuckColumn("x", .varchar)])
    let builder = ColumnBuilder(.int64)
    var other = ColumnBuilder(.int64)
    other.append(1)
    let pieces = [try ColumnPiece([builder.finish()]), try ColumnPiece([other.finish()])]
    let some = connection.database.register(
      try ColumnTable([TableColumn("x", .int64)], [pieces[0], pieces[1], pieces[0]]))
    #expect(try connection.rows("SELECT * FROM \(some.sql)") == [[1]])
  }

  @Test("A table whose columns do not fit is refused")
  func misfits() throws {
    func finished(_ count: Int, _ type: ColumnType = .int64) -> ColumnData {
      var builder = ColumnBuilder(type)
      for _ in 0..<count { builder.appendNull() }
      return builder.finish()
    }
    let x = TableColumn("x", .int64)
    #expect(throws: MartletError.self) { try ColumnPiece([finished(1), finished(2)]) }
    #expect(throws: MartletError.self) { try ColumnPiece([]) }
    #expect(throws: MartletError.self) { try ColumnTable([], []) }
    #expect(throws: MartletError.self) { try ColumnTable([x, TableColumn("X", .bool)], []) }
    #expect(throws: MartletError.self) { try ColumnTable([TableColumn("", .int64)], []) }
    #expect(throws: MartletError.self) { try ColumnTable([TableColumn("a\0b", .int64)], []) }
    #expect(throws: MartletError.self) { try ColumnTable([x], [ColumnPiece([finished(1, .string)])]) }
    #expect(throws: MartletError.self) { try ColumnTable([x], [ColumnPiece([finished(1), finished(1)])]) }
    for (width, scale) in [(0, 0), (39, 2), (4, 5)] as [(UInt8, UInt8)] {
      #expect(throws: MartletError.self) {
        try ColumnTable([TableColumn("x", .decimal(width: width, scale: scale))], [])
      }
    }
  }

  @Test("Names of columns are names, whatever characters they have")
  func names() throws {
    let connection = try DuckDatabase.forTest().connect()
    let names = ["select", "a\"b", "x'; DROP TABLE t; --", "ö €", "\n"]
    let table = try ColumnTable(
      names.map { TableColumn($0, .bool) }, [ColumnPiece(names.map { _ in ColumnBuilder(.bool).finish() })])
    let registration = connection.database.register(table)
    #expect(try connection.describe("SELECT * FROM \(registration.sql)").map(\.name) == names)
  }

  @Test("A view reads a table from every connection, and fails by name when its table is gone")
  func views() throws {
    let database = try DuckDatabase.forTest()
    let first = try database.connect(), second = try database.connect()
    do {
      let registration = database.register(try table([1, 2, 3]))
      try first.execute("CREATE VIEW v AS SELECT x + 1 AS y FROM \(registration.sql)")
      #expect(try second.value("SELECT sum(y)::BIGINT FROM v") == 9)
      #expect(database.registeredTables == 1)
    }
    #expect(database.registeredTables == 0)
    let error = try #require(throws: MartletError.self) { try second.query("SELECT * FROM v") }
    #expect(error.message.contains("no table with the number"))
    #expect(error.message.contains("only as long as the data"))
    for argument in ["-1", "0", "NULL", "9223372036854775807"] {
      #expect(throws: MartletError.self) { try first.query("SELECT * FROM martlet_table(\(argument))") }
    }
    // The tables of one database are unknown in another.
    let registration = database.register(try table([1]))
    let other = try DuckDatabase.forTest().connect()
    #expect(throws: MartletError.self) { try other.query("SELECT * FROM \(registration.sql)") }
  }

  @Test("A result that is being read keeps its table; a prepared statement looks it up when it runs")
  func readersKeepTables() throws {
    let database = try DuckDatabase.forTest()
    let connection = try database.connect(), other = try database.connect()
    weak var table: ColumnTable?
    do {
      var registration: TableRegistration?
      registration = database.register(
        try self.table((0..<100_000).map { Text("a long text, number \($0), of a table") }))
      table = registration?.table
      let result = try connection.query("SELECT x FROM \(try #require(registration).sql)")
      let prepared = try other.prepare("SELECT max(x) FROM \(try #require(registration).sql)")
      registration = nil
      #expect(table != nil)
      var row = 0
      while let chunk = try result.nextChunk() {
        #expect(chunk[0].string(0) == "a long text, number \(row), of a table")
        row += chunk.count
      }
      #expect(row == 100_000)
      let error = try #require(throws: MartletError.self) { try prepared.run().rows() }
      #expect(error.message.contains("no table with the number"))
    }
    // The next statement of a connection is the latest time at which it releases the one before.
    try connection.execute("SELECT 1")
    try other.execute("SELECT 1")
    #expect(table == nil)
  }

  @Test("Readers of a view that is replaced all the time see whole tables, and none is leaked")
  func replacedViews() async throws {
    let database = try DuckDatabase.forTest()
    let writer = try database.connect()
    let live = Mutex<[() -> Bool]>([])
    func makeTable(_ number: Int) throws -> ColumnTable {
      let table = try table(Array(repeating: Text("the number of this table is \(number)"), count: 5000), piece: 1000)
      live.withLock { $0.append({ [weak table] in table != nil }) }
      return table
    }
    // The current table is registered until no statement can begin to read the view over it.
    let registrations = Mutex<[TableRegistration]>([])
    func replace(_ number: Int) throws {
      let registration = database.register(try makeTable(number))
      try writer.execute("CREATE OR REPLACE VIEW v AS SELECT x FROM \(registration.sql)")
      registrations.withLock { $0 = $0.suffix(8) + [registration] }
    }
    try replace(0)
    let isDone = Mutex(false), reads = Mutex(0)
    let threads = try (0..<3).map { _ in
      let connection = try database.connect()
      return Thread {
        while !isDone.withLock({ $0 }) {
          do {
            let rows = try connection.rows("SELECT count(*), min(x) = max(x) FROM v")
            #expect(rows == [[5000, true]])
            reads.withLock { $0 += 1 }
          } catch {
            // Too slow: eight replacements happened between the parsing of the view and the look-up of its table.
            #expect("\(error)".contains("no table with the number"))
          }
        }
      }
    }
    for thread in threads { thread.start() }
    for number in 1...300 { try replace(number) }
    while reads.withLock({ $0 }) < 30 { await Task.yield() }
    isDone.withLock { $0 = true }
    while !threads.allSatisfy(\.isFinished) { await Task.yield() }
    registrations.withLock { $0 = [] }
    #expect(database.registeredTables == 0)
    try writer.execute("SELECT 1")
    // Each reader's connection may keep the table of its last statement.
    #expect(live.withLock { $0.count { $0() } } <= 3)
  }

  @Test("Ten thousand tables that come and go leave nothing behind")
  func manyTables() throws {
    let database = try DuckDatabase.forTest()
    let connection = try database.connect()
    weak var last: ColumnTable?
    var before = 0
    for number in 0..<10_000 {
      let registration = database.register(try table((0..<50).map { Text("text number \($0) of table \(number)") }))
      if number % 100 == 0 {
        #expect(try connection.value("SELECT count(*) FROM \(registration.sql)") == 50)
      }
      last = registration.table
      if number == 1000 { before = residentMemory() }
    }
    try connection.execute("SELECT 1")
    #expect(last == nil)
    #expect(database.registeredTables == 0)
    // Other tests run at the same time; the tables together occupied more.
    #expect(residentMemory() - before < 2 << 30)
  }

  private func residentMemory() -> Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
  }
}
