import MartletTesting
import Testing

@Suite(.timeLimit(.minutes(30))) struct WindowOperatorTests {
  private let numbers = [[0], [1], [2], [3], [], [5]]

  /// Runs windows over batches one second apart and compares the results, in all the ways of `checkOperator`.
  private func check<Input: Sendable, Output: Sendable>(
    _ input: [[Input]], _ expected: [[Output]], sourceLocation: SourceLocation = #_sourceLocation,
    _ operation: (DStream<Input>) -> DStream<Output>
  ) throws {
    try checkOperator(input, expected, isStateless: false, sourceLocation: sourceLocation, operation)
  }

  // MARK: window

  @Test func `window has the elements of the last batches, and fewer at first`() throws {
    try check(numbers, [[0], [0, 1], [1, 2], [2, 3], [3], [5]]) { $0.window(.seconds(2)) }
    try check(numbers, [[0], [0, 1], [0, 1, 2], [1, 2, 3], [2, 3], [3, 5]]) { $0.window(.seconds(3), .seconds(1)) }
  }

  @Test func `window that slides by several batches has an RDD only for each slide`() throws {
    try check(numbers, [[0, 1], [0, 1, 2, 3], [2, 3, 5]]) { $0.window(.seconds(4), .seconds(2)) }
    try check(numbers, [[0, 1, 2], [1, 2, 3, 5]]) { $0.window(.seconds(5), .seconds(3)) }
  }

  @Test func `window that slides by its length has every element once`() throws {
    try check(numbers, [[0, 1], [2, 3], [5]]) { $0.window(.seconds(2), .seconds(2)) }
  }

  @Test func `window that slides by more than its length leaves batches out`() throws {
    try check(numbers, [[1, 2], [5]]) { $0.window(.seconds(2), .seconds(3)) }
    try check([["a"], ["b"], ["c"], ["d"], ["e"], ["f"]], [[("b", 1), ("c", 1)], [("e", 1), ("f", 1)]]) {
      $0.map { ($0, 1) }.reduceByKeyAndWindow(+, .seconds(2), .seconds(3))
    }
    try check([["a"], ["b"], ["c"], ["d"], ["e"], ["b"]], [[("b", 1), ("c", 1)], [("b", 1), ("c", 0), ("e", 1)]]) {
      $0.map { ($0, 1) }.reduceByKeyAndWindow(+, -, .seconds(2), .seconds(3))
    }
  }

  @Test func `window that is longer than the stream has everything`() throws {
    try check(numbers, [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3, 5]]) {
      $0.window(.seconds(100))
    }
  }

  @Test func `window keeps the order of the batches`() throws {
    let table = try testOperation([[3], [1], [2]], numPartitions: 1) { $0.window(.seconds(3)) }
    #expect(table == [[3], [3, 1], [3, 1, 2]])
  }

  @Test func `windows of windows look back over both`() throws {
    let powers = [[1], [2], [4], [8], [16], [32]]
    try check(powers, [[1], [4], [9], [18], [36], [72]]) {
      $0.window(.seconds(2)).reduceByWindow(+, .seconds(2), .seconds(1))
    }
    // 1, 3, 7, 14, 28, 56: two of them each time.
    try check(powers, [[4], [21], [84]]) {
      $0.reduceByWindow(+, -, .seconds(3), .seconds(1)).window(.seconds(2), .seconds(2)).reduce(+)
    }
  }

  @Test func `windows with gaps from a later window have all of their batches`() throws {
    let powers = (0..<8).map { [("k", 1 << $0)] }
    let expected = [[("k", 15)], [("k", 240)]]
    try check(powers, expected) {
      $0.reduceByKeyAndWindow(+, .seconds(4), .seconds(1)).window(.seconds(1), .seconds(4))
    }
    try check(powers, expected) {
      $0.reduceByKeyAndWindow(+, -, .seconds(4), .seconds(1)).window(.seconds(1), .seconds(4))
    }
    try check(powers, expected) {
      $0.groupByKeyAndWindow(.seconds(4), .seconds(1)).mapValues { $0.reduce(0, +) }.window(.seconds(1), .seconds(4))
    }
    try check(powers, [[4], [4]]) { $0.countByWindow(.seconds(4), .seconds(1)).window(.seconds(1), .seconds(4)) }
    // Gaps, and several of the windows after each.
    try check(powers, [[("k", 7), ("k", 14)], [("k", 112), ("k", 224)]]) {
      $0.reduceByKeyAndWindow(+, .seconds(3), .seconds(1)).window(.seconds(2), .seconds(4))
    }
  }

  @Test func `batches shorter than a second are counted exactly`() throws {
    let powers = [[1], [2], [4], [8]]
    let table = try testOperation(powers, batchInterval: .milliseconds(1)) {
      $0.reduceByWindow(+, .milliseconds(2), .milliseconds(1))
    }
    #expect(table == [[1], [3], [6], [12]])
  }

  // MARK: Reducing and counting

  @Test func `reduceByWindow combines the elements of a window and gives nothing for an empty window`() throws {
    let input = [[1, 2], [3], [], [], [4]]
    try check(input, [[3], [6], [3], [], [4]]) { $0.reduceByWindow(+, .seconds(2), .seconds(1)) }
    try check(input, [[6], []]) { $0.reduceByWindow(+, .seconds(2), .seconds(2)) }
  }

  @Test func `reduceByWindow with an inverse gives the remainder for an empty window`() throws {
    let input = [[], [1, 2], [3], [], [], [4]]
    try check(input, [[], [3], [6], [3], [0], [4]]) {
      $0.reduceByWindow(+, -, .seconds(2), .seconds(1))
    }
  }

  @Test func `countByWindow counts the elements of a window, and 0 if there are none`() throws {
    try check([[], [1], [1], [1, 2], [0], [], []], [[0], [1], [2], [3], [3], [1], [0]]) {
      $0.countByWindow(.seconds(2), .seconds(1))
    }
    try check([[1], [1], [1, 2], [0], []], [[2], [4]]) { $0.countByWindow(.seconds(3), .seconds(2)) }
  }

  @Test func `countByValueAndWindow counts each element and forgets elements that have left`() throws {
    let input = [["a"], ["b", "b"], ["a", "b"], [], []]
    let expected = [[("a", 1)], [("a", 1), ("b", 2)], [("a", 1), ("b", 3)], [("a", 1), ("b", 1)], []]
    try check(input, expected) { $0.countByValueAndWindow(.seconds(2), .seconds(1)) }
    try check(input, expected) { $0.countByValueAndWindow(.seconds(2), .seconds(1), 5) }
  }

  // MARK: By key

  private let pairs = [
    [("a", 1)], [("a", 1), ("b", 1)], [], [("a", 1), ("c", 1), ("a", 3)], [("b", 2)], [],
  ]

  @Test func `reduceByKeyAndWindow combines the values of a key in a window`() throws {
    let expected = [
      [("a", 1)], [("a", 2), ("b", 1)], [("a", 1), ("b", 1)], [("a", 4), ("c", 1)], [("a", 4), ("b", 2), ("c", 1)],
      [("b", 2)],
    ]
    try check(pairs, expected) { $0.reduceByKeyAndWindow(+, .seconds(2)) }
    try check(pairs, expected) { $0.reduceByKeyAndWindow(+, .seconds(2), .seconds(1)) }
    try check(pairs, expected) { $0.reduceByKeyAndWindow(+, .seconds(2), .seconds(1), 5) }
    try check(pairs, expected) {
      $0.reduceByKeyAndWindow(+, .seconds(2), .seconds(1), HashPartitioner(numPartitions: 3))
    }
  }

  @Test func `reduceByKeyAndWindow with an inverse keeps keys whose values have left`() throws {
    let expected = [
      [("a", 1)], [("a", 2), ("b", 1)], [("a", 1), ("b", 1)], [("a", 4), ("b", 0), ("c", 1)],
      [("a", 4), ("b", 2), ("c", 1)], [("a", 0), ("b", 2), ("c", 0)],
    ]
    try check(pairs, expected) { $0.reduceByKeyAndWindow(+, -, .seconds(2)) }
    try check(pairs, expected) { $0.reduceByKeyAndWindow(+, -, .seconds(2), .seconds(1), 5) }
    try check(pairs, expected) {
      $0.reduceByKeyAndWindow(+, -, .seconds(2), .seconds(1), HashPartitioner(numPartitions: 3))
    }
  }

  @Test func `filterFunc drops keys from the window`() throws {
    let expected = [
      [("a", 1)], [("a", 2), ("b", 1)], [("a", 1), ("b", 1)], [("a", 4), ("c", 1)], [("a", 4), ("b", 2), ("c", 1)],
      [("b", 2)],
    ]
    try check(pairs, expected) { $0.reduceByKeyAndWindow(+, -, .seconds(2)) { $0.1 > 0 } }
    try check(pairs, expected) {
      $0.reduceByKeyAndWindow(+, -, .seconds(2), .seconds(1), 5, filterFunc: { _, count in count != 0 })
    }
    try check(pairs, expected) {
      $0.reduceByKeyAndWindow(+, -, .seconds(2), .seconds(1), HashPartitioner(numPartitions: 3)) { $0.1 > 0 }
    }
  }

  @Test func `a key that filterFunc has dropped counts as new`() throws {
    // The 1 of the first batch is dropped at once: when it leaves, there is no value to subtract it from.
    let input = [[("a", 1)], [], [], [("a", 5)], [("a", 1)], []]
    let expected = [[], [], [], [("a", 5)], [("a", 6)], []]
    try check(input, expected) { $0.reduceByKeyAndWindow(+, -, .seconds(2)) { $0.1 > 1 } }
  }

  @Test func `reduceByKeyAndWindow slides by several batches`() throws {
    let expected = [[("a", 2), ("b", 1)], [("a", 5), ("b", 1), ("c", 1)], [("a", 4), ("b", 2), ("c", 1)]]
    try check(pairs, expected) { $0.reduceByKeyAndWindow(+, .seconds(3), .seconds(2)).mapValues { $0 } }
    try check(pairs, expected) { $0.reduceByKeyAndWindow(+, -, .seconds(3), .seconds(2)) { $0.1 > 0 } }
    let tumbling = [[("a", 2), ("b", 1)], [("a", 4), ("c", 1), ("b", 2)]]
    try check(pairs, tumbling) { $0.reduceByKeyAndWindow(+, .seconds(3), .seconds(3)) }
    try check(pairs, tumbling) { $0.reduceByKeyAndWindow(+, -, .seconds(3), .seconds(3)) { $0.1 > 0 } }
  }

  @Test func `groupByKeyAndWindow collects the values of a key, oldest batch first`() throws {
    let expected = [
      [("a", [1])], [("a", [1, 1]), ("b", [1])], [("a", [1]), ("b", [1])], [("a", [1, 3]), ("c", [1])],
      [("a", [1, 3]), ("b", [2]), ("c", [1])], [("b", [2])],
    ]
    try check(pairs, expected) { $0.groupByKeyAndWindow(.seconds(2)) }
    try check(pairs, expected) { $0.groupByKeyAndWindow(.seconds(2), .seconds(1)) }
    try check(pairs, expected) { $0.groupByKeyAndWindow(.seconds(2), .seconds(1), 5) }
    try check(pairs, expected) {
      $0.groupByKeyAndWindow(.seconds(2), .seconds(1), HashPartitioner(numPartitions: 3))
    }
    try check(pairs, [[("a", [1, 1]), ("b", [1])], [("a", [1, 3]), ("b", [2]), ("c", [1])]]) {
      $0.groupByKeyAndWindow(.seconds(3), .seconds(3))
    }
  }

  @Test func `values are combined from the oldest to the newest in windows of any length`() throws {
    let letters = (0..<70).map { [("k", String(UnicodeScalar(UInt8(48 + $0))))] }
    for window in [1, 2, 3, 5, 8, 9, 31, 33, 64] {
      let expected = plainWindows(letters, window, 1).map { plainReduce($0, +) }
      let naive = try testOperation(letters) { $0.reduceByKeyAndWindow(+, .seconds(window)) }
      #expect(naive == expected, "window of \(window)")
      let inverse = try testOperation(letters) {
        $0.reduceByKeyAndWindow(+, { String($0.dropFirst($1.count)) }, .seconds(window))
      }
      #expect(inverse == expected, "window of \(window)")
    }
  }

  @Test func `all forms agree with a plain computation on random windows`() throws {
    var random = NumberSequence(state: 42)
    for _ in 0..<30 {
      let slide = 1 + random.next(4)
      let window = 1 + random.next(random.next(3) == 0 ? 50 : 12)
      let input = (0..<window + 30).map { _ in
        (0..<(random.next(3) == 0 ? 0 : random.next(12))).map { _ in ("k\(random.next(9))", 1 + random.next(5)) }
      }
      let expected = bags(plainWindows(input, window, slide).map { plainReduce($0, +) })
      let length = Duration.seconds(window), step = Duration.seconds(slide)
      let comment: Comment = "window of \(window) sliding by \(slide)"
      func table(_ operation: (DStream<(String, Int)>) -> DStream<(String, Int)>) throws -> [[String]] {
        bags(try testOperation(input, numPartitions: 1 + random.next(3), operation))
      }
      #expect(try table { $0.reduceByKeyAndWindow(+, length, step) } == expected, comment)
      #expect(try table { $0.reduceByKeyAndWindow(+, -, length, step) { $0.1 != 0 } } == expected, comment)
      #expect(
        try table { $0.reduceByKeyAndWindow(+, -, length, step).filter { $0.1 != 0 } } == expected, comment)
      #expect(try table { $0.window(length, step).reduceByKey(+) } == expected, comment)
      #expect(
        try table { $0.groupByKeyAndWindow(length, step).mapValues { $0.reduce(0, +) } } == expected, comment)
    }
  }

  @Test func `many keys are counted over many partitions`() throws {
    let words = (0..<6).map { batch in (0..<3000).map { Text("word number \(($0 * 7 + batch * 311) % 1700)") } }
    let expected = plainWindows(words, 3, 1).map { window in
      Dictionary(grouping: window, by: { $0 }).map { ($0.key, $0.value.count) }
    }
    try check(words, expected) { $0.map { ($0, 1) }.reduceByKeyAndWindow(+, .seconds(3)) }
    try check(words, expected) { $0.countByValueAndWindow(.seconds(3), .seconds(1)) }
  }
}
