import ArgumentParser
import Martlet
import MartletTesting
import Measuring
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a batch costs when states are held for many keys.
///
/// The clock is moved by hand, and a batch is measured from its tick to its end, so that nothing but the batch counts. The
/// keys of a batch lie ready as texts of 12 bytes.
struct StateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "state", abstract: "Runs batches of mapWithState and updateStateByKey over many held keys.")

  @Option(help: "How many keys have a state.") var held = 1_000_000
  @Option(help: "How many of them a batch has values for.") var touched = 10_000
  @Option(help: "How many batches to measure.") var batches = 200
  @Option(help: "Threads.") var threads = 2
  @Option(help: "Which operator: mapWithState or updateStateByKey.") var operation = "mapWithState"
  @Option(help: "Where to keep a checkpoint; none is kept if this is not given.") var checkpoint: String?
  @Flag(help: "Keys time out after a million batches.") var timeout = false
  @Flag(help: "Ends as kill -9 does, when the batches are done.") var killed = false
  @Flag(help: "Goes on with a checkpoint of the same settings, and tells when the first batch after that is done.")
  var restarted = false

  func run() throws {
    switch operation {
    case "mapWithState":
      try measure { pairs in
        let spec = StateSpec.function { (key: Text, value: Int?, state: State<Int>) in
          let sum = (state.getOption() ?? 0) + (value ?? 0)
          try state.update(sum)
          return sum
        }
        return pairs.mapWithState(timeout ? spec.timeout(.seconds(1_000_000)) : spec)
      }
    case "updateStateByKey":
      try measure { pairs in
        pairs.updateStateByKey { (values, sum: Int?) in
          var sum = sum ?? 0
          for value in values { sum += value }
          return sum
        }
      }
    default: throw ValidationError("'\(operation)' is neither mapWithState nor updateStateByKey.")
    }
  }

  private func measure<Result: Sendable>(_ operation: (DStream<(Text, Int)>) -> DStream<Result>) throws {
    let begin = Stopwatch()
    let before = Readings.residentMegabytes
    let test = TestStreamingContext(master: "local[\(threads)]")
    if let checkpoint { test.context.checkpoint(checkpoint) }
    // Made anew by the program for each batch: what is measured is the state, not an input that writes its elements down.
    let batch = Mutex<[(Text, Int)]>([])
    let input = test.context.constantStream(test.context.sparkContext.emptyRDD(of: Int.self))
      .transform { [threads] rdd -> RDD<(Text, Int)> in rdd.context.parallelize(batch.withLock { $0 }, threads) }
    let counted = Atomic<Int>(0)
    operation(input).foreachRDD { counted.store(try $0.count(), ordering: .relaxed) }
    if restarted {
      batch.withLock { $0 = keys(0..<touched) }
      let described = begin.seconds
      // It was killed behind the batches that filled the state, an empty one, and those that were measured.
      test.clock.advance(by: .seconds(11 + batches))
      try test.start()
      let started = begin.seconds
      try test.runBatch()
      printResult(
        "restart",
        [
          "operation": self.operation, "held": held, "threads": threads,
          "described_ms": Decimal(described * 1000, places: 1), "started_ms": Decimal(started * 1000, places: 1),
          "first_result_ms": Decimal(begin.seconds * 1000, places: 1),
          "cpu_ms": Decimal(begin.cpuSeconds * 1000, places: 1),
          "resident_bytes_per_key": Decimal((Readings.residentMegabytes - before) * 1e6 / Double(held), places: 1),
          "results": counted.load(ordering: .relaxed),
        ])
      test.stop()
      return
    }
    try test.start()
    // Filled in batches of a tenth, as a stream would.
    for part in 0..<10 {
      batch.withLock { $0 = keys(held * part / 10..<held * (part + 1) / 10) }
      try test.runBatch()
    }
    batch.withLock { $0 = [] }
    try test.runBatch()
    let resident = Readings.residentMegabytes
    var random = SplitMix(state: 7)
    var milliseconds: [Double] = []
    for _ in 0..<batches {
      let next = (0..<touched).map { _ in (key(Int.random(in: 0..<held, using: &random)), 1) }
      batch.withLock { $0 = next }
      let stopwatch = Stopwatch()
      try test.runBatch()
      milliseconds.append(stopwatch.seconds * 1000)
    }
    let steady = Readings.residentMegabytes
    if !killed { test.stop() }
    printResult(
      "state",
      [
        "operation": self.operation, "held": held, "touched": touched, "threads": threads,
        "checkpoint": checkpoint == nil ? "no" : "yes",
        "batch_p50_ms": Decimal(milliseconds.median, places: 3),
        "batch_p99_ms": Decimal(milliseconds.quantile(0.99), places: 3),
        "batch_max_ms": Decimal(milliseconds.quantile(1), places: 3),
        "resident_bytes_per_key": Decimal((resident - before) * 1e6 / Double(held), places: 1),
        "steady_bytes_per_key": Decimal((steady - before) * 1e6 / Double(held), places: 1),
        "results": counted.load(ordering: .relaxed),
      ])
    if killed { kill(getpid(), SIGKILL) }
  }

  private func keys(_ numbers: Range<Int>) -> [(Text, Int)] { numbers.map { (key($0), 1) } }

  /// 12 bytes, without a pattern that hashing could profit from.
  private func key(_ number: Int) -> Text {
    var digits = Array("k00000000000".utf8)
    var left = number
    var place = digits.count - 1
    while left > 0 {
      digits[place] = UInt8(48 + left % 10)
      left /= 10
      place -= 1
    }
    return Text(String(decoding: digits, as: UTF8.self))
  }
}
