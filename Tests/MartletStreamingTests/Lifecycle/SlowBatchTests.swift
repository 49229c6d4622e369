import MartletCore
import MartletRDD
import MartletStreaming
import MartletTesting
import Synchronization
import Testing

/// The two threads of the scheduler on the machine's clock, by which they relieve each other.
@Suite(.timeLimit(.minutes(30))) struct SlowBatchTests {
  /// A record of events that can be waited for.
  private final class Progress: Sendable {
    private let condition = Condition()
    nonisolated(unsafe) private var cut: [Time] = []
    nonisolated(unsafe) private var run: [Time] = []

    func noteCut(_ time: Time) {
      condition.withLock {
        cut.append(time)
        condition.broadcast()
      }
    }

    func noteRun(_ time: Time) {
      condition.withLock {
        run.append(time)
        condition.broadcast()
      }
    }

    func waitUntilCut(_ count: Int) { condition.withLock { while cut.count < count { condition.wait() } } }
    func waitUntilRun(_ count: Int) { condition.withLock { while run.count < count { condition.wait() } } }

    var times: (cut: [Time], run: [Time]) { condition.withLock { (cut, run) } }
  }

  @Test func `no more than a thousand batches wait while a slow one runs`() throws {
    let test = TestStreamingContext(batchInterval: .milliseconds(1))
    let progress = Progress()
    let most = Mutex(0)
    test.stream(of: Int.self)
      .transform { rdd, time in
        progress.noteCut(time)
        return rdd
      }
      .foreachRDD { _, time in
        progress.noteRun(time)
        // The first batch lasts until the limit is reached, and others long enough for more to be made.
        let number = progress.times.run.count
        if number == 1 { progress.waitUntilCut(1001) }
        if number < 20 { _ = (0..<20_000).reduce(0) { $0 ^ $1 } }
        let ahead = progress.times.cut.count - number
        most.withLock { $0 = max($0, ahead) }
      }
    try test.start()
    test.clock.advance(by: .milliseconds(3000))
    try test.context.waitUntilCompleted(Time(milliseconds: 3000))
    test.stop()
    // The waiting ones, and one that has been made and has no space yet.
    #expect((1000...1001).contains(most.withLock { $0 }))
    #expect(progress.times.run.count == 3000)
  }

  @Test(arguments: [false, true])
  func `batches are made while a slow one runs, and none is left out`(gracefully: Bool) throws {
    let interval = Duration.milliseconds(5)
    let ssc = StreamingContext(
      MartletContext(conf: MartletConf().setMaster("local[2]").setAppName("test")), batchInterval: interval,
      clock: SystemClock(), countsAsActive: false)
    let progress = Progress()
    let empty: RDD<Int> = ssc.sparkContext.parallelize([Int]())
    ssc.queueStream([], defaultRDD: empty)
      .transform { rdd, time in
        progress.noteCut(time)
        return rdd
      }
      .foreachRDD { _, time in
        progress.noteRun(time)
        // Every third batch ends only after four later ones have been made. Not the last ones: none is made after a
        // stop.
        let number = progress.times.run.count
        if number % 3 == 0 && number < 30 { progress.waitUntilCut(number + 4) }
      }
    try ssc.start()
    progress.waitUntilRun(30)
    ssc.stopAndWait(stopContext: true, gracefully: gracefully)
    let (cut, run) = progress.times
    for (earlier, later) in zip(cut, cut.dropFirst()) { #expect(later - earlier == interval) }
    #expect(gracefully ? cut == run : Array(cut.prefix(run.count)) == run)
  }
}
