import ArgumentParser
import Martlet
import Measuring
import Synchronization

/// Counts the words that a feeder sends, from the start of sending to the result that completes the count.
struct SocketCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "socket", abstract: "Counts words as they come from a socket.")

  @OptionGroup var feeder: Feeder
  @Option(help: "The number of words that the feeder sends.") var words: Int
  @Option(help: "The number of bytes that the feeder sends.") var bytes: Int
  @Option(help: "The batch interval, in milliseconds.") var interval = 100
  @Option(help: "The number of threads, of which the receiver takes one.") var threads = 3
  @Option(help: "The MiB that the receiver may hold; by default as the interval requires.") var buffer = 0

  @Option(help: "A folder for a checkpoint, which must not exist; with a checkpoint, the receiver writes a log.")
  var checkpoint: String?
  @Flag(help: "Turns off the receiver's log.") var withoutLog = false

  func run() async throws {
    var conf = MartletConf().setMaster("local[\(threads)]").setAppName("socket")
      .set(ReceiverSetting.writeAheadLogKey, "\(!withoutLog)")
    if buffer > 0 { conf = conf.set(StreamingContext.receiverBufferKey, "\(buffer << 20)") }
    let ssc = StreamingContext(conf: conf, batchInterval: .milliseconds(interval))
    if let checkpoint { ssc.checkpoint(checkpoint) }
    let counted = Mutex(0)
    let wanted = words
    let (results, result) = AsyncStream.makeStream(of: Int.self)
    ssc.socketTextStream("127.0.0.1", try feeder.requiredPort())
      .flatMap { $0.split(separator: " ") }
      .map { ($0, 1) }
      .reduceByKey(+)
      .foreachRDD { counts, _ in
        let words = try counts.collect().reduce(0) { $0 + $1.1 }
        let total = counted.withLock { counted in
          counted += words
          return counted
        }
        if total >= wanted { result.yield(Readings.microsecondsSince1970) }
      }
    try ssc.start()
    guard let ended = await results.first(where: { _ in true }) else { return }
    await ssc.stop()

    let seconds = Double(ended - (try feeder.beganAt())) / 1e6
    printResult(
      "socket",
      [
        "interval_ms": interval, "words": counted.withLock { $0 }, "sec": Decimal(seconds, places: 4),
        "MB/s": Decimal(Double(bytes) / 1e6 / seconds, places: 1),
      ])
    printProcess()
  }
}
