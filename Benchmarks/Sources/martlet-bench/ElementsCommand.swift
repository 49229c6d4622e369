import ArgumentParser
import Martlet
import Measuring

/// The cost of an operator for each element that passes through it.
///
/// Every chain begins with a range, which produces numbers on demand, and ends in a count, which consumes them as they
/// come: the operators write every element, and nothing reads it again. The cost of a chain minus that of `none` is
/// that of its operators.
struct ElementsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "elements", abstract: "Passes numbers through chains of operators on one thread.")

  @Option(help: "The number of elements that pass through a chain.") var count = 50_000_000
  @Option(help: "The number of times that each chain runs; the chains take turns.") var rounds = 5

  func run() throws {
    let context = MartletContext(master: "local[1]", appName: "elements")
    let factor = rounds > 0 ? 3 : 5
    let limit = rounds > 0 ? 1 : 0
    let numbers = { context.range(0, count) }
    let chains: [(name: String, run: () throws -> Int)] = [
      ("none", { try pass(numbers()) }),
      ("map", { try pass(numbers().map { $0 &* 3 }) }),
      ("map-capturing", { try pass(numbers().map { $0 &* factor }) }),
      ("filter", { try pass(numbers().filter { $0 & 1 == 0 }) }),
      ("filter-capturing", { try pass(numbers().filter { $0 & limit == 0 }) }),
      ("map-map", { try pass(numbers().map { $0 &* 3 }.map { $0 ^ 5 }) }),
      ("map-filter-map", { try pass(numbers().map { $0 &* 3 }.filter { $0 & 1 == 0 }.map { $0 ^ 5 }) }),
      (
        "map-filter-map-capturing",
        { try pass(numbers().map { $0 &* factor }.filter { $0 & limit == 0 }.map { $0 ^ factor }) }
      ),
    ]
    var costs = chains.map { _ in [Double]() }
    for _ in 0..<rounds {
      for (index, chain) in chains.enumerated() {
        let stopwatch = Stopwatch()
        _ = try chain.run()
        costs[index].append(stopwatch.cpuSeconds * 1e9 / Double(count))
      }
    }
    for (chain, costs) in zip(chains, costs) {
      printResult(
        "elements",
        [
          "chain": chain.name, "cpu_ns": Decimal(costs.median, places: 3),
          "min_ns": Decimal(costs.quantile(0), places: 3), "max_ns": Decimal(costs.quantile(1), places: 3),
        ])
    }
  }

  private func pass(_ numbers: RDD<Int>) throws -> Int { try numbers.count() }
}
