import MartletCore
import MartletLog
import MartletRDD
import MartletTesting
import Synchronization
import TestSupport
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

/// Windows over the results of stateful operators, in programs that are killed or stopped: the results must be those of
/// an undisturbed run.
@Suite(.timeLimit(.minutes(30))) struct StateWindowTests {
  struct Program: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let setUp: @Sendable (DStream<Text>, String) -> Void

    init(_ description: String, _ setUp: @escaping @Sendable (DStream<Text>, String) -> Void) {
      testDescription = description
      self.setUp = setUp
    }
  }

  /// Running totals; a key is removed when it comes a third time.
  @Sendable private static func totals(_ lines: DStream<Text>) -> DStream<(Text, Int)> {
    lines.map { ($0, 1) }.updateStateByKey { values, total in
      let sum = (total ?? 0) + values.reduce(0, +)
      return sum > 2 ? nil : sum
    }
  }

  /// A number for each line, which shows when its key times out.
  @Sendable private static func counted(_ lines: DStream<Text>) -> MapWithStateDStream<Text, Int, Int, (Text, Int)> {
    let spec = StateSpec.function { (key: Text, value: Int?, state: State<Int>) -> (Text, Int) in
      guard let value else { return (key, -(try state.get())) }
      try state.update((state.getOption() ?? 0) + value)
      return (key, try state.get())
    }
    return lines.map { ($0, 1) }.mapWithState(spec.timeout(.seconds(2)))
  }

  static let programs = [
    Program("all elements of updateStateByKey") { lines, prefix in
      totals(lines).map { "\($0.0) \($0.1)" }.window(.seconds(3)).saveAsTextFiles(prefix)
    },
    Program("updateStateByKey by key, merged") { lines, prefix in
      totals(lines).reduceByKeyAndWindow(+, window: .seconds(4), slide: .seconds(2)).map { "\($0.0) \($0.1)" }
        .saveAsTextFiles(prefix)
    },
    Program("updateStateByKey by key, with an inverse") { lines, prefix in
      totals(lines).reduceByKeyAndWindow(+, inverse: -, window: .seconds(3), filter: { $0.1 > 0 })
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles(prefix)
    },
    Program("counts of updateStateByKey with its state rewritten") { lines, prefix in
      let totals = totals(lines).checkpoint(.seconds(2))
      totals.countByWindow(.seconds(4), .seconds(2)).saveAsTextFiles(prefix)
      totals.saveAsTextFiles("\(prefix)-all")
    },
    Program("results of mapWithState, by key") { lines, prefix in
      let counted = counted(lines)
      counted.groupByKeyAndWindow(.seconds(3)).map { "\($0.0) \($0.1.sorted())" }.saveAsTextFiles(prefix)
      counted.map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(prefix)-all")
    },
    Program("results of mapWithState, with an inverse") { lines, prefix in
      // An inverse must not meet values that its filter has dropped.
      counted(lines).map { ($0.0, abs($0.1)) }
        .reduceByKeyAndWindow(+, inverse: -, window: .seconds(4), slide: .seconds(2), filter: { $0.1 > 0 })
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles(prefix)
    },
    Program("stateSnapshots, without the results of mapWithState") { lines, prefix in
      let snapshots = counted(lines).stateSnapshots()
      snapshots.reduceByKeyAndWindow(+, window: .seconds(3)).map { "\($0.0) \($0.1)" }.saveAsTextFiles(prefix)
      snapshots.map { "\($0.0) \($0.1)" }.window(.seconds(4), .seconds(2)).saveAsTextFiles("\(prefix)-all")
    },
    Program("stateSnapshots, which are not needed in every batch") { lines, prefix in
      let snapshots = counted(lines).stateSnapshots()
      snapshots.map { ($0.0, $0.1 * 10) }.window(.seconds(5), .seconds(3)).map { "\($0.0) \($0.1)" }
        .saveAsTextFiles(prefix)
      // So that each batch has its own files.
      lines.saveAsTextFiles("\(prefix)-lines")
    },
    Program("windows over windows over state") { lines, prefix in
      let totals = totals(lines)
      totals.reduceByKeyAndWindow(+, inverse: -, window: .seconds(6), filter: { $0.1 > 0 })
        .window(.seconds(4), .seconds(2)).map { "\($0.0) \($0.1)" }.saveAsTextFiles(prefix)
      totals.window(.seconds(2)).map { ($0.1, 1) }.reduceByKeyAndWindow(+, window: .seconds(4), slide: .seconds(2))
        .map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(prefix)-sums")
    },
    Program("state over a window over state, and a window over that") { lines, prefix in
      let reached = totals(lines).window(.seconds(2), .seconds(2)).map { ($0.1, 1) }
        .updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
      reached.window(.seconds(4), .seconds(2)).map { "\($0.0) \($0.1)" }.saveAsTextFiles(prefix)
    },
    Program("windows over windows, without state") { lines, prefix in
      let counts = lines.map { ($0, 1) }.reduceByKeyAndWindow(+, inverse: -, window: .seconds(6), filter: { $0.1 > 0 })
      counts.map { "\($0.0) \($0.1)" }.window(.seconds(4), .seconds(2)).saveAsTextFiles(prefix)
      // So that each batch has its own files.
      lines.saveAsTextFiles("\(prefix)-lines")
    },
    Program("state beside its input") { lines, prefix in
      let pairs = lines.map { ($0, 1) }
      pairs.join(totals(lines)).map { "\($0.0) \($0.1.1)" }.window(.seconds(3)).saveAsTextFiles(prefix)
    },
  ]

  static let batches = [
    ["a", "b"], ["a"], ["c", "a"], [], ["b", "c"], ["a", "d"], [], ["d", "b"], ["e"], ["a", "e", "a"],
  ]

  private static func start(
    _ folder: String, _ program: Program, at batches: Int = 0, master: String = "local[2]", segmentBytes: Int = 0,
    _ onStep: (@Sendable (BatchStep) -> Void)? = nil
  ) throws -> TestStreamingContext {
    let test = recoverable(
      folder, at: Time(milliseconds: batches * 1000), master: master, segmentBytes: segmentBytes, onStep: onStep)
    program.setUp(test.context.textFileStream("\(folder)/in"), "\(folder)/out/batch")
    try test.start()
    return test
  }

  private static func run(_ test: TestStreamingContext, _ folder: ProgramFolder, _ numbers: Range<Int>) throws {
    for number in numbers {
      if !(try Folder.nameIsTaken("\(folder.path)/in/file-\(number)")) {
        try folder.add("file-\(number)", batches[number].map { $0 + "\n" }.joined())
      }
      try test.runBatch()
    }
  }

  private static func output(_ folder: ProgramFolder) throws -> [String: [String]] {
    try folder.output().mapValues { $0.sorted() }
  }

  private static func compare(_ output: [String: [String]], _ expected: [String: [String]], _ story: String) {
    #expect(!expected.isEmpty && output.keys.sorted() == expected.keys.sorted(), "\(story)")
    for (name, lines) in output { #expect(lines == expected[name], "\(name), \(story)") }
  }

  /// The results of an undisturbed run whose checkpoint never truncates its log.
  private static func expected(_ root: String, _ program: Program) throws -> [String: [String]] {
    let folder = try ProgramFolder("\(root)/expected-\(randomName())")
    let test = try start(folder.path, program, segmentBytes: 1 << 30)
    try run(test, folder, 0..<batches.count)
    test.stop()
    let output = try output(folder)
    #expect(output.values.contains { !$0.isEmpty })
    return output
  }

  /// The number of occurrences of each step.
  private final class Steps: Sendable {
    private let counts = Mutex<[BatchStep: Int]>([:])

    func count(_ step: BatchStep) -> Int {
      counts.withLock { counts in
        counts[step, default: 0] += 1
        return counts[step, default: 0]
      }
    }
  }

  @Test("whenever the process is killed, windows over state are those of an undisturbed run", arguments: programs)
  func everyStep(_ program: Program) throws {
    try withTemporaryFolder { root in
      let expected = try Self.expected(root, program)
      let folder = try ProgramFolder("\(root)/run")
      let steps = Steps()
      // Segments of no size: the log is truncated as often as possible.
      let test = try Self.start(folder.path, program) { step in
        if steps.count(step) % 4 == 1 { folder.takeImage("\(step)") }
      }
      try Self.run(test, folder, 0..<Self.batches.count)
      test.stop()
      #expect(try Self.output(folder) == expected)
      let images = folder.takeImages()
      #expect(Set(images.map(\.step)).count >= 12)
      for (number, (step, image)) in images.enumerated() {
        try folder.restore(image)
        let test = try Self.start(folder.path, program)
        try Self.run(test, folder, 0..<Self.batches.count)
        test.stop()
        Self.compare(try Self.output(folder), expected, "killed at \(step), number \(number)")
      }
    }
  }

  @Test("windows look back at state over several restarts, on other numbers of threads", arguments: programs)
  func restarts(_ program: Program) throws {
    try withTemporaryFolder { root in
      let expected = try Self.expected(root, program)
      for (number, segmentBytes) in [0, 300, 1 << 20].enumerated() {
        let folder = try ProgramFolder("\(root)/run-\(number)")
        var done = 0
        for (batches, threads) in [(3, 2), (1, 3), (1, 1), (2, 2), (0, 2), (3, 4)] {
          let test = try Self.start(
            folder.path, program, at: done, master: "local[\(threads)]", segmentBytes: segmentBytes)
          try Self.run(test, folder, done..<done + batches)
          test.stop()
          done += batches
        }
        Self.compare(try Self.output(folder), expected, "segments of \(segmentBytes) bytes")
      }
    }
  }

  @Test("skipped batches stay empty for windows over state, also across further restarts")
  func leftOut() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func run(_ from: Int, _ batches: [[String]]) throws {
        let test = recoverable(
          folder.path, at: Time(milliseconds: from * 1000), options: CheckpointOptions(missedBatches: .skip))
        let lines = test.context.textFileStream("\(folder.path)/in")
        Self.totals(lines).map { "\($0.0) \($0.1)" }.window(.seconds(4)).saveAsTextFiles("\(folder.path)/out/all")
        Self.counted(lines).map { "\($0.0) \($0.1)" }.window(.seconds(4)).saveAsTextFiles("\(folder.path)/out/new")
        try test.start()
        for (number, lines) in batches.enumerated() {
          try folder.add("file-\(from + number)", lines.map { $0 + "\n" }.joined())
          try test.runBatch()
        }
        test.stop()
      }
      try run(0, [["a"], ["b"]])
      try run(3, [["c"]])
      try run(4, [["d"]])
      let output = try Self.output(folder)
      #expect(
        output.keys.sorted()
          == ["all-1000", "all-2000", "all-4000", "all-5000"].flatMap { [$0, "new" + $0.dropFirst(3)] }.sorted())
      #expect(output["all-4000"] == ["a 1", "a 1", "a 1", "b 1", "b 1", "c 1"])
      #expect(output["all-5000"] == ["a 1", "a 1", "a 1", "b 1", "b 1", "b 1", "c 1", "c 1", "d 1"])
      #expect(output["new-5000"] == ["a -1", "b -1", "b 1", "c 1", "d 1"])
    }
  }

  // MARK: The log

  @Test("the log is as long as the window, whatever the number of batches")
  func bounded() throws {
    try withTemporaryFolder { folder in
      let test = recoverable(folder, segmentBytes: 4 << 10)
      let numbers = test.stream(of: Int.self)
      let counted = numbers.map { ($0, 1) }.mapWithState(
        StateSpec.function { (key: Int, value: Int?, state: State<Int>) in
          try state.update((state.getOption() ?? 0) + (value ?? 0))
          return try state.get()
        })
      counted.countByWindow(.seconds(20), .seconds(1)).foreachRDD { _ = try $0.count() }
      counted.stateSnapshots().countByWindow(.seconds(10), .seconds(1)).foreachRDD { _ = try $0.count() }
      try test.start()
      var largest = (bytes: 0, files: 0)
      for n in 0..<2000 {
        numbers.push([n % 100, n % 7])
        try test.runBatch()
        guard n % 10 == 9 else { continue }
        let segments = try LogFolder.segments("\(folder)/checkpoint")
        let bytes = try segments.reduce(0) { try $0 + SystemFile.read("\(folder)/checkpoint/\($1)").size() }
        largest = (max(largest.bytes, bytes), max(largest.files, segments.count))
      }
      test.stop()
      #expect(largest.files > 2 && largest.files < 12, "\(largest)")
      #expect(largest.bytes < 80 << 10, "\(largest)")
    }
  }

  @Test("a program without windows over state stores nothing for them")
  func costsNothing() throws {
    try withTemporaryFolder { folder in
      let test = recoverable(folder, segmentBytes: 0)
      let lines = test.stream([["a"], ["b"], ["a"], ["c"]] as [[Text]])
      lines.window(.seconds(3)).foreachRDD { _ = try $0.count() }
      Self.counted(lines).foreachRDD { _ = try $0.count() }
      try test.start()
      try test.runBatches(4)
      test.stop()
      let log = try #require(try LogFolder.readCheckpoint("\(folder)/checkpoint").log)
      #expect(log.parts.count == 2)
      let states = log.states().values
      #expect(states.count == 1 && states.allSatisfy { $0.results.isEmpty && $0.resultForm == nil })
    }
  }

  // MARK: Programs that change

  private final class Unwritable: Sendable {
    let count: Int
    init(_ count: Int) { self.count = count }
  }

  @Test("unwritable results are refused by name if a window needs earlier ones, and only then")
  func refusal() throws {
    func start(_ folder: String, _ setUp: (MapWithStateDStream<Text, Int, Int, Unwritable>) -> Void) throws {
      let test = recoverable(folder)
      let spec = StateSpec.function { (_: Text, value: Int?, state: State<Int>) in
        try state.update((state.getOption() ?? 0) + (value ?? 0))
        return Unwritable(try state.get())
      }
      setUp(test.stream([["a"], ["a"]] as [[Text]]).map { ($0, 1) }.mapWithState(spec))
      try test.start()
      try test.runBatches(2)
      test.stop()
    }
    try withTemporaryFolder { root in
      let error = #expect(throws: MartletError.self) {
        try start("\(root)/a") { $0.map { $0.count }.window(.seconds(2)).foreachRDD { _ = try $0.count() } }
      }
      let text = error?.message ?? ""
      let file = "MartletStreamingTests/StateWindowTests.swift"
      #expect(text.hasPrefix("window at \(file):"), "\(text)")
      #expect(text.contains(" looks back at the results of earlier batches of mapWithState at \(file):"), "\(text)")
      #expect(text.contains("Unwritable, which cannot be written. Make the operator's function return a Codable"))
      try start("\(root)/b") { counted in
        counted.stateSnapshots().window(.seconds(2)).foreachRDD { _ = try $0.count() }
        counted.map { $0.count }.foreachRDD { _ = try $0.count() }
      }
    }
  }

  /// Runs a program before the change and the changed one after it; returns the output and the warnings.
  private func change(
    _ root: String, _ before: Program, _ after: Program, batches: Int = 6
  ) throws -> (output: [String: [String]], warnings: [String]) {
    let folder = try ProgramFolder("\(root)/run-\(randomName())")
    let first = try Self.start(folder.path, before)
    try Self.run(first, folder, 0..<batches)
    first.stop()
    let log = RecordedLog()
    let conf = MartletConf().setMaster("local[2]").setAppName("test")
    let test = TestStreamingContext(MartletContext(conf: conf, logger: log.logger))
    test.clock.set(Time(milliseconds: batches * 1000))
    test.context.checkpoint("\(folder.path)/checkpoint")
    after.setUp(test.context.textFileStream("\(folder.path)/in"), "\(folder.path)/out/batch")
    try test.start()
    try Self.run(test, folder, batches..<Self.batches.count)
    test.stop()
    return (try Self.output(folder), log.messages.filter { $0.hasPrefix("warning") })
  }

  @Test("a new window begins with the results in the checkpoint, and reports so")
  func newWindow() throws {
    try withTemporaryFolder { root in
      let before = Program("") { lines, prefix in
        Self.counted(lines).map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(prefix)-all")
      }
      let after = Self.programs[4]
      let (output, warnings) = try change(root, before, after)
      let expected = try Self.expected(root, after)
      #expect(warnings.count == 1)
      #expect(
        warnings.first?.contains("groupByKeyAndWindow at") == true
          && warnings.first?.contains("windows contain only later ones") == true, "\(warnings)")
      // The first window that does not begin before the restart, and all output without windows.
      let known = output.filter { name, _ in
        name.contains("-all") || name.hasSuffix("-9000") || name.hasSuffix("-10000")
      }
      #expect(known.keys.contains("batch-9000") && known.keys.contains { $0.contains("-all") })
      for (name, lines) in known { #expect(lines == expected[name], "\(name)") }
      #expect(output["batch-7000"] == [])
      #expect(output["batch-8000"] == ["b [2]", "c [-2]", "d [2]"])
    }
  }

  @Test("a new window over states has the results that are still in the log")
  func newWindowOverStates() throws {
    try withTemporaryFolder { root in
      let before = Program("") { lines, prefix in
        Self.totals(lines).map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(prefix)-all")
      }
      // The log of the first program is truncated with every batch: it contains the states of the last two.
      let (output, warnings) = try change(root, before, Self.programs[0])
      let expected = try Self.expected(root, Self.programs[0])
      #expect(warnings.count == 1, "\(warnings)")
      #expect(output["batch-8000"] == expected["batch-8000"])
      #expect(output["batch-7000"].map(Set.init) == expected["batch-7000"].map(Set.init))
      #expect(output["batch-10000"] == expected["batch-10000"])
    }
  }

  @Test("a function with a new result type restarts its windows, and reports so")
  func otherType() throws {
    try withTemporaryFolder { root in
      let after = Program("") { lines, prefix in
        let spec = StateSpec.function { (key: Text, value: Int?, state: State<Int>) -> Text in
          guard let value else { return key }
          try state.update((state.getOption() ?? 0) + value)
          return key
        }
        lines.map { ($0, 1) }.mapWithState(spec.timeout(.seconds(2))).window(.seconds(3)).saveAsTextFiles(prefix)
      }
      let (output, warnings) = try change(root, Self.programs[4], after)
      #expect(warnings.count == 1)
      #expect(output["batch-7000"] == [])
      #expect(output["batch-8000"] == ["b", "c", "d"])
    }
  }

  @Test("a program that keeps its windows is not warned, nor is one whose state is new")
  func noWarnings() throws {
    try withTemporaryFolder { root in
      for program in [Self.programs[0], Self.programs[4], Self.programs[6]] {
        let (output, warnings) = try change(root, program, program)
        #expect(warnings.isEmpty, "\(program)")
        #expect(output == (try Self.expected(root, program)), "\(program)")
        let stateless = Program("") { lines, prefix in lines.saveAsTextFiles("\(prefix)-lines") }
        let newState = try change(root, stateless, program)
        #expect(newState.warnings.isEmpty, "\(program)")
      }
    }
  }

  @Test("a window over a new state and its input leaves out the batches before it")
  func newStateBesideInput() throws {
    try withTemporaryFolder { root in
      let before = Program("") { lines, prefix in lines.window(.seconds(6)).saveAsTextFiles("\(prefix)-lines") }
      let after = Program("") { lines, prefix in
        lines.window(.seconds(6)).saveAsTextFiles("\(prefix)-lines")
        lines.map { ($0, 1) }.join(Self.totals(lines)).map { "\($0.0) \($0.1.1)" }.window(.seconds(3))
          .saveAsTextFiles(prefix)
      }
      let output = try change(root, before, after).output
      #expect(output["batch-7000"] == [])
      #expect(output["batch-8000"] == ["b 1", "d 1"])
    }
  }

  @Test("a new state is not computed from batches before it")
  func newState() throws {
    try withTemporaryFolder { root in
      let before = Program("") { lines, prefix in lines.window(.seconds(6)).saveAsTextFiles("\(prefix)-lines") }
      let after = Program("") { lines, prefix in
        lines.window(.seconds(6)).saveAsTextFiles("\(prefix)-lines")
        Self.totals(lines).map { "\($0.0) \($0.1)" }.window(.seconds(3)).saveAsTextFiles(prefix)
      }
      let output = try change(root, before, after).output
      #expect(output["batch-7000"] == [])
      #expect(output["batch-8000"] == ["b 1", "d 1"])
    }
  }

  private final class Sizes: Sendable {
    let all = Mutex<[[Int]]>([])
  }

  @Test("slices of state reach behind a restart as far as the program remembers")
  func slices() throws {
    try withTemporaryFolder { root in
      func program(_ folder: String) -> (TestStreamingContext, Sizes) {
        let test = recoverable(folder)
        test.context.remember(.seconds(3))
        let sizes = Sizes()
        let lines = test.context.textFileStream("\(folder)/in")
        let totals = Self.totals(lines), counted = Self.counted(lines)
        counted.foreachRDD { _ = try $0.count() }
        totals.foreachRDD { _, time in
          let states = try totals.slice(time - .seconds(2), time).map { try $0.count() }
          let results = try counted.slice(time - .seconds(2), time).map { try $0.count() }
          sizes.all.withLock { $0.append([states.count, states.reduce(0, +), results.reduce(0, +)]) }
        }
        return (test, sizes)
      }
      let whole = try ProgramFolder("\(root)/whole"), folder = try ProgramFolder("\(root)/run")
      let (test, expected) = program(whole.path)
      try test.start()
      try Self.run(test, whole, 0..<8)
      test.stop()
      let (first, one) = program(folder.path)
      try first.start()
      try Self.run(first, folder, 0..<5)
      first.stop()
      let (second, two) = program(folder.path)
      second.clock.set(Time(milliseconds: 5000))
      try second.start()
      try Self.run(second, folder, 5..<8)
      second.stop()
      #expect(one.all.withLock { $0 } + two.all.withLock { $0 } == expected.all.withLock { $0 })
    }
  }
}
