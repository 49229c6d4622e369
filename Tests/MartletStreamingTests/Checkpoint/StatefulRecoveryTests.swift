import MartletCore
import MartletLog
import MartletRDD
import MartletTesting
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

/// Programs with state that are killed at each step, and must give the results of an undisturbed run.
@Suite(.timeLimit(.minutes(30))) struct StatefulRecoveryTests {
  /// The operations of a program on the lines of a folder's files.
  struct Program: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let setUp: @Sendable (DStream<Text>, String) -> Void
  }

  static let programs = [
    Program(testDescription: "updateStateByKey") { lines, prefix in
      lines.map { ($0, 1) }
        .updateStateByKey { values, total in
          // A key is removed when it comes a third time.
          let sum = (total ?? 0) + values.reduce(0, +)
          return sum > 2 ? nil : sum
        }
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles(prefix)
    },
    Program(testDescription: "mapWithState with time-out and snapshots") { lines, prefix in
      let spec = StateSpec.function { (key: Text, value: Int?, state: State<Int>) in
        guard let value else { return "\(key) ends with \(try state.get())" }
        try state.update((state.getOption() ?? 0) + value)
        return "\(key) \(try state.get())"
      }
      let counted = lines.map { ($0, 1) }.mapWithState(spec.timeout(.seconds(2)))
      counted.saveAsTextFiles(prefix)
      counted.stateSnapshots().map { "\($0.0) is \($0.1)" }.saveAsTextFiles("\(prefix)-all")
    },
    Program(testDescription: "windows, with and without an inverse") { lines, prefix in
      let pairs = lines.map { ($0, 1) }
      pairs.reduceByKeyAndWindow({ $0 + $1 }, .seconds(3), .seconds(1)).map { "\($0.0) \($0.1)" }
        .saveAsTextFiles("\(prefix)-naive")
      pairs.reduceByKeyAndWindow({ $0 + $1 }, { $0 - $1 }, .seconds(3), .seconds(1), filterFunc: { $0.1 > 0 })
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(prefix)-inverse")
    },
    Program(testDescription: "state of state") { lines, prefix in
      let totals = lines.map { ($0, 1) }.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
      let spec = StateSpec.function { (key: Int, value: Int?, state: State<Int>) in
        try state.update((state.getOption() ?? 0) + (value ?? 0))
        return "\(key) was reached \(try state.get()) times"
      }
      totals.map { ($0.1, 1) }.mapWithState(spec).saveAsTextFiles(prefix)
    },
  ]

  static let batches = [["a", "b"], ["a"], ["c", "a"], [], ["b", "c"], ["a"]]

  private static func start(
    _ folder: String, _ program: Program, master: String = "local[2]", segmentBytes: Int = 4 << 20,
    _ onStep: (@Sendable (BatchStep) -> Void)? = nil
  ) throws -> TestStreamingContext {
    let test = recoverable(folder, master: master, segmentBytes: segmentBytes, onStep: onStep)
    program.setUp(test.context.textFileStream("\(folder)/in"), "\(folder)/out/batch")
    try test.start()
    return test
  }

  /// Runs all batches whose files have not been moved in yet, on a clock that begins at 0 again.
  private static func run(_ folder: ProgramFolder, _ test: TestStreamingContext) throws {
    for (number, lines) in batches.enumerated() {
      if !(try Folder.nameIsTaken("\(folder.path)/in/file-\(number)")) {
        try folder.add("file-\(number)", lines.map { $0 + "\n" }.joined())
      }
      try test.runBatch()
    }
    test.stop()
  }

  /// Lines are compared regardless of their partition.
  private static func output(_ folder: ProgramFolder) throws -> [String: [String]] {
    try folder.output().mapValues { $0.sorted() }
  }

  @Test("whenever the process is killed, state and windows are those of an undisturbed run", arguments: programs)
  func everyStep(_ program: Program) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      // Segments of no size: the log is truncated as often as possible.
      let test = try Self.start(folder.path, program, segmentBytes: 0) { folder.takeImage("\($0)") }
      try Self.run(folder, test)
      let expected = try Self.output(folder)
      #expect(expected.values.contains { !$0.isEmpty })
      let images = folder.takeImages()
      #expect(Set(images.map(\.step)).count >= 12)
      for (step, image) in images {
        try folder.restore(image)
        let test = try Self.start(folder.path, program, segmentBytes: 0)
        try Self.run(folder, test)
        #expect(try Self.output(folder) == expected, "killed at \(step)")
      }
    }
  }

  @Test("the number of threads may change across a restart", arguments: programs)
  func otherThreads(_ program: Program) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      try Self.run(folder, try Self.start(folder.path, program))
      let expected = try Self.output(folder)
      for threads in [1, 3, 4] {
        let folder = try ProgramFolder("\(root)/run-\(threads)")
        let first = try Self.start(folder.path, program)
        for number in 0..<3 {
          try folder.add("file-\(number)", Self.batches[number].map { $0 + "\n" }.joined())
          try first.runBatch()
        }
        first.stop()
        try Self.run(folder, try Self.start(folder.path, program, master: "local[\(threads)]"))
        #expect(try Self.output(folder) == expected, "\(threads) threads")
      }
    }
  }

  @Test("dropped state does not come back at the next start")
  func staysDropped() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func run(_ seconds: Int, _ word: String, _ forgetting: Set<String> = []) throws {
        let test = recoverable(
          folder.path, at: Time(milliseconds: seconds * 1000), options: CheckpointOptions(forgettingState: forgetting))
        test.context.textFileStream("\(folder.path)/in").map { ($0, 1) }
          .updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }.name("totals")
          .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(folder.path)/out/batch")
        try test.start()
        try folder.add("file-\(seconds)", "\(word)\n")
        try test.runBatch()
        test.stop()
      }
      try run(0, "a")
      try run(1, "b", ["totals"])
      try run(2, "b")
      #expect(
        try Self.output(folder) == ["batch-1000": ["a 1"], "batch-2000": ["b 1"], "batch-3000": ["b 2"]])
    }
  }

  @Test("state continues after skipped batches")
  func skipsMissed() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let program = Self.programs[0]
      let first = try Self.start(folder.path, program)
      try folder.add("a", "a\n")
      try first.runBatch()
      first.stop()
      try folder.add("b", "a\nb\n")
      let second = recoverable(
        folder.path, at: Time(milliseconds: 60_000), options: CheckpointOptions(missedBatches: .skip))
      program.setUp(second.context.textFileStream("\(folder.path)/in"), "\(folder.path)/out/batch")
      try second.start()
      try second.runBatch()
      second.stop()
      #expect(try Self.output(folder) == ["batch-1000": ["a 1"], "batch-61000": ["a 2", "b 1"]])
    }
  }

  @Test("segments that a killed process did not remove are removed by the next one")
  func removesLeftovers() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let first = try Self.start(folder.path, Self.programs[0], segmentBytes: 0) { step in
        if step == .segmentSealed { folder.takeImage("\(step)") }
      }
      try Self.run(folder, first)
      let images = folder.takeImages()
      #expect(images.count > 2)
      for (_, image) in images {
        try folder.restore(image)
        try Self.start(folder.path, Self.programs[0]).stop()
        let segments = try LogFolder.segments("\(folder.path)/checkpoint")
        #expect(segments.filter { $0.epoch == 1 }.count <= 2, "\(segments)")
      }
    }
  }
}
