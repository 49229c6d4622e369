import MartletCore
import MartletRDD
import MartletTesting
import Synchronization
import TestSupport
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

/// A sink that stores each part in a file, and makes all parts of a batch appear at once. It records its calls, and
/// fails on request.
private struct StagingSink: Sink {
  struct Refusal: Error {}
  enum Fault { case batchBegin, commit, earlyReturn }

  let folder: String
  let calls = Calls()
  var takesEmptyParts = false
  var fault: Fault?

  final class Calls: Sendable {
    private let calls = Mutex<[String]>([])
    var all: [String] { calls.withLock { $0 } }
    func add(_ call: String) { calls.withLock { $0.append(call) } }
  }

  private func path(_ batch: SinkBatch) -> String { "\(folder)/\(batch.time.milliseconds)" }
  private func staged(_ part: BatchPart) -> String { "\(folder)/.\(part.time.milliseconds)-\(part.partition)" }

  func begin(_ batch: SinkBatch) throws -> Bool {
    calls.add("begin \(batch.time.milliseconds)\(batch.isRerun ? " again" : "")")
    if fault == .batchBegin { throw Refusal() }
    return try !Folder.nameIsTaken(path(batch))
  }

  func begin(_ part: BatchPart) throws -> Writer? {
    // A part that an earlier run has stored.
    if try Folder.nameIsTaken(staged(part)) { return nil }
    return Writer(sink: self, part: part, file: try DurableFile(path: staged(part)))
  }

  func commit(_ batch: SinkBatch, parts: [BatchPart]) throws {
    calls.add("commit \(batch.time.milliseconds): \(parts.map(\.partition))")
    if fault == .commit { throw Refusal() }
    let whole = try DurableFile(path: path(batch))
    for part in parts { try whole.write(Array(try contents(staged(part)).utf8)) }
    try whole.publish()
    for part in parts { try Folder.remove(staged(part)) }
  }

  func abort(_ batch: SinkBatch) async {
    calls.add("abort \(batch.time.milliseconds)")
    do {
      let prefix = ".\(batch.time.milliseconds)-"
      for name in try Folder.names(folder) where name.hasPrefix(prefix) { try Folder.remove("\(folder)/\(name)") }
    } catch { Issue.record(error) }
  }

  struct Writer: SinkWriter {
    let sink: StagingSink
    let part: BatchPart
    let file: DurableFile

    func write(_ line: Text) throws { try file.write(Array("\(line)\n".utf8)) }

    func write(contentsOf lines: PartitionIterator<Text>) throws {
      for line in lines {
        try write(line)
        if sink.fault == .earlyReturn { return }
      }
    }

    func commit() throws {
      try file.publish()
      sink.calls.add("part \(part.partition)")
    }

    func abort() { sink.calls.add("part \(part.partition) aborted") }
  }
}

/// Sinks that commit a batch as a whole, though its partitions are written by several threads.
@Suite(.timeLimit(.minutes(30))) struct BatchCommitTests {
  struct NotALine: Error {}

  /// Runs the batches, which have two partitions each, on one thread: partition 0 is written before partition 1.
  private func run(
    _ sink: StagingSink, _ batches: [[Text]], byPartition: Bool = true, failingAt failing: Text? = nil
  )
    throws
  {
    let test = TestStreamingContext(master: "local[1]")
    test.stream(batches, numPartitions: 2).map { line in
      if line == failing { throw NotALine() }
      return line
    }.write(to: sink, byPartition: byPartition)
    try test.start()
    defer { test.stop() }
    try test.runBatches(batches.count)
  }

  /// The visible files, and their lines.
  private func output(_ folder: String) throws -> [String: String] {
    let names = try Folder.names(folder).filter { !isHiddenName($0) }
    return Dictionary(uniqueKeysWithValues: try names.map { ($0, try contents("\(folder)/\($0)")) })
  }

  @Test func `a batch is committed after its parts, which are in the order of the partitions`() throws {
    try withTemporaryFolder { (folder) throws in
      let sink = StagingSink(folder: folder)
      try run(sink, [["a", "b"], [], ["c"]])
      #expect(
        sink.calls.all == [
          "begin 1000", "part 0", "part 1", "commit 1000: [0, 1]", "begin 2000", "commit 2000: []", "begin 3000",
          "part 1", "commit 3000: [1]",
        ])
      #expect(try output(folder) == ["1000": "a\nb\n", "2000": "", "3000": "c\n"])
    }
  }

  @Test func `a batch that is one part is committed after it`() throws {
    try withTemporaryFolder { (folder) throws in
      let sink = StagingSink(folder: folder)
      try run(sink, [["a", "b"], []], byPartition: false)
      #expect(
        sink.calls.all == ["begin 1000", "part 0", "commit 1000: [0]", "begin 2000", "commit 2000: []"])
      #expect(try output(folder) == ["1000": "a\nb\n", "2000": ""])
    }
  }

  @Test(arguments: [false, true])
  func `a sink that takes parts without elements gets all of them`(byPartition: Bool) throws {
    try withTemporaryFolder { (folder) throws in
      let sink = StagingSink(folder: folder, takesEmptyParts: true)
      try run(sink, [["a"], []], byPartition: byPartition)
      let parts = byPartition ? ["part 0", "part 1"] : ["part 0"]
      let list = byPartition ? "[0, 1]" : "[0]"
      #expect(
        sink.calls.all == ["begin 1000"] + parts + ["commit 1000: \(list)", "begin 2000"] + parts + [
          "commit 2000: \(list)"
        ])
    }
  }

  @Test func `a batch that the sink has, and no earlier run can have written, fails`() throws {
    try withTemporaryFolder { (folder) throws in
      try writeStreamInput("\(folder)/1000", "old\n")
      let sink = StagingSink(folder: folder)
      let error = try #require(throws: BatchFailure.self) { try run(sink, [["a"]]) }
      #expect("\(error)".contains("give each stream a sink of its own"), "\(error)")
      #expect(sink.calls.all == ["begin 1000"])
      #expect(try output(folder) == ["1000": "old\n"])
    }
  }

  @Test func `when a part fails after another was committed, the batch is aborted and nothing appears`() throws {
    try withTemporaryFolder { (folder) throws in
      let sink = StagingSink(folder: folder)
      let error = try #require(throws: BatchFailure.self) { try run(sink, [["a", "b", "c", "d"]], failingAt: "d") }
      #expect("\(error)".contains("map at") && "\(error)".contains("NotALine"), "\(error)")
      // The first elements of part 1 cannot be computed, so its writer never begins.
      #expect(sink.calls.all == ["begin 1000", "part 0", "abort 1000"])
      #expect(try Folder.names(folder) == [])
    }
  }

  @Test func `a sink that cannot begin a batch fails it, and is not asked to abort it`() throws {
    try withTemporaryFolder { (folder) throws in
      let sink = StagingSink(folder: folder, fault: .batchBegin)
      let error = try #require(throws: BatchFailure.self) { try run(sink, [["a"]]) }
      let failure = try #require(error.underlying as? OperatorFailure)
      #expect(failure.operatorName == "write" && failure.underlying is StagingSink.Refusal)
      #expect(sink.calls.all == ["begin 1000"])
    }
  }

  @Test(arguments: [false, true])
  func `a part whose writer returns before the last element is not committed`(byPartition: Bool) throws {
    try withTemporaryFolder { (folder) throws in
      let sink = StagingSink(folder: folder, fault: .earlyReturn)
      let error = try #require(throws: BatchFailure.self) {
        try run(sink, [["a", "b", "c"]], byPartition: byPartition)
      }
      #expect("\(error)".contains("returned before the end of the elements of partition"), "\(error)")
      #expect(sink.calls.all.last == "abort 1000" && !sink.calls.all.contains { $0.hasPrefix("commit") })
      #expect(try Folder.names(folder) == [])
    }
  }

  // MARK: Across restarts

  private func start(
    _ folder: String, at time: Int, _ fault: StagingSink.Fault? = nil, _ onStep: (@Sendable (BatchStep) -> Void)? = nil
  ) throws -> (test: TestStreamingContext, sink: StagingSink) {
    let test = recoverable(folder, at: Time(milliseconds: time), master: "local[1]", onStep: onStep)
    let sink = StagingSink(folder: "\(folder)/out", fault: fault)
    test.context.textFileStream("\(folder)/in").map { ($0, 1) }.reduceByKey(+, 3).map { $0.0 }
      .write(to: sink, byPartition: true)
    try test.start()
    return (test, sink)
  }

  private static let lines = (0..<20).map { "line\($0)" }

  private func sortedLines(_ folder: String) throws -> [String] {
    try output("\(folder)/out").values.flatMap { $0.split(separator: "\n").map(String.init) }.sorted()
  }

  @Test func `a batch whose commit throws fails, and runs again as such after a restart`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let (first, refusing) = try start(folder.path, at: 0, .commit)
      try folder.add("a", Self.lines.map { "\($0)\n" }.joined())
      let error = try #require(throws: BatchFailure.self) { try first.runBatch() }
      first.stop()
      let failure = try #require(error.underlying as? OperatorFailure)
      #expect(failure.underlying is StagingSink.Refusal && failure.partition == nil)
      #expect(refusing.calls.all.suffix(2) == ["commit 1000: [0, 1, 2]", "abort 1000"])
      #expect(try Folder.names("\(folder.path)/out") == [])
      let (second, sink) = try start(folder.path, at: 3000)
      try second.runBatch()
      second.stop()
      #expect(sink.calls.all.first == "begin 1000 again")
      #expect(sink.calls.all.contains("commit 1000: [0, 1, 2]"))
      #expect(try sortedLines(folder.path) == Self.lines.sorted())
    }
  }

  @Test func `killed at any moment, also between the commits of the parts and the batch, it appears once`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let (test, _) = try start(folder.path, at: 0) { folder.takeImage("\($0)") }
      try folder.add("a", Self.lines.map { "\($0)\n" }.joined())
      try test.runBatch()
      test.stop()
      let images = folder.takeImages().drop { $0.step != "planLogged" }
      let steps = images.map(\.step)
      #expect(steps.filter { $0 == "outputFileWritten" }.count == 3 && steps.contains("outputPartWritten"))
      #expect(steps.filter { $0 == "outputStaged" }.count == 1 && steps.contains("outputPublished"))
      for (step, image) in images {
        try folder.restore(image)
        let isStored = step == "outputPublished" || step == "outputsEnded"
        let isDone = step == "committed"
        let (test, sink) = try start(folder.path, at: 10_000)
        try test.runBatch()
        test.stop()
        #expect(try sortedLines(folder.path) == Self.lines.sorted(), "\(step)")
        let calls = sink.calls.all
        #expect(calls.contains("begin 1000 again") == !isDone, "\(step): \(calls)")
        #expect(calls.contains("commit 1000: [0, 1, 2]") == (!isDone && !isStored), "\(step): \(calls)")
        // The parts that were stored before are not written again.
        if step == "outputStaged" { #expect(!calls.contains { $0.hasPrefix("part") }, "\(step): \(calls)") }
      }
    }
  }
}
