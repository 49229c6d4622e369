import MartletTorture
import Martlet
import MartletStreaming
import MartletTesting
import Synchronization

/// The operation of a program with a checkpoint on its lines.
enum StatefulProgram: String {
  /// Running totals; a key is removed when it comes a third time.
  case totals
  /// Totals that time out, and all totals after each batch.
  case timeouts
  /// Counts over three batches, computed from their elements and with an inverse.
  case windows
  /// The totals of two batches, and the position of each line among those of its key.
  case history

  func setUp(_ lines: DStream<Text>, _ prefix: String) {
    let pairs = lines.map { ($0, 1) }
    switch self {
    case .totals:
      pairs.updateStateByKey { values, total in
        let sum = (total ?? 0) + values.reduce(0, +)
        return sum > 2 ? nil : sum
      }
      .map { "\($0.0) \($0.1)" }.saveAsTextFiles(prefix)
    case .timeouts:
      let spec = StateSpec.function { (key: Text, value: Int?, state: State<Int>) in
        guard let value else { return "\(key) ends with \(try state.get())" }
        try state.update((state.getOption() ?? 0) + value)
        return "\(key) \(try state.get())"
      }
      let counted = pairs.mapWithState(spec.timeout(.seconds(2)))
      counted.saveAsTextFiles(prefix)
      counted.stateSnapshots().map { "\($0.0) is \($0.1)" }.saveAsTextFiles("\(prefix)-all")
    case .windows:
      pairs.reduceByKeyAndWindow({ $0 + $1 }, .seconds(3), .seconds(1)).map { "\($0.0) \($0.1)" }
        .saveAsTextFiles(prefix)
      pairs.reduceByKeyAndWindow({ $0 + $1 }, { $0 - $1 }, .seconds(3), .seconds(1), filterFunc: { $0.1 > 0 })
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(prefix)-inverse")
    case .history:
      let totals = pairs.updateStateByKey { values, total in
        let sum = (total ?? 0) + values.reduce(0, +)
        return sum > 2 ? nil : sum
      }
      totals.map { "\($0.0) \($0.1)" }.window(.seconds(2)).saveAsTextFiles(prefix)
      let spec = StateSpec.function { (key: Text, value: Int?, state: State<Int>) in
        try state.update((state.getOption() ?? 0) + (value ?? 0))
        return (key, try state.get())
      }
      pairs.mapWithState(spec)
        .reduceByKeyAndWindow({ $0 + $1 }, { $0 - $1 }, .seconds(2), .seconds(1), filterFunc: { $0.1 > 0 })
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(prefix)-given")
    }
  }
}

/// A program with a checkpoint in `folder`, on a clock that begins at 0 with every start: files and batches come at the
/// same times as in an undisturbed run.
struct RecoverableRun {
  static let batches = 6

  let folder: String
  var takesOver = false
  var onStep: (@Sendable (BatchStep) -> Void)?

  private func context(threads: Int) -> TestStreamingContext {
    let test = TestStreamingContext(
      conf: MartletConf().setMaster("local[\(threads)]").setAppName("recoverable")
        .set(FileStreamSetting.settleKey, "0")
        // The calling thread writes the stored records itself.
        .set(ReceiverSetting.blockIntervalKey, "86400000"))
    test.context.checkpoint("\(folder)/checkpoint", options: CheckpointOptions(takeOver: takesOver))
    test.context.withCheckpointSettings { settings in
      // Every batch truncates the log.
      settings?.segmentBytes = 0
      settings?.onStep = onStep
      // Files are changed in the same order in every run.
      settings?.awaitsRemoval = true
    }
    return test
  }

  /// A program that reads the files `1`, `2` … of a folder, one with each batch.
  func start(_ program: StatefulProgram, from input: String) throws -> TestStreamingContext {
    let test = context(threads: 1)
    let clock = test.clock
    let lines = test.context.fileStream(
      input,
      filter: { path in
        guard let number = Int(path.split(separator: "/").last ?? "") else { return false }
        return number * 1000 <= clock.now.milliseconds
      }, newFilesOnly: false
    ) { sc, paths in sc.textFile(paths) }
    program.setUp(lines, "\(folder)/out/batch")
    try test.start()
    return test
  }

  /// A program that saves the lines stored by its receiver, with the number of times that each line has come.
  func startReceiver() throws -> (test: TestStreamingContext, receiver: Receiver<Text>) {
    let test = context(threads: 2)
    let receiver = ToldReceiver()
    let lines = test.context.receiverStream(receiver)
    lines.saveAsTextFiles("\(folder)/out/lines")
    lines.map { ($0, 1) }.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
      .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(folder)/out/totals")
    try test.start()
    guard test.events.wait(until: { $0.contains { $0.name == "receiverStarted" } }) else {
      throw TortureError("The receiver did not start.")
    }
    return (test, receiver)
  }
}

/// Stores lines on request.
private final class ToldReceiver: Receiver<Text>, @unchecked Sendable {
  override var name: String { "Told" }
}

/// Runs all batches of a program, and marks the time of each completed one.
func runStateful(_ program: StatefulProgram, from input: String, in folder: String) throws {
  let test = try RecoverableRun(folder: folder).start(program, from: input)
  for _ in 0..<RecoverableRun.batches { mark("\(try test.runBatch().milliseconds)", in: folder) }
  test.stop()
}

/// Runs all batches of the program with a receiver. Before each, two lines are stored, and marked as `stored N` when
/// they are safe.
///
/// - Parameter stored: the number of batches whose lines are safe from earlier runs.
func runReceiver(after stored: Int, in folder: String) throws {
  let (test, receiver) = try RecoverableRun(folder: folder).startReceiver()
  for batch in 1...RecoverableRun.batches {
    if batch > stored {
      guard receiver.store(contentsOf: [Text("a\(batch)"), Text("b\(batch)")]) else {
        throw TortureError("The lines of batch \(batch) were not stored.")
      }
      mark("stored \(batch)", in: folder)
    }
    mark("\(try test.runBatch().milliseconds)", in: folder)
  }
  test.stop()
}
