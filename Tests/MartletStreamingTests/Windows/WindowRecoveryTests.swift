import MartletCore
import MartletTesting
import Testing

@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct WindowRecoveryTests {
  /// Writes windows of all kinds over the words of each batch's files.
  private static func start(
    _ folder: String, at time: Time = Time(milliseconds: 0), segmentBytes: Int = 4 << 20,
    _ onStep: (@Sendable (BatchStep) -> Void)? = nil
  ) throws -> TestStreamingContext {
    let test = recoverable(folder, at: time, segmentBytes: segmentBytes, onStep: onStep)
    let words = test.context.textFileStream("\(folder)/in").map { "\($0)" }
    let pairs = words.map { ($0, 1) }
    words.window(.seconds(3)).saveAsTextFiles("\(folder)/out/elements")
    pairs.reduceByKeyAndWindow(+, .seconds(4), .seconds(2)).saveAsTextFiles("\(folder)/out/merged")
    let counts = pairs.reduceByKeyAndWindow(+, -, .seconds(3)) { $0.1 > 0 }
    counts.saveAsTextFiles("\(folder)/out/inverse")
    counts.map { $0.1 }.reduceByWindow(+, .seconds(4), .seconds(2)).saveAsTextFiles("\(folder)/out/windows")
    try test.start()
    return test
  }

  /// The expected output after `batches` batches, each with its own number and "x".
  private static func expected(_ batches: Int) -> [String: [String]] {
    var expected: [String: [String]] = [:]
    func window(_ end: Int, _ length: Int) -> ClosedRange<Int> { max(1, end - length + 1)...end }
    for end in 1...batches {
      let three = window(end, 3)
      expected["elements-\(end)000"] = (three.map { "\($0)" } + three.map { _ in "x" }).sorted()
      expected["inverse-\(end)000"] = (three.map { #"("\#($0)", 1)"# } + [#"("x", \#(three.count))"#]).sorted()
      guard end % 2 == 0 else { continue }
      let four = window(end, 4)
      expected["merged-\(end)000"] = (four.map { #"("\#($0)", 1)"# } + [#"("x", \#(four.count))"#]).sorted()
      expected["windows-\(end)000"] = ["\(four.reduce(0) { $0 + 2 * window($1, 3).count })"]
    }
    return expected
  }

  private static func output(_ folder: ProgramFolder) throws -> [String: [String]] {
    try folder.output().mapValues { $0.sorted() }
  }

  private static func run(_ test: TestStreamingContext, _ folder: ProgramFolder, batches: ClosedRange<Int>) throws {
    for batch in batches {
      if !(try Folder.nameIsTaken("\(folder.path)/in/file-\(batch)")) {
        try folder.add("file-\(batch)", "\(batch)\nx\n")
      }
      try test.runBatch()
    }
  }

  @Test func `whenever the process is killed, windows are those of an undisturbed run`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let test = try Self.start(folder.path) { folder.takeImage("\($0)") }
      try Self.run(test, folder, batches: 1...5)
      test.stop()
      #expect(try Self.output(folder) == Self.expected(5))
      let images = folder.takeImages()
      #expect(Set(images.map(\.step)).count >= 10)
      for (step, image) in images {
        try folder.restore(image)
        let test = try Self.start(folder.path)
        try Self.run(test, folder, batches: 1...5)
        test.stop()
        #expect(try Self.output(folder) == Self.expected(5), "\(step)")
      }
    }
  }

  @Test(arguments: 1...8) func `a restart between two windows loses nothing of the next`(restart: Int) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func start(after batch: Int) throws -> (TestStreamingContext, [StreamOutput<Int>]) {
        let test = recoverable(folder.path, at: Time(milliseconds: batch * 1000))
        let numbers = test.context.textFileStream("\(folder.path)/in").map { Int("\($0)") ?? 0 }
        let pairs = numbers.map { ($0 % 2, [$0]) }
        let outputs = [
          test.output(of: numbers.window(.seconds(6), .seconds(4))),
          test.output(of: pairs.reduceByKeyAndWindow({ $0 + $1 }, .seconds(8), .seconds(4)).flatMap { $0.1 }),
          test.output(of: pairs.groupByKeyAndWindow(.seconds(8), .seconds(4)).flatMap { $0.1.flatMap { $0 } }),
          // Others request the input first.
          test.output(of: numbers),
        ]
        try test.start()
        return (test, outputs)
      }
      func run(_ test: TestStreamingContext, _ batches: ClosedRange<Int>) throws {
        for batch in batches {
          try folder.add("file-\(batch)", "\(batch * 10)\n\(batch * 10 + 1)\n")
          try test.runBatch()
        }
      }
      func records(_ batches: ClosedRange<Int>) -> [Int] { batches.flatMap { [$0 * 10, $0 * 10 + 1] } }
      let (first, _) = try start(after: 0)
      try run(first, 1...restart)
      first.stop()
      let (second, outputs) = try start(after: restart)
      try run(second, restart + 1...12)
      #expect(outputs[0].batches.last?.sorted() == records(7...12))
      #expect(outputs[1].batches.last?.sorted() == records(5...12))
      #expect(outputs[2].batches.last?.sorted() == records(5...12))
      let isFirstWindow = restart < 8
      if isFirstWindow { #expect(outputs[1].batches.dropLast().last?.sorted() == records(1...8)) }
      #expect(outputs[3].all == records(restart + 1...12))
      second.stop()
    }
  }

  @Test func `windows contain batches before a restart when the log has been truncated`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      var done = 0
      for batches in [5, 1, 1, 1, 6, 2, 3] {
        let test = try Self.start(folder.path, at: Time(milliseconds: done * 1000), segmentBytes: 64)
        try Self.run(test, folder, batches: done + 1...done + batches)
        test.stop()
        done += batches
      }
      let output = try Self.output(folder), expected = Self.expected(done)
      #expect(output.keys.sorted() == expected.keys.sorted())
      for (name, lines) in expected { #expect(output[name] == lines, "\(name)") }
    }
  }

  @Test func `windows over windows with long slides are unaffected by a restart between two slides`() throws {
    try withTemporaryFolder { root in
      func run(_ folder: ProgramFolder, _ batches: ClosedRange<Int>) throws {
        let test = recoverable(folder.path, at: Time(milliseconds: (batches.lowerBound - 1) * 1000))
        let words = test.context.textFileStream("\(folder.path)/in").map { "\($0)" }
        words.foreachRDD { _ in }
        words.map { ($0, 1) }.reduceByKeyAndWindow(+, .seconds(10), .seconds(2)).map { $0.0 }.window(.seconds(8))
          .saveAsTextFiles("\(folder.path)/out/words")
        try test.start()
        for batch in batches {
          try folder.add("file-\(batch)", "\(batch)\n")
          try test.runBatch()
        }
        test.stop()
      }
      let whole = try ProgramFolder("\(root)/whole"), restarted = try ProgramFolder("\(root)/restarted")
      try run(whole, 1...24)
      try run(restarted, 1...21)
      try run(restarted, 22...24)
      let expected = try Self.output(whole), output = try Self.output(restarted)
      // Four windows of ten words each.
      #expect(expected["words-22000"]?.count == 40 && expected["words-24000"]?.count == 40)
      #expect(output == expected)
    }
  }

  @Test func `pushed elements of batches that wait for their window survive a restart`() throws {
    try withTemporaryFolder { root in
      func program(at time: Int) throws -> (TestStreamingContext, TestStream<Int>, StreamOutput<Int>) {
        let test = recoverable(root, at: Time(milliseconds: time))
        let numbers = test.stream(of: Int.self)
        let output = test.output(of: numbers.window(.seconds(4), .seconds(2)))
        try test.start()
        return (test, numbers, output)
      }
      let (first, before, _) = try program(at: 0)
      before.push([1])
      before.push([2])
      try first.runBatch()
      #expect(before.waiting == 1)
      first.stop()
      let (second, after, output) = try program(at: 1000)
      after.push([2])
      after.push([3])
      after.push([4])
      try second.runBatches(3)
      #expect(output.batches == [[1, 2], [1, 2, 3, 4]])
      #expect(second.events.completedBatches.map(\.numRecords) == [1, 1, 1])
      second.stop()
    }
  }

  @Test func `streams know how far back later windows reach`() {
    let test = TestStreamingContext()
    defer { test.stop() }
    let numbers = test.stream(of: Int.self), others = test.stream(of: Int.self)
    let pairs = numbers.map { ($0, 1) }
    let counts = pairs.reduceByKeyAndWindow(+, .seconds(10))
    _ = test.output(of: counts.window(.seconds(4), .seconds(2)))
    _ = test.output(of: pairs.groupByKeyAndWindow(.seconds(12)))
    _ = test.output(of: others)
    let history = test.context.graph.historyDurations()
    #expect(history[counts.id] == .seconds(4))
    #expect(history[numbers.id] == .seconds(14))
    #expect(history[others.id] == .zero)
  }
}
