import Foundation
import MartletCore
import MartletStreaming
import TestSupport
import Testing

@testable import MartletDatabases

@Suite(.timeLimit(.minutes(30)))
struct DatabaseSinkTests {
  @Test(arguments: TestSystem.available)
  func `each element is a row, and a part that runs again is not written twice`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE counts (word varchar(100), total bigint)")
    let sink = try DatabaseSink<(Text, Int)>(test.database, table: "counts", columns: "word", "total")
    #expect(try write([("a", 1), ("b\\\t\n'\"", -2)], to: sink, at: 1000))
    #expect(try write([("a", 1)], to: sink, at: 1000, partition: 1))
    #expect(try !write([("a", 1), ("b", -2)], to: sink, at: 1000, isRerun: true))
    #expect(try test.query("SELECT count(*), sum(total), max(length(word)) FROM counts") == ["3|0|6"])
    // Another process knows the part by the note in the database.
    let other = try DatabaseSink<(Text, Int)>(test.database, table: "counts", columns: "word", "total")
    #expect(try !write([("a", 1)], to: other, at: 1000, isRerun: true))
    #expect(try test.query("SELECT count(*) FROM martlet_batches") == ["2"])
  }

  @Test(arguments: TestSystem.available)
  func `an upsert replaces the row of its keys, and the last row of a key stays`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE totals (word varchar(100) PRIMARY KEY, total bigint, seen varchar(10) DEFAULT 'x')")
    try test.query("INSERT INTO totals VALUES ('old', 1, 'y'), ('a', 0, 'y')")
    let sink = try DatabaseSink<(String, Int?)>(
      test.database, table: "totals", columns: "word", "total", mode: .upsert("word"))
    try write([("a", 1), ("b", 5), ("a", 2), ("b", nil)], to: sink, at: 1000)
    try write((0..<20_000).map { ("w\($0 % 7000)", $0) }, to: sink, at: 2000)
    let rows = try test.query("SELECT word, total, seen FROM totals WHERE word IN ('old', 'a', 'b') ORDER BY word")
    #expect(rows == ["a|2|y", "b|\(system == .postgres ? "" : "NULL")|x", "old|1|y"])
    #expect(
      try test.query("SELECT count(*), min(total), max(total) FROM totals WHERE word LIKE 'w%'") == ["7000|13000|19999"]
    )
  }

  @Test(arguments: TestSystem.available)
  func `an upsert of keys alone leaves known rows as they are`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100) PRIMARY KEY, n int DEFAULT 1)")
    let sink = try DatabaseSink<String>(test.database, table: "words", column: "word", mode: .upsert("word"))
    try write(["a", "b", "a"], to: sink, at: 1000)
    try write(["b", "c"], to: sink, at: 2000)
    #expect(try test.query("SELECT count(*) FROM words") == ["3"])
  }

  struct Reading: Codable, Sendable {
    enum Status: String, Codable { case ok, broken }
    var sensor: String
    var value: Double?
    var status: Status
    var at: Date
    var payload: Data
    var count: UInt8
    var note: String?
  }

  @Test(arguments: TestSystem.available)
  func `the properties of structures go into the columns of their names`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    let (binary, time) = (system == .postgres ? "bytea" : "blob", system == .postgres ? "timestamptz" : "timestamp(6)")
    try test.query(
      "CREATE TABLE readings (note varchar(9), Sensor varchar(9), at \(time), value double precision, status varchar(9), payload \(binary), count int)"
    )
    let sink = try DatabaseSink<Reading>(test.database, table: "readings")
    let at = Date(timeIntervalSince1970: 1_709_209_800.5)
    try write(
      [
        Reading(sensor: "a", value: nil, status: .ok, at: at, payload: Data([0, 255]), count: 7, note: nil),
        Reading(sensor: "b", value: 0.1, status: .broken, at: at, payload: Data(), count: 0, note: "n"),
      ], to: sink, at: 1000)
    let rows = try test.database.connect().rows(
      "SELECT sensor, value, status, payload, count, note, at FROM readings ORDER BY sensor", [])
    #expect(
      rows.map { $0.dropLast().map(TestDatabase.text) } == [
        ["a", "NULL", "ok", "[0, 255]", "7", "NULL"], ["b", "0.1", "broken", "[]", "0", "n"],
      ])
    #expect(rows[0].last == .timestamp(1_709_209_800_500_000))
  }

  struct Nested: Codable, Sendable {
    var name: String
    var parts: [String]
  }

  @Test func `a property with parts is refused by its name`() throws {
    let test = try TestDatabase(.sqlite)
    try test.query("CREATE TABLE t (name text, parts text)")
    let sink = try DatabaseSink<Nested>(test.database, table: "t")
    let error = try failure { try write([Nested(name: "a", parts: ["b"])], to: sink, at: 1000) }
    #expect(error.message.contains("The property 'parts' has parts"), "\(error)")
    let some = try DatabaseSink<Nested>(test.database, table: "t", columns: "name")
    try write([Nested(name: "a", parts: ["b"])], to: some, at: 1000)
    #expect(try test.query("SELECT * FROM t") == ["a|NULL"])
  }

  @Test(arguments: TestSystem.available)
  func `hostile names of tables, columns and streams are only names`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    let connection = try test.database.connect()
    let names = ["a\"b`c'd; DROP TABLE victim; --", "select", "Ünï code 😀\\"]
    for (index, name) in (system == .mariaDB ? Array(names[...1]) : names).enumerated() {
      let table = TableName(parts: [name])
      let columns = ["x\(name)", "order"].map { DatabaseColumn(name: $0, type: .text) }
      try connection.execute("CREATE TABLE IF NOT EXISTS victim (x int)")
      try connection.execute(connection.dialect.create(table, columns, keys: ["order"]))
      let quoted = "\"\(name.replacing("\"", with: "\"\""))\""
      for (mode, time) in [(WriteMode.append, 1000), (.upsert("order"), 2000)] {
        let sink = try DatabaseSink<(String, String)>(
          test.database, table: quoted, columns: "x\(name)", "order", mode: mode, stream: "s\(index)\(name)")
        try write([("'); DROP TABLE victim; --", "k\(index)\(time)")], to: sink, at: time)
      }
      let found = try connection.rows("SELECT * FROM \(connection.dialect.quoted(table))", [])
      #expect(found.count == 2 && found.allSatisfy { $0[0] == .text("'); DROP TABLE victim; --") }, "\(name)")
    }
    #expect(try connection.rows("SELECT count(*) FROM victim", []) == [[.integer(0)]])
  }

  @Test(arguments: TestSystem.available)
  func `two streams write to one table if they have names, and fail if they do not`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100))")
    for stream in ["left", "right", "Left", "left "] {
      let sink = try DatabaseSink<String>(test.database, table: "words", column: "word", stream: stream)
      #expect(try write([stream], to: sink, at: 1000), "\(stream)")
    }
    let same = try DatabaseSink<String>(test.database, table: "words", column: "word", stream: "left")
    #expect(try !write(["again"], to: same, at: 1000))
    #expect(try test.query("SELECT count(*) FROM words") == ["4"])
  }

  @Test(arguments: TestSystem.available)
  func `the ledger stays small`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100))")
    let sink = try DatabaseSink<String>(test.database, table: "words", column: "word")
    for batch in 1...320 { try write(["a"], to: sink, at: batch * 1000) }
    let notes = try #require(Int(try test.query("SELECT count(*) FROM martlet_batches").first ?? ""))
    #expect((Ledger.keptBatches...Ledger.keptBatches * 2).contains(notes), "\(notes)")
    // The last batches can run again.
    #expect(try !write(["a"], to: sink, at: 320_000, isRerun: true))
    #expect(try !write(["a"], to: sink, at: 230_000, isRerun: true))
    #expect(try test.query("SELECT count(*) FROM words") == ["320"])
  }

  @Test(arguments: TestSystem.available)
  func `many rows with many columns and long texts are written whole`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    let text = system == .mariaDB ? "longtext CHARACTER SET utf8mb4" : "text"
    try test.query("CREATE TABLE wide (a int, b int, c int, d int, e int, f \(text))")
    let sink = try DatabaseSink<(Int, Int, Int, Int, Int, String)>(
      test.database, table: "wide", columns: "a", "b", "c", "d", "e", "f")
    try write((0..<30_000).map { ($0, 1, 2, 3, 4, "😀") }, to: sink, at: 1000)
    let long = String(repeating: "Ünï 😀 \\ ' \n", count: 400_000)
    try write([(-1, 0, 0, 0, 0, long)], to: sink, at: 2000)
    let connection = try test.database.connect()
    #expect(
      try connection.rows("SELECT count(*), sum(a) FROM wide WHERE a >= 0", [])[0].map(TestDatabase.text) == [
        "30000", "449985000",
      ])
    #expect(try connection.rows("SELECT f FROM wide WHERE a = -1", []) == [[.text(Text(long))]])
    #expect(try connection.rows("SELECT DISTINCT f FROM wide WHERE a >= 0", []) == [[.text("😀")]])
  }

  @Test(arguments: TestSystem.available)
  func `programs with checkpoints of their own do not take each other's batches for theirs`(
    _ system: TestSystem
  ) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100))")
    let (left, right) = (UInt64.max, UInt64(7))
    func sink() throws -> DatabaseSink<String> {
      try DatabaseSink<String>(test.database, table: "words", column: "word")
    }
    #expect(try write(["left"], to: sink(), at: 1000, checkpoint: left))
    // The batch of the other program has the same time, and runs again after a failure.
    #expect(try write(["right"], to: sink(), at: 1000, isRerun: true, checkpoint: right))
    #expect(try !write(["left"], to: sink(), at: 1000, isRerun: true, checkpoint: left))
    #expect(try !write(["right"], to: sink(), at: 1000, isRerun: true, checkpoint: right))
    #expect(try test.query("SELECT word FROM words ORDER BY word") == ["left", "right"])
  }

  @Test(arguments: TestSystem.available)
  func `a table of notes with other columns is refused`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100))")
    try test.query("CREATE TABLE martlet_batches (stream varchar(100))")
    let sink = try DatabaseSink<String>(test.database, table: "words", column: "word")
    let error = try failure { try write(["a"], to: sink, at: 1000) }
    #expect(error.message.contains("martlet_batches") && error.message.contains("'checkpoint'"), "\(error)")
  }

  @Test(arguments: TestSystem.available)
  func `programs without checkpoints write at the same times, and leave no notes`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100))")
    for word in ["left", "right"] {
      let sink = try DatabaseSink<String>(test.database, table: "words", column: "word")
      #expect(try write([word], to: sink, at: 1000, checkpoint: nil))
    }
    #expect(try test.query("SELECT word FROM words ORDER BY word") == ["left", "right"])
    #expect(try test.query("SELECT count(*) FROM martlet_batches") == ["0"])
  }
}
