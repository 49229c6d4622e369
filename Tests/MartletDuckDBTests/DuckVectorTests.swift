import MartletCore
import MartletDuckDB
import Testing

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: DuckDBAvailability.isInstalledOrRequired, DuckDBAvailability.advice))
struct DuckVectorTests {
  @Test("Values of every type are read as they are, and nulls as nulls")
  func values() throws {
    let connection = try DuckDatabase.forTest().connect()
    let expected: [(String, DuckValue)] = [
      ("true", .bool(true)), ("-1::TINYINT", .int8(-1)), ("-300::SMALLINT", .int16(-300)), ("7", .int32(7)),
      ("9223372036854775807", .int64(.max)), ("255::UTINYINT", .uint8(255)), ("65535::USMALLINT", .uint16(.max)),
      ("4294967295::UINTEGER", .uint32(.max)), ("18446744073709551615::UBIGINT", .uint64(.max)),
      ("'-170141183460469231731687303715884105728'::HUGEINT", .int128(.min)),
      ("340282366920938463463374607431768211455::UHUGEINT", .uint128(.max)),
      ("1.5::FLOAT", .float(1.5)), ("'-inf'::DOUBLE", .double(-.infinity)),
      ("1.25::DECIMAL(4, 2)", .decimal(125, width: 4, scale: 2)),
      ("-12345.678::DECIMAL(9, 3)", .decimal(-12_345_678, width: 9, scale: 3)),
      ("123456789012.345678::DECIMAL(18, 6)", .decimal(123_456_789_012_345_678, width: 18, scale: 6)),
      ("-12345678901234567890.5::DECIMAL(38, 1)", .decimal(-123_456_789_012_345_678_905, width: 38, scale: 1)),
      ("''", .string("")), ("'twelve bytes'", .string("twelve bytes")), ("'thirteen byte'", .string("thirteen byte")),
      ("'a' || chr(0) || 'b€🙂'", .string("a\0b€🙂")), ("'\\x00\\xFFa'::BLOB", .blob([0, 255, 97])),
      ("'80000000-0000-0000-0000-000000000001'::UUID", .uuid(1 << 127 | 1)), ("DATE '1969-12-31'", .date(-1)),
      ("TIME '00:00:01.5'", .time(1_500_000)),
      ("TIMESTAMP '1970-01-01 00:00:01'", .timestamp(1_000_000, .microseconds)),
      ("TIMESTAMP_S '1970-01-01 00:00:02'", .timestamp(2, .seconds)),
      ("TIMESTAMP_MS '1970-01-01 00:00:02'", .timestamp(2000, .milliseconds)),
      ("TIMESTAMP_NS '1970-01-01 00:00:02'", .timestamp(2_000_000_000, .nanoseconds)),
      ("TIMESTAMPTZ '1970-01-01 00:00:01+00'", .timestampTZ(1_000_000)),
      ("INTERVAL '1 month -2 days 3 microseconds'", .interval(months: 1, days: -2, microseconds: 3)),
      ("'b'::ENUM('a', 'b')", .enumeration("b")), ("[1, NULL, 3]", .list([.int32(1), .null, .int32(3)])),
      ("[]::VARCHAR[]", .list([])), ("[['a'], [], NULL]", .list([.list(["a"]), .list([]), .null])),
      ("[1, 2]::INTEGER[2]", .list([.int32(1), .int32(2)])),
      (
        "{'a': 1, 'b': {'c': ['x', NULL]}}",
        .structure([.init("a", .int32(1)), .init("b", .structure([.init("c", .list(["x", .null]))]))])
      ),
      ("MAP {'k': [1], 'l': NULL}", .map([.init("k", .list([.int32(1)])), .init("l", .null)])),
    ]
    for (sql, value) in expected {
      #expect(try connection.value("SELECT \(sql)") == value, "\(sql)")
      // In a row other than the first, next to nulls, and read from a table.
      let rows = try connection.rows(
        "SELECT x FROM (SELECT CASE WHEN i = 2 THEN \(sql) END AS x FROM range(4) t(i))")
      #expect(rows == [[.null], [.null], [value], [.null]], "\(sql)")
    }
  }

  @Test("Enumerations of every size are read")
  func enumerations() throws {
    let connection = try DuckDatabase.forTest().connect()
    for count in [1, 255, 256, 65_535, 65_536] {
      try connection.execute(
        "CREATE OR REPLACE TABLE names AS SELECT 'n' || i AS n FROM range(\(count)) t(i); DROP TYPE IF EXISTS e\(count); "
          + "CREATE TYPE e\(count) AS ENUM (SELECT n FROM names)")
      #expect(try connection.value("SELECT 'n\(count - 1)'::e\(count)") == .enumeration("n\(count - 1)"))
    }
  }

  @Test("Vectors give their values without copies, by type")
  func typed() throws {
    let connection = try DuckDatabase.forTest().connect()
    let result = try connection.query(
      "SELECT i, CASE WHEN i % 3 > 0 THEN i::VARCHAR || repeat('x', i::INTEGER % 20) END AS s FROM range(5000) t(i)")
    var row = 0
    while let chunk = try result.nextChunk() {
      let numbers = chunk[0], strings = chunk[1]
      #expect(numbers.hasNoNulls)
      #expect(numbers.values(as: Int64.self).reduce(0, +) == (row..<row + chunk.count).reduce(0) { $0 + Int64($1) })
      for index in 0..<chunk.count {
        let expected = "\(row + index)" + String(repeating: "x", count: (row + index) % 20)
        #expect(strings.isValid(index) == ((row + index) % 3 > 0))
        if strings.isValid(index) {
          #expect(strings.string(index) == expected)
          #expect(strings.text(index) == Text(expected))
          strings.withBytes(index) { #expect($0.elementsEqual(expected.utf8)) }
        }
      }
      row += chunk.count
    }
    #expect(row == 5000)
  }

  @Test("Lists, structures and maps are read by their children")
  func nested() throws {
    let connection = try DuckDatabase.forTest().connect()
    let result = try connection.query(
      "SELECT [i, i + 1] AS l, {'a': i, 'b': i::VARCHAR} AS s, MAP {i: -i} AS m FROM range(3000) t(i)")
    var row = 0
    while let chunk = try result.nextChunk() {
      let lists = chunk[0], elements = lists.child
      let members = chunk[1].member(0), texts = chunk[1].member(1)
      let maps = chunk[2], keys = maps.child.member(0), values = maps.child.member(1)
      for index in 0..<chunk.count {
        let i = Int64(row + index)
        #expect(lists.elements(index).map { elements.load($0, as: Int64.self) } == [i, i + 1])
        #expect(members.load(index, as: Int64.self) == i)
        #expect(texts.string(index) == "\(i)")
        #expect(maps.elements(index).map { keys.load($0, as: Int64.self) } == [i])
        #expect(maps.elements(index).map { values.load($0, as: Int64.self) } == [-i])
      }
      row += chunk.count
    }
    #expect(row == 3000)
  }
}
