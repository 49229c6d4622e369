import Foundation
import MartletCore
import MartletInspection
import MartletRDD
import MartletStreaming
import MartletTesting
import TestSupport
import Testing

/// Checkpoints of releases, which all later releases must read.
///
/// `MARTLET_WRITE_FIXTURE=2 swift test --filter FixtureTests` writes that of the second format anew. It does so only for a
/// format that has not been released yet: a new format gets a folder of its own.
@Suite(.timeLimit(.minutes(30))) struct FixtureTests {
  private func fixture(_ version: Int) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Fixtures/checkpoint-v\(version)"
    )
    .path
  }

  /// Sums by updateStateByKey, counts by mapWithState, a window, in the second version windows over sums and counts, and a
  /// batch that fails when it is told to.
  private func program(_ test: TestStreamingContext, _ version: Int, fails: Bool) -> [StreamOutput<(Text, Int)>] {
    struct Interrupted: Error {}
    let pairs = test.stream(of: (Text, Int).self)
    pairs.push([("a", 1), ("b", 2)])
    pairs.push([("a", 3)])
    pairs.push([("c", 4)])
    // What a restart is given comes from the log; this comes after it.
    pairs.push([("a", 5)])
    let sums = pairs.updateStateByKey { (values, sum: Int?) -> Int? in (sum ?? 0) + values.reduce(0, +) }
    let counts = pairs.mapWithState(
      .function { (key: Text, value: Int?, state: State<Int>) -> (Text, Int) in
        let count = (state.getOption() ?? 0) + 1
        try state.update(count)
        return (key, count)
      })
    let window = pairs.reduceByKeyAndWindow({ $0 + $1 }, .seconds(3))
    var streams: [DStream<(Text, Int)>] = [sums.name("sums"), counts.name("counts"), window]
    if version >= 2 {
      streams += [sums, counts].map { $0.reduceByKeyAndWindow({ $0 + $1 }, .seconds(3)) }
    }
    let outputs = streams.map { test.output(of: $0) }
    window.foreachRDD { _, time in if fails && time.milliseconds == 3000 { throw Interrupted() } }
    return outputs
  }

  private func start(
    _ path: String, _ version: Int, at milliseconds: Int, fails: Bool
  ) throws -> (
    TestStreamingContext, [StreamOutput<(Text, Int)>]
  ) {
    let test = TestStreamingContext()
    test.clock.set(Time(milliseconds: milliseconds))
    test.context.checkpoint(path)
    let outputs = program(test, version, fails: fails)
    try test.start()
    return (test, outputs)
  }

  /// What a program gives to the batch that was interrupted, when it goes on with a copy of a fixture.
  private func goOn(
    _ version: Int, from fixtureVersion: Int, _ look: (CheckpointReader) throws -> Void
  ) throws -> [[String]] {
    if ProcessInfo.processInfo.environment["MARTLET_WRITE_FIXTURE"] == "\(fixtureVersion)" { try write(fixtureVersion) }
    return try withTemporaryFolder { folder in
      let path = "\(folder)/checkpoint"
      try FileManager.default.copyItem(atPath: fixture(fixtureVersion), toPath: path)
      let reader = try CheckpointReader(path)
      #expect(reader.problems.isEmpty)
      #expect(reader.log.header.version == fixtureVersion)
      #expect(reader.log.pending.map(\.milliseconds) == [3000])
      let sums = try reader.states(of: "sums").entries.map { "\($0.key) \($0.state)" }
      #expect(sums == [#""a" 4"#, #""b" 2"#])
      let counts = try reader.states(of: "counts").entries.map { "\($0.key) \($0.state)" }
      #expect(counts == [#""a" 2"#, #""b" 1"#])
      try look(reader)
      let (test, outputs) = try start(path, version, at: 3000, fails: false)
      try test.context.waitUntilCompleted(Time(milliseconds: 3000))
      test.stop()
      return outputs.map { output in (output.batches.first ?? []).map { "\($0.0) \($0.1)" }.sorted() }
    }
  }

  private static let last = [["a 4", "b 2", "c 4"], ["c 1"], ["a 4", "b 2", "c 4"]]

  @Test func `The checkpoint of the first release is read, and a program goes on with it`() throws {
    let outputs = try goOn(1, from: 1) { reader in
      let report = try reader.report()
      #expect(report.operators.map(\.resultBytes) == [0, 0])
    }
    #expect(outputs == Self.last)
  }

  @Test func `So is one with what windows over state look back at`() throws {
    let outputs = try goOn(2, from: 2) { reader in
      let report = try reader.report()
      #expect(report.operators.map { $0.resultBytes > 0 } == [false, true])
      #expect(report.text.contains("of what it gave to batches, for windows"))
      #expect(report.json.description.contains(#""resultBytes":"#))
    }
    #expect(outputs == Self.last + [["a 9", "b 6", "c 4"], ["a 3", "b 1", "c 1"]])
  }

  @Test func `Windows that are new to a program find in the first release's the states, and not the results`() throws {
    let outputs = try goOn(2, from: 1) { _ in }
    #expect(outputs == Self.last + [["a 9", "b 6", "c 4"], ["c 1"]])
  }

  /// Makes the fixture: two batches that are done, and one that was interrupted.
  private func write(_ version: Int) throws {
    try Folder.remove(fixture(version))
    try Folder.create(fixture(version))
    let (test, _) = try start(fixture(version), version, at: 0, fails: true)
    try test.runBatches(2)
    #expect(throws: BatchFailure.self) { try test.runBatch() }
    test.stop()
  }
}
