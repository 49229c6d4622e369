import MartletCore
import MartletRDD
import MartletTesting
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct StatelessRecoveryTests {
  /// Copies the lines of each batch's files into a folder of its own.
  private static func program(_ folder: String, _ test: TestStreamingContext) {
    test.context.textFileStream("\(folder)/in").map { "\($0)" }.saveAsTextFiles("\(folder)/out/batch")
  }

  private static func start(
    _ folder: String, at time: Time = Time(milliseconds: 0), _ onStep: (@Sendable (BatchStep) -> Void)? = nil
  ) throws -> TestStreamingContext {
    let test = recoverable(folder, at: time, onStep: onStep)
    program(folder, test)
    try test.start()
    return test
  }

  @Test("whenever the process is killed, each line comes out once, in the batch that had it")
  func everyStep() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let test = try Self.start(folder.path) { folder.takeImage("\($0)") }
      for batch in 0..<3 {
        try folder.add("file-\(batch)", "\(batch)a\n\(batch)b\n")
        try test.runBatch()
      }
      test.stop()
      let expected = try folder.output()
      #expect(expected.values.flatMap { $0 }.sorted() == ["0a", "0b", "1a", "1b", "2a", "2b"])
      let images = folder.takeImages()
      #expect(Set(images.map(\.step)).count >= 10)
      for (step, image) in images {
        try folder.restore(image)
        let test = try Self.start(folder.path)
        for batch in 0..<3 {
          if !(try Folder.nameIsTaken("\(folder.path)/in/file-\(batch)")) {
            try folder.add("file-\(batch)", "\(batch)a\n\(batch)b\n")
          }
          try test.runBatch()
        }
        test.stop()
        #expect(try folder.output() == expected, "\(step)")
      }
    }
  }

  @Test("a new program continues where the last one stopped, and reads no file twice")
  func goesOn() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let first = try Self.start(folder.path)
      try folder.add("a", "1\n2\n")
      try first.runBatch()
      first.stop()
      try folder.add("b", "3\n")
      let second = try Self.start(folder.path, at: Time(milliseconds: 4000))
      try second.context.waitUntilCompleted(Time(milliseconds: 4000))
      try second.runBatch()
      second.stop()
      let output = try folder.output()
      #expect(output.values.flatMap { $0 }.sorted() == ["1", "2", "3"])
      // The batches of the time in between are caught up.
      #expect(Set(output.keys) == Set((1...5).map { "batch-\($0 * 1000)" }))
      #expect(output["batch-2000"] == ["3"])
    }
  }

  @Test("missed batches are skipped if the program says so")
  func skipsMissed() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let first = try Self.start(folder.path)
      try first.runBatch()
      first.stop()
      let second = recoverable(
        folder.path, at: Time(milliseconds: 4000), options: CheckpointOptions(missedBatches: .skip))
      Self.program(folder.path, second)
      try second.start()
      try second.runBatch()
      second.stop()
      #expect(Set(try folder.output().keys) == ["batch-1000", "batch-5000"])
    }
  }

  @Test("an interrupted batch runs again with the same records, and its output is replaced")
  func replacesOutput() throws {
    struct Interrupted: Error {}
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func program(_ test: TestStreamingContext, fails: Bool) {
        let lines = test.context.textFileStream("\(folder.path)/in").map { "\($0)" }
        lines.saveAsTextFiles("\(folder.path)/out/batch")
        lines.foreachRDD { rdd in if fails { throw Interrupted() } }
      }
      let first = recoverable(folder.path)
      program(first, fails: true)
      try first.start()
      try folder.add("a", "1\n2\n")
      #expect(throws: BatchFailure.self) { try first.runBatch() }
      first.stop()
      #expect(try folder.output() == ["batch-1000": ["1", "2"]])
      try folder.add("b", "3\n")
      let second = recoverable(folder.path, at: Time(milliseconds: 1000))
      program(second, fails: false)
      try second.start()
      try second.runBatch()
      second.stop()
      #expect(try folder.output() == ["batch-1000": ["1", "2"], "batch-2000": ["3"]])
    }
  }

  enum Second: String, CaseIterable, Sendable {
    case text, objects, otherSpelling, stream
  }

  @Test("a batch must not save one folder twice when it runs again, as in its first run", arguments: Second.allCases)
  func savesOnce(_ second: Second) throws {
    struct Interrupted: Error {}
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let out = "\(folder.path)/out/batch"
      func program(_ test: TestStreamingContext, isFirst: Bool) {
        let lines = test.context.textFileStream("\(folder.path)/in").map { "\($0)" }
        if second == .stream { lines.saveAsTextFiles(out) }
        lines.foreachRDD { rdd, time in
          if second != .stream { try rdd.saveAsTextFile("\(out)-\(time.milliseconds)") }
          // Other batches, and the folders of others, are unaffected.
          try rdd.saveAsTextFile("\(out)-other-\(time.milliseconds)")
          if isFirst { throw Interrupted() }
          guard time.milliseconds == 1000 else { return }
          let twice = rdd.map { "twice \($0)" }
          switch second {
          case .text, .stream:
            try twice.saveAsTextFile("\(out)-\(time.milliseconds)", file: "Program/main.swift", line: 7)
          case .objects:
            try twice.saveAsObjectFile("\(out)-\(time.milliseconds)", file: "Program/main.swift", line: 7)
          case .otherSpelling:
            try twice.saveAsTextFile(
              "\(folder.path)/in/../out/./batch-\(time.milliseconds)/", file: "Program/main.swift", line: 7)
          }
        }
      }
      let first = recoverable(folder.path)
      program(first, isFirst: true)
      try first.start()
      try folder.add("a", "1\n2\n")
      #expect(throws: BatchFailure.self) { try first.runBatch() }
      first.stop()
      // At each further attempt.
      for _ in 0..<2 {
        let again = recoverable(folder.path, at: Time(milliseconds: 1000))
        program(again, isFirst: false)
        try again.start()
        let failure = #expect(throws: BatchFailure.self) {
          try again.context.waitUntilCompleted(Time(milliseconds: 1000))
        }
        again.stop()
        let text = "\(failure as Any)"
        #expect(text.contains("has saved '"), "\(text)")
        #expect(text.contains("Program/main.swift:7"), "\(text)")
        #expect(try folder.output()["batch-1000"] == ["1", "2"])
      }
    }
  }
}
