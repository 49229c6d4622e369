import Foundation
import MartletCore
import MartletInspection
import MartletRDD
import MartletStreaming
import MartletTesting
import TestSupport
import Testing

/// The checkpoint of a release, which all later releases must read: `Fixtures/checkpoint-1`, in format 1.
///
/// `MARTLET_WRITE_FIXTURE=1 swift test --filter FixtureTests` creates it again. Only an unreleased format may change:
/// another format gets a folder of its own.
@Suite(.timeLimit(.minutes(30))) struct FixtureTests {
  private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/checkpoint-1").path

  private final class HandReceiver: Receiver<Text>, @unchecked Sendable {
    override var name: String { "Hand" }
  }

  private struct Run {
    let test: TestStreamingContext
    let receiver: Receiver<Text>
    let outputs: [StreamOutput<(Text, Int)>]
  }

  /// A program with sums by updateStateByKey, counts by mapWithState, a window, windows over sums and counts, and words
  /// of a receiver. A batch fails on request.
  private func start(_ path: String, at milliseconds: Int, fails: Bool) throws -> Run {
    struct Interrupted: Error {}
    let test = TestStreamingContext()
    test.clock.set(Time(milliseconds: milliseconds))
    test.context.checkpoint(path)
    let pairs = test.stream(of: (Text, Int).self)
    pairs.push([("a", 1), ("b", 2)])
    pairs.push([("a", 3)])
    pairs.push([("c", 4)])
    // The records of a restart come from the log; this element comes after it.
    pairs.push([("a", 5)])
    let sums = pairs.updateStateByKey { (values, sum: Int?) -> Int? in (sum ?? 0) + values.reduce(0, +) }
    let counts = pairs.mapWithState(
      .function { (key: Text, value: Int?, state: State<Int>) -> (Text, Int) in
        let count = (state.getOption() ?? 0) + 1
        try state.update(count)
        return (key, count)
      })
    let window = pairs.reduceByKeyAndWindow({ $0 + $1 }, .seconds(3))
    let receiver = HandReceiver()
    let words = test.context.receiverStream(receiver).map { ($0, 1) }
    var streams: [DStream<(Text, Int)>] = [sums.name("sums"), counts.name("counts"), window]
    streams += [sums, counts].map { $0.reduceByKeyAndWindow({ $0 + $1 }, .seconds(3)) }
    let outputs = (streams + [words]).map { test.output(of: $0) }
    window.foreachRDD { _, time in if fails && time.milliseconds == 3000 { throw Interrupted() } }
    try test.start()
    let hasStarted = test.events.wait { $0.contains { $0.name == "receiverStarted" } }
    #expect(hasStarted)
    return Run(test: test, receiver: receiver, outputs: outputs)
  }

  @Test func `The checkpoint of the first release is read, and a program continues from it`() throws {
    if ProcessInfo.processInfo.environment["MARTLET_WRITE_FIXTURE"] == "1" { try write() }
    try withTemporaryFolder { folder in
      let path = "\(folder)/checkpoint"
      try FileManager.default.copyItem(atPath: Self.fixture, toPath: path)
      let reader = try CheckpointReader(path)
      #expect(reader.problems.isEmpty)
      #expect(reader.log.pending.map(\.milliseconds) == [3000])
      let sums = try reader.states(of: "sums").entries.map { "\($0.key) \($0.state)" }
      #expect(sums == [#""a" 4"#, #""b" 2"#])
      let counts = try reader.states(of: "counts").entries.map { "\($0.key) \($0.state)" }
      #expect(counts == [#""a" 2"#, #""b" 1"#])
      let report = try reader.report()
      #expect(report.operators.map { $0.resultBytes > 0 } == [false, true])
      #expect(report.text.contains("of results of batches, for windows"))
      #expect(report.json.description.contains(#""resultBytes":"#))
      #expect(report.inputs.contains { $0.keptBytes > 0 })
      let run = try start(path, at: 3000, fails: false)
      try run.test.context.waitUntilCompleted(Time(milliseconds: 3000))
      run.test.stop()
      // The interrupted batch.
      let outputs = run.outputs.map { output in (output.batches.first ?? []).map { "\($0.0) \($0.1)" }.sorted() }
      #expect(
        outputs == [
          ["a 4", "b 2", "c 4"], ["c 1"], ["a 4", "b 2", "c 4"], ["a 9", "b 6", "c 4"], ["a 3", "b 1", "c 1"],
          ["third 1"],
        ])
    }
  }

  /// Creates the fixture: two complete batches, and an interrupted one.
  private func write() throws {
    try Folder.remove(Self.fixture)
    try Folder.create(Self.fixture)
    let run = try start(Self.fixture, at: 0, fails: true)
    for word in ["first", "second"] as [Text] {
      #expect(run.receiver.store(contentsOf: [word]))
      try run.test.runBatch()
    }
    #expect(run.receiver.store(contentsOf: ["third"]))
    #expect(throws: BatchFailure.self) { try run.test.runBatch() }
    run.test.stop()
  }
}
