import ArgumentParser
import Martlet
import MartletTesting
import Measuring
import Synchronization

/// The ten most frequent hashtags of a sliding window, as fast as the slides can be computed.
struct WindowsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "windows", abstract: "Counts hashtags over windows of files.")

  enum Kind: String, CaseIterable, ExpressibleByArgument {
    /// The batches alone, without a window, for comparison.
    case batches
    /// `window`, then `reduceByKey`: every window is computed from its elements.
    case recomputed
    /// `reduceByKeyAndWindow` with one function.
    case merged
    /// `reduceByKeyAndWindow` with an inverse.
    case inverse
  }

  @Argument(help: "A folder of files of lines such as 'milliseconds<TAB>text with #tags', one file for each slide.")
  var folder: String
  @Option(help: "The way in which a window is computed.") var kind = Kind.merged
  @Option(help: "The number of slides in a window.") var window = 3
  @Option(help: "The number of slides to run; after the last file, the first follows again.") var slides = 90
  @Option(help: "The number of slides to run first, without measuring.") var warmUp = 60
  @Option(help: "Worker threads.") var threads = 2

  func run() throws {
    let context = MartletContext(master: "local[\(threads)]", appName: "windows")
    let files = try files(inFolder: folder)
    let test = TestStreamingContext(context, batchInterval: .seconds(1))
    test.context.removeStreamingListener(test.events)
    let queue = RDDQueue<Text>()
    for slide in 0..<warmUp + slides {
      queue.append(context.textFile(files[slide % files.count], minPartitions: threads))
    }
    let words = test.context.queueStream(queue).flatMap { line -> TextSplit in
      var fields = line.split(separator: "\t")
      _ = fields.next()
      return (fields.next() ?? "").split(separator: " ")
    }
    let tags = words.filter { $0.hasPrefix("#") }.map { ($0, 1) }
    let length = Duration.seconds(window)
    let counts =
      switch kind {
      case .batches: tags.reduceByKey(+)
      case .recomputed: tags.window(length).reduceByKey(+)
      case .merged: tags.reduceByKeyAndWindow(+, length)
      case .inverse: tags.reduceByKeyAndWindow(+, -, length) { $0.1 > 0 }
      }
    let top = Mutex<[(Text, Int)]>([])
    counts.foreachRDD { rdd in
      let best = try rdd.takeOrdered(10) { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }
      top.withLock { $0 = best }
    }
    try test.start()
    try test.runBatches(warmUp)
    let stopwatch = Stopwatch()
    try test.runBatches(slides)
    let seconds = stopwatch.seconds, cpu = stopwatch.cpuSeconds
    test.stop(stopContext: false)
    let lines = try (warmUp..<warmUp + slides).reduce(0) { try $0 + context.textFile(files[$1 % files.count]).count() }
    printResult(
      "windows",
      [
        "kind": kind.rawValue, "window": window, "slides": slides, "lines": lines,
        "slide_ms": Decimal(seconds * 1e3 / Double(slides), places: 2),
        "cpu_ms": Decimal(cpu * 1e3 / Double(slides), places: 2),
        "klines/cpu-s": Decimal(Double(lines) / 1e3 / cpu, places: 0),
        "top": top.withLock { $0.map { "\($0.0):\($0.1)" }.joined(separator: ",") },
      ])
    printProcess()
  }
}
