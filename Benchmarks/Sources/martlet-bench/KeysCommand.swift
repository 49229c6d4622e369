import ArgumentParser
import Martlet
import Measuring

/// The cost of `reduceByKey` for each element, by the type of the key.
///
/// The keys are prepared in an array, in an order without pattern, so that the measurement covers copying them out of
/// it, pairing them with 1, and aggregating them.
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Aggregates by keys of different types on one thread.")

  @Option(help: "The number of elements to aggregate.") var count = 4_000_000
  @Option(help: "The number of distinct keys.") var distinct = 100_000
  @Option(help: "The number of times that each type is measured.") var rounds = 5

  func run() throws {
    let context = MartletContext(master: "local[1]", appName: "keys")
    var random = SplitMix(seed: 1)
    let numbers = (0..<count).map { _ in Int.random(in: 0..<distinct, using: &random) }
    let strings = (0..<distinct).map { "key\($0)" }, long = (0..<distinct).map { "a key of some length: \($0)" }
    let texts = strings.map { Text($0) }, longTexts = long.map { Text($0) }
    let kinds: [(name: String, run: () throws -> Double)] = [
      ("Int", { try aggregate(numbers, context) }),
      ("Text", { try aggregate(numbers.map { texts[$0] }, context) }),
      ("Text-long", { try aggregate(numbers.map { longTexts[$0] }, context) }),
      ("String", { try aggregate(numbers.map { strings[$0] }, context) }),
      ("String-long", { try aggregate(numbers.map { long[$0] }, context) }),
      ("Pair-Int-Int", { try aggregate(numbers.map { Pair($0 & 255, $0 >> 8) }, context) }),
      ("Pair-Text-Int", { try aggregate(numbers.map { Pair(texts[$0], $0 & 1) }, context) }),
    ]
    var costs = kinds.map { _ in [Double]() }
    for _ in 0..<rounds {
      for (index, kind) in kinds.enumerated() { costs[index].append(try kind.run()) }
    }
    for (kind, costs) in zip(kinds, costs) {
      printResult(
        "keys",
        [
          "key": kind.name, "distinct": distinct, "cpu_ns": Decimal(costs.median, places: 2),
          "min_ns": Decimal(costs.quantile(0), places: 2), "max_ns": Decimal(costs.quantile(1), places: 2),
        ])
    }
  }

  /// The time for each element, in nanoseconds.
  @inline(__always)
  private func aggregate<Key: Hashable & Sendable>(_ keys: [Key], _ context: MartletContext) throws -> Double {
    let stopwatch = Stopwatch()
    let counts = try context.parallelize(keys).map { ($0, 1) }.reduceByKey(+).collect()
    let seconds = stopwatch.cpuSeconds
    precondition(counts.reduce(0) { $0 + $1.1 } == keys.count, "an element was lost or counted twice")
    return seconds * 1e9 / Double(keys.count)
  }
}
