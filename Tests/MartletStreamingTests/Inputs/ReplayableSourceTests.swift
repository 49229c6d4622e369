import MartletCore
import MartletRDD
import MartletTesting
import Synchronization
import TestSupport
import Testing

@testable import MartletSources
@testable import MartletStreaming

/// The numbers from 1 on, in the role of a server: the object outlives the programs that read it.
private final class Numbers: ReplayableSource {
  struct Trouble: Error {}

  struct State {
    var last = 0
    var limit = 2
    var isSilent = false
    /// What is returned instead, if it is set.
    var latest: Int?
    var failures = 0
    var begin: Int?
    var begins = 0
    var ranges: [ClosedRange<Int>] = []
    var commits: [Int] = []
    var commitFails = false
  }

  let state = Mutex(State())

  init(_ change: (inout State) -> Void = { _ in }) { state.withLock { change(&$0) } }

  func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

  var commits: [Int] { state.withLock { $0.commits } }

  func initialOffset() -> Int? {
    state.withLock { state in
      state.begins += 1
      return state.begin
    }
  }

  func latest(after offset: Int?) throws -> Int? {
    try state.withLock { state in
      if state.isSilent { throw Trouble() }
      if let latest = state.latest { return latest }
      let begin = offset ?? 0
      return state.last > begin ? min(state.last, begin + state.limit) : offset
    }
  }

  func rdd(after offset: Int?, through last: Int, in context: MartletContext) throws -> RDD<Int> {
    let range = (offset ?? 0) + 1...last
    try state.withLock { state in
      if state.failures > 0 {
        state.failures -= 1
        throw Trouble()
      }
      state.ranges.append(range)
    }
    return context.parallelize(range)
  }

  // Another of Swift's threads: a source may be an actor, or query a server.
  func commit(_ offset: Int) async throws {
    await Task.yield()
    try state.withLock { state in
      state.commits.append(offset)
      if state.commitFails { throw Trouble() }
    }
  }
}

@Suite(.timeLimit(.minutes(30))) struct ReplayableSourceTests {
  @Test func `without a checkpoint, each batch gets the new records, and unneeded offsets are committed`() throws {
    let numbers = Numbers { $0.last = 3 }
    let test = TestStreamingContext()
    let stream = test.context.stream(from: numbers)
    let output = test.output(of: stream)
    let windows = test.output(of: stream.window(.seconds(2)))
    try test.start()
    try test.runBatches(3)
    #expect(numbers.commits == [2, 3])
    numbers.change { $0.last = 5 }
    try test.runBatches(2)
    test.stop()
    #expect(output.batches == [[1, 2], [3], [], [4, 5], []])
    #expect(windows.batches.map { $0.sorted() } == [[1, 2], [1, 2, 3], [3], [4, 5], [4, 5]])
    #expect(numbers.commits == [2, 3, 5])
    #expect(numbers.state.withLock { $0.ranges } == [1...2, 3...3, 4...5])
    let infos = test.events.events.compactMap { event -> StreamInputInfo? in
      if case .batchCompleted(let info) = event { info.streamIDToInputInfo.values.first } else { nil }
    }
    #expect(infos.map(\.numRecords) == [2, 1, 2])
    #expect(infos.first?.metadataDescription == "after the beginning through 2")
  }

  @Test func `a graceful stop makes a last batch of the available records`() throws {
    let numbers = Numbers { $0.limit = 10 }
    let test = TestStreamingContext()
    let output = test.output(of: test.context.stream(from: numbers))
    try test.start()
    try test.runBatch()
    numbers.change { $0.last = 4 }
    test.stop(gracefully: true)
    #expect(output.batches == [[], [1, 2, 3, 4]])
  }

  @Test func `a source without a position gives nothing, is logged once, and is asked again`() throws {
    let numbers = Numbers { ($0.last, $0.isSilent) = (2, true) }
    let log = RecordedLog()
    let test = TestStreamingContext(MartletContext(conf: MartletConf().setMaster("local[2]"), logger: log.logger))
    let output = test.output(of: test.context.stream(from: numbers, file: "Program/main.swift", line: 7))
    try test.start()
    try test.runBatches(3)
    numbers.change { $0.isSilent = false }
    try test.runBatch()
    numbers.change { $0.isSilent = true }
    test.stop(gracefully: true)
    #expect(output.batches == [[], [], [], [1, 2]])
    let told = log.messages.filter { $0.contains("stream(from: Numbers) at Program/main.swift:7 failed: Trouble()") }
    #expect(told.map { $0.contains("the last batch") } == [false, true], "\(told)")
  }

  @Test func `a source that goes back is logged once, and gives nothing until it has caught up`() throws {
    let numbers = Numbers { $0.last = 4 }
    let log = RecordedLog()
    let test = TestStreamingContext(MartletContext(conf: MartletConf().setMaster("local[2]"), logger: log.logger))
    let output = test.output(of: test.context.stream(from: numbers))
    try test.start()
    try test.runBatches(2)
    for latest in [0, 1, 3, 4] {
      numbers.change { $0.latest = latest }
      try test.runBatch()
    }
    numbers.change { ($0.latest, $0.last) = (nil, 6) }
    try test.runBatch()
    test.stop()
    #expect(output.batches == [[1, 2], [3, 4], [], [], [], [], [5, 6]])
    #expect(numbers.state.withLock { $0.ranges } == [1...2, 3...4, 5...6])
    let told = log.messages.filter { $0.contains("latest(after: 4) returned an earlier offset") }
    #expect(told.count == 1, "\(log.messages)")
  }

  @Test func `a commit that fails is logged, and the stream continues`() throws {
    let numbers = Numbers { ($0.last, $0.commitFails) = (100, true) }
    let log = RecordedLog()
    let test = TestStreamingContext(MartletContext(conf: MartletConf().setMaster("local[2]"), logger: log.logger))
    let output = test.output(of: test.context.stream(from: numbers))
    try test.start()
    try test.runBatches(4)
    test.stop()
    #expect(output.batches.flatMap { $0 } == Array(1...8))
    #expect(numbers.commits == [2, 4, 6])
    #expect(log.messages.contains { $0.contains("in commit(4)") }, "\(log.messages)")
  }

  // MARK: Restarts

  /// Saves the numbers of each batch, and the sums of windows of two.
  private static func start(
    _ folder: String, _ numbers: Numbers, at time: Int = 0, window: Duration? = .seconds(2),
    _ onStep: (@Sendable (BatchStep) -> Void)? = nil
  ) throws -> TestStreamingContext {
    let test = recoverable(folder, at: Time(milliseconds: time), onStep: onStep)
    let stream = test.context.stream(from: numbers, file: "Program/main.swift", line: 7)
    stream.saveAsTextFiles("\(folder)/out/batch")
    if let window { stream.window(window).reduce(+).saveAsTextFiles("\(folder)/out/window") }
    try test.start()
    return test
  }

  @Test func `whenever the process is killed, each number is in one batch, and windows contain the same ones`()
    throws
  {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let numbers = Numbers { $0.last = 1000 }
      let test = try Self.start(folder.path, numbers) { folder.takeImage("\($0)") }
      try test.runBatches(4)
      test.stop()
      let expected = try folder.output()
      #expect(expected.count == 8)
      for batch in 1...4 {
        #expect(expected["batch-\(batch)000"] == ["\(2 * batch - 1)", "\(2 * batch)"])
        #expect(expected["window-\(batch)000"] == ["\((max(1, 2 * batch - 3)...2 * batch).reduce(0, +))"])
      }
      let images = folder.takeImages()
      #expect(Set(images.map(\.step)).count >= 10)
      for (step, image) in images {
        try folder.restore(image)
        let test = try Self.start(folder.path, numbers)
        try test.runBatches(4)
        test.stop()
        #expect(try folder.output() == expected, "\(step)")
      }
      #expect(numbers.state.withLock { $0.begins } < images.count)
    }
  }

  @Test func `a source learns which records no window and no restart will need, and no more`() throws {
    try withTemporaryFolder { root in
      for (window, expected, last) in [(nil, [2, 4, 6, 8, 10], 16), (Duration.seconds(3), [2, 4], 10)] {
        let folder = try ProgramFolder("\(root)/run-\(expected.count)")
        let numbers = Numbers { $0.last = 1000 }
        let test = try Self.start(folder.path, numbers, window: window)
        try test.runBatches(7)
        test.stop()
        #expect(numbers.commits == expected)
        numbers.change { $0.ranges = [] }
        let again = try Self.start(folder.path, numbers, at: 7000, window: window)
        try again.runBatches(3)
        again.stop()
        let asked = numbers.state.withLock { $0.ranges.map(\.lowerBound).min() }
        #expect(try #require(asked) > (try #require(expected.last)))
        // One commit may cover several batches.
        #expect(numbers.commits == numbers.commits.sorted() && numbers.commits.last == last)
      }
    }
  }

  @Test func `the first start asks where to begin, later ones continue where the last batch ended`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let numbers = Numbers { ($0.last, $0.begin) = (100, 90) }
      // Also a program that has had no batch.
      let starts = [(at: 0, batches: 0), (at: 0, batches: 2), (at: 2000, batches: 1)]
      for start in starts {
        let test = try Self.start(folder.path, numbers, at: start.at, window: nil)
        try test.runBatches(start.batches)
        test.stop()
        numbers.change { $0.begin = 50 }
      }
      #expect(
        try folder.output() == ["batch-1000": ["91", "92"], "batch-2000": ["93", "94"], "batch-3000": ["95", "96"]])
      #expect(numbers.state.withLock { $0.begins } == 1)
    }
  }

  @Test func `an unavailable range fails its batch by name, and is read after a restart`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let numbers = Numbers { $0.last = 100 }
      let first = try Self.start(folder.path, numbers)
      try first.runBatch()
      numbers.change { $0.failures = 1 }
      let failure = try #require(#expect(throws: BatchFailure.self) { try first.runBatch() })
      #expect(failure.batchTime == Time(milliseconds: 2000))
      #expect("\(failure)".contains("stream(from: Numbers) at Program/main.swift:7 failed: Trouble()"), "\(failure)")
      first.stop()
      let second = try Self.start(folder.path, numbers, at: 1000)
      try second.runBatches(2)
      second.stop()
      let output = try folder.output()
      #expect((1...3).flatMap { output["batch-\($0)000"] ?? [] } == (1...6).map { "\($0)" })
      #expect(output["window-3000"] == ["18"])
    }
  }

  /// Counts in a type that has changed.
  private struct Other<Offset: Codable & Equatable & Sendable>: ReplayableSource {
    let offset: Offset

    func latest(after offset: Offset?) -> Offset? { self.offset }
    func rdd(after offset: Offset?, through last: Offset, in context: MartletContext) -> RDD<Int> {
      context.parallelize([offset == nil ? 0 : 1])
    }
  }

  private struct Place: Codable, Equatable {
    var partitions: [String: Int]
  }

  private struct LaterPlace: Codable, Equatable {
    var partitions: [String: Int]
    var generation: Int?
  }

  private static func run(
    _ folder: String, at time: Int, _ source: Other<some Codable & Equatable & Sendable>
  ) throws -> [[Int]] {
    let test = recoverable(folder, at: Time(milliseconds: time))
    defer { test.stop() }
    let output = test.output(of: test.context.stream(from: source, file: "Program/main.swift", line: 7).name("other"))
    try test.start()
    try test.runBatch()
    return output.batches
  }

  @Test func `offsets of another type are refused if unreadable, and the former program can continue`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run").path
      #expect(try Self.run(folder, at: 0, Other(offset: Place(partitions: ["a": 1]))) == [[0]])
      let error = try #require(
        #expect(throws: MartletError.self) { try Self.run(folder, at: 1000, Other(offset: "text")) })
      #expect(error.code == .invalidConfiguration)
      for part in ["stream(from: Other<String>) at Program/main.swift:7", "Place", "Swift.String", "initialOffset()"] {
        #expect(error.message.contains(part), "\(error)")
      }
      // A type that can decode the offsets of the other one.
      let later = LaterPlace(partitions: ["a": 2], generation: 1)
      #expect(try Self.run(folder, at: 1000, Other(offset: later)) == [[1]])
      #expect(try Self.run(folder, at: 2000, Other(offset: later)) == [[]])
    }
  }

  @Test func `two sources of one type need names, and each continues with its own offsets`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run").path
      let small = Numbers { $0.last = 100 }
      let large = Numbers { ($0.last, $0.begin) = (2000, 1000) }
      func run(at time: Int, named: Bool, isSwapped: Bool = false) throws -> (small: [[Int]], large: [[Int]]) {
        let test = recoverable(folder, at: Time(milliseconds: time))
        defer { test.stop() }
        var outputs: [StreamOutput<Int>] = []
        let sources = [("small", small), ("large", large)]
        for (name, source) in isSwapped ? sources.reversed() : sources {
          let stream = test.context.stream(from: source)
          outputs.append(test.output(of: named ? stream.name(name) : stream))
        }
        try test.start()
        try test.runBatch()
        if isSwapped { outputs.reverse() }
        return (outputs[0].batches, outputs[1].batches)
      }
      let error = #expect(throws: MartletError.self) { _ = try run(at: 0, named: false) }
      #expect("\(error as Any)".contains("cannot tell stream(from: Numbers)"), "\(error as Any)")
      let first = try run(at: 0, named: true)
      #expect(first.small == [[1, 2]] && first.large == [[1001, 1002]])
      let second = try run(at: 1000, named: true, isSwapped: true)
      #expect(second.small == [[3, 4]] && second.large == [[1003, 1004]])
    }
  }
}
