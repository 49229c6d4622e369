import Foundation
import MartletCore
import TestSupport
import Testing

@testable import MartletDatabases

@Suite(.timeLimit(.minutes(30)))
struct DatabaseErrorTests {
  private func kind(_ error: MartletError) -> DatabaseError.Kind? { (error.underlying as? DatabaseError)?.kind }

  @Test(arguments: TestSystem.available)
  func `a missing table is named, with the statement that creates it`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    let sink = try DatabaseSink<(String, Int)>(
      test.database, table: "nowhere", columns: "word", "total", mode: .upsert("word"))
    let error = try failure { try write([("a", 1)], to: sink, at: 1000) }
    #expect(kind(error) == .missingTable)
    for part in ["The table 'nowhere' of jdbc:", "CREATE TABLE", "PRIMARY KEY", "total"] {
      #expect(error.message.contains(part), "\(error)")
    }
    // The statement works.
    let start = try #require(error.message.firstRange(of: "CREATE TABLE")?.lowerBound)
    try test.database.connect().execute(String(error.message[start...]))
    #expect(try write([("a", 1)], to: sink, at: 1000))
  }

  @Test(arguments: TestSystem.available)
  func `a missing column is named, with the one that is probably meant`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE counts (word varchar(100), total int)")
    let sink = try DatabaseSink<(String, Int)>(test.database, table: "counts", columns: "word", "totl")
    let error = try failure { try write([("a", 1)], to: sink, at: 1000) }
    #expect(kind(error) == .missingColumn)
    #expect(error.message.contains("'totl'") && error.message.contains("Did you mean 'total'?"), "\(error)")
    // Upper and lower case are the same where only one column can be meant.
    let upper = try DatabaseSink<(String, Int)>(test.database, table: "counts", columns: "WORD", "Total")
    #expect(try write([("a", 1)], to: upper, at: 1000))
    #expect(throws: MartletError.self) {
      try write(
        [("a", 1)], to: DatabaseSink<(String, Int)>(test.database, table: "counts", columns: "word", "Word"), at: 2000)
    }
    #expect(throws: MartletError.self) {
      try DatabaseSink<(String, Int)>(test.database, table: "counts", columns: "word")
    }
  }

  @Test(arguments: TestSystem.servers)
  func `a value that does not fit is an error with the column and the part, and nothing is written`(
    _ system: TestSystem
  ) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE counts (word varchar(3), total smallint)")
    let numbers = try DatabaseSink<(String, Int)>(test.database, table: "counts", columns: "word", "total")
    for rows in [[("a", 1), ("b", 40_000)], [("a", 1), ("long word", 2)]] {
      let error = try failure { try write(rows, to: numbers, at: 1000, partition: 7) }
      #expect(kind(error) == .data)
      let column = rows[1].1 == 2 ? "word" : "total"
      // PostgreSQL names no column where a text is too long, but the row.
      #expect(error.message.contains(column) || error.message.contains("character varying(3)"), "\(error)")
      #expect(error.message.contains("partition 7 of the batch of 1000 ms"), "\(error)")
    }
    let texts = try DatabaseSink<(String, String)>(
      test.database, table: "counts", columns: "word", "total", stream: "t")
    let error = try failure { try write([("a", "many")], to: texts, at: 1000) }
    #expect(kind(error) == .data && error.message.contains("total") && error.message.contains("many"), "\(error)")
    #expect(try test.query("SELECT count(*) FROM counts") == ["0"])
    #expect(try test.query("SELECT count(*) FROM martlet_batches") == ["0"])
  }

  @Test(arguments: TestSystem.available)
  func `a key that is there already is an error, and nothing is written`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100) PRIMARY KEY)")
    let sink = try DatabaseSink<String>(test.database, table: "words", column: "word")
    try write(["a"], to: sink, at: 1000)
    let error = try failure { try write(["b", "a"], to: sink, at: 2000) }
    #expect(kind(error) == .constraint && error.message.contains("upsert"), "\(error)")
    #expect(try test.query("SELECT * FROM words") == ["a"])
    #expect(try write(["b"], to: sink, at: 2000, isRerun: true))
  }

  @Test(arguments: TestSystem.available)
  func `the keys of an upsert must be those of a unique index`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE counts (id int PRIMARY KEY, word varchar(100), total int)")
    let sink = try DatabaseSink<(Int, String, Int)>(
      test.database, table: "counts", columns: "id", "word", "total", mode: .upsert("word"))
    let error = try failure { try write([(1, "a", 1)], to: sink, at: 1000) }
    #expect(error.message.lowercased().contains("unique"), "\(error)")
    let other = try DatabaseSink<(Int, String)>(
      test.database, table: "counts", columns: "id", "word", mode: .upsert("total"))
    #expect(try failure { try write([(1, "a")], to: other, at: 1000) }.message.contains("'total'"))
    if system == .mariaDB {
      // MariaDB replaces the row of any unique index.
      try test.query("CREATE UNIQUE INDEX by_word ON counts (word)")
      #expect(try failure { try write([(1, "a", 1)], to: sink, at: 1000) }.message.contains("'id'"))
    }
    #expect(try test.query("SELECT count(*) FROM counts") == ["0"])
  }

  @Test(.enabled(if: MariaDBServer.isInstalledOrRequired, "MariaDB is not installed"))
  func `a table without transactions is refused`() throws {
    let test = try TestDatabase(.mariaDB)
    try test.query("CREATE TABLE words (word varchar(100)) ENGINE = MyISAM")
    let sink = try DatabaseSink<String>(test.database, table: "words", column: "word")
    let error = try failure { try write(["a"], to: sink, at: 1000) }
    #expect(error.message.contains("MyISAM") && error.message.contains("InnoDB"), "\(error)")
    #expect(try test.query("SELECT count(*) FROM words") == ["0"])
  }

  @Test(arguments: TestSystem.servers)
  func `a wrong password, database or address is an error at once, without the password`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    if system == .postgres {
      try test.query("DO $$ BEGIN CREATE ROLE ann LOGIN PASSWORD 'right'; EXCEPTION WHEN duplicate_object THEN END $$")
    }
    let scheme = system == .postgres ? "postgresql" : "mariadb"
    func kind(_ url: String, _ user: String, _ password: String) throws -> DatabaseError.Kind? {
      let database = try Database(url, user: user, password: password)
      let sink = try DatabaseSink<String>(database, table: "t", column: "c")
      let error = try failure { try write(["a"], to: sink, at: 1000) }
      #expect(!error.message.contains("geheim"), "\(error)")
      #expect(error.message.contains("127.0.0.1"), "\(error)")
      return self.kind(error)
    }
    let url = "jdbc:\(scheme)://127.0.0.1:\(test.port)/"
    #expect(try kind(url + test.database.name, system == .postgres ? "ann" : "martlet", "geheim") == .authentication)
    let (user, password) = ("martlet", system == .postgres ? "geheim" : MariaDBServer.password)
    #expect(try kind(url + "nowhere_geh", user, password) == .missingDatabase)
    #expect(try kind("jdbc:\(scheme)://127.0.0.1:1/x", "martlet", "geheim") == .unreachable)
  }

  @Test func `a file that is no database, and a folder that is missing, are named`() throws {
    let test = try TestDatabase(.sqlite)
    try String(repeating: "no database ", count: 100).write(toFile: test.path, atomically: false, encoding: .utf8)
    let broken = try DatabaseSink<String>(test.database, table: "t", column: "c")
    #expect(try failure { try write(["a"], to: broken, at: 1000) }.message.contains("not a database"))
    let missing = try DatabaseSink<String>(Database("jdbc:sqlite:/no/such/folder/x.db"), table: "t", column: "c")
    #expect(try failure { try write(["a"], to: missing, at: 1000) }.message.contains("/no/such/folder/x.db"))
  }

  @Test func `a file that another program has locked is waited for, and then an error`() throws {
    let test = try TestDatabase(.sqlite)
    try test.query("CREATE TABLE words (word text)")
    let sink = try DatabaseSink<String>(
      Database("jdbc:sqlite:\(test.path)?busy_timeout=1"), table: "words", column: "word")
    try write(["a"], to: sink, at: 1000)
    let other = try test.database.connect()
    try other.begin()
    let error = try failure { try write(["b"], to: sink, at: 2000) }
    #expect(kind(error) == .conflict && error.message.contains("locked"), "\(error)")
    other.rollBack()
    #expect(try write(["b"], to: sink, at: 2000))
  }

  @Test func `a full disk is an error, and nothing of the part is in the file`() throws {
    let test = try TestDatabase(.sqlite)
    let folder = (test.path as NSString).deletingLastPathComponent
    guard getuid() == 0, (try? runMount(["mount", "-t", "tmpfs", "-o", "size=256k", "none", folder])) != nil else {
      return
    }
    defer { _ = try? runMount(["umount", "-l", folder]) }
    try test.query("CREATE TABLE words (word text)")
    let sink = try DatabaseSink<String>(test.database, table: "words", column: "word")
    try write(["a"], to: sink, at: 1000)
    let many = (0..<20_000).map { "word number \($0) of very many" }
    let error = try failure { try write(many, to: sink, at: 2000) }
    #expect(kind(error) == .full, "\(error)")
    #expect(try test.query("SELECT * FROM words") == ["a"])
    #expect(try write(["b"], to: sink, at: 2000))
    #expect(try test.query("SELECT count(*) FROM words") == ["2"])
  }

  private func runMount(_ command: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw MartletError(.inputOutput, "mount") }
  }
}
