import MartletCore
import MartletStreaming
import Synchronization
import TestSupport
import Testing

@testable import MartletDatabases

/// Connections that are lost while parts are written: nothing is lost, and nothing is there twice.
@Suite(.enabled(if: !TestSystem.servers.isEmpty, "no server is installed"), .timeLimit(.minutes(30)))
struct LostConnectionTests {
  @Test(arguments: TestSystem.servers, [ConnectionProxy.Break.before, .after])
  func `a connection that is lost at the commit`(_ system: TestSystem, _ way: ConnectionProxy.Break) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100), n int)")
    let proxy = try ConnectionProxy(to: test.port)
    defer { proxy.close() }
    let sink = try DatabaseSink<(String, Int)>(
      try test.database(port: proxy.port), table: "words", columns: "word", "n")
    try write([("first", 0)], to: sink, at: 1000)
    proxy.breakNext(way, at: "COMMIT")
    #expect(try write((0..<3000).map { ("w", $0) }, to: sink, at: 2000))
    #expect(proxy.breaks == 1)
    #expect(try test.query("SELECT count(*), count(DISTINCT n) FROM words WHERE word = 'w'") == ["3000|3000"])
    #expect(try test.query("SELECT count(*) FROM martlet_batches") == ["2"])
  }

  @Test(arguments: TestSystem.servers)
  func `a connection that is lost in the middle of a part, also of an upsert`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100) PRIMARY KEY, n int)")
    let proxy = try ConnectionProxy(to: test.port)
    defer { proxy.close() }
    for (mode, time) in [(WriteMode.append, 1000), (.upsert("word"), 2000)] {
      let sink = try DatabaseSink<(String, Int)>(
        try test.database(port: proxy.port), table: "words", columns: "word", "n", mode: mode, stream: "s\(time)")
      for way in [ConnectionProxy.Break.before, .after] {
        let at = time + (way == .before ? 1 : 2)
        proxy.breakNext(way, at: "w\(at)-17000")
        #expect(try write((0..<30_000).map { ("w\(at)-\($0)", $0) }, to: sink, at: at))
        #expect(try test.query("SELECT count(*) FROM words WHERE word LIKE 'w\(at)-%'") == ["30000"])
      }
    }
    #expect(proxy.breaks == 4)
  }

  @Test(arguments: TestSystem.servers)
  func `a part that is too large to be kept fails, and can run again; a commit that took effect still counts`(
    _ system: TestSystem
  ) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100), n int)")
    let proxy = try ConnectionProxy(to: test.port)
    defer { proxy.close() }
    var settings = DatabaseSinkSettings()
    settings.replayBytes = 1000
    let sink = try DatabaseSink<(String, Int)>(
      try test.database(port: proxy.port), table: "words", columns: "word", "n", settings: settings)
    let rows = (0..<20_000).map { ("w", $0) }
    try write([("first", 0)], to: sink, at: 1000)
    proxy.breakNext(.before, at: "COMMIT")
    let error = try failure { try write(rows, to: sink, at: 2000) }
    #expect(error.message.contains("replayBytes"), "\(error)")
    #expect(try test.query("SELECT count(*) FROM words") == ["1"])
    #expect(try write(rows, to: sink, at: 2000, isRerun: true))
    proxy.breakNext(.after, at: "COMMIT")
    #expect(try write(rows, to: sink, at: 3000))
    #expect(try test.query("SELECT count(*) FROM words") == ["40001"])
    #expect(proxy.breaks == 2)
  }

  @Test(arguments: TestSystem.servers)
  func `connections that ended while nothing was written are made again`(_ system: TestSystem) throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100))")
    let sink = try DatabaseSink<String>(test.database, table: "words", column: "word")
    try write(["a"], to: sink, at: 1000)
    switch system {
    case .postgres:
      try test.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(test.database.name)' AND application_name = 'martlet'"
      )
    default:
      for id in try test.query(
        "SELECT id FROM information_schema.processlist WHERE db = '\(test.database.name)' AND id <> connection_id()")
      {
        try test.query("KILL \(id)")
      }
    }
    #expect(try write(["b"], to: sink, at: 2000))
    #expect(try test.query("SELECT count(*) FROM words") == ["2"])
  }

  @Test(arguments: TestSystem.servers)
  func `a server that crashes in the middle of a part, and starts again`(_ system: TestSystem) throws {
    // A server of its own, because others use the shared one.
    let url: String
    let crash: () throws -> Void
    let query: (String) throws -> [String]
    if system == .postgres {
      let server = try PostgreSQLServer()
      let made = try server.database("crashing")
      (url, crash, query) = (made.url, { try server.crash() }, { try made.query($0) })
    } else {
      let server = try MariaDBServer()
      let made = try server.database("crashing")
      (url, crash, query) = (made.url, { try server.crash() }, { try made.query($0) })
    }
    _ = try query("CREATE TABLE words (word varchar(100), n int)")
    let database = try Database(url, password: MariaDBServer.password)
    let sink = try DatabaseSink<(String, Int)>(database, table: "words", columns: "word", "n")
    try write([("first", 0)], to: sink, at: 1000)
    let batch = SinkBatch(time: Time(milliseconds: 2000))
    _ = try sink.begin(batch)
    var writer = try #require(try sink.begin(BatchPart(batch, partition: 0)))
    for number in 0..<20_000 { try writer.write(("w", number)) }
    try crash()
    for number in 20_000..<40_000 { try writer.write(("w", number)) }
    try writer.commit()
    #expect(try query("SELECT count(*), count(DISTINCT n) FROM words WHERE word = 'w'") == ["40000|40000"])
    #expect(try query("SELECT count(*) FROM martlet_batches") == ["2"])
  }

  @Test(arguments: TestSystem.servers)
  func `parts that write the same rows in different orders all succeed`(_ system: TestSystem) async throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE totals (word varchar(100) PRIMARY KEY, n int)")
    let sink = try DatabaseSink<(String, Int)>(
      test.database, table: "totals", columns: "word", "n", mode: .upsert("word"))
    let words = (0..<3000).map { "w\($0)" }
    for round in 1...5 {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for part in 0..<4 {
          group.addTask {
            let order = part % 2 == 0 ? words : words.reversed()
            try await Task.detached {
              _ = try write(order.map { ($0, part) }, to: sink, at: round * 1000, partition: part)
            }.value
          }
        }
        try await group.waitForAll()
      }
    }
    #expect(try test.query("SELECT count(*) FROM totals") == ["3000"])
    #expect(try test.query("SELECT count(*) FROM martlet_batches") == ["20"])
  }

  @Test(arguments: TestSystem.available)
  func `more parts than connections wait for each other`(_ system: TestSystem) async throws {
    let test = try TestDatabase(system)
    try test.query("CREATE TABLE words (word varchar(100))")
    var settings = DatabaseSinkSettings()
    settings.maximumConnections = 2
    let sink = try DatabaseSink<String>(test.database, table: "words", column: "word", settings: settings)
    let threads = (0..<8).map { part in
      Task.detached {
        try runBlocking { try write((0..<100).map { "\(part) \($0)" }, to: sink, at: 1000, partition: part) }
      }
    }
    for thread in threads { #expect(try await thread.value) }
    #expect(try test.query("SELECT count(*) FROM words") == ["800"])
    if system == .postgres {
      let connections = try test.query(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(test.database.name)' AND application_name = 'martlet'"
      )
      #expect(["1", "2"].contains(connections.first))
    }
  }

  @Test(.enabled(if: PostgreSQLServer.isInstalledOrRequired, "PostgreSQL is not installed"))
  func `a server that is killed again and again, at any step`() async throws {
    let server = try PostgreSQLServer()
    let made = try server.database("killed")
    try made.query("CREATE TABLE words (batch int, n int, PRIMARY KEY (batch, n))")
    let sink = try DatabaseSink<(Int, Int)>(Database(made.url), table: "words", columns: "batch", "n")
    try write([(0, 0)], to: sink, at: 1)
    let isDone = Atomic<Bool>(false)
    let writer = Task.detached { () throws -> Int in
      var batch = 0
      while !isDone.load(ordering: .relaxed) {
        batch += 1
        let rows = (0..<200).map { (batch, $0) }
        #expect(try write(rows, to: sink, at: 1000 * batch))
      }
      return batch
    }
    for _ in 0..<5 { try server.crash() }
    isDone.store(true, ordering: .relaxed)
    let batches = try await writer.value
    #expect(try made.query("SELECT count(*) FROM words WHERE batch > 0") == ["\(200 * batches)"])
  }

  @Test(.enabled(if: PostgreSQLServer.isInstalledOrRequired, "PostgreSQL is not installed"))
  func `a transaction that a server ends, because nothing was written for too long, is written again`() throws {
    let test = try TestDatabase(.postgres)
    try test.query("CREATE TABLE words (word varchar(100))")
    try test.query("ALTER DATABASE \(test.database.name) SET idle_in_transaction_session_timeout = '200ms'")
    let sink = try DatabaseSink<String>(test.database, table: "words", column: "word")
    let batch = SinkBatch(time: Time(milliseconds: 2000))
    _ = try sink.begin(batch)
    var writer = try #require(try sink.begin(BatchPart(batch, partition: 0)))
    for number in 0..<20_000 { try writer.write("w-\(number)") }
    let ended =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(test.database.name)' AND state LIKE 'idle in%'"
    while try test.query(ended) != ["0"] {}
    for number in 20_000..<40_000 { try writer.write("w-\(number)") }
    while try test.query(ended) != ["0"] {}
    try writer.commit()
    #expect(try test.query("SELECT count(*), count(DISTINCT word) FROM words") == ["40000|40000"])
  }

  @Test(arguments: TestSystem.available)
  func `a table that is dropped or changed while a stream is written is an error, and nothing is lost`(
    _ system: TestSystem
  ) throws {
    let test = try TestDatabase(system)
    for mode in [WriteMode.append, .upsert("word")] {
      try test.query("CREATE TABLE words (word varchar(100) PRIMARY KEY, n int)")
      let sink = try DatabaseSink<(String, Int)>(
        test.database, table: "words", columns: "word", "n", mode: mode, stream: "\(mode)")
      try write([("a", 1)], to: sink, at: 1000)
      try test.query("DROP TABLE words")
      let dropped = try failure { try write([("b", 2)], to: sink, at: 2000) }
      #expect((dropped.underlying as? DatabaseError)?.kind == .missingTable, "\(dropped)")
      try test.query("CREATE TABLE words (word varchar(100) PRIMARY KEY, total int)")
      let changed = try failure { try write([("b", 2)], to: sink, at: 2000, isRerun: true) }
      #expect((changed.underlying as? DatabaseError)?.kind == .missingColumn, "\(changed)")
      try test.query("DROP TABLE words")
      try test.query("CREATE TABLE words (n int, other int, word varchar(100) PRIMARY KEY)")
      #expect(try write([("b", 2)], to: sink, at: 2000, isRerun: true))
      #expect(try test.query("SELECT word, n FROM words") == ["b|2"])
      try test.query("DROP TABLE words")
    }
  }
}
