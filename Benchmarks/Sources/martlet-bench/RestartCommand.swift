import ArgumentParser
import Martlet
import Measuring
import Synchronization

/// A program with many keys of state and a checkpoint, to be killed and started again.
///
/// The keys take turns: a batch has values for some of them, and after a fixed number of batches, a rotation, for the
/// same again. The value is the number of the batch, and the state of a key is its last value. So each result shows how
/// many batches ago its key had its turn, and a batch that was lost or counted twice shows in the results themselves.
struct RestartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart", abstract: "Holds many keys with a checkpoint, to be killed and started again.")

  @Argument(help: "The folder of the checkpoint, from which the program continues if it exists.") var folder: String
  @Option(help: "The number of keys with a state.") var held = 1_000_000
  @Option(help: "The number of keys for which a batch has values.") var touched = 10_000
  @Option(help: "The batch interval, in milliseconds.") var interval = 20
  @Option(help: "The number of batches to run.") var batches = 10_000
  @Option(help: "Threads.") var threads = 2

  private struct Outcome {
    var batches = 0
    /// Results for keys that had no state.
    var new = 0
    /// Results of batches that were lost or counted twice.
    var wrong = 0
    var holdsAll = false
    var isCaughtUp = false
  }

  func run() async throws {
    let began = Readings.microsecondsSince1970
    let rotation = held / touched
    guard rotation * touched == held else { throw ValidationError("--held must be a multiple of --touched.") }
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    let outcome = Mutex(Outcome())
    let ssc = StreamingContext.getOrCreate(folder) {
      let ssc = StreamingContext(
        master: "local[\(threads)]", appName: "restart", batchInterval: .milliseconds(interval))
      turnsAgo(ssc).foreachRDD { [touched, batches] rdd, time in
        let turns = try rdd.collect()
        let new = turns.count { $0 == nil }
        let wrong = turns.count { $0 != nil && $0 != rotation } + abs(turns.count - touched)
        let (before, after) = outcome.withLock { outcome in
          let before = outcome
          outcome.batches += 1
          outcome.new += new
          outcome.wrong += wrong
          outcome.holdsAll = new == 0
          outcome.isCaughtUp = time.microseconds >= began
          return (before, outcome)
        }
        if before.batches == 0 {
          printResult("first-result", ["new": new, "cpu_ms": Decimal(Readings.cpuSeconds * 1e3, places: 1)])
        }
        if after.isCaughtUp && !before.isCaughtUp { printResult("caught-up", ["batches": after.batches]) }
        if after.holdsAll && !before.holdsAll { printResult("all-held", ["batches": after.batches]) }
        if after.batches == batches { end.yield() }
      }
      return ssc
    }
    try ssc.start()
    printResult("started", ["held": held])
    _ = await ends.first { _ in true }
    await ssc.stop()
    let total = outcome.withLock { $0 }
    printResult("restart", ["batches": total.batches, "new": total.new, "wrong": total.wrong])
    printProcess()
  }

  /// The number of batches since the last turn of each key of a batch; `nil` at its first.
  private func turnsAgo(_ ssc: StreamingContext) -> DStream<Int?> {
    let rotation = held / touched
    let spec = StateSpec.function { (key: Text, turn: Int?, state: State<Int>) -> Int? in
      guard let turn else { return nil }
      let last = state.getOption()
      try state.update(turn)
      return last.map { turn - $0 }
    }
    return ssc.constantStream(ssc.sparkContext.emptyRDD(of: Int.self))
      .transform { [interval, touched, threads] rdd, time in
        let turn = time.milliseconds / interval
        let first = turn % rotation * touched
        return rdd.context.range(first, first + touched, numSlices: threads).map { (heldKey($0), turn) }
      }
      .mapWithState(spec)
      .name("turns")
  }
}
