import MartletCore
import TestSupport
import Testing

@testable import MartletDatabases

/// A value as it is given to a sink.
struct RawValue: DatabaseValueConvertible, Sendable {
  static var databaseType: DatabaseType { .text }
  let databaseValue: DatabaseValue
}

@Suite(.timeLimit(.minutes(30)))
struct DatabaseValueTests {
  /// The types that Martlet creates, each with values that must come back as they were.
  static let kept: [(type: DatabaseType, values: [DatabaseValue])] = [
    (.bool, [.bool(true), .bool(false), .null]),
    (.int16, [.integer(-32_768), .integer(32_767)]),
    (.int32, [.integer(-2_147_483_648), .integer(2_147_483_647)]),
    (.int64, [.integer(.min), .integer(.max), .null]),
    (
      .double,
      [.double(0.1), .double(-1e300), .double(2.2250738585072014e-308), .double(1.7976931348623157e308), .double(1e15)]
    ),
    (.text, [.text(""), .text("Ünï 😀 \\N \\. \t\r\n'\"`"), .text("\u{1}\u{7F}\u{FFFD}"), .null]),
    (.bytes, [.bytes([]), .bytes([0, 1, 92, 39, 255]), .null]),
    (.date, [.date(0), .date(19_782), .date(2_932_896), .null]),
    (.localTimestamp, [.localTimestamp(0), .localTimestamp(1_709_209_800_500_001), .localTimestamp(-1)]),
    (
      .decimal(precision: 38, scale: 10),
      [.decimal("-1234567890123456789012345678.0123456789"), .decimal("0.0000000001")]
    ),
  ]

  @Test(arguments: TestSystem.available)
  func `values come back as they were written`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    let connection = try test.database.connect()
    for (index, (type, values)) in Self.kept.enumerated() {
      let columns = [DatabaseColumn(name: "n", type: .int64), DatabaseColumn(name: "v", type: type)]
      for isUpsert in [false, true] {
        let table = TableName(parts: ["kept_\(index)_\(isUpsert)"])
        try connection.execute(connection.dialect.create(table, columns, keys: ["n"]))
        let sink = try DatabaseSink<(Int, RawValue)>(
          test.database, table: "\(table)", columns: "n", "v", mode: isUpsert ? .upsert("n") : .append)
        try write(values.enumerated().map { ($0, RawValue(databaseValue: $1)) }, to: sink, at: 1000)
        let read = try connection.rows("SELECT v FROM \(connection.dialect.quoted(table)) ORDER BY n", [])
        if system == .sqlite, type == .localTimestamp {
          // SQLite has one type for both.
          #expect(read.map { TestDatabase.text($0[0]) } == values.map { TestDatabase.text($0) })
        } else {
          #expect(read == values.map { [$0] }, "\(type)")
        }
      }
    }
  }

  @Test(arguments: TestSystem.available)
  func `an instant is the same in any time zone of the server`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    switch system {
    case .postgres: try test.query("ALTER DATABASE \(test.database.name) SET timezone = 'Asia/Kathmandu'")
    case .mariaDB: try test.query("SET GLOBAL time_zone = '+05:45'")
    case .sqlite: break
    }
    try test.query("CREATE TABLE times (t \(system == .postgres ? "timestamptz" : "timestamp(3)"), n int)")
    let sink = try DatabaseSink<(Time, Int)>(test.database, table: "times", columns: "t", "n")
    try write([(Time(milliseconds: 1_709_209_800_123), 1)], to: sink, at: 1000)
    #expect(
      try test.database.connect().rows("SELECT t FROM times", []) == [[.timestamp(1_709_209_800_123_000)]])
    if system == .postgres {
      #expect(try test.query("SELECT extract(epoch FROM t) FROM times") == ["1709209800.123000"])
    }
    if system == .mariaDB {
      #expect(try test.query("SELECT unix_timestamp(t) FROM times") == ["1709209800.123"])
      try test.query("SET GLOBAL time_zone = '+00:00'")
    }
  }

  @Test(arguments: TestSystem.available)
  func `integers beyond Int64 are kept`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    let connection = try test.database.connect()
    try connection.execute(
      connection.dialect.create(TableName(parts: ["u"]), [DatabaseColumn(name: "v", type: .uint64)]))
    let sink = try DatabaseSink<UInt64>(test.database, table: "u", column: "v")
    try write([.max, 0, 1 << 63], to: sink, at: 1000)
    let read = try connection.rows("SELECT v FROM u", []).map { TestDatabase.text($0[0]) }
    #expect(Set(read) == ["18446744073709551615", "0", "9223372036854775808"])
  }

  @Test(arguments: TestSystem.available)
  func `NaN and infinities are kept, or refused by name, and never become something else`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE numbers (n int, v double precision)")
    let sink = try DatabaseSink<(Int, Double)>(test.database, table: "numbers", columns: "n", "v")
    for (index, value) in [Double.nan, .infinity, -.infinity].enumerated() {
      let isKept = system == .postgres || system == .sqlite && !value.isNaN
      if isKept {
        try write([(index, value)], to: sink, at: 1000 + index)
      } else {
        let error = try failure { try write([(index, value)], to: sink, at: 1000 + index) }
        #expect(
          error.message.contains("'v'") && error.message.lowercased().contains(value.isNaN ? "nan" : "inf"), "\(error)")
      }
    }
    let read = try test.database.connect().rows("SELECT v FROM numbers ORDER BY n", []).map { TestDatabase.text($0[0]) }
    #expect(read == (system == .postgres ? ["nan", "inf", "-inf"] : system == .sqlite ? ["inf", "-inf"] : []))
  }

  @Test(arguments: TestSystem.available)
  func `a NUL in a text is kept, or refused by its text`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100))")
    let sink = try DatabaseSink<String>(test.database, table: "words", column: "word")
    if system == .postgres {
      let error = try failure { try write(["fine", "a\0b"], to: sink, at: 1000) }
      #expect(error.message.contains(#""a\0b" has a NUL"#) && error.message.contains("partition 0"), "\(error)")
      #expect(try test.query("SELECT count(*) FROM words") == ["0"])
    } else {
      try write(["fine", "a\0b"], to: sink, at: 1000)
      #expect(try test.database.connect().rows("SELECT word FROM words ORDER BY word", [])[0] == [.text("a\0b")])
    }
  }

  @Test func `texts that are no times are refused, and never crash`() {
    for text in [
      "2024-02-30", "2024-13-01", "9999999999999999999-01-01", "-9223372036854775808-01-01", "9000000-01-01 00:00:00",
      "2024-01-01 25:00:00", "2024-01-01 9223372036854775807:00", "2024-01-01 00:00:99", "2024-01-01 00:00:00+9999999",
      "2024-01-01 00:00:00+", "2024-01-01 -", "", " ", "--", "BC", " BC", "0000-00-00",
    ] {
      #expect(TimeText.microseconds(text) == nil, "\(text)")
    }
    for days in [0, -1, 19_782, -735_160, -719_529, 2_932_896, 2_932_897] {
      #expect(TimeText.days(TimeText.date(days: days)) == days)
    }
    #expect(TimeText.days("0044-03-15 BC") == TimeText.days("-0043-03-15"))
    #expect(TimeText.microseconds("0001-01-01 00:00:00+00 BC") == TimeText.microseconds("0000-01-01 00:00:00"))
  }
}
