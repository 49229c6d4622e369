import MartletTesting
import Testing

@Suite(.timeLimit(.minutes(30))) struct MapWithStateTests {
  private let words = [["a"], ["a", "b"], ["a", "b", "c", "a"], [], ["a"]]

  @Test func `mapWithState shows a result for each pair`() throws {
    let expected = [
      [("a", 1)], [("a", 2), ("b", 1)], [("a", 3), ("b", 2), ("c", 1), ("a", 4)], [], [("a", 5)],
    ]
    try checkOperator(words, expected, isStateless: false) {
      $0.map { ($0, 1) }.mapWithState(
        StateSpec.function { (word: String, one: Int?, state: State<Int>) in
          let sum = (state.getOption() ?? 0) + (one ?? 0)
          try state.update(sum)
          return (word, sum)
        })
    }
  }

  @Test func `The advanced function may leave results out and receives the batch's time`() throws {
    try checkOperator(words, [["1 a"], ["2 a"], ["3 a", "3 a"], [], ["5 a"]], isStateless: false) {
      $0.map { ($0, 1) }.mapWithState(
        StateSpec.function { (time: Time, word: String, _: Int?, state: State<Bool>) -> String? in
          word == "a" ? "\(time.milliseconds / 1000) \(word)" : nil
        }.numPartitions(3))
    }
  }

  @Test func `stateSnapshots shows all keys after each batch`() throws {
    let expected = [[("a", 1)], [("a", 2), ("b", 1)], [("a", 4), ("b", 2), ("c", 1)]]
    let all = expected + [expected[2], [("a", 5), ("b", 2), ("c", 1)]]
    try checkOperator(words, all, isStateless: false) {
      $0.map { ($0, 1) }.mapWithState(counting()).stateSnapshots()
    }
  }

  @Test func `Snapshots in a window are those of their batches`() throws {
    let test = TestStreamingContext()
    test.context.remember(.seconds(3))
    let snapshots = test.stream(words).map { ($0, 1) }.mapWithState(counting()).stateSnapshots()
    let output = test.output(
      of: snapshots.transform { rdd, time in
        let earlier = try snapshots.slice(time - .seconds(1), time - .seconds(1))
        return rdd.context.union(earlier)
      })
    try test.start()
    try test.runBatches(3)
    test.stop()
    #expect(bags(output.batches) == bags([[], [("a", 1)], [("a", 2), ("b", 1)]]))
  }

  @Test(arguments: 1...4) func `A window of snapshots with a long slide has those of all its batches`(slide: Int) throws
  {
    let batches = (0..<13).map { [["a", "b", "c"][$0 % 3]] }
    var counts: [String: Int] = [:]
    let after = batches.map { words in
      for word in words { counts[word, default: 0] += 1 }
      return counts
    }
    for length in 1...3 {
      let table = try testOperation(batches) { (lines: DStream<String>) in
        lines.map { ($0, 1) }.mapWithState(counting()).stateSnapshots().map { "\($0.0)\($0.1)" }
          .window(.seconds(length * slide), .seconds(slide))
      }
      let ends = stride(from: slide, through: batches.count, by: slide)
      let expected = ends.map { end in
        after[max(0, end - length * slide)..<end].flatMap { counts in counts.map { "\($0)\($1)" } }.sorted()
      }
      #expect(table.map { $0.sorted() } == expected)
    }
  }

  @Test func `A removed key is new when it comes again`() throws {
    let events = [["on a", "on b"], ["off a"], ["on a", "off a", "on a"], ["off b", "off c"]]
    let expected = [["a new", "b new"], ["a known"], ["a new", "a known", "a new"], ["b known", "c new"]]
    try checkOperator(events, expected, isStateless: false) {
      $0.map { (String($0.split(separator: " ")[1]), $0.hasPrefix("on")) }.mapWithState(
        StateSpec.function { (key: String, on: Bool?, state: State<Int>) -> String in
          let isKnown = state.exists()
          if on == true { try state.update(1) } else { try state.remove() }
          return "\(key) \(isKnown ? "known" : "new")"
        })
    }
  }

  @Test func `A key times out in the first batch that is later than its last value by more than the timeout`() throws {
    // The timeout is 2 s. a has values at 1 and 2, b at 1, 4 and 6, c at 2, which is only read.
    let input = [["a", "b"], ["a", "c"], [], ["b"], [], ["b"], [], [], [], []]
    let expected: [[String]] = [
      [], [], [], [], ["a 2 times", "c 1 times"], [], [], [], ["b 3 times"], [],
    ]
    try checkOperator(input, expected, isStateless: false) {
      $0.map { ($0, 1) }.mapWithState(
        StateSpec.function { (_: Time, key: String, value: Int?, state: State<Int>) -> String? in
          if state.isTimingOut() {
            #expect(value == nil)
            return "\(key) \(try state.get()) times"
          }
          try state.update((state.getOption() ?? 0) + 1)
          return nil
        }.timeout(.seconds(2)))
    }
  }

  @Test func `A value prevents a key from timing out even if its state does not change`() throws {
    let input = [["a"], ["a"], ["a"], ["a"], [], [], []]
    try checkOperator(input, [[], [], [], [], [], ["a"], []], isStateless: false) {
      $0.map { ($0, 1) }.mapWithState(
        StateSpec.function { (_: Time, key: String, _: Int?, state: State<Int>) -> String? in
          if state.isTimingOut() { return key }
          if !state.exists() { try state.update(1) }
          return nil
        }.timeout(.seconds(1)))
    }
  }

  @Test func `Invalid uses of a state are refused`() throws {
    try expectRefusal("no state") { _ = try $0.get() }
    try expectRefusal("has been removed") {
      try $0.update(1)
      try $0.remove()
      #expect(!$0.exists() && $0.getOption() == nil)
      try $0.update(2)
    }
    try expectRefusal("removed already") {
      try $0.remove()
      try $0.remove()
    }
    try expectRefusal("timing out") {
      if $0.isTimingOut() { try $0.update(2) } else { try $0.update(1) }
    }
    try expectRefusal("timing out") {
      if $0.isTimingOut() { try $0.remove() } else { try $0.update(1) }
    }
  }

  @Test func `Invalid settings are refused by start`() throws {
    let test = TestStreamingContext()
    _ = test.output(of: test.stream(words).map { ($0, 1) }.mapWithState(counting().timeout(.zero)))
    #expect(throws: MartletError.self) { try test.start() }
    let other = TestStreamingContext()
    _ = other.output(of: other.stream(words).map { ($0, 1) }.mapWithState(counting().numPartitions(0)))
    #expect(throws: MartletError.self) { try other.start() }
  }

  @Test func `Many keys on many partitions are counted as one by one`() throws {
    let input = (0..<6).map { batch in (0..<20_000).map { Text("key number \(($0 * 7 + batch) % 15_000)") } }
    var counts: [Text: Int] = [:]
    let expected = input.map { batch in
      for key in batch { counts[key, default: 0] += 1 }
      return counts.values.reduce(0, +)
    }
    let table = try testOperation(input) {
      $0.map { ($0, 1) }.mapWithState(
        StateSpec.function { (_: Text, one: Int?, state: State<Int>) in
          try state.update((state.getOption() ?? 0) + (one ?? 0))
        }
      ).stateSnapshots().map { $0.1 }.reduce(+)
    }
    #expect(table == expected.map { [$0] })
  }

  private func counting() -> StateSpec<String, Int, Int, Int> {
    StateSpec.function { (_: String, one: Int?, state: State<Int>) -> Int in
      let sum = (state.getOption() ?? 0) + (one ?? 0)
      try state.update(sum)
      return sum
    }
  }

  /// Runs a key through its first batch, and through the one in which it times out.
  private func expectRefusal(
    _ part: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: @escaping @Sendable (State<Int>) throws -> Void
  ) throws {
    let error = #expect(throws: BatchFailure.self, sourceLocation: sourceLocation) {
      try testOperation([["a"], [], []]) {
        $0.map { ($0, 1) }.mapWithState(
          StateSpec.function { (_: String, _: Int?, state: State<Int>) in try body(state) }.timeout(.seconds(1)))
      }
    }
    let failure = try #require(error?.underlying as? OperatorFailure, sourceLocation: sourceLocation)
    #expect(failure.operatorName == "mapWithState" && failure.partition != nil, sourceLocation: sourceLocation)
    let says = "\(failure.underlying)".contains(part)
    #expect(says, "\(failure.underlying)", sourceLocation: sourceLocation)
  }
}
