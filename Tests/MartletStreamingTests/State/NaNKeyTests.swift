import MartletCore
import MartletTesting
import Testing

/// NaN is one key, from batch to batch.
@Suite struct NaNKeyTests {
  struct Reading: Hashable, Codable {
    var value: Double
  }

  private let input: [[Double]] = [[.nan, 1, -.nan], [.signalingNaN], [], [.nan], []]

  private func texts<Element>(_ batches: [[Element]]) -> [[String]] {
    batches.map { $0.map { "\($0)".replacing("-nan", with: "nan").replacing("snan", with: "nan") }.sorted() }
  }

  @Test func `Windows count NaN as one key, which later leaves them`() throws {
    let expected = [["(1.0, 1)", "(nan, 2)"], ["(1.0, 1)", "(nan, 3)"], ["(nan, 1)"], ["(nan, 1)"], ["(nan, 1)"]]
    #expect(
      try texts(testOperation(input) { $0.countByValueAndWindow(.seconds(2), .seconds(1)) }) == expected)
    #expect(
      try texts(testOperation(input) { $0.map { ($0, 1) }.reduceByKeyAndWindow(+, .seconds(2), .seconds(1)) })
        == expected)
    #expect(
      try texts(
        testOperation(input) {
          $0.map { ($0, 1) }.reduceByKeyAndWindow(+, -, .seconds(2), .seconds(1), filterFunc: { $0.1 > 0 })
        }) == expected)
    let readings = try testOperation(input) {
      $0.map { (Reading(value: $0), 1) }.reduceByKeyAndWindow(+, -, .seconds(2), .seconds(1), filterFunc: { $0.1 > 0 })
    }
    #expect(readings.map { $0.map(\.1).sorted() } == [[1, 2], [1, 3], [1], [1], [1]])
  }

  @Test func `updateStateByKey and mapWithState keep one state for NaN`() throws {
    let totals = try testOperation(input) {
      $0.map { ($0, 1) }.updateStateByKey { (ones: [Int], sum: Int?) in (sum ?? 0) + ones.count }
    }
    #expect(
      texts(totals) == [["(1.0, 1)", "(nan, 2)"]] + Array(repeating: ["(1.0, 1)", "(nan, 3)"], count: 2)
        + Array(repeating: ["(1.0, 1)", "(nan, 4)"], count: 2))
    let states = try testOperation(input) {
      $0.map { (Reading(value: $0), 1) }.mapWithState(
        StateSpec.function { (_: Reading, one: Int?, state: State<Int>) -> Int in
          let sum = (state.getOption() ?? 0) + (one ?? 0)
          try state.update(sum)
          return sum
        })
    }
    #expect(states.map { $0.sorted() } == [[1, 1, 2], [3], [], [4], []])
  }

  @Test(arguments: [1, 2, 5]) func `The state of NaN continues after a restart, on any number of partitions`(
    count: Int
  ) throws {
    func totals(_ stream: DStream<Double>, _ partitions: Int) -> DStream<(Reading, Int)> {
      stream.map { (Reading(value: $0), 1) }.updateStateByKey(
        { (ones: [Int], sum: Int?) in (sum ?? 0) + ones.count }, partitions)
    }
    let first = TestStreamingContext()
    let stream = totals(first.stream(input), 2)
    let operation = try #require(stream as? any StatefulNode)
    _ = first.output(of: stream)
    operation.keepRecords()
    try first.start()
    var records: [StateRecord] = []
    for _ in input { records += operation.takeRecords(try first.runBatch()) }
    first.stop()

    let second = TestStreamingContext()
    let again = totals(second.stream([[.signalingNaN, 1]]), count)
    let output = second.output(of: again)
    try #require(again as? any StatefulNode).restore(records, through: Time(milliseconds: 0))
    try second.start()
    try second.runBatch()
    #expect(output.batches.map { $0.map(\.1).sorted() } == [[2, 5]])
    second.stop()
  }
}
