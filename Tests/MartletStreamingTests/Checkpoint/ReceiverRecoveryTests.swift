import MartletCore
import MartletTesting
import Testing

@testable import MartletCheckpoint
@testable import MartletSources
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct ReceiverRecoveryTests {
  /// A started program that copies the records of a receiver to files, one folder for each batch.
  private func start(
    _ folder: String, at time: Time = Time(milliseconds: 0), _ onStep: (@Sendable (BatchStep) -> Void)? = nil
  ) throws -> (test: TestStreamingContext, receiver: HandReceiver<Int>) {
    let test = recoverable(folder, at: time, segmentBytes: 300, onStep: onStep)
    let receiver = HandReceiver<Int>()
    let stream = test.context.receiverStream(receiver)
    (stream as? ReceiverInput<Int>)?.logSegmentSize = 200
    stream.map { "\($0)" }.saveAsTextFiles("\(folder)/out/batch")
    try test.start()
    #expect(test.events.wait { $0.contains { $0.name == "receiverStarted" } })
    return (test, receiver)
  }

  private func records(_ folder: ProgramFolder) throws -> [Int] {
    let output = try folder.output()
    let batches = output.keys.sorted { (Int($0.dropFirst(6)) ?? 0) < (Int($1.dropFirst(6)) ?? 0) }
    return batches.flatMap { (output[$0] ?? []).compactMap { Int($0) } }
  }

  @Test func `whenever the process is killed, each acknowledged record comes out once, in order`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let (test, receiver) = try start(folder.path) { folder.takeImage("\($0)") }
      var images: [(step: String, path: String, stored: Int)] = []
      var stored = 0
      func store(_ count: Int) {
        #expect(receiver.store(contentsOf: stored..<stored + count))
        stored += count
      }
      func keepImages(_ batch: Int) throws {
        for (step, image) in folder.takeImages() {
          // The first batches, and every change of segments.
          let isWanted = batch <= 2 || step.hasPrefix("segment")
          if isWanted { images.append((step, image, stored)) } else { try Folder.remove(image) }
        }
      }
      try keepImages(0)
      for batch in 1...14 {
        store(batch)
        store(1)
        try test.runBatch()
        try keepImages(batch)
        store(2)
        folder.takeImage("stored")
        try keepImages(batch)
      }
      test.stop()
      #expect(Set(images.map(\.step)).count >= 12, "\(Set(images.map(\.step)))")
      for (step, image, stored) in images {
        try folder.restore(image)
        for time in [20_000, 40_000] {
          let (test, _) = try start(folder.path, at: Time(milliseconds: time))
          try test.runBatch()
          test.stop()
          #expect(try records(folder) == Array(0..<stored), "\(step), \(stored) stored, \(time)")
        }
      }
    }
  }

  @Test func `the log stays small`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      var expected: [Int] = []
      for run in 0..<3 {
        let (test, receiver) = try start(folder.path, at: Time(milliseconds: run * 100_000))
        try test.runBatch()
        for i in 0..<40 {
          receiver.store(contentsOf: Array(repeating: i, count: 50))
          expected += Array(repeating: i, count: 50)
          try test.runBatch()
        }
        let inputs = try Folder.names("\(folder.path)/checkpoint/inputs")
        #expect(inputs.count == 1)
        #expect(try Folder.names("\(folder.path)/checkpoint/inputs/\(inputs[0])").count <= 6)
        test.stop()
      }
      #expect(try records(folder) == expected)
    }
  }

  @Test func `records that no window needs leave the log, even without new records`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func start(_ milliseconds: Int) throws -> (TestStreamingContext, HandReceiver<Int>) {
        let test = recoverable(folder.path, at: Time(milliseconds: milliseconds), segmentBytes: 300)
        let receiver = HandReceiver<Int>()
        let stream = test.context.receiverStream(receiver)
        (stream as? ReceiverInput<Int>)?.logSegmentSize = 200
        _ = test.output(of: stream.window(.seconds(5)))
        try test.start()
        #expect(test.events.wait { $0.contains { $0.name == "receiverStarted" } })
        return (test, receiver)
      }
      func files() throws -> Int {
        let inputs = try Folder.names("\(folder.path)/checkpoint/inputs")
        return try Folder.names("\(folder.path)/checkpoint/inputs/\(#require(inputs.first))").count
      }
      let (first, receiver) = try start(0)
      for i in 0..<10 {
        receiver.store(contentsOf: Array(repeating: i, count: 50))
        try first.runBatch()
      }
      #expect(try files() >= 5)
      try first.runBatches(10)
      // The segment that is being written.
      #expect(try files() <= 1)
      for i in 0..<4 {
        receiver.store(contentsOf: Array(repeating: i, count: 50))
        try first.runBatch()
      }
      first.stop()
      #expect(try files() >= 4)
      let (second, _) = try start(24_000)
      try second.runBatches(10)
      #expect(try files() <= 1)
      second.stop()
    }
  }

  @Test(arguments: [nil, 5000.0])
  func `the estimate of the rate survives a restart, and takes precedence over the initial rate`(
    _ initialRate: Double?
  ) throws {
    try withTemporaryFolder { root in
      func run(at time: Int) throws -> (before: Double?, after: Double?) {
        var conf = MartletConf().set(ReceiverSetting.backpressureKey, "true")
        if let initialRate { conf = conf.set(ReceiverSetting.initialRateKey, "\(initialRate)") }
        let test = TestStreamingContext(conf: conf)
        test.clock.set(Time(milliseconds: time))
        test.context.checkpoint("\(root)/checkpoint")
        let clock = test.clock
        let receiver = HandReceiver<Int>()
        test.context.receiverStream(receiver).foreachRDD { rdd, _ in
          // A millisecond for each record.
          clock.advance(by: .milliseconds(try rdd.count()))
        }
        try test.start()
        #expect(test.events.wait { $0.contains { $0.name == "receiverStarted" } })
        let before = test.events.events.compactMap { event -> Double? in
          if case .receiverStarted(let info) = event { info.rateLimit } else { nil }
        }.last
        for _ in 0..<3 {
          receiver.store(contentsOf: 0..<500)
          try test.runBatch()
        }
        let after = test.events.completedBatches.last?.streamIDToInputInfo[0]?.rateLimit
        test.stop()
        return (before, after)
      }
      let first = try run(at: 0)
      #expect(first.before == initialRate)
      let after = try #require(first.after)
      #expect((900...1000).contains(after))
      // The last batch is planned before its end yields a rate, which is the same as that before it.
      let second = try run(at: 100_000)
      #expect(second.before == after)
    }
  }
}
