import Foundation
import MartletCore
import MartletRDD
import MartletSQL
import MartletStreaming
import MartletTesting
import Synchronization
import TestSupport
import Testing

@Suite(
  .timeLimit(.minutes(30)), .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct TableSinkTests {
  private struct Reading: Codable, Sendable { var sensor: String, value: Double? }

  /// A context whose session has a warehouse in the folder.
  private func context(_ folder: String) throws -> (TestStreamingContext, SparkSession) {
    let test = TestStreamingContext()
    let spark = try SparkSession(test.context.sparkContext)
    spark.conf.set("spark.sql.warehouse.dir", folder)
    return (test, spark)
  }

  @Test func `batches are added, replace the table, or replace the rows with their keys`() throws {
    try withTemporaryFolder { folder in
      let (test, spark) = try context(folder)
      let counts = test.stream([[("a" as Text, 1), ("b", 2)], [], [("b", 5), ("c", 3)]])
      counts.saveAsTable("added", "word", "n")
      counts.saveAsTable("updated", "word", "n", mode: .update(keys: ["word"]))
      counts.saveAsTable("replaced", "word", "n", mode: .complete)
      try test.start()
      try test.runBatches(2)
      #expect(try spark.table("replaced").count() == 0)
      try test.runBatch()
      let rows = try spark.rows("SELECT * FROM added ORDER BY word, n")
      #expect(rows == [Row("a", 1), Row("b", 2), Row("b", 5), Row("c", 3)])
      #expect(try spark.rows("SELECT * FROM updated ORDER BY word") == [Row("a", 1), Row("b", 5), Row("c", 3)])
      #expect(try spark.rows("SELECT * FROM replaced ORDER BY word") == [Row("b", 5), Row("c", 3)])
      test.stop()
    }
  }

  @Test func `elements of all forms are written`() throws {
    try withTemporaryFolder { folder in
      let (test, spark) = try context(folder)
      test.stream([[1, 2]]).saveAsTable("numbers", "n")
      test.stream([[Reading(sensor: "s", value: nil)]]).saveAsTable("readings")
      test.stream([[Row(1, ["x"] as Value)]] as [[Row]])
        .saveAsTable("rows", schema: try StructType(ddl: "a INT, b ARRAY<STRING>"))
      test.stream([[("a", 1, 2.5, true, nil as Int?, [1] as [UInt8])]]).saveAsTable("six", "a", "b", "c", "d", "e", "f")
      try test.start()
      try test.runBatch()
      #expect(try spark.rows("SELECT sum(n) FROM numbers") == [Row(3)])
      #expect(try spark.rows("SELECT * FROM readings") == [Row("s", nil)])
      #expect(try spark.rows("SELECT a, b[0] FROM rows") == [Row(1, "x")])
      #expect(try spark.rows("SELECT a, b, c, d, e, hex(f) FROM six") == [Row("a", 1, 2.5, true, nil, "01")])
      test.stop()
    }
  }

  @Test func `two streams write to a table under names of their own, and the same name is refused`() throws {
    try withTemporaryFolder { folder in
      let (test, spark) = try context(folder)
      let input = test.stream([[1], [2]])
      input.saveAsTable("t", "n", stream: "one")
      input.map { -$0 }.saveAsTable("default.T", "n", stream: "two")
      try test.start()
      try test.runBatches(2)
      #expect(try spark.rows("SELECT n FROM t ORDER BY n") == [Row(-2), Row(-1), Row(1), Row(2)])
      test.stop()
      let (twice, _) = try context(folder)
      let other = twice.stream([[1]])
      other.saveAsTable("t", "n")
      other.saveAsTable("spark_catalog.default.t", "n")
      let message = try errorMessage { try twice.start() }
      #expect(message.contains("the table default.t as the stream 'test'"), "\(message)")
      twice.stop()
    }
  }

  @Test func `a batch with columns that do not fit fails, with the line that writes it, and adds nothing`() throws {
    try withTemporaryFolder { folder in
      for (table, kind) in [("texts", "CANNOT_SAFELY_CAST"), ("other", "EXTRA_COLUMNS")] {
        let (test, spark) = try context(folder)
        try spark.rows("CREATE TABLE IF NOT EXISTS texts (n DATE)")
        try spark.rows("CREATE TABLE IF NOT EXISTS other (m BIGINT)")
        test.stream([[1]]).saveAsTable(table, "n")
        try test.start()
        let message = try errorMessage { try test.runBatch() }
        #expect(message.contains(kind) && message.contains("saveAsTable at "), "\(message)")
        #expect(try spark.table(table).count() == 0)
        test.stop()
      }
    }
  }

  @Test func `two rows with a key fail the batch`() throws {
    try withTemporaryFolder { folder in
      let (test, spark) = try context(folder)
      test.stream([[("a", 1)], [("b", 1), ("b", 2)]]).saveAsTable("t", "word", "n", mode: .update(keys: ["word"]))
      try test.start()
      try test.runBatch()
      let message = try errorMessage { try test.runBatch() }
      #expect(message.contains("MERGE_CARDINALITY_VIOLATION") && message.contains("word"), "\(message)")
      #expect(try spark.rows("TABLE t") == [Row("a", 1)])
      test.stop()
    }
  }

  @Test func `a batch that runs again is not written twice`() throws {
    try withTemporaryFolder { folder in
      // The second output of the second batch fails after the table has been written.
      for run in 0..<2 {
        let (test, spark) = try context("\(folder)/warehouse")
        test.context.checkpoint("\(folder)/checkpoint")
        let input = test.context.constantStream(test.context.sparkContext.parallelize([1, 2], 2))
        input.saveAsTable("t", "n")
        input.foreachRDD { _, time in
          if run == 0 && time.milliseconds == 2000 { throw MartletError(.invalidState, "the other output") }
        }
        if run == 1 { test.clock.advance(by: .seconds(2)) }
        try test.start()
        if run == 0 {
          try test.runBatch()
          #expect(try errorMessage { try test.runBatch() }.contains("the other output"))
        } else {
          try test.runBatch()
        }
        #expect(try spark.table("t").count() == (run == 0 ? 4 : 6))
        test.stop()
      }
    }
  }

  @Test func `programs with checkpoints of their own, or with none, write batches of the same time`() throws {
    try withTemporaryFolder { folder in
      for checkpoint in ["one", "two", nil, nil] {
        let (test, _) = try context("\(folder)/warehouse")
        if let checkpoint { test.context.checkpoint("\(folder)/\(checkpoint)") }
        test.context.constantStream(test.context.sparkContext.parallelize([1, 2], 2)).saveAsTable("t", "n")
        try test.start()
        try test.runBatch()
        test.stop()
      }
      let (test, spark) = try context("\(folder)/warehouse")
      #expect(try spark.table("t").count() == 8)
      test.stop()
    }
  }

  @Test func `a table that is dropped while batches run is created again`() throws {
    try withTemporaryFolder { folder in
      let (test, spark) = try context(folder)
      test.stream([[1], [2], [3]]).saveAsTable("t", "n")
      try test.start()
      try test.runBatches(2)
      try spark.rows("DROP TABLE t")
      try test.runBatch()
      #expect(try spark.rows("TABLE t") == [Row(3)])
      test.stop()
    }
  }

  @Test func `readers see whole batches while they are written`() async throws {
    try await withAsyncTemporaryFolder { folder in
      let (test, spark) = try context(folder)
      let batches = (1...100).map { batch in (0..<50).map { (batch, $0) } }
      test.stream(batches).saveAsTable("t", "batch", "row")
      test.stream(batches, numPartitions: 3).saveAsTable("latest", "batch", "row", mode: .complete)
      try spark.rows("CREATE TABLE t (batch BIGINT, row BIGINT)")
      try spark.rows("CREATE TABLE latest AS SELECT 0L AS batch, id AS row FROM range(50)")
      try test.start()
      let done = Counter()
      async let reads: Int = {
        var reads = 0
        while reads == 0 || done.value == 0 {
          #expect(try await spark.table("t").count() % 50 == 0)
          let rows = try await spark.sql("SELECT count(*), min(batch) = max(batch) FROM latest").collect()
          #expect(rows == [Row(50, true)])
          reads += 1
        }
        return reads
      }()
      try await test.context.sparkContext.async { for _ in batches { try test.runBatch() } }
      done.add()
      #expect(try await reads > 0)
      #expect(try await spark.table("t").count() == 5000)
      test.stop()
    }
  }

  @Test func `the file does not grow with the number of batches`() throws {
    try withTemporaryFolder { folder in
      let (test, spark) = try context(folder)
      test.context.checkpoint("\(folder)/checkpoint")
      let rows = (0..<10).map { ("key \($0)" as Text, $0) }
      let stream = test.context.constantStream(test.context.sparkContext.parallelize(rows, 1))
      stream.saveAsTable("replaced", "key", "n", mode: .complete)
      stream.saveAsTable("updated", "key", "n", mode: .update(keys: ["key"]))
      try test.start()
      func size() throws -> Int {
        try ["", ".wal"].map { try fileSize("\(folder)/warehouse.duckdb\($0)") }.reduce(0, +)
      }
      try test.runBatches(100)
      let (early, memory) = (try size(), try spark.engineMemory)
      try test.runBatches(300)
      let (late, lateMemory) = (try size(), try spark.engineMemory)
      #expect(try spark.table("updated").count() == 10)
      // The log of changes is emptied when it is large.
      #expect(late < early + (40 << 20), "\(early) bytes, then \(late)")
      #expect(lateMemory < memory + (40 << 20), "\(memory) bytes, then \(lateMemory)")
      test.stop()
    }
  }

  private func fileSize(_ path: String) throws -> Int {
    guard try Folder.nameIsTaken(path) else { return 0 }
    return try SystemFile.read(path).size()
  }
}
