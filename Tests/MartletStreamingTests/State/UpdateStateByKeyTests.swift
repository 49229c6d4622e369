import MartletTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30))) struct UpdateStateByKeyTests {
  private let words = [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b"], ["a"], []]

  @Test func `updateStateByKey keeps a sum for each key and gives all of them in each batch`() throws {
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

  @Test func `Initial states are updated by the first batch`() throws {
    for partitioner in [HashPartitioner<String>(numPartitions: 1), HashPartitioner<String>(numPartitions: 3)] {
      let test = TestStreamingContext()
      let initial = test.context.sparkContext.parallelize([("a", 1), ("c", 2)])
      let output = test.output(
        of: test.stream(words).map { ($0, 1) }.updateStateByKey(
          { (values, sum: Int?) in (sum ?? 0) + values.reduce(0, +) }, partitioner, initialRDD: initial))
      try test.start()
      try test.runBatches(3)
      test.stop()
      #expect(
        bags(output.batches)
          == bags([[("a", 2), ("c", 2)], [("a", 3), ("b", 1), ("c", 2)], [("a", 4), ("b", 2), ("c", 3)]]))
    }
  }

  @Test func `The first of two initial states of a key counts, and for mapWithState the last`() throws {
    let test = TestStreamingContext()
    let initial = test.context.sparkContext.parallelize([("a", 10), ("b", 1), ("a", 20)], 1)
    let words = test.stream([["a"]]).map { ($0, 1) }
    let updated = test.output(
      of: words.updateStateByKey(
        { (values, sum: Int?) in (sum ?? 0) + values.reduce(0, +) }, 2, initialRDD: initial))
    let mapped = test.output(
      of: words.mapWithState(
        StateSpec.function { (_: String, one: Int?, state: State<Int>) in (state.getOption() ?? 0) + (one ?? 0) }
          .initialState([("a", 10), ("b", 1), ("a", 20)])))
    try test.start()
    try test.runBatch()
    test.stop()
    #expect(bags(updated.batches) == bags([[("a", 11), ("b", 1)]]))
    #expect(mapped.batches == [[21]])
  }

  /// Words, in every second batch.
  private final class EverySecondBatch: DStream<String>, @unchecked Sendable {
    // Sendable: has no members of its own.
    override func compute(_ time: Time) throws -> RDD<String>? {
      time.milliseconds % 2000 == 0 ? context.sparkContext.parallelize(["a"]) : nil
    }
  }

  @Test func `Initial states exist from the first batch on, even if it has no RDD`() throws {
    let test = TestStreamingContext()
    let initial = test.context.sparkContext.parallelize([("a", 10), ("b", 20)])
    let words = EverySecondBatch(context: test.context, site: OperatorSite("some", #fileID, #line))
    let output = test.output(
      of: words.map { ($0, 1) }.updateStateByKey(
        { (values, sum: Int?) in (sum ?? 0) + (values.isEmpty ? 1 : 100) }, 2, initialRDD: initial))
    try test.start()
    try test.runBatches(2)
    test.stop()
    #expect(bags(output.batches) == bags([[("a", 11), ("b", 21)], [("a", 111), ("b", 22)]]))
  }

  @Test func `The closure may take the time of the batch and the key`() throws {
    let expected = [[("a", "1a")], [("a", "1a2a"), ("b", "2b")], [("a", "1a2a3"), ("b", "2b3")]]
    try checkOperator([["a"], ["a", "b"], []], expected, isStateless: false) {
      $0.map { ($0, 1) }.updateStateByKey { (time: Time, key, values, log: String?) -> String? in
        (log ?? "") + "\(time.milliseconds / 1000)" + (values.isEmpty ? "" : key)
      }
    }
  }

  @Test func `A closure for whole partitions may change and drop keys`() throws {
    let expected = [
      [("a", 1)], [("a", 2), ("b", 1)], [("a", 3), ("b!", 2), ("c", 1)], [("a", 4), ("b!", 2), ("c", 1)],
    ]
    for remembers in [false, true] {
      try checkOperator([["a"], ["a", "b"], ["a", "b", "c"], ["a", "gone"]], expected, isStateless: false) {
        $0.map { ($0, 1) }.updateStateByKey(
          { triples in
            triples.compactMap { key, values, sum -> (String, Int)? in
              let total = (sum ?? 0) + values.reduce(0, +)
              return key == "gone" ? nil : (key == "b" && total == 2 ? "b!" : key, total)
            }
          }, HashPartitioner(numPartitions: 4), rememberPartitioner: remembers)
      }
    }
  }

  @Test func `Only a remembered state can be read later`() throws {
    for remembers in [false, true] {
      let test = TestStreamingContext()
      if remembers { test.context.remember(.seconds(10)) }
      let kept = Kept()
      test.stream(words).map { ($0, 1) }.updateStateByKey { (values, sum: Int?) in (sum ?? 0) + values.count }
        .foreachRDD { rdd, time in kept.add(rdd) }
      try test.start()
      try test.runBatches(3)
      if remembers {
        let all = try kept.rdds.map { try $0.collect() }
        #expect(
          bags(all) == bags([[("a", 1)], [("a", 2), ("b", 1)], [("a", 3), ("b", 2), ("c", 1)]]))
      } else {
        #expect(bags([try kept.rdds[2].collect()]) == bags([[("a", 3), ("b", 2), ("c", 1)]]))
        let error = #expect(throws: MartletError.self) { try kept.rdds[0].collect() }
        #expect(error?.message.contains("updateStateByKey at") == true)
      }
      test.stop()
    }
  }

  @Test func `A closure that throws fails the batch, with the operator and the partition`() throws {
    let error = #expect(throws: BatchFailure.self) {
      try testOperation([["a"], ["b"]]) {
        $0.map { ($0, 1) }.updateStateByKey { (values, sum: Int?) -> Int? in
          if sum != nil { throw Unwanted() }
          return values.count
        }
      }
    }
    let failure = try #require(error?.underlying as? OperatorFailure)
    #expect(failure.operatorName == "updateStateByKey" && failure.partition != nil && failure.underlying is Unwanted)
    #expect(error?.batchTime == Time(milliseconds: 2000))
  }

  @Test func `Several states may follow each other`() throws {
    let expected = [[(1, 1)], [(2, 1), (1, 1)], [(3, 1), (2, 1), (1, 1)], []]
    try checkOperator([["a"], ["a", "b"], ["a", "b", "c"]], expected.dropLast(), isStateless: false) {
      $0.map { ($0, 1) }.updateStateByKey { (values, sum: Int?) in (sum ?? 0) + values.count }
        .map { ($0.1, 1) }.updateStateByKey { (values, _: Int?) -> Int? in values.isEmpty ? nil : values.count }
    }
  }
}

private struct Unwanted: Error {}

private final class Kept: Sendable {
  private let all = Mutex<[RDD<(String, Int)>]>([])
  var rdds: [RDD<(String, Int)>] { all.withLock { $0 } }
  func add(_ rdd: RDD<(String, Int)>) { all.withLock { $0.append(rdd) } }
}
