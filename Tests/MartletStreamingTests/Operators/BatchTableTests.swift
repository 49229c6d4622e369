import MartletTesting
import Testing

@Suite(.timeLimit(.minutes(30))) struct BatchTableTests {
  @Test func `a table of one stream runs batch by batch`() throws {
    #expect(try testOperation([[1, 2], [3]]) { $0.map { $0 + 1 } } == [[2, 3], [4]])
  }

  @Test func `a table of two streams runs batch by batch`() throws {
    let sums = try testOperation([[1, 2], [3]], [["a"], [], ["b", "c"]]) { numbers, letters in
      numbers.transformWith(letters) { numbers, letters in
        let factor = try letters.count()
        return numbers.map { $0 * factor }
      }
    }
    #expect(sums == [[1, 2], [0], []])
  }

  @Test func `batches after the input are empty`() throws {
    #expect(try testOperation([[1]], numBatches: 3) { $0.filter { _ in true } } == [[1], [], []])
  }

  @Test func `pairs are compared in any order`() throws {
    let counts = try testOperation([["b", "a", "b"], []]) { $0.map { ($0, 1) }.reduceByKey(+) }
    #expect(counts.sortedBatches() == [[("a", 1), ("b", 2)], []])
    #expect(!(counts.sortedBatches() == [[("a", 1), ("b", 3)], []]))
    #expect(!(counts.sortedBatches() == [[("a", 1), ("b", 2)]]))
    let twice = [[("b", 1), ("a", 3), ("a", 1), ("a", 2)]]
    #expect(twice.sortedBatches() == [[("a", 1), ("a", 2), ("a", 3), ("b", 1)]])
  }

  @Test func `batches are pushed and inspected one by one`() throws {
    let test = TestStreamingContext()
    let numbers = test.stream(of: Int.self)
    let doubled = test.output(of: numbers.map { $0 * 2 })
    try test.start()
    numbers.push([1, 2])
    #expect(try test.runBatch() == Time(milliseconds: 1000))
    #expect(doubled.batches == [[2, 4]])
    numbers.push([5])
    try test.runBatches(2)
    #expect(doubled.batches == [[2, 4], [10], []])
    #expect(doubled.batch(at: Time(milliseconds: 2000)) == [10])
    #expect(test.events.completedBatches.map(\.batchTime.milliseconds) == [1000, 2000, 3000])
    test.stop()
    #expect(test.context.getState() == .stopped)
  }

  @Test func `a failing batch is thrown`() {
    struct Refusal: Error {}
    #expect(throws: BatchFailure.self) {
      try testOperation([[1], [2]]) { $0.map { if $0 == 2 { throw Refusal() } else { $0 } } }
    }
  }

  @Test func `many tables run at the same time`() async throws {
    try await withThrowingTaskGroup(of: [[Int]].self) { group in
      for n in 0..<20 { group.addTask { try testOperation([[n], [n + 1]]) { $0.map { $0 * 10 } } } }
      var sum = 0
      for try await table in group { sum += table[1][0] }
      #expect(sum == (1...20).reduce(0) { $0 + $1 * 10 })
    }
  }
}
