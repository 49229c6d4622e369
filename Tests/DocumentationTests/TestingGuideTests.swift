import MartletTesting
import Testing

// The tests of docs/testing.md; `MarkdownTests` compares them line by line.

func countWords(_ lines: DStream<Text>) -> DStream<(Text, Int)> {
  lines.flatMap { $0.split(separator: " ") }.map { ($0, 1) }.reduceByKey(+)
}

@Suite("The tests of the testing guide") struct TestingGuideTests {
  @Test("Words are counted in each batch by itself") func wordsAreCounted() throws {
    let input: [[Text]] = [["to be or", "not to be"], [], ["be"]]
    let expected: [[(Text, Int)]] = [[("be", 2), ("not", 1), ("or", 1), ("to", 2)], [], [("be", 1)]]
    let counts = try testOperation(input, countWords)
    #expect(counts.sortedBatches() == expected)
  }

  @Test("Visits are joined with the names of the same batch") func visitsAreJoined() throws {
    let visits = [[(1, "/home"), (2, "/shop")], [(1, "/shop")]]
    let names = [[(1, "Ada")], [(1, "Ada"), (2, "Grace")]]
    let joined = try testOperation(visits, names) { visits, names in visits.join(names) }
    #expect(joined == [[(1, ("/home", "Ada"))], [(1, ("/shop", "Ada"))]])
  }

  @Test("A late element is in the next batch") func lateElements() throws {
    let test = TestStreamingContext(batchInterval: .seconds(10))
    defer { test.stop() }
    let words = test.stream(of: Text.self)
    let counts = test.output(of: countWords(words))
    try test.start()

    words.push(["early", "early"])
    let first = try test.runBatch()
    words.push(["late"])
    let second = try test.runBatch()

    #expect(second - first == .seconds(10))
    #expect(counts.batch(at: second)?.map(\.0) == ["late"])
  }

  @Test("A word that is no number fails the batch and names the map") func failure() throws {
    struct NotANumber: Error {}
    let failure = #expect(throws: BatchFailure.self) {
      try testOperation([["1", "two"]] as [[Text]]) { words in
        words.map { word in
          guard let number = Int(word) else { throw NotANumber() }
          return number
        }
      }
    }
    let operation = try #require(failure?.underlying as? OperatorFailure)
    #expect(operation.operatorName == "map")
    #expect(operation.underlying is NotANumber)
  }
}
