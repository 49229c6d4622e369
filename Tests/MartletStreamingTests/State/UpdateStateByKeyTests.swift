import MartletTesting
import Testing

@Suite struct UpdateStateByKeyTests {
  private let words = [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b"], ["a"], []]

  @Test func `updateStateByKey keeps a sum for each key and shows all of them each batch`() throws {
    let sums = [
      [("a", 1)], [("a", 2), ("b", 1)], [("a", 3), ("b", 2), ("c", 1)], [("a", 4), ("b", 3), ("c", 1)],
      [("a", 5), ("b", 3), ("c", 1)], [("a", 5), ("b", 3), ("c", 1)],
    ]
    @Sendable func add(_ values: [Int], _ sum: Int?) -> Int? { (sum ?? 0) + values.reduce(0, +) }
    try checkOperator(words, sums, isStateless: false) {
      $0.map { ($0, 1) }.updateStateByKey { (values, sum: Int?) in (sum ?? 0) + values.reduce(0, +) }
    }
    try checkOperator(words, sums, isStateless: false) { $0.map { ($0, 1) }.updateStateByKey(add, 5) }
    try checkOperator(words, sums, isStateless: false) {
      $0.map { ($0, 1) }.updateStateByKey(add, HashPartitioner(numPartitions: 1))
    }
  }

  @Test func `A key whose function returns nothing is removed, and may come again`() throws {
    // The state counts down the batches without a value.
    let expected = [
      [("a", 0)], [("a", 0), ("b", 0)], [("a", 0), ("b", 0), ("c", 0)], [("a", 0), ("b", 0), ("c", 1)],
      [("a", 0), ("b", 1)], [("a", 1)], [("b", 0)],
    ]
    try checkOperator(words + [["b"]], expected, isStateless: false) {
      $0.map { ($0, 1) }.updateStateByKey { (values, missed: Int?) -> Int? in
        if !values.isEmpty { return 0 }
        guard let missed, missed < 1 else { return nil }
        return missed + 1
      }
    }
  }
}
