import ArgumentParser
import Martlet
import MartletTesting
import Measuring
import Synchronization

/// The operator that holds the states.
enum StatefulOperation: String, CaseIterable, ExpressibleByArgument {
  case mapWithState, updateStateByKey
}

/// A program that adds up values by key, without end.
///
/// The clock is moved by hand, and a batch is measured from its tick to its end, so that only the batch counts. The
/// keys of a batch are prepared as texts of 12 bytes.
final class StateProgram: Sendable {
  private let test: TestStreamingContext
  private let threads: Int
  /// The elements of the next batch. The program generates them for each batch: the measurement covers the state, not
  /// an input that stores its elements.
  private let batch = Mutex<[(Text, Int)]>([])
  private let results = Mutex(Results())
  private let given = Atomic<Int>(0)

  private struct Results {
    var areAddedUp = false
    var value = 0
  }

  init(
    _ operation: StatefulOperation, threads: Int, checkpoint: String?, timesOut: Bool = false
  ) throws {
    self.threads = threads
    test = TestStreamingContext(master: "local[\(threads)]")
    // The recorder retains every event.
    test.context.removeStreamingListener(test.events)
    if let checkpoint { test.context.checkpoint(checkpoint) }
    let pairs = test.context.constantStream(test.context.sparkContext.emptyRDD(of: Int.self))
      .transform { [self] rdd -> RDD<(Text, Int)> in
        rdd.context.parallelize(self.batch.withLock { $0 }, self.threads)
      }
    switch operation {
    case .mapWithState:
      let spec = StateSpec.function { (key: Text, value: Int?, state: State<Int>) in
        let sum = (state.getOption() ?? 0) + (value ?? 0)
        try state.update(sum)
        return sum
      }
      output(pairs.mapWithState(timesOut ? spec.timeout(.seconds(1_000_000)) : spec)) { $0 }
    case .updateStateByKey:
      let sums = pairs.updateStateByKey { (values, sum: Int?) in
        var sum = sum ?? 0
        for value in values { sum += value }
        return sum
      }
      output(sums) { $0.1 }
    }
    try test.start()
  }

  private func output<Result: Sendable>(_ stream: DStream<Result>, _ sum: @escaping @Sendable (Result) -> Int) {
    stream.foreachRDD { [self] rdd in
      let areAddedUp = results.withLock { $0.areAddedUp }
      let value = areAddedUp ? try rdd.map(sum).reduce(+) : try rdd.count()
      results.withLock { $0.value = value }
    }
  }

  /// The number of results of the last batch.
  var resultCount: Int { results.withLock { $0.value } }

  /// Runs a batch with these keys, each with the value 1.
  /// - Returns: the duration of the batch, in milliseconds.
  @discardableResult
  func runBatch(_ keys: [Int]) throws -> Double { try run(keys, value: 1) }

  /// Gives each of the keys 0 ..< `held` a state, in batches of a tenth, as a stream would.
  func fill(_ held: Int) throws {
    for part in 0..<10 { try runBatch(Array(held * part / 10..<held * (part + 1) / 10)) }
    try runBatch([])
  }

  /// Compares the states of the keys 0 ..< `held` with the values that the batches had.
  func verify(_ held: Int) throws {
    results.withLock { $0.areAddedUp = true }
    try run(Array(0..<held), value: 0)
    let sum = results.withLock { results in
      results.areAddedUp = false
      return results.value
    }
    let expected = given.load(ordering: .relaxed)
    guard sum == expected else {
      throw WrongResult("The states add up to \(sum); the batches had \(expected) values.")
    }
  }

  func stop() { test.stop() }

  @discardableResult
  private func run(_ keys: [Int], value: Int) throws -> Double {
    let pairs = keys.map { (heldKey($0), value) }
    batch.withLock { $0 = pairs }
    given.add(value * keys.count, ordering: .relaxed)
    let stopwatch = Stopwatch()
    try test.runBatch()
    return stopwatch.seconds * 1000
  }
}
