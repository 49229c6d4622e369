import MartletTorture
import Foundation
import Martlet
import MartletDatabases
import Synchronization
import TestSupport
import Testing

/// The guarantees in docs/guarantees.md, each checked with a program that is killed, or fails within a batch, and is
/// started again.
@Suite(.enabled(if: FaultyProgram.isAvailable, "calls can be replaced only on Linux"), .serialized)
struct GuaranteeTests {
  /// The guarantee for a record, in the words of docs/guarantees.md.
  enum Promise: String, Sendable {
    case atMostOnce = "at most once"
    case atLeastOnce = "at least once"
    case exactlyOnce = "exactly once"
    case nothing = "no guarantee"
    case refused = "refused"

    /// The range of the number of times that a record may come.
    var allowed: ClosedRange<Int> {
      switch self {
      case .atMostOnce: 0...1
      case .atLeastOnce: 1...9
      case .exactlyOnce: 1...1
      case .nothing, .refused: 0...9
      }
    }
    /// The numbers of times that some records do come: otherwise the document would promise too little.
    var attained: [Int] {
      switch self {
      case .atMostOnce: [0, 1]
      case .atLeastOnce: [1, 2]
      case .exactlyOnce: [1]
      case .nothing: [0, 1, 2]
      case .refused: []
      }
    }
  }

  /// A row of a table.
  struct Row: Sendable, CustomTestStringConvertible {
    /// A part of the first cell.
    var name: String
    var source = "textFileStream"
    var operation = "map"
    var sink = "saveAsTextFiles"
    var plain: Promise
    var checkpointed: Promise
    /// True if, with a checkpoint, the records in the receiver's log come exactly once.
    var isExactFromLog = false

    var testDescription: String { name }
  }

  static let rows = [
    // Sources
    Row(name: "`textFileStream`", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(
      name: "`binaryRecordsStream`", source: "binaryRecordsStream", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(name: "`fileStream`", source: "fileStream", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(
      name: "`newFilesOnly: false`", source: "textFileStream of all files", plain: .atLeastOnce,
      checkpointed: .exactlyOnce),
    Row(
      name: "`socketTextStream`", source: "socketTextStream", plain: .atMostOnce, checkpointed: .atMostOnce,
      isExactFromLog: true),
    Row(
      name: "`socketStream`", source: "socketStream", plain: .atMostOnce, checkpointed: .atMostOnce,
      isExactFromLog: true),
    Row(
      name: "`rawSocketStream`", source: "rawSocketStream", plain: .atMostOnce, checkpointed: .atMostOnce,
      isExactFromLog: true),
    Row(
      name: "`receiverStream`, `store(_:)`", source: "receiverStream", plain: .atMostOnce, checkpointed: .atMostOnce,
      isExactFromLog: true),
    Row(
      name: "`receiverStream`, `store(_:)`", source: "StreamReceiver", plain: .atMostOnce, checkpointed: .atMostOnce,
      isExactFromLog: true),
    Row(
      name: "`stream(of:)`", source: "stream(of:)", plain: .atMostOnce, checkpointed: .atMostOnce, isExactFromLog: true),
    Row(
      name: "`receiverStream`, `store(contentsOf:)`", source: "receiverStream, reliable", plain: .nothing,
      checkpointed: .atLeastOnce),
    Row(name: "`queueStream`", source: "queueStream", plain: .atMostOnce, checkpointed: .refused),
    Row(name: "`stream(from:)`", source: "ReplayableSource", plain: .atLeastOnce, checkpointed: .exactlyOnce),
    Row(name: "`constantStream`", source: "constantStream", plain: .atMostOnce, checkpointed: .exactlyOnce),
    // Operations
    Row(name: "stateless", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(name: "`parse`", operation: "parse", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(name: "`window`", operation: "window", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(
      name: "`reduceByKeyAndWindow`", operation: "reduceByKeyAndWindow", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(
      name: "`reduceByKeyAndWindow`", operation: "reduceByKeyAndWindow with an inverse", plain: .atMostOnce,
      checkpointed: .exactlyOnce),
    Row(name: "`updateStateByKey`", operation: "updateStateByKey", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(name: "`mapWithState`", operation: "mapWithState", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(name: "side effects", operation: "map with a side effect", plain: .atMostOnce, checkpointed: .atLeastOnce),
    Row(
      name: "side effects", operation: "transform with a side effect", plain: .atMostOnce, checkpointed: .atLeastOnce),
    // Sinks
    Row(name: "`saveAsTextFiles`", sink: "saveAsTextFiles", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(name: "`saveAsObjectFiles`", sink: "saveAsObjectFiles", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(
      name: "`saveAsTable`", sink: "saveAsTable", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(name: "`saveAsTextFile`", sink: "saveAsTextFile of RDD", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(name: "`pprint`", sink: "pprint", plain: .atMostOnce, checkpointed: .atLeastOnce),
    Row(name: "`foreachRDD` as it is", sink: "foreachRDD", plain: .atMostOnce, checkpointed: .atLeastOnce),
    Row(
      name: "`foreachRDD`, idempotent", sink: "foreachRDD, idempotent by time and partition", plain: .atMostOnce,
      checkpointed: .exactlyOnce),
    Row(
      name: "`foreachRDD` with a transaction for each partition", sink: "foreachRDD, a transaction for each partition",
      plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(name: "`write(to:)`", sink: "write(to:)", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(
      name: "`write(to:byPartition:)`", sink: "write(to:byPartition:)", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(
      name: "`commit(_:parts:)`", sink: "write(to:byPartition:), each batch at once", plain: .atMostOnce,
      checkpointed: .exactlyOnce),
    Row(
      name: "`DatabaseSink`, PostgreSQL", sink: "DatabaseSink PostgreSQL", plain: .atMostOnce,
      checkpointed: .exactlyOnce),
    Row(name: "`DatabaseSink`, MariaDB", sink: "DatabaseSink MariaDB", plain: .atMostOnce, checkpointed: .exactlyOnce),
    Row(name: "`DatabaseSink`, SQLite", sink: "DatabaseSink SQLite", plain: .atMostOnce, checkpointed: .exactlyOnce),
  ]

  /// The rows whose servers and libraries are installed. Where everything must be tested, a missing one is a failure.
  private static var testedRows: [Row] {
    rows.filter { row in
      switch row.sink {
      case "DatabaseSink PostgreSQL": PostgreSQLServer.isInstalledOrRequired
      case "DatabaseSink MariaDB": MariaDBServer.isInstalledOrRequired
      case "saveAsTable": EngineLibrary.isInstalledOrRequired
      default: true
      }
    }
  }

  /// The points at which the program is killed with its second group of records: received (and in the log, if there is
  /// one) but in no batch; in a batch whose output has not begun; during the output; after it; when the batch is
  /// complete.
  static let points = ["received", "begun", "amid", "written", "done"]

  /// The ways in which the program fails within its second group of records: a closure before the output throws at the
  /// third of them, or the output's own closure throws.
  static let failures = ["failing", "failing in the sink"]

  @Test(
    "Killed at any point, or failing within a batch, and started again, a record comes as often as the guarantees say",
    arguments: testedRows)
  func keepsPromise(_ row: Row) async throws {
    for isCheckpointed in [false, true] {
      let promise = isCheckpointed ? row.checkpointed : row.plain
      let isLogged = isCheckpointed && row.isExactFromLog
      let seen = Mutex<Set<Int>>([])
      let hasFailingSink =
        row.sink.hasPrefix("write(to:") || row.sink == "foreachRDD, a transaction for each partition"
      let isAtOnce = row.sink.hasSuffix("each batch at once")
      let points =
        Self.points + (isLogged ? ["unlogged"] : []) + (isAtOnce ? ["between parts and batch"] : [])
        + Self.failures.prefix(hasFailingSink ? 2 : 1)
      try await concurrently(points) { (point: String) in
        let folder = try TestFolder()
        let story = "\(row.name), \(isCheckpointed ? "with" : "without") a checkpoint, at '\(point)'"
        let sink = try sinkArgument(row)
        let first = try await program(row, sink, isCheckpointed, point).run(in: folder.path)
        let ending: ChildProcess.Ending = Self.failures.contains(point) ? .exited(1) : .killed(signal: SIGKILL)
        #expect(first.ending == ending, "\(story): \(first.output)\(first.errors)")
        if point == "failing" { #expect(first.output.contains("record 2-2"), "\(story): \(first.output)") }
        if point == "failing in the sink" { #expect(first.output.contains("the sink at"), "\(story): \(first.output)") }
        let second = try await program(row, sink, isCheckpointed, "again").run(in: folder.path)
        if promise == .refused {
          #expect(second.ending == .exited(1) && second.output.contains("queueStream at "), "\(second.output)")
          return
        }
        #expect(second.ending == .exited(0), "\(story): \(second.output)\(second.errors)")
        let stored = row.sink == "saveAsTable" ? try await self.stored(folder.path) : nil
        let counts = try stored ?? self.counts(row, sink, folder.path, first.output + second.output)
        let allowed = isLogged && point != "unlogged" ? 1...1 : promise.allowed
        let records = (1...3).flatMap { group in (0..<4).map { "\(group)-\($0)" } }
        let broken = records.filter { !allowed.contains(counts[$0] ?? 0) }
        #expect(broken.isEmpty, "\(story): \(broken), of \(counts)")
        seen.withLock { $0.formUnion(records.map { counts[$0] ?? 0 }) }
      }
      let attained = seen.withLock { $0 }
      #expect(
        attained.isSuperset(of: promise.attained), "\(row.name) keeps more than it promises: \(attained.sorted())")
    }
  }

  /// The sink for the program; with a new database, if it is one.
  private func sinkArgument(_ row: Row) throws -> String {
    guard row.sink.hasPrefix("DatabaseSink ") else { return row.sink }
    return "DatabaseSink \(try DeliveryDatabase.make(String(row.sink.dropFirst("DatabaseSink ".count))))"
  }

  private func program(_ row: Row, _ sink: String, _ isCheckpointed: Bool, _ point: String) -> FaultyProgram {
    FaultyProgram(
      "fault-subject",
      ["deliver", "FOLDER", row.source, row.operation, sink, isCheckpointed ? "checkpoint" : "none", point])
  }

  /// The number of times that each record is in the table.
  private func stored(_ folder: String) async throws -> [String: Int] {
    let run = try await FaultyProgram("fault-subject", ["read-table", "FOLDER", "records"]).run(in: folder)
    #expect(run.ending == .exited(0), "\(run.output)\(run.errors)")
    var counts: [String: Int] = [:]
    for line in run.lines { counts[String(line), default: 0] += 1 }
    return counts
  }

  /// The number of times that each record has come to the place of the row's promise.
  private func counts(_ row: Row, _ sink: String, _ folder: String, _ output: String) throws -> [String: Int] {
    if sink.hasPrefix("DatabaseSink ") {
      return try DeliveryDatabase.counts(String(sink.dropFirst("DatabaseSink ".count)), in: folder)
    }
    var counts: [String: Int] = [:]
    let isAboutSide = row.sink == "foreachRDD" || row.operation.hasSuffix("a side effect")
    if isAboutSide || row.sink == "pprint" {
      let text = row.sink == "pprint" ? output : try String(contentsOfFile: "\(folder)/side", encoding: .utf8)
      for record in text.split(separator: "\n") { counts[String(record), default: 0] += 1 }
      return counts
    }
    var names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out").filter { !$0.hasPrefix(".") }
    let isCounting = row.operation.contains("indow") || row.operation.contains("State")
    // The last batch holds the counts of all batches.
    if isCounting { names = names.max { time(of: $0) < time(of: $1) }.map { [$0] } ?? [] }
    for name in names {
      for line in try lines(row, "\(folder)/out/\(name)") {
        let parts = line.split(separator: " ")
        let count = isCounting ? parts.dropFirst().first.flatMap { Int($0) } ?? 0 : 1
        counts[String(parts.first ?? ""), default: 0] += count
      }
    }
    return counts
  }

  private func time(of folder: String) -> Int { folder.split(separator: "-").last.flatMap { Int($0) } ?? 0 }

  private func lines(_ row: Row, _ path: String) throws -> [String] {
    if row.sink == "saveAsObjectFiles" {
      return try MartletContext(master: "local[1]", appName: "reading").objectFile(path, of: Text.self).collect()
        .map { String($0) }
    }
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    var files = [path]
    if isFolder.boolValue {
      files = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix("part-") }
        .map { "\(path)/\($0)" }
    }
    return try files.flatMap { try String(contentsOfFile: $0, encoding: .utf8).split(separator: "\n").map(String.init) }
  }

  @Test("The tables of guarantees contain exactly the rows that are tested here")
  func tables() throws {
    let guarantees = try String(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../docs/guarantees.md"), encoding: .utf8)
    let tables = guarantees.split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    // A cell of the tables of guarantees begins with the promise, in bold.
    let promising = tables.filter { $0.count == 3 && $0[1].hasPrefix("**") }
    for row in Self.rows {
      let found = promising.filter { $0[0].contains(row.name) }
      #expect(found.count == 1, "\(row.name): \(found.count) rows")
      for cells in found {
        #expect(cells[1].hasPrefix("**\(row.plain.rawValue)**"), "\(row.name): \(cells[1])")
        #expect(cells[2].hasPrefix("**\(row.checkpointed.rawValue)**"), "\(row.name): \(cells[2])")
      }
    }
    for cells in promising {
      #expect(Self.rows.contains { cells[0].contains($0.name) }, "\(cells[0]) is not tested")
      // All sources of a row must be tested.
      for name in cells[0].split(separator: "`").map(String.init) where name.hasSuffix("Stream") {
        #expect(Self.rows.contains { $0.source.hasPrefix(name) }, "\(name) is not tested")
      }
    }
  }
}
