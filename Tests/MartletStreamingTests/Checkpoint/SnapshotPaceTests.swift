import MartletCore
import MartletLog
import MartletRDD
import MartletTesting
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct SnapshotPaceTests {
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
        let name = try #require(try LogFolder.segments("\(folder)/checkpoint").max())
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
      // 80 KB change; two sub-tables of more than twice that size may be rewritten.
      #expect(largest > 80_000 && largest < 600_000, "\(largest) bytes")
    }
  }

  @Test func `The log is not truncated before every operator has rewritten its state`() throws {
    try withTemporaryFolder { (folder: String) throws in
      /// Runs batches of 5,000 new keys each, and returns the number of keys at the end.
      func run(_ batches: Range<Int>) throws -> Int {
        let test = recoverable(folder, at: Time(milliseconds: batches.lowerBound * 1000), segmentBytes: 2 << 20)
        let numbers = test.stream(of: Int.self)
        // The first is rewritten at once, and the second takes several batches.
        numbers.map { ($0 % 7, 1) }.updateStateByKey { ones, total in (total ?? 0) + ones.count }.foreachRDD { _ in }
        let padding = String(repeating: "x", count: 80)
        let keys = numbers.map { ("\($0) \(padding)", 1) }.mapWithState(
          StateSpec.function { (_: String, one: Int?, state: State<Int>) in
            try state.update((state.getOption() ?? 0) + (one ?? 0))
          }
        ).stateSnapshots()
        let output = test.output(of: keys.count())
        try test.start()
        for batch in batches {
          numbers.push(Array(batch * 5000..<batch * 5000 + 5000))
          try test.runBatch()
        }
        test.stop()
        return try #require(output.batches.last?.first)
      }
      #expect(try run(0..<12) == 60_000)
      #expect(try LogFolder.segments("\(folder)/checkpoint").count > 1)
      #expect(try run(12..<13) == 65_000)
    }
  }
}
