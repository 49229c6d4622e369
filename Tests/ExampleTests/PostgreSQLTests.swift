import MartletTorture
import Foundation
import Synchronization
import TestSupport
import Testing

/// Rows in a real PostgreSQL, written by a program that is killed.
@Suite(
  "Exactly-once rows in PostgreSQL",
  .enabled(
    if: PostgreSQLServer.isInstalledOrRequired,
    "PostgreSQL is not installed; `make test` installs it where apt-get is permitted"), .serialized)
struct PostgreSQLTests {
  private let server: PostgreSQLServer

  init() throws { server = try PostgreSQLServer() }

  /// The contents of file N: 40 words, spread over the partitions, and one that is in no other file.
  private static func text(_ number: Int) -> String {
    (0..<40).map { "w\($0)" }.joined(separator: " ") + " f\(number)\n"
  }

  /// Checks that the rows are those of files 1 to `files`, each counted once.
  private static func isWhole(_ database: PostgreSQLServer.Database, files: Int) throws -> Bool {
    let expected = (0..<40).map { "w\($0)|\(files)" } + (1...files).map { "f\($0)|1" }
    let sums = try database.query("SELECT word, sum(count) FROM word_counts GROUP BY word")
    return sums.sorted() == expected.sorted()
  }

  /// Runs the program until all rows are there, and checks them after its end.
  private static func finish(
    _ arguments: [String], _ database: PostgreSQLServer.Database, files: Int, _ story: String
  ) async throws {
    func hasLast() throws -> Bool {
      try database.query("SELECT 1 FROM word_counts WHERE word = 'f\(files)'").contains("1")
    }
    let hadLast = try hasLast()
    let program = try ExampleProcess("exactly-once-postgres", arguments)
    // If the rows are already there, the program must have started before it can be stopped.
    try await program.wait(for: "rows of the last file: \(story)", every: .milliseconds(100)) { text in
      try hadLast ? text.contains("Continuing from the checkpoint") : hasLast()
    }
    // A graceful stop completes the batches that have begun.
    program.send(SIGTERM)
    let (status, text) = await program.end()
    #expect(status == 0, "\(story): \(text)")
    let rows = try database.query("SELECT * FROM word_counts")
    #expect(try isWhole(database, files: files), "\(story): \(rows)")
    let doubled = "SELECT batch_time, word FROM word_counts GROUP BY batch_time, word HAVING count(*) > 1"
    #expect(try database.query(doubled).isEmpty, "\(story)")
  }

  @Test("Killed at random moments, the program writes each row once")
  func randomKills() async throws {
    let database = try server.database("random")
    let folder = try TestFolder()
    let input = try TestFolder()
    let arguments = [input.path, "\(folder.path)/checkpoint", database.url, "--batch-interval-ms", "50"]
    var files = 0
    for life in [60, 250, 130, 90, 310, 170, 110, 400] {
      let program = try ExampleProcess("exactly-once-postgres", arguments)
      for _ in 0..<5 {
        files += 1
        try input.moveIn("\(files)", Self.text(files))
        try await Task.sleep(for: .milliseconds(life / 5))
      }
      program.send(SIGKILL)
      _ = await program.end()
    }
    try await Self.finish(arguments, database, files: files, "random kills")
  }

  @Test(
    "Killed around each call on its checkpoint, including between the commit of the rows and the end of the batch",
    .enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"))
  func namedKills() async throws {
    let server = server
    let input = try TestFolder()
    defer { withExtendedLifetime(input) {} }
    try input.moveIn("1", Self.text(1))
    let incoming = input.path
    // The first calls make the checkpoint; each batch then writes its plan, waits for the disk, and writes that it is done.
    let moments = (1...14).flatMap { [(number: $0, isBefore: true), (number: $0, isBefore: false)] }
    let ends = Mutex<[Bool]>([])
    try await concurrently(moments) { number, isBefore in
      let story = "killed \(isBefore ? "before" : "after") call \(number)"
      let database = try server.database("call\(number)_\(isBefore)")
      let folder = try TestFolder()
      let calls = Calls(kinds: [.write, .sync], path: "checkpoint/*", matches: number...number)
      let arguments = [incoming, "FOLDER/checkpoint", database.url, "--batch-interval-ms", "50"]
      let run = try await FaultyProgram("exactly-once-postgres", arguments).run(
        in: folder.path, [isBefore ? .killBefore(calls) : .killAfter(calls)], seconds: 60)
      #expect(run.ending == .killed(signal: SIGKILL), "\(story): \(run.output) \(run.errors)")
      let isWritten = try database.query("SELECT 1 FROM word_counts LIMIT 1") == ["1"]
      ends.withLock { $0.append(isWritten) }
      try await Self.finish(
        arguments.map { $0.replacingOccurrences(of: "FOLDER", with: folder.path) }, database, files: 1, story)
    }
    #expect(Set(ends.withLock { $0 }) == [true, false], "kills before and after the commit of the rows")
  }

  @Test(
    "A word with a NUL, which PostgreSQL cannot hold, is an error that names the word, and is never stored as another word"
  )
  func nulInWords() async throws {
    let database = try server.database("nul")
    let folder = try TestFolder()
    let input = try TestFolder()
    try input.moveIn("1", "a\0b a a\0c x\n")
    let arguments = [input.path, "\(folder.path)/checkpoint", database.url, "--batch-interval-ms", "100"]
    let (status, text) = await (try ExampleProcess("exactly-once-postgres", arguments)).end()
    #expect(status == 1)
    #expect(text.contains(#""a\0b" has a NUL in it"#) || text.contains(#""a\0c" has a NUL in it"#), "\(text)")
    #expect(try database.query("SELECT count(*) FROM word_counts WHERE word = 'a'") != ["2"])
    #expect(try database.query("SELECT count(*) FROM word_counts WHERE word = 'a'") != ["3"])
  }

  @Test("Killed between the partitions of a batch, the program writes the missing ones")
  func amidPartitions() async throws {
    let database = try server.database("amid")
    let folder = try TestFolder()
    let input = try TestFolder()
    try input.moveIn("1", Self.text(1))
    // The transaction of one partition waits while `holding` has a row, and is open when the program is killed.
    try database.query(
      """
      CREATE TABLE word_counts (batch_time timestamptz, word text, count bigint);
      CREATE TABLE holding AS SELECT 1;
      CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN
           WHILE NEW.word = ''f1'' AND EXISTS (SELECT FROM holding) LOOP PERFORM pg_sleep(0.05); END LOOP;
           RETURN NEW;
         END';
      CREATE TRIGGER hold BEFORE INSERT ON word_counts FOR EACH ROW EXECUTE FUNCTION hold();
      """)
    let arguments = [input.path, "\(folder.path)/checkpoint", database.url, "--batch-interval-ms", "100"]
    let program = try ExampleProcess("exactly-once-postgres", arguments)
    let open = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    let committed = "SELECT count(*) FROM martlet_batches"
    try await program.wait(for: "open transaction beside a committed one") { _ in
      (try? database.query(open)) == ["1"] && (try? database.query("SELECT count(*) > 0 FROM word_counts")) == ["t"]
    }
    program.send(SIGKILL)
    _ = await program.end()
    #expect(try !Self.isWhole(database, files: 1), "a part of the batch is missing")
    #expect(try database.query(committed) != ["0"])
    try database.query("DELETE FROM holding")
    try await Self.finish(arguments, database, files: 1, "amid partitions")
  }
}
