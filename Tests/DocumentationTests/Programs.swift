// The Swift code of the Markdown files, compiled. `MarkdownTests` checks that every block is in this folder, line by
// line; the functions around them are never called.

import Foundation
import Martlet

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

func firstProgram() async throws {
  let ssc = StreamingContext(master: "local[2]", appName: "NetworkWordCount", batchInterval: .seconds(1))
  let lines = ssc.socketTextStream("localhost", 9999)
  let words = lines.flatMap { $0.split(separator: " ") }
  let pairs = words.map { ($0, 1) }
  let wordCounts = pairs.reduceByKey(+)
  wordCounts.pprint()
  try ssc.start()
  try await ssc.awaitTermination()
}

func firstProgramInShort(_ ssc: StreamingContext) throws {
  let lines = ssc.socketTextStream("localhost", 9999)
  lines.flatMap { $0.split(separator: " ") }.map { ($0, 1) }.reduceByKey(+).pprint()
  try ssc.start()
}

func settings() -> StreamingContext {
  let conf = MartletConf().setMaster("local[4]").setAppName("Clicks")
    .set(.blockInterval, to: .milliseconds(500))
    .set(.memoryBytes, to: 2 << 30)
  let ssc = StreamingContext(conf: conf, batchInterval: .seconds(1))
  return ssc
}

func settingsAsText() -> MartletConf {
  let conf = MartletConf().set("martlet.memory.bytes", "2147483648").set("spark.streaming.blockInterval", "500ms")
  return conf
}

func cleaning(_ ssc: StreamingContext, _ wordCounts: DStream<(Text, Int)>) -> DStream<(Text, Int)> {
  let stopWords = ssc.sparkContext.textFile("stop-words.txt").map { ($0, true) }.cache()
  let cleaned = wordCounts.transform { counts in
    counts.leftOuterJoin(stopWords).filter { (word, pair) in pair.1 == nil }.map { (word, pair) in (word, pair.0) }
  }
  return cleaned
}

func programWithACheckpoint() async throws {
  let ssc = StreamingContext.getOrCreate("checkpoint") {
    let ssc = StreamingContext(appName: "Totals", batchInterval: .seconds(1))
    let words = ssc.textFileStream("in").flatMap { $0.split(separator: " ") }.map { ($0, 1) }
    words.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }.saveAsTextFiles("out/totals")
    return ssc
  }
  try await ssc.run()
}

struct Connection {
  func send(_ line: String) throws {}
  func close() {}
}

func connect() throws -> Connection { Connection() }

func passingOn(_ wordCounts: DStream<(Text, Int)>) {
  wordCounts.foreachRDD { rdd, time in
    try rdd.foreachPartition { records in
      let connection = try connect()
      defer { connection.close() }
      for (word, count) in records { try connection.send("\(time.milliseconds) \(word) \(count)") }
    }
  }
}

struct Reading {
  let sensor: Text
  let pressure: Double

  init(_ line: Text) throws {
    sensor = line
    pressure = 0
  }
}

func settingAside(_ lines: DStream<Text>) {
  let readings = lines.parse { line in try Reading(line) }
  readings.accepted.map { ($0.sensor, $0.pressure) }.reduceByKey { min($0, $1) }.pprint()
  readings.rejected.saveAsTextFiles("rejected/readings")
}

func running(_ ssc: StreamingContext) async throws {
  let report = try await ssc.run(for: .seconds(30))
  print("Processed \(report).")
}

func stopping(_ ssc: StreamingContext) async throws {
  try ssc.start()
  let isOver = try await ssc.awaitTerminationOrTimeout(.seconds(60))
  if !isOver { await ssc.stop(stopContext: false, gracefully: true) }
}

func catching(_ ssc: StreamingContext) async throws {
  do {
    try await ssc.run()
  } catch let failure as BatchFailure {
    print("Failed at \(failure.batchTime): \(failure.underlying)")
  }
}

func sources(_ ssc: StreamingContext) {
  let samples = ssc.socketStream("localhost", 9999) { input in
    try input.read(exactly: 4).map { $0.reduce(0) { $0 << 8 | Int($1) } }
  }
  samples.pprint()
  let log = ssc.textFileStream("/data/incoming")
  log.filter { $0.hasPrefix("ERROR") }.pprint()
  let queue = RDDQueue<Int>()
  queue.append(ssc.sparkContext.parallelize(1...100))
  ssc.queueStream(queue).reduce(+).pprint()
  ssc.receiverStream(Ticker(interval: .milliseconds(10))).count().pprint()
}

struct OrderTable {
  func lastNumber() throws -> Int { 0 }
  func rows(after first: Int, through last: Int) throws -> [Order] { [] }
}

struct Orders: ReplayableSource {
  let table: OrderTable

  func latest(after offset: Int?) throws -> Int? {
    // At most 10,000 rows for each batch.
    // Not before `offset`, even if rows have been deleted.
    max(offset ?? 0, min(try table.lastNumber(), (offset ?? 0) + 10_000))
  }

  func rdd(after offset: Int?, through last: Int, in context: MartletContext) throws -> RDD<Order> {
    context.parallelize(try table.rows(after: offset ?? 0, through: last))
  }
}

struct Squares: PartitionedSource {
  let count: Int

  func partitions() -> [Range<Int>] { [0..<count / 2, count / 2..<count] }

  func makeReader(_ partition: Range<Int>) -> Reader { Reader(left: partition) }

  struct Reader: PartitionReader {
    var left: Range<Int>

    mutating func read(into writer: inout ElementWriter<Int>) -> Bool {
      while !writer.isFull, let number = left.popFirst() { writer.append(number * number) }
      return !left.isEmpty
    }
  }
}

func sourcesOfOnesOwn(_ ssc: StreamingContext, _ table: OrderTable) throws {
  ssc.stream(from: Orders(table: table)).name("orders").count().pprint()
  let sc = ssc.sparkContext
  let sum = try sc.rdd(from: Squares(count: 1_000)).sum()
  print(sum)
}

struct Ticker: StreamReceiver {
  let interval: Duration

  func receive(into stream: StreamInput<Int>) async throws {
    var n = 0
    while !Task.isCancelled {
      await stream.store(n)
      n += 1
      try await Task.sleep(for: interval)
    }
  }
}

struct Order: Codable {}

struct Client {
  func subscribe(_ topic: String) async throws -> AsyncStream<Double> { AsyncStream { nil } }
}

func sequences(_ ssc: StreamingContext, _ client: Client) {
  let (orders, continuation) = AsyncStream.makeStream(of: Order.self, bufferingPolicy: .bufferingOldest(1000))
  ssc.stream(of: orders).count().pprint()
  ssc.stream { try await client.subscribe("prices") }.pprint()
  continuation.finish()
}

struct CountFiles: Sink {
  let folder: String

  func begin(_ part: BatchPart) throws -> Writer? {
    let path = "\(folder)/\(part.time.milliseconds)-\(part.partition).csv"
    return FileManager.default.fileExists(atPath: path) ? nil : Writer(path: path)
  }

  struct Writer: SinkWriter {
    let path: String
    var lines = ""

    mutating func write(_ count: (Text, Int)) { lines += "\(count.0),\(count.1)\n" }

    func commit() throws { try lines.write(toFile: path, atomically: true, encoding: .utf8) }
  }
}

struct CountFolders: Sink {
  let folder: String

  private func path(_ batch: SinkBatch) -> URL { URL(filePath: "\(folder)/\(batch.time.milliseconds)") }
  private func hidden(_ batch: SinkBatch) -> URL { URL(filePath: "\(folder)/.\(batch.time.milliseconds)") }

  func begin(_ batch: SinkBatch) throws -> Bool {
    if FileManager.default.fileExists(atPath: path(batch).path) { return false }  // an earlier run has committed it
    try? FileManager.default.removeItem(at: hidden(batch))  // the parts of an earlier run
    try FileManager.default.createDirectory(at: hidden(batch), withIntermediateDirectories: true)
    return true
  }

  func begin(_ part: BatchPart) -> CountFiles.Writer? {
    CountFiles.Writer(path: "\(hidden(part.batch).path)/\(part.partition).csv")
  }

  func commit(_ batch: SinkBatch, parts: [BatchPart]) throws {
    try FileManager.default.moveItem(at: hidden(batch), to: path(batch))
  }

  func abort(_ batch: SinkBatch) { try? FileManager.default.removeItem(at: hidden(batch)) }
}

func passingOnOnce(_ wordCounts: DStream<(Text, Int)>) {
  wordCounts.write(to: CountFiles(folder: "counts"))
}

func goingOn() throws {
  let ssc = StreamingContext.getOrCreate("checkpoint") {
    let ssc = StreamingContext(appName: "Totals", batchInterval: .seconds(1))
    let words = ssc.textFileStream("in").flatMap { $0.split(separator: " ") }.map { ($0, 1) }
    words.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
      .name("totals")
      .saveAsTextFiles("out/totals")
    return ssc
  }
  try ssc.start()
}

func linesOfJSON(_ lines: DStream<Text>) {
  struct Tweet: Codable { var id: Int, user: Text, text: Text, likes: Int? }

  let tweets = lines.parseJSON(as: Tweet.self)
  tweets.accepted.filter { ($0.likes ?? 0) > 100 }.map { "\($0.user): \($0.text)" }.pprint()
  tweets.rejected.saveAsTextFiles("rejected/tweets")
}

func linesOfJSONWithSettings(_ lines: DStream<Text>) {
  struct Event: Codable { var userName: String, time: Date }
  let decoder = JSONRecordDecoder(keys: .convertFromSnakeCase, dates: .millisecondsSince1970)
  let events = lines.parseJSON(as: Event.self, with: decoder)
  events.accepted.pprint()
}
