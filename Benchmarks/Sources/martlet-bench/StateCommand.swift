import ArgumentParser
import Measuring

/// The cost of a batch when states are held for many keys.
struct StateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "state", abstract: "Runs batches of mapWithState and updateStateByKey over many held keys.")

  @Option(help: "The number of keys with a state.") var held = 1_000_000
  @Option(help: "The number of keys for which a batch has values.") var touched = 10_000
  @Option(help: "The number of batches to run first, until the garbage of the filling is cleared.") var warmUp = 50
  @Option(help: "The number of batches to measure.") var batches = 200
  @Option(help: "Threads.") var threads = 2
  @Option(help: "Which operator.") var operation = StatefulOperation.mapWithState
  @Option(help: "The folder of a checkpoint; without it, there is none.") var checkpoint: String?
  @Flag(help: "Lets keys time out after a million batches.") var timeout = false

  func run() throws {
    let before = Readings.residentMegabytes
    let program = try StateProgram(operation, threads: threads, checkpoint: checkpoint, timesOut: timeout)
    try program.fill(held)
    let resident = Readings.residentMegabytes
    var random = SplitMix(seed: 7)
    let milliseconds = try (0..<warmUp + batches).map { _ in
      try program.runBatch((0..<touched).map { _ in Int.random(in: 0..<held, using: &random) })
    }.dropFirst(warmUp)
    let results = program.resultCount
    try program.verify(held)
    program.stop()
    printResult(
      "state",
      [
        "operation": operation.rawValue, "held": held, "touched": touched, "threads": threads,
        "checkpoint": checkpoint == nil ? "no" : "yes",
        "batch_p50_ms": Decimal(milliseconds.median, places: 3),
        "batch_p99_ms": Decimal(milliseconds.quantile(0.99), places: 3),
        "batch_max_ms": Decimal(milliseconds.quantile(1), places: 3),
        "resident_bytes_per_key": Decimal((resident - before) * 1e6 / Double(held), places: 1),
        "results": results,
      ])
    printProcess()
  }
}
