import MartletCore
import MartletRDD
import MartletTesting
import Testing

@testable import MartletStreaming

@Suite struct SnapshotPaceTests {
  @Test func `No batch writes much more than it changes, however large the state is`() throws {
    try withTemporaryFolder { folder in
      let test = recoverable(folder, segmentBytes: 64 << 10)
      let numbers = test.stream(of: Int.self)
      numbers.map { ($0, 1) }
        .mapWithState(
          StateSpec.function { (_: Int, value: Int?, state: State<Int>) in
            try state.update((state.getOption() ?? 0) + (value ?? 0))
          }
        )
        .foreachRDD { rdd in _ = try rdd.count() }
      try test.start()
      func newest() throws -> (name: SegmentName, bytes: Int) {
        let name = try #require(try CheckpointFolder.segments("\(folder)/checkpoint").max())
        return (name, try SystemFile.read("\(folder)/checkpoint/\(name)").size())
      }
      let keys = 200_000
      numbers.push(Array(0..<keys))
      try test.runBatch()
      var before = try newest()
      // The cycle that the first batch has begun may write as much as that.
      while before.name.number == 1 {
        numbers.push([0])
        try test.runBatch()
        before = try newest()
      }
      var largest = 0
      while before.name.number < 5 {
        numbers.push((0..<5000).map { $0 * 37 % keys })
        try test.runBatch()
        let now = try newest()
        if now.name == before.name { largest = max(largest, now.bytes - before.bytes) }
        before = now
      }
      test.stop()
      // 80 KB change; two sub-tables more than twice as much may be written anew.
      #expect(largest > 80_000 && largest < 600_000, "\(largest) bytes")
    }
  }
}
