import MartletTesting
import Testing

@Suite struct BasicOperatorTests {
  private let numbers = [[1, 2, 3, 4], [], [5], [6, 7]]

  @Test func `map transforms every element`() throws {
    try checkOperator(numbers, [["1", "2", "3", "4"], [], ["5"], ["6", "7"]]) { $0.map { "\($0)" } }
  }

  @Test func `filter keeps what satisfies the condition`() throws {
    try checkOperator(numbers, [[2, 4], [], [], [6]]) { $0.filter { $0 % 2 == 0 } }
  }

  @Test func `flatMap makes any number of elements of one`() throws {
    try checkOperator([[0, 1, 3]], [[1, 3, 3, 3]]) { $0.flatMap { Array(repeating: $0, count: $0) } }
  }

  @Test func `flatMap splits lines into words`() throws {
    let lines: [[Text]] = [["a b", "", "c"], [" d  e "]]
    try checkOperator(lines, [["a", "b", "c"], ["d", "e"]]) {
      $0.flatMap { $0.split(separator: " ") }
    }
  }

  @Test func `mapPartitions sees whole partitions`() throws {
    let sums = try testOperation(numbers, numPartitions: 2) { $0.mapPartitions { [$0.reduce(0, +)] } }
    #expect(sums == [[3, 7], [0, 0], [0, 5], [6, 7]])
    try checkOperator(numbers, [[2, 3, 4, 5], [], [6], [7, 8]]) { $0.mapPartitions { $0.lazy.map { $0 + 1 } } }
  }

  @Test func `mapPartitionsWithIndex knows the number of the partition`() throws {
    let numbered = try testOperation([[10, 20, 30]], numPartitions: 3) {
      $0.mapPartitionsWithIndex { index, elements in elements.map { (index, $0) } }
    }
    #expect(numbered == [[(0, 10), (1, 20), (2, 30)]])
  }

  @Test func `glom makes an array of each partition`() throws {
    #expect(
      try testOperation([[1, 2, 3, 4], []], numPartitions: 2) { $0.glom() } == [[[1, 2], [3, 4]], [[], []]])
  }

  @Test func `repartition keeps the elements and changes the partitions`() throws {
    try checkOperator(numbers, numbers) { $0.repartition(5) }
    #expect(try testOperation([[1, 2, 3, 4]]) { $0.repartition(4).glom() }[0].count == 4)
  }

  @Test func `union puts streams together`() throws {
    try checkOperator(numbers, [[1], [2], [], [3]], [[1, 2, 3, 4, 1], [2], [5], [6, 7, 3]]) { $0.union($1) }
    try checkOperator([[1], []], [[1, 1, 1], []]) { $0.context.union([$0, $0, $0]) }
  }

  @Test func `count counts each batch and an empty one too`() throws {
    try checkOperator(numbers, [[4], [0], [1], [2]]) { $0.count() }
  }

  @Test func `reduce combines each batch and makes nothing of an empty one`() throws {
    try checkOperator(numbers, [[10], [], [5], [13]]) { $0.reduce(+) }
  }

  @Test func `countByValue counts each element`() throws {
    try checkOperator([["a", "b", "a"], [], ["b"]], [[("a", 2), ("b", 1)], [], [("b", 1)]]) { $0.countByValue() }
    try checkOperator([["a", "b", "a"]], [[("a", 2), ("b", 1)]]) { $0.countByValue(5) }
  }

  @Test func `transform uses the operations of RDD`() throws {
    try checkOperator(numbers, [[2, 3, 4, 5], [], [6], [7, 8]]) { $0.transform { $0.map { $0 + 1 } } }
  }

  @Test func `transform knows the time of the batch`() throws {
    let times = try testOperation([[1], [1]]) { $0.transform { rdd, time in rdd.map { _ in time.milliseconds } } }
    #expect(times == [[1000], [2000]])
  }

  @Test func `transform may run a job to decide what to do`() throws {
    try checkOperator(numbers, [[4, 4, 4, 4], [], [1], [2, 2]]) {
      $0.transform { rdd in
        let count = try rdd.count()
        return rdd.map { _ in count }
      }
    }
  }

  @Test func `transformWith puts two streams together`() throws {
    try checkOperator([[1, 2], [3]], [["a"], []], [["1a", "2a"], []]) { numbers, letters in
      numbers.transformWith(letters) { numbers, letters in
        let known = try letters.collect()
        return numbers.flatMap { number in known.map { "\(number)\($0)" } }
      }
    }
  }

  /// Numbers, in every second batch.
  private final class EverySecondBatch: DStream<Int>, @unchecked Sendable {
    // Sendable: has nothing of its own.
    override func compute(_ time: Time) throws -> RDD<Int>? {
      time.milliseconds % 2000 == 0 ? context.sparkContext.parallelize([2]) : nil
    }
  }

  @Test func `a batch for which one stream has no RDD is left out by transform, and made of the others by union`()
    throws
  {
    let test = TestStreamingContext()
    let all = test.stream([[1], [1], [1], [1]])
    let some = EverySecondBatch(context: test.context, site: OperatorSite("some", #fileID, #line))
    let ordered = test.output(
      of: test.context.transform([some, all]) { rdds, _ in rdds[0].map { $0 * 10 }.union(rdds[1]) })
    let union = test.output(of: test.context.union([some, all]))
    try test.start()
    try test.runBatches(4)
    #expect(throws: MartletError.self) { try test.runBatches(-1) }
    test.stop()
    #expect(ordered.batches == [[20, 1], [20, 1]])
    #expect(union.batches == [[1], [2, 1], [1], [2, 1]])
  }

  @Test func `parse keeps what it rejects`() throws {
    struct NotANumber: Error {}
    let parse = { @Sendable (text: String) throws -> Int in
      guard let number = Int(text) else { throw NotANumber() }
      return number
    }
    try checkOperator([["1", "x", "2"], [], ["y"]], [[1, 2], [], []]) { $0.parse(parse).accepted }
    try checkOperator([["1", "x", "2"], [], ["y"]], [["x"], [], ["y"]]) { $0.parse(parse).rejected.map(\.record) }
  }

  @Test func `compactMap keeps the results that are not nil`() throws {
    try checkOperator(numbers, [["2", "4"], [], [], ["6"]]) { $0.compactMap { $0 % 2 == 0 ? "\($0)" : nil } }
    let lines: [[Text]] = [["a,1", "b", "c,3"], []]
    try checkOperator(lines, [[1, 3], []]) { lines in
      lines.compactMap { line -> Int? in
        let columns = line.split(separator: ",")
        guard columns.count == 2 else { return nil }
        return Int(columns[1])
      }
    }
  }

  @Test func `unions and transformWith take their arguments in the order of Python, too`() throws {
    try checkOperator(numbers, [[1, 1, 2, 2, 3, 3, 4, 4], [], [5, 5], [6, 6, 7, 7]]) { stream in
      stream.context.union(stream, stream).transform { $0.sortBy { $0 } }
    }
    try checkOperator(numbers, [[1, 2, 3, 4, 1, 2, 3, 4], [], [5, 5], [6, 7, 6, 7]]) { stream in
      stream.transformWith({ a, b in a.union(b) }, stream)
    }
    try checkOperator([[2, 1, 3]], [[3, 2, 1]]) { stream in
      stream.map { ($0, 0) }.transform { $0.sortByKey(false).keys() }
    }
  }
}
