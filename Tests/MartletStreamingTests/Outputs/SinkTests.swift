import MartletCore
import MartletTesting
import Synchronization
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

/// A sink that records its calls, and fails on request.
private struct RecordingSink: Sink {
  enum Step: String, CaseIterable, Sendable { case begin, write, commit }

  struct Refusal: Error {}

  /// A part as the sink has seen it.
  struct Seen: Equatable {
    var time: Int
    var partition: Int
    var elements: [Int] = []
    var ending = ""
  }

  final class Record: Sendable {
    let parts = Mutex<[Seen]>([])
    var all: [Seen] { parts.withLock { $0.sorted { ($0.time, $0.partition) < ($1.time, $1.partition) } } }
    var committed: [Int] { all.filter { $0.ending == "committed" }.flatMap(\.elements) }
  }

  let record = Record()
  var failing: Step?
  /// The number of elements that a failing sink refuses to write.
  var refused = 0

  func begin(_ part: BatchPart) throws -> Writer? {
    if failing == .begin { throw Refusal() }
    return Writer(sink: self, seen: Seen(time: Int(part.time.milliseconds), partition: part.partition))
  }

  struct Writer: SinkWriter {
    let sink: RecordingSink
    var seen: Seen

    mutating func write(_ element: Int) throws {
      if sink.failing == .write && element == sink.refused { throw Refusal() }
      seen.elements.append(element)
    }

    mutating func commit() async throws {
      await Task.yield()
      if sink.failing == .commit { throw Refusal() }
      end("committed")
    }

    mutating func abort() { end("aborted") }

    private mutating func end(_ ending: String) {
      #expect(seen.ending == "", "a writer ends once")
      seen.ending = ending
      sink.record.parts.withLock { [seen] in $0.append(seen) }
    }
  }
}

/// Writes each part to a file that becomes visible when it is complete, and leaves out a part whose file exists.
private struct FileSink: Sink {
  let folder: String
  let begun = BegunParts()

  final class BegunParts: Sendable { let parts = Mutex<[BatchPart]>([]) }

  func begin(_ part: BatchPart) throws -> Writer? {
    begun.parts.withLock { $0.append(part) }
    let path = "\(folder)/\(part.time.milliseconds)-\(part.partition)"
    if try Folder.nameIsTaken(path) {
      #expect(part.isRerun, "\(part) has been committed, and is not marked as a rerun")
      return nil
    }
    return Writer(file: try DurableFile(path: path))
  }

  struct Writer: SinkWriter {
    let file: DurableFile

    func write(_ line: Text) throws { try file.write(Array("\(line)\n".utf8)) }
    func commit() throws { try file.publish() }
  }
}

/// Takes each part once, whichever stream it is of.
private struct OnceSink: Sink {
  let taken = Taken()

  final class Taken: Sendable { let parts = Mutex<Set<BatchPart>>([]) }

  func begin(_ part: BatchPart) -> Writer? { taken.parts.withLock { $0.insert(part).inserted } ? Writer() : nil }

  struct Writer: SinkWriter {
    func write(_ element: Int) {}
    func commit() {}
  }
}

@Suite(.timeLimit(.minutes(30))) struct SinkTests {
  @Test(arguments: [false, true])
  func `a second stream that a sink takes for the first fails the batch, and is not lost in silence`(
    byPartition: Bool
  ) throws {
    let test = TestStreamingContext()
    let sink = OnceSink()
    let numbers = test.stream([[1, 2, 3, 4]])
    numbers.filter { $0 % 2 == 0 }.write(to: sink, byPartition: byPartition)
    numbers.filter { $0 % 2 == 1 }.write(to: sink, byPartition: byPartition)
    let line = #line - 1
    try test.start()
    let error = try #require(throws: BatchFailure.self) { try test.runBatch() }
    test.stop()
    #expect(error.outputOperation == "write at MartletStreamingTests/SinkTests.swift:\(line)")
    #expect("\(error)".contains("give each stream a sink of its own"), "\(error)")
  }

  @Test func `each batch is one part, in the order of its partitions, and empty batches are left out`() throws {
    let test = TestStreamingContext()
    let sink = RecordingSink()
    test.stream([Array(1...10), [], [11]], numPartitions: 4).write(to: sink)
    try test.start()
    try test.runBatches(3)
    test.stop()
    #expect(
      sink.record.all == [
        .init(time: 1000, partition: 0, elements: Array(1...10), ending: "committed"),
        .init(time: 3000, partition: 0, elements: [11], ending: "committed"),
      ])
  }

  @Test func `each partition is a part of its own on request, and empty ones are left out`() throws {
    let test = TestStreamingContext()
    let sink = RecordingSink()
    test.stream([Array(0..<8)], numPartitions: 4).filter { !(2..<4).contains($0) }.write(to: sink, byPartition: true)
    try test.start()
    try test.runBatches(2)
    test.stop()
    #expect(
      sink.record.all == [
        .init(time: 1000, partition: 0, elements: [0, 1], ending: "committed"),
        .init(time: 1000, partition: 2, elements: [4, 5], ending: "committed"),
        .init(time: 1000, partition: 3, elements: [6, 7], ending: "committed"),
      ])
  }

  @Test(arguments: RecordingSink.Step.allCases, [false, true])
  fileprivate func `a sink that fails fails its batch, commits nothing, and does not affect other sinks`(
    _ step: RecordingSink.Step, byPartition: Bool
  ) throws {
    let test = TestStreamingContext()
    let failing = RecordingSink(failing: step, refused: 3)
    let other = RecordingSink()
    let stream = test.stream([[1, 2, 3, 4]], numPartitions: 2)
    stream.write(to: failing, byPartition: byPartition)
    let line = #line - 1
    stream.write(to: other, byPartition: byPartition)
    try test.start()
    let error = try #require(throws: BatchFailure.self) { try test.runBatch() }
    test.stop()
    #expect(error.batchTime == Time(milliseconds: 1000))
    #expect(error.outputOperation == "write at MartletStreamingTests/SinkTests.swift:\(line)")
    let failure = try #require(error.underlying as? OperatorFailure)
    #expect(failure.operatorName == "write" && failure.callSite.line == line)
    #expect(failure.underlying is RecordingSink.Refusal)
    #expect((failure.partition != nil) == byPartition)
    // The partition of another thread may have been committed.
    let others = byPartition && step == .write ? [1, 2] : []
    #expect(failing.record.committed.allSatisfy(others.contains))
    #expect(failing.record.all.contains { $0.ending == "aborted" } == (step != .begin))
    #expect(other.record.committed == [1, 2, 3, 4])
  }

  @Test(arguments: [false, true])
  func `a part with an element that cannot be computed is never committed`(byPartition: Bool) throws {
    struct NotANumber: Error {}
    let test = TestStreamingContext()
    let sink = RecordingSink()
    test.stream([Array(0..<10_000)], numPartitions: 1).map { number in
      if number == 9999 { throw NotANumber() }
      return number
    }.write(to: sink, byPartition: byPartition)
    try test.start()
    let error = try #require(throws: BatchFailure.self) { try test.runBatch() }
    test.stop()
    #expect("\(error)".contains("map at") && "\(error)".contains("NotANumber"), "\(error)")
    // A batch that is one part is computed before the sink begins.
    #expect(sink.record.all.map(\.ending) == (byPartition ? ["aborted"] : []))
  }

  @Test func `a batch that exceeds the memory of the tasks is written completely and in order`() throws {
    let test = TestStreamingContext(
      conf: MartletConf().setMaster("local[2]").set(.taskMemoryBytes, to: 65_536))
    let sink = RecordingSink()
    test.stream([Array(0..<200_000)], numPartitions: 5).write(to: sink)
    try test.start()
    try test.runBatch()
    test.stop()
    #expect(sink.record.committed == Array(0..<200_000))
    #expect(sink.record.all.count == 1)
  }

  private func start(
    _ folder: String, at time: Int, byPartition: Bool, _ onStep: (@Sendable (BatchStep) -> Void)? = nil
  ) throws -> (test: TestStreamingContext, sink: FileSink) {
    let test = recoverable(folder, at: Time(milliseconds: time), onStep: onStep)
    let sink = FileSink(folder: "\(folder)/out")
    let lines = test.context.textFileStream("\(folder)/in")
    lines.map { ($0, 1) }.reduceByKey(+, 3).map { $0.0 }.write(to: sink, byPartition: byPartition)
    try test.start()
    return (test, sink)
  }

  private func lines(_ folder: String) throws -> [String] {
    try Folder.names("\(folder)/out").filter { !$0.hasPrefix(".") }.flatMap { name in
      let bytes = try SystemFile.read("\(folder)/out/\(name)").readAll()
      return String(decoding: bytes.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }.sorted()
  }

  @Test(arguments: [false, true])
  func `whenever the process is killed, a sink that knows its parts has each element once after a restart`(
    byPartition: Bool
  ) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let expected = (0..<20).map { "line\($0)" }.sorted()
      let (test, sink) = try start(folder.path, at: 0, byPartition: byPartition) { folder.takeImage("\($0)") }
      try folder.add("a", expected.map { "\($0)\n" }.joined())
      try test.runBatch()
      test.stop()
      #expect(try lines(folder.path) == expected)
      #expect(sink.begun.parts.withLock { $0.allSatisfy { !$0.isRerun } })
      let images = folder.takeImages().drop { $0.step != "planLogged" }
      #expect(images.contains { $0.step == "outputStaged" } && images.contains { $0.step == "outputPublished" })
      for (step, image) in images {
        try folder.restore(image)
        let isDone = step == "committed"
        let (test, sink) = try start(folder.path, at: 10_000, byPartition: byPartition)
        try test.runBatch()
        test.stop()
        #expect(try lines(folder.path) == expected, "\(step)")
        let parts = sink.begun.parts.withLock { $0 }
        #expect(parts.isEmpty == isDone, "\(step): \(parts)")
        #expect(parts.allSatisfy { $0.isRerun && $0.time == Time(milliseconds: 1000) }, "\(step): \(parts)")
      }
    }
  }

  @Test func `a batch that begins only after a restart is not a rerun`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let (first, _) = try start(folder.path, at: 0, byPartition: false)
      try first.runBatch()
      first.stop()
      try folder.add("a", "one\n")
      let (second, sink) = try start(folder.path, at: 3000, byPartition: false)
      try second.runBatch()
      second.stop()
      #expect(try lines(folder.path) == ["one"])
      #expect(sink.begun.parts.withLock { $0.map(\.isRerun) } == [false])
    }
  }

  @Test func `a program whose checkpoint another has taken commits nothing more`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let sink = RecordingSink()
      let test = recoverable(folder.path)
      let path = folder.path
      test.context.textFileStream("\(path)/in").map { line -> Int in
        // Meanwhile, another process takes over.
        let other = recoverable(path, at: Time(milliseconds: 1000), options: CheckpointOptions(takeOver: true))
        other.context.textFileStream("\(path)/in").foreachRDD { _ in }
        try other.start()
        other.stop()
        return line.utf8Count
      }.write(to: sink)
      try test.start()
      try folder.add("a", "one\n")
      let error = #expect(throws: BatchFailure.self) { try test.runBatch() }
      test.stop()
      #expect(sink.record.all.map(\.ending) == ["aborted"], "\(String(describing: error))")
    }
  }
}
