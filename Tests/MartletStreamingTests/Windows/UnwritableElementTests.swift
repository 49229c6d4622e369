import MartletCore
import MartletTesting
import TestSupport
import Testing

@testable import MartletStreaming

/// Elements that cannot be written to disk, and exceed the memory for retained elements.
@Suite(.timeLimit(.minutes(30))) struct UnwritableElementTests {
  private final class Token: Sendable {
    let number: Int
    init(_ number: Int) { self.number = number }
  }

  private struct Reading: Sendable, Codable {
    let number: Int
    let name: Text
  }

  /// Runs ten batches of a hundred numbers, with this much memory; returns the warnings.
  private func warnings(
    memory: Int = 1 << 30, taskMemory: Int = 1 << 20, _ build: (DStream<Int>, TestStreamingContext) -> Void
  ) throws -> [String] {
    try withTemporaryFolder { folder in
      let log = RecordedLog()
      let conf = MartletConf().setMaster("local[2]").set(.memoryBytes, to: memory)
        .set(.taskMemoryBytes, to: taskMemory).set(.localDirectory, to: folder)
      let test = TestStreamingContext(MartletContext(conf: conf, logger: log.logger), batchInterval: .seconds(1))
      defer { test.stop() }
      let numbers = test.stream(of: Int.self)
      build(numbers, test)
      try test.start()
      for n in 0..<10 {
        numbers.push(Array(n * 100..<(n + 1) * 100))
        try test.runBatch()
      }
      return log.messages.filter { $0.hasPrefix("warning") }
    }
  }

  @Test func `objects in a window stay in memory, and the log says so once for each stream`() throws {
    var windows: [StreamOutput<Int>] = []
    let line = #line + 2
    let warnings = try warnings(memory: 1000) { numbers, test in
      let tokens = numbers.map { Token($0) }
      windows = [3, 5].map { test.output(of: tokens.window(.seconds($0)).map { $0.number }) }
      _ = test.output(of: numbers.filter { $0 >= 0 }.map { [Token($0)] }.window(.seconds(2)).count())
    }
    #expect(windows.map { $0.batches.last } == [Array(700..<1000), Array(500..<1000)])
    #expect(warnings.count == 2)
    let first = try #require(warnings.first { $0.contains("UnwritableElementTests.swift:\(line):") })
    for part in ["map at ", "martlet.memory.bytes", "Token", "Codable"] { #expect(first.contains(part)) }
  }

  @Test func `elements that cannot make space for others are also reported`() throws {
    var texts: StreamOutput<Text>?
    let warnings = try warnings(memory: 8000) { numbers, test in
      // No longer read, so the first candidates for the disk.
      let tokens = numbers.filter { $0 < 100 }.map { Token($0) }
      _ = test.output(of: tokens.window(.seconds(20), .seconds(20)).count())
      texts = test.output(of: numbers.map { Text("a text of more than fifteen bytes: \($0)") }.window(.seconds(2)))
    }
    #expect(texts?.batches.last == (800..<1000).map { Text("a text of more than fifteen bytes: \($0)") })
    #expect(warnings.count == 1 && warnings[0].contains("Token"))
  }

  @Test func `objects in tables of windows by key stay in memory, and the log says so once`() throws {
    var sums: [StreamOutput<Int>] = []
    let line = #line + 3
    let warnings = try warnings(taskMemory: 1000) { numbers, test in
      let pairs = numbers.map { ($0 % 200, Token(1)) }
      let added = pairs.reduceByKeyAndWindow({ Token($0.number + $1.number) }, .seconds(4), .seconds(1))
      let changed = pairs.reduceByKeyAndWindow(
        { Token($0.number + $1.number) }, { Token($0.number - $1.number) }, .seconds(4), .seconds(1))
      sums = [added, changed].map { test.output(of: $0.map { $0.1.number }.reduce(+)) }
    }
    #expect(sums.map { $0.batches.last } == [[400], [400]])
    #expect(warnings.count == 2)
    let first = try #require(warnings.first { $0.contains("UnwritableElementTests.swift:\(line):") })
    for part in ["reduceByKeyAndWindow at ", "martlet.task.memory.bytes", "Token"] {
      #expect(first.contains(part))
    }
  }

  @Test func `no warning is logged within the bound, nor for elements that go to disk`() throws {
    let within = try warnings { numbers, test in
      _ = test.output(of: numbers.map { Token($0) }.window(.seconds(5)).count())
      _ = test.output(
        of: numbers.map { ($0 % 9, Token(1)) }.reduceByKeyAndWindow({ a, _ in a }, .seconds(4), .seconds(1)).count())
    }
    #expect(within == [])
    let written = try warnings(memory: 1000, taskMemory: 1000) { numbers, test in
      _ = test.output(of: numbers.map { Reading(number: $0, name: "a") }.window(.seconds(5)).count())
      _ = test.output(
        of: numbers.map { ($0, Reading(number: $0, name: "a")) }
          .reduceByKeyAndWindow({ a, _ in a }, .seconds(4), .seconds(1)).count())
    }
    #expect(written == [])
  }
}
