import MartletCore
import MartletTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30))) struct StateRecoveryTests {
  @Test(arguments: [1, 2, 5]) func `mapWithState continues from its records on any number of partitions`(
    _ count: Int
  ) throws {
    let first = TestStreamingContext()
    let (input, operation, _) = sums(first, partitions: 2)
    operation.keepRecords()
    try first.start()
    var records: [StateRecord] = []
    for batch in [["a", "b"], ["a", "remove c"], ["c", "d", "remove b"]] {
      input.push(batch)
      records += operation.takeRecords(try first.runBatch())
    }
    first.stop()
    #expect(operation.keyCount == 3)
    #expect(records.contains { $0.keysRemoved == 1 })

    let second = TestStreamingContext()
    let (again, restored, output) = sums(second, partitions: count)
    let snapshots = second.output(of: restored.stateSnapshots())
    restored.keepRecords()
    try restored.restore([], through: Time(milliseconds: 0))
    for record in records { try restored.restore([record], through: Time(milliseconds: 0)) }
    #expect(restored.keyCount == 3)
    try second.start()
    again.push(["a", "b"])
    let time = try second.runBatch()
    #expect(bags(output.batches) == bags([[("a", 3), ("b", 1)]]))
    #expect(bags(snapshots.batches) == bags([[("a", 3), ("b", 1), ("c", 1), ("d", 1)]]))
    #expect(restored.takeRecords(time).reduce(0) { $0 + $1.keysSet } == 2)
    second.stop()
  }

  @Test func `updateStateByKey writes the changed states and continues from them`() throws {
    let first = TestStreamingContext()
    let input = first.stream(of: String.self)
    let stream = totals(input)
    let operation = try #require(stream as? any StatefulNode)
    _ = first.output(of: stream)
    operation.keepRecords()
    try first.start()
    var records: [StateRecord] = []
    var written: [Int] = []
    for batch in [["a", "b", "c"], ["b"], [], ["c", "c"]] {
      input.push(batch)
      let made = operation.takeRecords(try first.runBatch())
      written.append(made.reduce(0) { $0 + $1.keysSet })
      records += made
    }
    first.stop()
    #expect(written == [3, 1, 0, 1])

    let second = TestStreamingContext()
    let again = totals(second.stream(of: String.self))
    let output = second.output(of: again)
    try #require(again as? any StatefulNode).restore(records, through: Time(milliseconds: 0))
    try second.start()
    try second.runBatch()
    #expect(bags(output.batches) == bags([[("a", 1), ("b", 2), ("c", 3)]]))
    second.stop()
  }

  @Test func `The records since the beginning of the last complete cycle of snapshots suffice`() throws {
    let first = TestStreamingContext()
    let (input, operation, _) = sums(first, partitions: 3)
    operation.keepRecords()
    try first.start()
    var records: [StateRecord] = []
    for i in 0..<10 {
      input.push((0..<100).map { "key \(i * 100 + $0)" })
      _ = operation.takeRecords(try first.runBatch())
    }
    #expect(operation.isSnapshotCycleComplete)
    operation.beginSnapshotCycle()
    #expect(!operation.isSnapshotCycleComplete)
    try first.runBatch()
    #expect(!operation.isSnapshotCycleComplete)
    while !operation.isSnapshotCycleComplete && records.count < 100 {
      operation.allowSnapshots(bytes: 8000)
      input.push(["key 5", "key 7"])
      records += operation.takeRecords(try first.runBatch())
    }
    #expect(records.filter { $0.kind == .snapshot }.count == 3)
    first.stop()

    let second = TestStreamingContext()
    let (_, restored, _) = sums(second, partitions: 3)
    try restored.restore(records, through: Time(milliseconds: 0))
    #expect(restored.keyCount == 1000)
  }

  @Test func `Keys keep the time of their last value across a restart`() throws {
    let first = TestStreamingContext()
    let input = first.stream(of: String.self)
    let operation = sessions(input)
    _ = first.output(of: operation)
    operation.keepRecords()
    try first.start()
    input.push(["a", "b"])
    var records = operation.takeRecords(try first.runBatch())
    input.push(["b"])
    records += operation.takeRecords(try first.runBatch())
    first.stop()

    let second = TestStreamingContext()
    let again = sessions(second.stream(of: String.self))
    let output = second.output(of: again)
    try again.restore(records, through: Time(milliseconds: 0))
    try second.start()
    // Batches at 1 to 5 seconds: a was touched at 1 and b at 2, and the timeout is 2.
    try second.runBatches(5)
    #expect(output.batches == [[], [], [], ["a is gone"], ["b is gone"]])
    second.stop()
  }

  @Test func `Initial states are used only if nothing is restored`() throws {
    let spec = StateSpec.function { (key: String, value: Int?, state: State<Int>) in
      try state.update((state.getOption() ?? 0) + (value ?? 0))
      return "\(key) \(try state.get())"
    }.initialState([("a", 10), ("b", 20)])
    let first = TestStreamingContext()
    let operation = first.stream([[("a", 1)]]).mapWithState(spec)
    let output = first.output(of: operation)
    operation.keepRecords()
    try first.start()
    let records = operation.takeRecords(try first.runBatch())
    #expect(output.batches == [["a 11"]])
    first.stop()

    let second = TestStreamingContext()
    let again = second.stream([[("a", 1), ("b", 1)]]).mapWithState(spec)
    let outputAgain = second.output(of: again)
    try again.restore(records, through: Time(milliseconds: 0))
    try second.start()
    try second.runBatch()
    #expect(outputAgain.batches.map { $0.sorted() } == [["a 12", "b 21"]])
    second.stop()
  }

  @Test func `The form names the operation and the types; types without a codec have none`() throws {
    let test = TestStreamingContext()
    let form = sums(test, partitions: 1).1.stateForm
    #expect(form.operation == "mapWithState" && form.key == "string" && form.keyType == "Swift.String")
    let objects = test.stream(of: (Int, Opaque).self).mapWithState(
      StateSpec.function { (_: Int, value: Opaque?, state: State<Opaque>) in
        if let value { try state.update(value) }
      })
    #expect(objects.stateForm.state == nil && objects.stateForm.key == "raw Swift.Int 8/8")
  }

  @Test func `settle updates the state of a batch that no output has asked for`() throws {
    let test = TestStreamingContext()
    let input = test.stream(of: String.self)
    let stream = totals(input)
    stream.output(OperatorSite("untouched", #fileID, #line)) { _, _ in }
    let operation = try #require(stream as? any StatefulNode)
    try test.start()
    input.push(["a", "b"])
    let time = try test.runBatch()
    #expect(operation.keyCount == 2)
    try operation.settle(time)
    #expect(operation.keyCount == 2)
    test.stop()
  }
}

private final class Opaque: Sendable {}

private func totals(_ words: DStream<String>) -> DStream<(String, Int)> {
  words.map { ($0, 1) }.updateStateByKey { (values, total: Int?) in (total ?? 0) + values.reduce(0, +) }
}

private func sums(
  _ test: TestStreamingContext, partitions: Int
) -> (TestStream<String>, MapWithStateDStream<String, Int, Int, (String, Int)>, StreamOutput<(String, Int)>) {
  let input = test.stream(of: String.self)
  let spec = StateSpec.function { (_: Time, word: String, one: Int?, state: State<Int>) -> (String, Int)? in
    let sum = (state.getOption() ?? 0) + (one ?? 0)
    if sum < 0 {
      try state.remove()
      return nil
    }
    try state.update(sum)
    return (word, sum)
  }
  let operation = input.map { $0.hasPrefix("remove ") ? (String($0.dropFirst(7)), -100) : ($0, 1) }
    .mapWithState(spec.numPartitions(partitions))
  return (input, operation, test.output(of: operation))
}

private func sessions(_ input: DStream<String>) -> MapWithStateDStream<String, Int, Int, String> {
  input.map { ($0, 1) }.mapWithState(
    StateSpec.function { (_: Time, key: String, value: Int?, state: State<Int>) -> String? in
      if state.isTimingOut() { return "\(key) is gone" }
      if let value { try state.update(value) }
      return nil
    }.timeout(.seconds(2)))
}
