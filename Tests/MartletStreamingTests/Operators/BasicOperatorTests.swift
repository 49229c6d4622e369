import MartletTesting
import Testing

@Suite(.timeLimit(.minutes(30))) struct BasicOperatorTests {
  private let numbers = [[1, 2, 3, 4], [], [5], [6, 7]]

  @Test func `map transforms every element`() throws {
    try checkOperator(numbers, [["1", "2", "3", "4"], [], ["5"], ["6", "7"]]) { $0.map { "\($0)" } }
  }

  @Test func `filter keeps the elements that satisfy the condition`() throws {
    try checkOperator(numbers, [[2, 4], [], [], [6]]) { $0.filter { $0 % 2 == 0 } }
  }

  @Test func `flatMap makes any number of elements from one`() throws {
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

  @Test func `union combines streams`() throws {
    try checkOperator(numbers, [[1], [2], [], [3]], [[1, 2, 3, 4, 1], [2], [5], [6, 7, 3]]) { $0.union($1) }
    try checkOperator([[1], []], [[1, 1, 1], []]) { $0.context.union([$0, $0, $0]) }
  }

  @Test func `count counts each batch, even an empty one`() throws {
    try checkOperator(numbers, [[4], [0], [1], [2]]) { $0.count() }
  }

  @Test func `reduce combines each batch and gives nothing for an empty one`() throws {
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

  @Test func `transform may run a job for a decision`() throws {
    try checkOperator(numbers, [[4, 4, 4, 4], [], [1], [2, 2]]) {
      $0.transform { rdd in
        let count = try rdd.count()
        return rdd.map { _ in count }
      }
    }
  }

  @Test func `transformWith combines two streams`() throws {
    try checkOperator([[1, 2], [3]], [["a"], []], [["1a", "2a"], []]) { numbers, letters in
      numbers.transformWith(letters) { numbers, letters in
        let known = try letters.collect()
        return numbers.flatMap { number in known.map { "\(number)\($0)" } }
      }
    }
  }

  /// Numbers, in every second batch.
  private final class EverySecondBatch: DStream<Int>, @unchecked Sendable {
    // Sendable: has no members of its own.
    override func compute(_ time: Time) throws -> RDD<Int>? {
      time.milliseconds % 2000 == 0 ? context.sparkContext.parallelize([2]) : nil
    }
  }

  @Test func `union makes a batch from the other streams if one has no RDD`() throws {
    let test = TestStreamingContext()
    let all = test.stream([[1], [1], [1], [1]])
    let some = EverySecondBatch(context: test.context, site: OperatorSite("some", #fileID, #line))
    let union = test.output(of: test.context.union([some, all]))
    try test.start()
    try test.runBatches(4)
    #expect(throws: MartletError.self) { try test.runBatches(-1) }
    test.stop()
    #expect(union.batches == [[1], [2, 1], [1], [2, 1]])
  }

  @Test(arguments: 0..<6)
  func `a batch for which one of several streams has no RDD fails: the others' elements would be lost`(
    _ number: Int
  )
    throws
  {
    let test = TestStreamingContext()
    defer { test.stop() }
    let all = test.stream([[1], [1]])
    let some = EverySecondBatch(context: test.context, site: OperatorSite("some", #fileID, #line))
    let pairs = all.map { ($0, "a") }, others = some.map { ($0, true) }
    let outputs: [() -> Void] = [
      { _ = test.output(of: test.context.transform([some, all]) { rdds, _ in rdds[1] }) },
      { _ = test.output(of: all.transformWith(some) { a, _ in a }) },
      { _ = test.output(of: test.context.transform(some, all) { _, b, _ in b }) },
      { _ = test.output(of: test.context.transform(all, all, some) { a, _, _, _ in a }) },
      { _ = test.output(of: pairs.leftOuterJoin(others)) }, { _ = test.output(of: pairs.cogroup(others)) },
    ]
    outputs[number]()
    try test.start()
    let failure = try #require(#expect(throws: BatchFailure.self) { try test.runBatch() })
    #expect(failure.batchTime == Time(milliseconds: 1000))
    #expect("\(failure)".contains("has no RDD for the batch of"), "\(failure)")
  }

  @Test func `a batch for which none of several streams has an RDD gets none`() throws {
    let test = TestStreamingContext()
    let some = EverySecondBatch(context: test.context, site: OperatorSite("some", #fileID, #line))
    let outputs = [
      test.output(of: test.context.transform([some, some]) { rdds, _ in rdds[0].union(rdds[1]) }),
      test.output(of: some.transformWith(some) { $0.union($1) }),
      test.output(of: test.context.transform(some, some, some) { a, b, _, _ in a.union(b) }),
      test.output(of: test.context.union([some, some])),
    ]
    try test.start()
    try test.runBatches(4)
    test.stop()
    for output in outputs {
      #expect(output.batches == [[2, 2], [2, 2]])
      #expect(output.times == [Time(milliseconds: 2000), Time(milliseconds: 4000)])
    }
  }

  @Test func `transform of the context combines streams of different types, with the time of the batch`() throws {
    let test = TestStreamingContext()
    let numbers = test.stream([[1], [], [3]]), words = test.stream([["a"], ["b"], []])
    let truths = test.stream([[true], [false], []])
    let two = test.output(
      of: test.context.transform(numbers, words) { numbers, words, time in
        let known = try numbers.collect()
        return words.map { "\(time.milliseconds / 1000): \(known)\($0)" }
      })
    let three = test.output(
      of: test.context.transform(numbers, words, truths) { numbers, words, truths, time in
        numbers.map { "\($0)" }.union(words).union(truths.map { "\($0)" }).union(
          numbers.context.parallelize(["\(time.milliseconds)"], 1))
      })
    try test.start()
    try test.runBatches(3)
    test.stop()
    #expect(two.batches == [["1: [1]a"], ["2: []b"], []])
    #expect(three.batches == [["1", "a", "true", "1000"], ["b", "false", "2000"], ["3", "3000"]])
  }

  @Test func `transform of the context refuses streams of another context, and an error in its closure names it`()
    throws
  {
    struct Refused: Error {}
    let ours = TestStreamingContext(), theirs = TestStreamingContext()
    defer {
      ours.stop()
      theirs.stop()
    }
    let a = theirs.stream([[1]]), b = theirs.stream([["a"]])
    _ = ours.output(of: ours.context.transform(a, b) { _, b, _ in b })
    let error = #expect(throws: MartletError.self) { try ours.start() }
    #expect(error?.message.contains("combines streams of two contexts") == true)

    let test = TestStreamingContext()
    defer { test.stop() }
    let numbers = test.stream([[1]])
    _ = test.output(
      of: test.context.transform(numbers, numbers, numbers) { _, _, _, _ -> RDD<Int> in throw Refused() })
    try test.start()
    let failure = try #require(#expect(throws: BatchFailure.self) { try test.runBatch() })
    let inner = try #require(failure.underlying as? OperatorFailure)
    #expect(inner.operatorName == "transform" && inner.underlying is Refused)
  }

  @Test func `parse keeps rejected records`() throws {
    struct NotANumber: Error {}
    let parse = { @Sendable (text: String) throws -> Int in
      guard let number = Int(text) else { throw NotANumber() }
      return number
    }
    try checkOperator([["1", "x", "2"], [], ["y"]], [[1, 2], [], []]) { $0.parse(parse).accepted }
    try checkOperator([["1", "x", "2"], [], ["y"]], [["x"], [], ["y"]]) { $0.parse(parse).rejected.map(\.record) }
  }

  @Test func `parseJSON keeps rejected lines, and counts both kinds once`() throws {
    struct Reading: Codable, Hashable, Sendable { var sensor: Text, celsius: Double? }
    let lines: [[Text]] = [
      [#"{"sensor":"a","celsius":20.5}"#, "x", #"{"celsius":1}"#], [], [#"{"sensor":"b"}"#],
    ]
    try checkOperator(lines, [[Reading(sensor: "a", celsius: 20.5)], [], [Reading(sensor: "b", celsius: nil)]]) {
      $0.parseJSON(as: Reading.self).accepted
    }
    try checkOperator(
      lines, [["byte 0: a value is required, not \"x\"", "sensor, byte 0: the field is missing"], [], []]
    ) {
      $0.parseJSON(as: Reading.self).rejected.map(\.reason)
    }
    let test = TestStreamingContext()
    let readings = test.stream(lines).parseJSON(as: Reading.self)
    readings.accepted.foreachRDD { rdd in _ = try rdd.count() }
    readings.rejected.foreachRDD { rdd in _ = try rdd.count() }
    try test.start()
    for _ in 0..<3 { try test.runBatch() }
    test.stop()
    #expect(readings.counts == (accepted: 2, rejected: 2))
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

  @Test func `unions and transformWith also take their arguments in the order of Python`() throws {
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
