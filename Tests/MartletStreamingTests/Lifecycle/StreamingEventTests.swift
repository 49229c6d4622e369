import MartletCore
import MartletRDD
import MartletTesting
import Synchronization
import Testing

@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct StreamingEventTests {
  /// Runs thirty batches of a count with state, with a checkpoint that is cut as often as can be; its events.
  private func run(_ folder: String, _ conf: MartletConf) async throws -> [any MartletEvent] {
    let test = TestStreamingContext(conf: conf)
    let events = test.context.sparkContext.events
    let words = test.stream([["a", "b"], ["a"], []])
    words.map { ($0, 1) }.updateStateByKey { values, sum in (sum ?? 0) + values.count }.name("sums")
      .foreachRDD { rdd in _ = try rdd.count() }
    test.context.checkpoint("\(folder)/checkpoint")
    test.context.watchCheckpoint(segmentBytes: 1) { _ in }
    try test.start()
    try test.runBatches(30)
    test.stop()
    var all: [any MartletEvent] = []
    for await event in events { all.append(event) }
    return all
  }

  private var conf: MartletConf { MartletConf().setMaster("local[2]").setAppName("test") }

  @Test func `what happens below a batch says which batch it belongs to`() async throws {
    try await withFolder { folder in
      let all = try await run(folder, conf)
      let started = try #require(all.compactMap { $0 as? StreamingStarted }.first)
      #expect(started.batchInterval == .seconds(1))
      #expect(all.compactMap { ($0 as? BatchCompleted)?.info.numRecords } == [2, 1] + Array(repeating: 0, count: 28))
      // The count has the state updated, which is a stage of its job.
      let counts = all.compactMap { $0 as? JobStarted }.filter { $0.name == "count" }
      let times = Array(1...30)
      #expect(counts.map { $0.properties["batchTime"] } == times.map { "\($0)000000000" })
      #expect(counts.allSatisfy { $0.properties["outputOperation"] == "0" })
      #expect(counts[0].stages.map(\.output) == [.state, .result])
      let states = all.compactMap { $0 as? StateUpdated }
      #expect(states.allSatisfy { $0.keys == 2 && $0.bytes > 0 && $0.name == "sums" })
      #expect(states.map(\.batchTime.milliseconds) == times.map { $0 * 1000 })
      let written = all.compactMap { $0 as? CheckpointWritten }
      #expect(written.map(\.batchTime.milliseconds) == times.map { $0 * 1000 })
      #expect(written.allSatisfy { $0.bytes > 0 && $0.segmentBytes > $0.bytes })
      let cuts = all.compactMap { $0 as? CheckpointCut }
      #expect(!cuts.isEmpty && Set(cuts.map(\.segment)).count == cuts.count)
    }
  }

  @Test func `a run is replayed from its log, also to a listener`() async throws {
    try await withFolder { folder in
      let all = try await run(folder, conf.set("martlet.eventLog.dir", "\(folder)/events"))
      let log = try #require(try EventLog.logs(in: "\(folder)/events").first)
      let recorder = StreamingEventRecorder()
      var replayed: [any MartletEvent] = []
      try log.replay(.streaming) { event in
        replayed.append(event)
        recorder.receive(event)
      }
      #expect(replayed.dropFirst().map { AnyHashable($0) } == all.map { AnyHashable($0) })
      #expect(!replayed.contains { $0 is UnknownEvent })
      #expect(recorder.completedBatches == all.compactMap { ($0 as? BatchCompleted)?.info })
      #expect(recorder.events.first?.name == "streamingStarted")
    }
  }

  @Test func `listeners of one streaming context hear nothing of another on the same context`() throws {
    let sc = MartletContext(conf: conf)
    let (first, second) = (TestStreamingContext(sc), TestStreamingContext(sc))
    _ = first.output(of: first.stream([[1]]))
    _ = second.output(of: second.stream([[2, 3]]))
    try first.start()
    try second.start()
    try first.runBatch()
    try second.runBatch()
    first.stop(stopContext: false)
    second.stop()
    #expect(first.events.completedBatches.map(\.numRecords) == [1])
    #expect(second.events.completedBatches.map(\.numRecords) == [2])
  }

  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = try withTemporaryFolder { $0 }
    try Folder.create(folder)
    do { try await body(folder) } catch {
      try? Folder.remove(folder)
      throw error
    }
    try Folder.remove(folder)
  }
}
