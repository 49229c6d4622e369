import ArgumentParser
import Measuring
import SyncCounter

/// The time that a checkpoint adds to a batch.
///
/// Two programs, one without a checkpoint, run the same batches in turn; the difference of the two times is what the
/// checkpoint adds to that batch. After each batch, as many bytes as it has logged are written to a file and
/// synchronized: the time that the machine needs for that alone.
struct CheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Runs the same batches with and without a checkpoint.")

  @Argument(
    help: "A folder for the checkpoint, which must not exist. A file FOLDER.bare is created, and removed at the end.")
  var folder: String
  @Option(help: "The number of keys with a state.") var held = 1_000_000
  @Option(help: "The number of keys for which a batch has values.") var touched = 10_000
  @Option(help: "The number of batches to run first, until the garbage of the filling is cleared.") var warmUp = 50
  @Option(help: "The number of batches to measure.") var batches = 300
  @Option(help: "The number of threads of each program.") var threads = 2
  @Option(help: "Which operator.") var operation = StatefulOperation.mapWithState
  @Flag(help: "Also prints every batch.") var each = false

  private struct Batch {
    var without: Double
    var with: Double
    var bare: Double
    var syncs: Int
    var inSyncs: Double
    var bytes: Int

    var added: Double { with - without }

    func print() {
      printResult(
        "batch",
        [
          "without_ms": Decimal(without, places: 3), "with_ms": Decimal(with, places: 3), "syncs": syncs,
          "in_syncs_ms": Decimal(inSyncs, places: 3), "logged_kb": Decimal(Double(bytes) / 1e3, places: 1),
          "bare_ms": Decimal(bare, places: 3),
        ])
    }
  }

  func run() throws {
    let without = try StateProgram(operation, threads: threads, checkpoint: nil)
    let with = try StateProgram(operation, threads: threads, checkpoint: folder)
    try without.fill(held)
    try with.fill(held)
    let bare = try BareFile("\(folder).bare")
    var random = SplitMix(seed: 7)
    var measured: [Batch] = []
    for index in 0..<warmUp + batches {
      let keys = (0..<touched).map { _ in Int.random(in: 0..<held, using: &random) }
      // The order makes a difference: the second program finds the caches used by the first.
      var batch = Batch(without: 0, with: 0, bare: 0, syncs: 0, inSyncs: 0, bytes: 0)
      if index % 2 == 0 { batch.without = try without.runBatch(keys) }
      let before = (syncs: counted_syncs(), bytes: Readings.writtenBytes)
      batch.with = try with.runBatch(keys)
      let after = (syncs: counted_syncs(), bytes: Readings.writtenBytes)
      if index % 2 == 1 { batch.without = try without.runBatch(keys) }
      batch.syncs = Int(after.syncs.calls - before.syncs.calls)
      batch.inSyncs = Double(after.syncs.nanoseconds - before.syncs.nanoseconds) / 1e6
      batch.bytes = after.bytes - before.bytes
      batch.bare = try bare.synchronizedAppend(batch.bytes)
      guard index >= warmUp else { continue }
      measured.append(batch)
      if each { batch.print() }
    }
    bare.remove()
    try without.verify(held)
    try with.verify(held)
    without.stop()
    with.stop()
    report(measured)
  }

  private func report(_ batches: [Batch]) {
    let added = batches.map(\.added), inSyncs = batches.map(\.inSyncs), bare = batches.map(\.bare)
    let bytes = batches.map { Double($0.bytes) }, syncs = batches.map { Double($0.syncs) }
    printResult(
      "checkpoint",
      [
        "operation": operation.rawValue, "held": held, "touched": touched, "threads": threads, "batches": batches.count,
        "without_p50_ms": Decimal(batches.map(\.without).median, places: 3),
        "with_p50_ms": Decimal(batches.map(\.with).median, places: 3),
        "added_p50_ms": Decimal(added.median, places: 3), "added_p99_ms": Decimal(added.quantile(0.99), places: 3),
        "added_max_ms": Decimal(added.quantile(1), places: 3),
        "syncs": Decimal(syncs.reduce(0, +) / Double(syncs.count), places: 2),
        "syncs_p50": Decimal(syncs.median, places: 0),
        "syncs_max": Decimal(syncs.quantile(1), places: 0),
        "in_syncs_p50_ms": Decimal(inSyncs.median, places: 3),
        "in_syncs_p99_ms": Decimal(inSyncs.quantile(0.99), places: 3),
        "logged_p50_kb": Decimal(bytes.median / 1e3, places: 1),
        "logged_max_kb": Decimal(bytes.quantile(1) / 1e3, places: 1),
        "bare_p50_ms": Decimal(bare.median, places: 3), "bare_p99_ms": Decimal(bare.quantile(0.99), places: 3),
      ])
    printProcess()
  }
}
