import MartletCore
import MartletRDD
import MartletTesting
import Synchronization
import TestSupport
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

/// A wall clock that is set forward or back, while a program runs and while it does not.
@Suite(.timeLimit(.minutes(30))) struct ClockJumpTests {
  /// A wall clock that a test sets while a program runs.
  private final class WallClock: Sendable {
    private let time = Mutex(Time(milliseconds: 1_700_000_000_000))

    var now: Time {
      get { time.withLock { $0 } }
      set { time.withLock { $0 = newValue } }
    }
  }

  @Test(arguments: [-3600, 3600])
  func `setting the wall clock of a running program neither stops its batches nor makes them come in a rush`(
    _ seconds: Int
  ) throws {
    let wall = WallClock()
    let clock = SystemClock { wall.now }
    let times = Mutex<[Time]>([])
    let interval = Duration.milliseconds(2)
    let sc = MartletContext(conf: MartletConf().setMaster("local[2]").setAppName("clock"))
    let context = StreamingContext(sc, batchInterval: interval, clock: clock, countsAsActive: false)
    context.queueStream([sc.parallelize([1])]).foreachRDD { _, time in times.withLock { $0.append(time) } }
    try context.start()
    let first = wall.now.floor(interval)
    try context.waitUntilCompleted(first + interval)
    wall.now = wall.now + .seconds(seconds)
    try context.waitUntilCompleted(first + interval * 5)
    context.stopAndWait(stopContext: true, gracefully: false)
    let seen = times.withLock { $0 }
    // The first batch may be that after `first`.
    #expect(seen.count >= 4)
    // Each interval has its batch, and no time is far from the expected one.
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $1 - $0 == interval })
    #expect(try #require(seen.last) < first + .seconds(1800))
  }

  /// A program that notes the times of its batches.
  private static func start(
    _ folder: String, at seconds: Int, _ missed: CheckpointOptions.MissedBatches = .makeUp,
    takeOver: Bool = false, log: RecordedLog = RecordedLog(), _ times: TimeList = TimeList()
  ) throws -> TestStreamingContext {
    let conf = MartletConf().setMaster("local[2]").setAppName("clock")
    let test = TestStreamingContext(MartletContext(conf: conf, logger: log.logger))
    test.clock.set(Time(milliseconds: seconds * 1000))
    test.context.checkpoint(
      "\(folder)/checkpoint", options: CheckpointOptions(missedBatches: missed, takeOver: takeOver))
    test.context.textFileStream("\(folder)/in").foreachRDD { _, time in times.add(time.milliseconds / 1000) }
    try test.start()
    return test
  }

  private final class TimeList: Sendable {
    private let kept = Mutex<[Int]>([])
    var all: [Int] { kept.withLock { $0 } }
    func add(_ time: Int) { kept.withLock { $0.append(time) } }
  }

  @Test func `a clock that is behind at a restart is reported with both times, and no batch time comes again`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run").path
      let first = try Self.start(folder, at: 7199)
      try first.runBatch()
      first.stop()
      let (log, times) = (RecordedLog(), TimeList())
      let second = try Self.start(folder, at: 3600, log: log, times)
      let warnings = log.messages.filter { $0.hasPrefix("warning") }
      #expect(warnings.count == 1)
      for words in [
        "(7200000 ms)", "(3600000 ms)", "the clock is 3600 s behind",
        "\(Time(milliseconds: 7_201_000).localDescription)",
        "set it and restart the program",
      ] {
        #expect(warnings.first?.contains(words) == true, "\(words): \(warnings)")
      }
      second.clock.set(Time(milliseconds: 7_200_000))
      second.clock.set(Time(milliseconds: 7_201_000))
      try second.context.waitUntilCompleted(Time(milliseconds: 7_201_000))
      second.stop()
      #expect(times.all == [7201])
    }
  }

  @Test func `a graceful stop and an immediate start cause no warning`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run").path
      let first = try Self.start(folder, at: 100)
      try first.runBatch()
      first.stop(gracefully: true)
      let log = RecordedLog()
      try Self.start(folder, at: 100, log: log).stop()
      #expect(!log.messages.contains { $0.hasPrefix("warning") }, "\(log.messages)")
    }
  }

  /// More than the limit of waiting batches.
  @Test(arguments: [CheckpointOptions.MissedBatches.makeUp, .skip])
  func `hundreds of missed batches are caught up in order, or skipped, and reported`(
    _ policy: CheckpointOptions.MissedBatches
  ) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run").path
      let first = try Self.start(folder, at: 0)
      try first.runBatch()
      first.stop()
      let (log, times) = (RecordedLog(), TimeList())
      let second = try Self.start(folder, at: 1101, policy, log: log, times)
      let warnings = log.messages.filter { $0.hasPrefix("warning") }
      #expect(warnings.count == 1 && warnings[0].contains("(1000 ms)") && warnings[0].contains("(1101000 ms)"))
      #expect(warnings.first?.contains("1100 batches were missed") == true, "\(warnings)")
      try second.runBatch()
      second.stop()
      #expect(times.all == (policy == .makeUp ? Array(2...1102) : [1102]))
    }
  }

  @Test func `a program whose clock is years ahead is refused before it takes over its checkpoint, or skips them`()
    throws
  {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run").path
      let owner = try Self.start(folder, at: 0)
      try owner.runBatch()
      let error = try #require(
        #expect(throws: MartletError.self) { try Self.start(folder, at: 2_000_000_000, takeOver: true) })
      for words in [
        "(1000 ms)", "(2000000000000 ms)", "1999999999 batches were missed", "If the clock is wrong", ".skip",
      ] {
        #expect("\(error)".contains(words), "\(error)")
      }
      // It does no harm to the running program.
      try owner.runBatch()
      owner.stop()
      let times = TimeList()
      let skipping = try Self.start(folder, at: 2_000_000_000, .skip, times)
      try skipping.runBatch()
      skipping.stop()
      #expect(times.all == [2_000_000_001])
    }
  }

  /// At a batch interval of 500 ms, after a last batch of 1,000 s.
  @Test(arguments: [
    (1000, 0, false, false), (999, 0, true, false), (1499, 998, false, false), (1500, 1000, true, false),
    (501_000, 1_000_000, true, false), (501_001, 1_000_002, true, true), (0, 0, true, false),
  ])
  func `warnings and refusals depend on the number of missed batches`(
    _ seconds: Int, _ missed: Int, _ isTold: Bool, _ isRefused: Bool
  ) throws {
    func downtime(_ policy: CheckpointOptions.MissedBatches) -> Downtime {
      Downtime(
        last: Time(milliseconds: 1_000_000), now: Time(milliseconds: seconds * 1000), interval: .milliseconds(500),
        policy: policy)
    }
    #expect(downtime(.makeUp).missed == missed)
    for policy in [CheckpointOptions.MissedBatches.makeUp, .skip] {
      #expect((downtime(policy).warning("c") != nil) == isTold)
    }
    #expect(throws: Never.self) { try downtime(.skip).refuseTooLong("c") }
    if isRefused {
      #expect(throws: MartletError.self) { try downtime(.makeUp).refuseTooLong("c") }
    } else {
      #expect(throws: Never.self) { try downtime(.makeUp).refuseTooLong("c") }
    }
  }
}
