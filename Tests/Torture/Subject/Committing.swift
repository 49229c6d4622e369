import ExampleSupport
import FaultHarness
import MartletTorture
import Foundation
import Martlet
import MartletCore
import MartletTesting

/// A program that writes each partition of a batch in one transaction, with a note of the batch and the partition, like
/// the example in the guide to recovery. One of its runs fails within the batch.
struct Committing: Sendable {
  let folder: String
  let failure: InnerFailure
  /// The phase: `prepare`, which is killed when the rows have been received; `fail`; or `finish`.
  let phase: String
  let sink: String
  /// A file that exists from the moment at which faults begin.
  let flag: String

  /// - Parameter arguments: FAILURE PHASE SINK FLAG
  init(_ arguments: [String], in folder: String) throws {
    guard arguments.count == 4, let failure = InnerFailure(rawValue: arguments[0]) else {
      throw TortureError("commit FOLDER FAILURE PHASE SINK FLAG")
    }
    self.folder = folder
    self.failure = failure
    phase = arguments[1]
    sink = arguments[2]
    flag = arguments[3]
  }

  func run() throws {
    for name in ["in", "out", "spill"] { try Folder.create("\(folder)/\(name)") }
    var conf = MartletConf().setMaster("local[3]").setAppName("commit").set(FileStreamSetting.settleKey, "0")
      .set(MartletConf.Key.localDirectory, "\(folder)/spill")
    if [.shuffleSpill, .partitionSpill, .fullDisk].contains(failure) {
      conf = conf.set(MartletConf.Key.taskMemoryBytes, "4096")
    }
    let test = TestStreamingContext(conf: conf)
    if phase == "finish" { test.clock.advance(by: .seconds(1)) }
    test.context.checkpoint("\(folder)/checkpoint")
    let receiver = RowReceiver(isGiving: phase == "prepare")
    output(failing(try rows(test.context, receiver)))
    try test.start()
    if phase == "prepare" { receiver.allAreStored.wait() }
    try test.runBatches(2)
    test.stop(gracefully: true)
    print("ended")
  }

  /// All rows, in one batch.
  private func rows(_ ssc: StreamingContext, _ receiver: RowReceiver) throws -> DStream<Int> {
    if failure == .receiverLog { return ssc.receiverStream(receiver).transform { $0.coalesce(1) } }
    if phase == "fail" {
      let lines = (0..<InnerFailure.rows).map { "\($0)\n" }.joined()
      try SystemFile.create("\(folder)/in/rows").write(Array(lines.utf8))
    }
    let rows = ssc.textFileStream("\(folder)/in", newFilesOnly: false).map { line -> Int in
      guard let row = Int(line) else { throw TortureError("'\(line)' is no row.") }
      return row
    }
    // Only the output reads back the rows that a partition has on disk.
    if failure == .partitionSpill { return rows.transform { $0.coalesce(1) } }
    return rows.map { ($0, 1) }.reduceByKey(+, 3).map { $0.0 }
  }

  private func failing(_ rows: DStream<Int>) -> DStream<Int> {
    let fails = failure == .closure && phase == "fail"
    return rows.map { row in
      if fails && row == 7000 { throw TortureError("row 7000") }
      return row
    }
  }

  private func output(_ rows: DStream<Int>) {
    let program = self
    rows.foreachRDD { rdd, time in
      guard try !rdd.isEmpty() else { return }
      if program.phase == "prepare" {
        kill(getpid(), SIGKILL)
        while true { pause() }
      }
      if program.phase == "fail" { _ = try SystemFile.create(program.flag) }
      guard program.sink != "sink" else { return }
      try rdd.foreachPartition { rows in
        try program.write(rows, time, TaskContext.current?.partitionID ?? 0)
      }
    }
    if sink == "sink" {
      rows.write(to: RowFiles(folder: "\(folder)/out", isFailing: failure == .sink && phase == "fail"))
    }
  }

  /// The plain form: begin, write in a loop, commit.
  private func write(_ rows: PartitionIterator<Int>, _ time: Time, _ partition: Int) throws {
    guard let transaction = try Transaction(sink, "\(folder)/out", time, partition) else { return }
    var written = 0
    for row in rows {
      if failure == .sink && phase == "fail" && written == 100 { throw TortureError("the sink") }
      try transaction.write(row)
      written += 1
    }
    try transaction.commit()
  }
}

/// Writes the rows of a batch to a file that becomes visible when it is complete.
private struct RowFiles: Sink {
  let folder: String
  let isFailing: Bool

  func begin(_ part: BatchPart) throws -> Writer? {
    let path = "\(folder)/\(part.time.milliseconds)-\(part.partition)"
    return try Folder.nameIsTaken(path) ? nil : Writer(file: try DurableFile(path: path), isFailing: isFailing)
  }

  struct Writer: SinkWriter {
    let file: DurableFile
    let isFailing: Bool
    var written = 0

    mutating func write(_ row: Int) throws {
      if isFailing && written == 100 { throw TortureError("the sink") }
      try file.write(Array("\(row)\n".utf8))
      written += 1
    }

    func commit() throws { try file.publish() }
  }
}

/// The uncommitted rows of a partition, for a file or for PostgreSQL.
private final class Transaction {
  private let file: DurableFile?
  private let database: PSQL?
  private let time: Time

  /// `nil` if the partition of that batch has been committed already.
  init?(_ sink: String, _ folder: String, _ time: Time, _ partition: Int) throws {
    self.time = time
    if sink == "files" {
      let path = "\(folder)/\(time.milliseconds)-\(partition)"
      guard try !Folder.nameIsTaken(path) else { return nil }
      file = try DurableFile(path: path)
      database = nil
      return
    }
    let connection = String(sink.dropFirst("postgres:".count))
    let asked = try PSQL(connection)
    asked.send("SELECT 'known' FROM batches WHERE batch_time = \(time.milliseconds) AND partition = \(partition)")
    if try asked.end().contains("known") { return nil }
    let database = try PSQL(connection)
    database.send("BEGIN")
    database.send("INSERT INTO batches VALUES (\(time.milliseconds), \(partition))")
    self.database = database
    file = nil
  }

  func write(_ row: Int) throws {
    try file?.write(Array("\(row)\n".utf8))
    database?.send("INSERT INTO rows VALUES (\(time.milliseconds), \(row))")
  }

  func commit() throws {
    try file?.publish()
    database?.send("COMMIT")
    _ = try database?.end()
  }
}

/// A session of PostgreSQL's command line. Uncommitted changes are rolled back at its end.
private final class PSQL {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  init(_ connection: String) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", connection]
    // Its own calls on files must not be traced.
    process.environment = ProcessInfo.processInfo.environment.filter { $0.key == "PATH" }
    process.standardInput = input
    process.standardOutput = output
    process.standardError = output
    try process.run()
  }

  func send(_ statement: String) { input.fileHandleForWriting.write(Data("\(statement);\n".utf8)) }

  /// Ends the session, and returns its output.
  func end() throws -> String {
    try input.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw TortureError("psql: \(text)") }
    return text
  }

  deinit { try? input.fileHandleForWriting.close() }
}

/// Stores all rows in its log.
private final class RowReceiver: Receiver<Int>, @unchecked Sendable {
  let allAreStored = DispatchSemaphore(value: 0)
  private let isGiving: Bool

  init(isGiving: Bool) { self.isGiving = isGiving }

  override func onStart() throws {
    guard isGiving else { return }
    for start in stride(from: 0, to: InnerFailure.rows, by: 500) {
      guard store(contentsOf: Array(start..<start + 500)) else { throw TortureError("Rows were not stored.") }
    }
    allAreStored.signal()
  }
}
