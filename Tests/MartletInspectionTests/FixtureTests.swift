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
/// `MARTLET_WRITE_FIXTURE=1 swift test --filter FixtureTests` writes that of this release anew. It does so only for a
/// format that has not been released yet: a new format gets a folder of its own.
@Suite struct FixtureTests {
  private let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/checkpoint-v1").path

  /// Sums by updateStateByKey, counts by mapWithState, a window, and a batch that fails when it is told to.
  private func program(_ test: TestStreamingContext, fails: Bool) -> [StreamOutput<(Text, Int)>] {
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
    let outputs = [sums.name("sums"), counts.name("counts"), window].map { test.output(of: $0) }
    window.foreachRDD { _, time in if fails && time.milliseconds == 3000 { throw Interrupted() } }
    return outputs
  }

  private func start(
    _ path: String, at milliseconds: Int, fails: Bool
  ) throws -> (
    TestStreamingContext, [StreamOutput<(Text, Int)>]
  ) {
    let test = TestStreamingContext()
    test.clock.set(Time(milliseconds: milliseconds))
    test.context.checkpoint(path)
    let outputs = program(test, fails: fails)
    try test.start()
    return (test, outputs)
  }

  @Test func `The checkpoint of the first release is read, and a program goes on with it`() throws {
    if ProcessInfo.processInfo.environment["MARTLET_WRITE_FIXTURE"] != nil { try write() }
    try withTemporaryFolder { folder in
      let path = "\(folder)/checkpoint"
      try FileManager.default.copyItem(atPath: fixture, toPath: path)
      let reader = try CheckpointReader(path)
      #expect(reader.problems.isEmpty)
      #expect(reader.log.pending.map(\.milliseconds) == [3000])
      let sums = try reader.states(of: "sums").entries.map { "\($0.key) \($0.state)" }
      #expect(sums == [#""a" 4"#, #""b" 2"#])
      let counts = try reader.states(of: "counts").entries.map { "\($0.key) \($0.state)" }
      #expect(counts == [#""a" 2"#, #""b" 1"#])

      let (test, outputs) = try start(path, at: 3000, fails: false)
      try test.context.waitUntilCompleted(Time(milliseconds: 3000))
      test.stop()
      func lines(_ output: StreamOutput<(Text, Int)>) -> [String] {
        (output.batches.first ?? []).map { "\($0.0) \($0.1)" }.sorted()
      }
      #expect(lines(outputs[0]) == ["a 4", "b 2", "c 4"])
      #expect(lines(outputs[1]) == ["c 1"])
      #expect(lines(outputs[2]) == ["a 4", "b 2", "c 4"])
    }
  }

  /// Makes the fixture: two batches that are done, and one that was interrupted.
  private func write() throws {
    try Folder.remove(fixture)
    try Folder.create(fixture)
    let (test, _) = try start(fixture, at: 0, fails: true)
    try test.runBatches(2)
    #expect(throws: BatchFailure.self) { try test.runBatch() }
    test.stop()
  }
}
