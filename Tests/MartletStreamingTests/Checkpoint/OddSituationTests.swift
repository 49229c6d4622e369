import MartletCore
import MartletRDD
import MartletTesting
import Synchronization
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

/// Clocks that jump, very long batches, closures that throw: no batch is lost or run twice.
@Suite(.timeLimit(.minutes(30))) struct OddSituationTests {
  /// Running totals of the words of a folder's files, and the batches that ran, in order.
  private static func start(
    _ folder: String, at time: Time = Time(milliseconds: 0), onStep: (@Sendable (BatchStep) -> Void)? = nil,
    each: @escaping @Sendable (Time) throws -> Void = { _ in }
  ) throws -> TestStreamingContext {
    let test = recoverable(folder, at: time, onStep: onStep)
    let lines = test.context.textFileStream("\(folder)/in")
    lines.foreachRDD { _, time in try each(time) }
    lines.map { ($0, 1) }.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
      .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(folder)/out/batch")
    try test.start()
    return test
  }

  private static func second(_ number: Int) -> Time { Time(milliseconds: number * 1000) }

  @Test func `a clock that jumps back and forth loses no batch and repeats none`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let times = Mutex<[Time]>([])
      func start(at time: Time) throws -> TestStreamingContext {
        try Self.start(folder.path, at: time, each: { time in times.withLock { $0.append(time) } })
      }
      let first = try start(at: Self.second(100))
      try folder.add("a", "x\n")
      try first.runBatch()
      first.clock.set(Self.second(3))
      first.clock.set(Self.second(101))
      first.clock.advance(by: .milliseconds(-500))
      try folder.add("b", "x\ny\n")
      first.clock.set(Self.second(105))
      try first.context.waitUntilCompleted(Self.second(105))
      first.clock.set(Self.second(50))
      first.stop()
      // Also across a restart: the clock shows a time before the last batch.
      let second = try start(at: Self.second(20))
      try folder.add("c", "y\n")
      second.clock.set(Self.second(105))
      second.clock.set(Self.second(106))
      try second.context.waitUntilCompleted(Self.second(106))
      second.stop()
      let third = try start(at: Self.second(108))
      try third.context.waitUntilCompleted(Self.second(108))
      third.stop()
      #expect(times.withLock { $0 } == (101...108).map { Self.second($0) })
      let output = try folder.output().mapValues { $0.sorted() }
      #expect(output["batch-101000"] == ["x 1"])
      #expect(output["batch-105000"] == ["x 2", "y 1"])
      #expect(output["batch-108000"] == ["x 2", "y 2"])
      #expect(output.count == 8)
    }
  }

  @Test func `a batch that takes a hundred intervals delays the others, and a kill then loses none of them`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let gate = Condition()
      nonisolated(unsafe) var isOpen = false
      nonisolated(unsafe) var planned = 0
      let test = try Self.start(
        folder.path,
        onStep: { step in
          guard step == .planLogged else { return }
          gate.withLock {
            planned += 1
            gate.broadcast()
          }
        },
        each: { time in
          guard time == Self.second(1) else { return }
          gate.withLock { while !isOpen { gate.wait() } }
        })
      try folder.add("a", "x\n")
      test.clock.set(Self.second(1))
      gate.withLock { while planned < 1 { gate.wait() } }
      try folder.add("b", "x\ny\n")
      test.clock.set(Self.second(100))
      gate.withLock { while planned < 100 { gate.wait() } }
      folder.takeImage("within the first batch")
      gate.withLock {
        isOpen = true
        gate.broadcast()
      }
      try test.context.waitUntilCompleted(Self.second(100))
      test.stop()
      let expected = try folder.output().mapValues { $0.sorted() }
      #expect(expected.count == 100 && expected["batch-100000"] == ["x 2", "y 1"])
      try folder.restore(try #require(folder.takeImages().first?.path))
      #expect(try folder.output().isEmpty)
      let again = try Self.start(folder.path)
      try again.context.waitUntilCompleted(Self.second(100))
      again.stop()
      #expect(try folder.output().mapValues { $0.sorted() } == expected)
    }
  }

  @Test func `a closure that throws on one record stops the program, which continues from there after a fix`()
    throws
  {
    struct Unwelcome: Error, CustomStringConvertible {
      let description: String
    }
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      nonisolated(unsafe) var line: UInt = 0
      func start(_ parse: @escaping @Sendable (Text) throws -> Int) throws -> TestStreamingContext {
        let test = recoverable(folder.path)
        line = UInt(#line + 1)
        test.context.textFileStream("\(folder.path)/in").map { (0, try parse($0)) }
          .updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
          .map { "\($0.1)" }.saveAsTextFiles("\(folder.path)/out/batch")
        try test.start()
        return test
      }
      let broken = try start { text in
        guard let number = Int("\(text)") else { throw Unwelcome(description: "'\(text)' is no number") }
        return number
      }
      try folder.add("a", "1\n2\n")
      try broken.runBatch()
      try folder.add("b", "3\nfour\n5\n")
      let failure = #expect(throws: BatchFailure.self) { try broken.runBatch() }
      #expect(failure?.batchTime == Self.second(2))
      let text = "\(try #require(failure))"
      #expect(text.contains("map at MartletStreamingTests/OddSituationTests.swift:\(line)"), "\(text)")
      #expect(text.contains("'four' is no number"), "\(text)")
      broken.stop()
      // Files that come meanwhile belong to a later batch.
      try folder.add("c", "100\n")
      let mended = try start { Int("\($0)") ?? 4 }
      try mended.context.waitUntilCompleted(Self.second(2))
      mended.clock.set(Self.second(3))
      try mended.context.waitUntilCompleted(Self.second(3))
      mended.stop()
      #expect(
        try folder.output() == ["batch-1000": ["3"], "batch-2000": ["15"], "batch-3000": ["115"]])
    }
  }

  @Test("one key may have all the records", arguments: [1, 4])
  func oneKey(_ threads: Int) throws {
    try withTemporaryFolder { root in
      let records = fullScale ? 20_000_000 : 100_000
      func start() throws -> (TestStreamingContext, TestStream<Int>, StreamOutput<Int>, StreamOutput<Int>) {
        let test = recoverable(root, master: "local[\(threads)]")
        let numbers = test.stream(of: Int.self, numPartitions: 4)
        let pairs = numbers.flatMap { n in (0..<n).lazy.map { _ in ("key", 1) } }
        let updated = pairs.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
        let mapped = pairs.mapWithState(
          StateSpec.function { (key: String, value: Int?, state: State<Int>) in
            try state.update((state.getOption() ?? 0) + (value ?? 0))
            return try state.get()
          })
        let (a, b) = (test.output(of: updated.map { $0.1 }), test.output(of: mapped.reduce { max($0, $1) }))
        try test.start()
        return (test, numbers, a, b)
      }
      let (first, numbers, updated, mapped) = try start()
      numbers.push([records])
      numbers.push([records / 2, 1])
      try first.runBatches(2)
      first.stop()
      #expect(updated.batches.flatMap { $0 } == [records, records / 2 * 3 + 1])
      #expect(mapped.batches.flatMap { $0 } == [records, records / 2 * 3 + 1])
      let (second, more, updatedThen, mappedThen) = try start()
      more.push([2])
      second.clock.set(Self.second(3))
      try second.context.waitUntilCompleted(Self.second(3))
      second.stop()
      #expect(updatedThen.batches.last == [records / 2 * 3 + 3] && mappedThen.batches.last == [records / 2 * 3 + 3])
    }
  }

  /// Ten million keys take some minutes in a build for debugging, which uses a part of them.
  @Test func `millions of keys are held in little memory and survive a restart`() throws {
    try withTemporaryFolder { root in
      let keys = fullScale ? 10_000_000 : 200_000
      let step = keys / 10
      func start() throws -> (TestStreamingContext, TestStream<Int>, StreamOutput<[Int]>) {
        let test = recoverable(root, master: "local[4]")
        let numbers = test.stream(of: Int.self, numPartitions: 4)
        let counted = numbers.flatMap { n in (n * step..<(n + 1) * step).lazy.map { ($0, 1) } }
          .mapWithState(
            StateSpec.function { (key: Int, value: Int?, state: State<Int>) in
              try state.update((state.getOption() ?? 0) + (value ?? 0))
              return try state.get()
            })
        // The number of keys, and the number of occurrences in all.
        let sums = test.output(of: counted.map { (1, $0) }.reduce { ($0.0 + $1.0, $0.1 + $1.1) }.map { [$0.0, $0.1] })
        try test.start()
        return (test, numbers, sums)
      }
      let memory = residentBytes()
      let (first, numbers, sums) = try start()
      for n in 0..<10 { numbers.push([n]) }
      for n in 0..<4 { numbers.push([n]) }
      try first.runBatches(14)
      first.stop()
      let once = Array(repeating: [[step, step]], count: 10)
      #expect(sums.batches == once + Array(repeating: [[step, 2 * step]], count: 4))
      let perKey = (residentBytes() - memory) / keys
      // Includes the needs of the batches themselves, and of other tests of this process.
      if fullScale { #expect(perKey < 400, "\(perKey) bytes") }
      let began = MonotonicTime.now
      let (second, more, sumsThen) = try start()
      more.push([0])
      more.push([9])
      second.clock.set(Self.second(16))
      try second.context.waitUntilCompleted(Self.second(16))
      let seconds = Double(MonotonicTime.now.nanoseconds - began.nanoseconds) / 1e9
      second.stop()
      #expect(Array(sumsThen.batches.suffix(2)) == [[[step, 3 * step]], [[step, 2 * step]]])
      if fullScale { print("\(keys) keys: \(perKey) bytes a key at most, \(seconds) s for a restart and two batches") }
    }
  }

  @Test func `the number of threads may change across a restart of a program with a receiver`() throws {
    func start(_ folder: String, threads: Int) throws -> (TestStreamingContext, HandReceiver<String>) {
      let test = recoverable(folder, master: "local[\(threads)]")
      let receiver = HandReceiver<String>()
      let words = test.context.receiverStream(receiver)
      words.map { ($0, 1) }.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(folder)/out/totals")
      words.map { ($0, 1) }.reduceByKeyAndWindow({ $0 + $1 }, .seconds(3), .seconds(1))
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(folder)/out/window")
      try test.start()
      #expect(test.events.wait { $0.contains { $0.name == "receiverStarted" } })
      return (test, receiver)
    }
    let batches = (0..<6).map { batch in (0..<50).map { "\($0 * (batch + 1) % 17)" } }
    try withTemporaryFolder { root in
      var expected: [String: [String]]?
      for counts in [[2, 2], [3, 3], [4, 2], [2, 5]] {
        let folder = try ProgramFolder("\(root)/run-\(counts[0])-\(counts[1])")
        let (first, receiver) = try start(folder.path, threads: counts[0])
        for batch in batches[..<3] {
          receiver.store(contentsOf: batch)
          try first.runBatch()
        }
        // On the disk and in no batch when the process dies.
        receiver.store(contentsOf: batches[3])
        folder.takeImage("killed")
        first.stop()
        try folder.restore(try #require(folder.takeImages().first?.path))
        let (second, other) = try start(folder.path, threads: counts[1])
        second.clock.set(Self.second(3))
        try second.runBatch()
        for batch in batches[4...] {
          other.store(contentsOf: batch)
          try second.runBatch()
        }
        second.stop()
        let output = try folder.output().mapValues { $0.sorted() }
        #expect(output.count == 12)
        if expected == nil {
          expected = output
          let counts = batches.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
          #expect(output["totals-6000"] == counts.map { "\($0.key) \($0.value)" }.sorted())
        }
        #expect(output == expected, "\(counts)")
      }
    }
  }
}
