import ExampleSupport
import MartletTorture
import Martlet
import MartletDatabases
import MartletCore
import MartletSQL
import MartletTesting
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program that takes records from a source, applies an operation to them and passes them to a sink: started, killed
/// or failing during the second group of records, and started again. Its records are named `1-0` to `3-3`: the group,
/// and the number in it.
struct Delivery: Sendable {
  let folder: String
  let source: String
  let operation: String
  let sink: String
  let isCheckpointed: Bool
  /// The point at which the first run is killed or fails; nil for the second run.
  let point: String?

  /// - Parameter arguments: SOURCE OPERATION SINK `checkpoint`|`none` POINT|`again`
  init(_ arguments: [String], in folder: String) throws {
    guard arguments.count == 5 else { throw TortureError("deliver FOLDER SOURCE OPERATION SINK CHECKPOINT POINT") }
    self.folder = folder
    source = arguments[0]
    operation = arguments[1]
    sink = arguments[2]
    isCheckpointed = arguments[3] == "checkpoint"
    point = arguments[4] == "again" ? nil : arguments[4]
  }

  func run() throws {
    for name in ["in", "out"] { try Folder.create("\(folder)/\(name)") }
    var conf = MartletConf().setMaster("local[3]").setAppName("delivery").set(.fileSettleTime, to: .zero)
    if point == "unlogged" { conf = conf.set(.blockInterval, to: .seconds(3600)) }
    let test = TestStreamingContext(conf: conf)
    // Without a checkpoint, the second run must not reach the times of the first one, which waits for received records.
    if point == nil { test.clock.advance(by: .seconds(isReceived && !isCheckpointed ? 100_000 : 2)) }
    if isCheckpointed { test.context.checkpoint("\(folder)/checkpoint") }
    let feed = Feed()
    let records = try stream(test.context, feed)
    // Hooks around the output, which is on another stream: the first runs before the output, the other after it.
    killing(records, at: "begun")
    try output(operated(records.map(killedAmid)))
    killing(records, at: "written")
    try test.start()
    if point == nil {
      try feed.give(3, self)
      try runBatches(test, through: 3)
    } else {
      try feed.give(1, self)
      try runBatches(test, through: 1)
      try feed.give(2, self)
      switch point {
      case "received":
        try waitUntilReceived()
        die()
      case "unlogged":
        usleep(30_000)
        die()
      default:
        // Otherwise a batch could have some records of the group, and be killed while the others are only in memory.
        if isReceived, isCheckpointed { try waitUntilReceived() }
        try runBatches(test, through: 2)
      }
      die()  // at the point `done`
    }
    test.stop(gracefully: true)
    print("ended")
  }

  private func die() -> Never {
    kill(getpid(), SIGKILL)
    while true { pause() }
  }

  private func killing(_ records: DStream<Text>, at place: String) {
    let isWanted = point == place
    records.foreachRDD { rdd in
      if isWanted, try rdd.collect().contains(where: { $0.hasPrefix("2-") }) { die() }
    }
  }

  private var killedAmid: @Sendable (Text) throws -> Text {
    let isWanted = point == "amid"
    let isFailing = point == "failing"
    return { record in
      if isWanted && record == "2-2" { die() }
      if isFailing && record == "2-2" { throw TortureError("record 2-2") }
      return record
    }
  }

  // MARK: Sources

  private func stream(_ ssc: StreamingContext, _ feed: Feed) throws -> DStream<Text> {
    switch source {
    case "textFileStream": return ssc.textFileStream("\(folder)/in")
    case "textFileStream of all files": return ssc.textFileStream("\(folder)/in", newFilesOnly: false)
    case "binaryRecordsStream":
      return ssc.binaryRecordsStream("\(folder)/in", recordLength: Feed.recordBytes)
        .map { Text(decoding: $0.dropLast()) }
    case "fileStream":
      return ssc.fileStream("\(folder)/in") { sc, paths in sc.textFile(paths) }
    case "socketStream":
      return ssc.socketStream("127.0.0.1", try feed.serve(folder, inBlocks: false)) { input in
        try input.read(exactly: Feed.recordBytes).map { Text(decoding: $0.dropLast()) }
      }
    case "socketTextStream": return ssc.socketTextStream("127.0.0.1", try feed.serve(folder, inBlocks: false))
    case "rawSocketStream": return ssc.rawSocketStream("127.0.0.1", try feed.serve(folder, inBlocks: true))
    case "receiverStream": return ssc.receiverStream(PlainReceiver(feed))
    case "StreamReceiver": return ssc.receiverStream(FeedReceiver(feed: feed))
    case "stream(of:)": return ssc.stream(of: feed.records())
    case "ReplayableSource": return ssc.stream(from: GivenGroups(folder: "\(folder)/in"))
    case "receiverStream, reliable":
      return ssc.receiverStream(ReliableReceiver("\(folder)/in", leavesOut: point == "done" ? 2 : nil))
    case "queueStream":
      let groups = (point == nil ? 3...3 : 1...3).map { ssc.sparkContext.parallelize(Feed.group($0), 2) }
      return ssc.queueStream(groups)
    case "constantStream":
      return ssc.constantStream(ssc.sparkContext.parallelize(0..<4, 2)).transform { rdd, time in
        rdd.map { Text("\(time.milliseconds / 1000)-\($0)") }
      }
    default: throw TortureError("There is no source '\(source)'.")
    }
  }

  private var isReceived: Bool {
    ["socket", "raw", "receiver", "stream", "StreamReceiver"].contains { source.hasPrefix($0) }
  }

  /// Runs batches until group `number` has been processed. A received group may come late.
  private func runBatches(_ test: TestStreamingContext, through number: Int) throws {
    guard isReceived else { return try test.runBatches(number == 3 ? 3 : 1) }
    for _ in 0..<60_000 {
      try test.runBatch()
      if test.events.completedBatches.contains(where: { $0.numRecords > 0 }), feed(test, has: number) { return }
      usleep(1000)
    }
    throw TortureError("Group \(number) does not come.")
  }

  /// True if as many records as all groups up to `number` of this run have been processed.
  private func feed(_ test: TestStreamingContext, has number: Int) -> Bool {
    let records = test.events.completedBatches.reduce(0) { $0 + $1.numRecords }
    // The second run receives the last group, and before it the records of the log, or those that the source sends
    // again.
    if point == nil { return records >= 4 && Text(fileContent("\(folder)/seen")).contains("3-3") }
    return records >= 4 * number
  }

  /// Waits until group 2 is on the disk; without a log, until it has most likely been read.
  private func waitUntilReceived() throws {
    guard isReceived, isCheckpointed else {
      usleep(30_000)
      return
    }
    for _ in 0..<60_000 {
      for input in (try? Folder.names("\(folder)/checkpoint/inputs")) ?? [] {
        let path = "\(folder)/checkpoint/inputs/\(input)"
        let contents = ((try? Folder.names(path)) ?? []).map { Text(fileContent("\(path)/\($0)")) }
        if contents.contains(where: { $0.contains("2-3") }) { return }
      }
      usleep(1000)
    }
    throw TortureError("Group 2 does not come into the receiver's log.")
  }

  // MARK: Operations

  /// The expected records of the output. Operations that count give each record with its count.
  private func operated(_ records: DStream<Text>) throws -> DStream<Text> {
    let counted = records.map { ($0, 1) }
    switch operation {
    case "map": return records
    case "map with a side effect":
      let side = "\(folder)/side"
      return records.map { record in
        try append("\(record)\n", to: side)
        return record
      }
    case "transform with a side effect":
      let side = "\(folder)/side"
      return records.transform { rdd in
        try append(try rdd.collect().map { "\($0)\n" }.joined(), to: side)
        return rdd
      }
    case "parse":
      let parsed = records.parse { record in
        guard !record.hasSuffix("0") else { throw TortureError("it ends with 0") }
        return record
      }
      parsed.rejected.map { "\($0.record)" }.saveAsTextFiles("\(folder)/out/rejected")
      return parsed.accepted
    case "window": return records.window(.seconds(20)).map { ($0, 1) }.reduceByKey(+).map { Text("\($0.0) \($0.1)") }
    case "reduceByKeyAndWindow":
      return counted.reduceByKeyAndWindow(+, window: .seconds(20), slide: .seconds(1)).map { Text("\($0.0) \($0.1)") }
    case "reduceByKeyAndWindow with an inverse":
      return counted.reduceByKeyAndWindow(+, inverse: -, window: .seconds(20), slide: .seconds(1))
        .map { Text("\($0.0) \($0.1)") }
    case "updateStateByKey":
      return counted.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
        .map { Text("\($0.0) \($0.1)") }
    case "mapWithState":
      let spec = StateSpec.function { (_: Text, one: Int?, state: State<Int>) in
        try state.update((state.getOption() ?? 0) + (one ?? 0))
        return 0
      }
      return counted.mapWithState(spec).stateSnapshots().map { Text("\($0.0) \($0.1)") }
    default: throw TortureError("There is no operation '\(operation)'.")
    }
  }

  // MARK: Sinks

  private func output(_ records: DStream<Text>) throws {
    let out = "\(folder)/out"
    let side = "\(folder)/side"
    // The records that have come at all, for `runBatches`.
    let seen = "\(folder)/seen"
    if isReceived { records.foreachRDD { try append(try $0.collect().map { "\($0)\n" }.joined(), to: seen) } }
    switch sink {
    case "saveAsTextFiles": records.saveAsTextFiles("\(out)/batch")
    case "saveAsObjectFiles": records.saveAsObjectFiles("\(out)/batch")
    case "pprint": records.pprint(100)
    case "foreachRDD":
      records.foreachRDD { rdd in
        try rdd.foreachPartition { records in for record in records { try append("\(record)\n", to: side) } }
      }
    case "foreachRDD, a transaction for each partition":
      let isFailing = point == "failing in the sink"
      records.foreachRDD { rdd, time in
        try rdd.foreachPartition { records in
          // The rows and the note of the batch and the partition are one file, which becomes visible when it is
          // complete.
          let path = "\(out)/\(time.milliseconds)-\(TaskContext.current?.partitionID ?? 0)"
          guard try !Folder.nameIsTaken(path) else { return }
          let file = try DurableFile(path: path)
          for record in records {
            if isFailing && record.hasPrefix("2-") { throw TortureError("the sink at \(record)") }
            try file.write(Array("\(record)\n".utf8))
          }
          try file.publish()
        }
      }
    case "write(to:)", "write(to:byPartition:)":
      records.write(
        to: PartFiles(folder: out, isFailing: point == "failing in the sink"),
        byPartition: sink.hasSuffix("byPartition:)"))
    case "write(to:byPartition:), each batch at once":
      records.write(
        to: PartFolders(
          folder: out, isFailing: point == "failing in the sink", isKilled: point == "between parts and batch"),
        byPartition: true)
    case _ where sink.hasPrefix("DatabaseSink "):
      let database = try Database(String(sink.dropFirst("DatabaseSink ".count)))
      try database.execute("CREATE TABLE IF NOT EXISTS records (record text)")
      try records.write(to: DatabaseSink(database, table: "records", column: "record"))
    case "saveAsTable":
      try session(records.context.sparkContext, folder)
      records.saveAsTable("records", "record")
    case "foreachRDD, idempotent by time and partition":
      records.foreachRDD { rdd, time in
        try rdd.foreachPartition { records in
          let partition = TaskContext.current?.partitionID ?? 0
          var text = ""
          for record in records { text += "\(record)\n" }
          let file = try DurableFile(path: "\(out)/\(time.milliseconds)-\(partition)")
          try Array(text.utf8).withUnsafeBytes { try file.write($0) }
          try file.publish()
        }
      }
    case "saveAsTextFile of RDD":
      records.foreachRDD { rdd, time in try rdd.saveAsTextFile("\(out)/batch-\(time.milliseconds)") }
    default: throw TortureError("There is no sink '\(sink)'.")
    }
  }
}

/// The groups that have been supplied; an offset is the number of a group.
private struct GivenGroups: ReplayableSource {
  let folder: String

  func latest(after offset: Int?) throws -> Int? { try Folder.names(folder).compactMap { Int($0) }.max() }

  func rdd(after offset: Int?, through last: Int, in context: MartletContext) -> RDD<Text> {
    context.parallelize(((offset ?? 0) + 1...last).flatMap(Feed.group), 2)
  }
}

/// Writes each part to a file that becomes visible when it is complete, and is the note that the part exists.
struct PartFiles: Sink {
  let folder: String
  var isFailing = false

  func begin(_ part: BatchPart) throws -> Writer? {
    let path = "\(folder)/\(part.time.milliseconds)-\(part.partition)"
    return try Folder.nameIsTaken(path) ? nil : Writer(file: try DurableFile(path: path), isFailing: isFailing)
  }

  struct Writer: SinkWriter {
    let file: DurableFile
    let isFailing: Bool

    func write(_ record: Text) throws {
      if isFailing && record.hasPrefix("2-") { throw TortureError("the sink at \(record)") }
      try file.write(Array("\(record)\n".utf8))
    }

    func commit() throws { try file.publish() }
  }
}

/// Writes each part to a file, and makes the files of a batch appear by renaming their folder.
private struct PartFolders: Sink {
  let folder: String
  let isFailing: Bool
  /// True if the process is killed when the parts of the second group are complete.
  let isKilled: Bool

  private func path(_ batch: SinkBatch) -> String { "\(folder)/batch-\(batch.time.milliseconds)" }
  private func staged(_ batch: SinkBatch) -> String { "\(folder)/.staged-\(batch.time.milliseconds)" }

  func begin(_ batch: SinkBatch) throws -> Bool {
    guard try !Folder.nameIsTaken(path(batch)) else { return false }
    try Folder.remove(staged(batch))
    try Folder.create(staged(batch))
    return true
  }

  func begin(_ part: BatchPart) throws -> PartFiles.Writer? {
    let path = "\(staged(part.batch))/part-\(part.partition)"
    return PartFiles.Writer(file: try DurableFile(path: path), isFailing: isFailing)
  }

  func commit(_ batch: SinkBatch, parts: [BatchPart]) throws {
    if isKilled, !parts.isEmpty, try Folder.names(folder).contains(where: { $0.hasPrefix("batch-") }) {
      kill(getpid(), SIGKILL)
      while true { pause() }
    }
    try Folder.publish(staged(batch), as: path(batch))
  }
}

/// Supplies the records of a group to a source.
final class Feed: Sendable {
  private let waiting = Mutex<[String]>([])
  private let server = Mutex<LoopbackServer?>(nil)

  /// The bytes of each record, with its line feed.
  static let recordBytes = 4

  static func group(_ number: Int) -> [Text] { (0..<4).map { Text("\(number)-\($0)") } }

  func give(_ number: Int, _ delivery: Delivery) throws {
    let lines = Self.group(number).map { "\($0)\n" }.joined()
    waiting.withLock { $0.append(lines) }
    let hidden = "\(delivery.folder)/.group"
    try Folder.remove(hidden)
    try SystemFile.create(hidden).write(Array(lines.utf8))
    // A name that is younger than the contents distinguishes it from a file that is still being written.
    let old = [timeval](repeating: timeval(tv_sec: 1_000_000_000, tv_usec: 0), count: 2)
    guard utimes(hidden, old) == 0 else { throw TortureError("utimes: errno \(errno).") }
    try Folder.rename(hidden, to: "\(delivery.folder)/in/\(number)")
  }

  /// Removes the next group, if it has been supplied.
  func take() -> String? { waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() } }

  /// The records of all groups, in a sequence that waits for them.
  func records() -> AsyncStream<Text> {
    AsyncStream { continuation in
      let task = Task { [self] in
        while !Task.isCancelled {
          for line in (take() ?? "").split(separator: "\n") { continuation.yield(Text(String(line))) }
          try await Task.sleep(for: .milliseconds(1))
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  /// Listens on the port of the previous run, or on a free one, and sends each group once.
  func serve(_ folder: String, inBlocks: Bool) throws -> Int {
    let note = "\(folder)/port"
    let server = try LoopbackServer(port: Int(fileContent(note)) ?? 0) { [self] connection in
      while true {
        guard let lines = take() else {
          usleep(1000)
          continue
        }
        guard inBlocks ? connection.send(block: lines) : connection.send(lines) else { return }
      }
    }
    self.server.withLock { $0 = server }
    try Folder.remove(note)
    try SystemFile.create(note).write(Array("\(server.port)".utf8))
    return server.port
  }
}

/// Stores records one by one.
private final class PlainReceiver: Receiver<Text>, @unchecked Sendable {
  private let feed: Feed

  init(_ feed: Feed) { self.feed = feed }

  override func onStart() throws {
    while !isStopped {
      for line in (feed.take() ?? "").split(separator: "\n") { store(Text(String(line))) }
      usleep(1000)
    }
  }
}

/// Stores records one by one, with Swift's concurrency.
private struct FeedReceiver: StreamReceiver {
  let feed: Feed

  func receive(into stream: StreamInput<Text>) async throws {
    while !Task.isCancelled {
      for line in (feed.take() ?? "").split(separator: "\n") { await stream.store(Text(String(line))) }
      try await Task.sleep(for: .milliseconds(1))
    }
  }
}

/// Takes groups from a folder in the role of a broker: a group that has not been acknowledged is sent again.
private final class ReliableReceiver: Receiver<Text>, @unchecked Sendable {
  private let folder: String
  /// The group that is not acknowledged.
  private let leavesOut: Int?

  init(_ folder: String, leavesOut: Int?) {
    self.folder = folder
    self.leavesOut = leavesOut
  }

  override func onStart() throws {
    var number = 1
    while !isStopped {
      if try Folder.nameIsTaken("\(folder)/acknowledged-\(number)") {
        number += 1
      } else if try Folder.nameIsTaken("\(folder)/\(number)") {
        guard store(contentsOf: Feed.group(number)) else { return }
        if number != leavesOut { _ = try SystemFile.create("\(folder)/acknowledged-\(number)") }
        number += 1
      } else {
        usleep(1000)
      }
    }
  }
}

/// The text of a file; empty if there is none.
private func fileContent(_ path: String) -> String {
  guard let bytes = try? SystemFile.read(path).readAll() else { return "" }
  return String(decoding: bytes.bytes, as: UTF8.self)
}

/// Appends text to a file: the text survives a kill of the process.
private func append(_ text: String, to path: String) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
  guard descriptor >= 0 else { throw TortureError("Cannot open '\(path)': errno \(errno).") }
  defer { close(descriptor) }
  let bytes = Array(text.utf8)
  guard write(descriptor, bytes, bytes.count) == bytes.count else { throw TortureError("Cannot write '\(path)'.") }
}
