import MartletCore
import MartletTesting
import Synchronization
import Testing

@testable import MartletSources
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct RateLimiterTests {
  /// The number of records that pass, one by one, until the clock shows `seconds`; the clock advances whenever they
  /// wait.
  private func passed(_ limiter: RateLimiter, _ clock: ManualClock, seconds: Double, step: Duration) -> Int {
    var count = 0
    let end = clock.now + .milliseconds(Int(seconds * 1000))
    while true {
      while limiter.isFree {
        limiter.pass(1)
        count += 1
      }
      if clock.now >= end { return count }
      clock.advance(by: step)
    }
  }

  @Test(arguments: [1, 10, 100, 1000]) func `on average exactly the rate passes`(step: Int) {
    let clock = ManualClock()
    let limiter = RateLimiter(clock, rate: 250, maximum: nil, interval: .seconds(1))
    // The extra one is the record that passes before it is paid for.
    #expect(passed(limiter, clock, seconds: 60, step: .milliseconds(step)) == 60 * 250 + 1)
  }

  @Test func `records that come together are paid for together`() {
    let clock = ManualClock()
    let limiter = RateLimiter(clock, rate: 100, maximum: nil, interval: .seconds(1))
    limiter.pass(1000)
    #expect(!limiter.isFree)
    clock.advance(by: .milliseconds(9999))
    #expect(!limiter.isFree)
    clock.advance(by: .milliseconds(1))
    #expect(limiter.isFree)
  }

  @Test func `a rate near zero lets nothing pass until there is another`() {
    let clock = ManualClock()
    let limiter = RateLimiter(clock, rate: 1e-300, maximum: nil, interval: .seconds(1))
    limiter.pass(1_000_000)
    for _ in 1...1000 { limiter.note(.max) }
    clock.advance(by: .seconds(86_400))
    #expect(!limiter.isFree)
    limiter.update(.leastNonzeroMagnitude)
    #expect(!limiter.isFree)
    limiter.update(1e300)
    #expect(limiter.isFree)
  }

  @Test func `idle time counts for a second at most`() {
    let clock = ManualClock()
    let limiter = RateLimiter(clock, rate: 100, maximum: nil, interval: .milliseconds(10))
    clock.advance(by: .seconds(3600))
    #expect((100...101).contains(passed(limiter, clock, seconds: 0, step: .seconds(1))))
  }

  @Test func `a new rate applies to waiting records, within the maximum`() {
    let clock = ManualClock()
    let limiter = RateLimiter(clock, rate: 1, maximum: 1000, interval: .seconds(1))
    limiter.pass(100)
    limiter.update(1_000_000)
    #expect(limiter.currentRate == 1000)
    clock.advance(by: .milliseconds(100))
    #expect(limiter.isFree)
  }

  @Test func `a waiting caller is released at the end`() {
    let limiter = RateLimiter(ManualClock(), rate: 0.001, maximum: nil, interval: .seconds(1))
    let passed = Atomic<Int>(0)
    let hasPassed = Signal()
    let waiting = WorkerThread(name: "wait") {
      for _ in 0..<10 {
        limiter.pass(1)
        passed.add(1, ordering: .sequentiallyConsistent)
        hasPassed.raise()
      }
    }
    // The first one passes before it is paid for; the second one waits.
    hasPassed.wait()
    #expect(passed.load(ordering: .sequentiallyConsistent) == 1)
    limiter.end()
    waiting.join()
    #expect(passed.load(ordering: .sequentiallyConsistent) == 10)
  }

  @Test(
    arguments: [
      (ReceiverSetting.maxRateKey, "-1"), (ReceiverSetting.maxRateKey, "fast"), (ReceiverSetting.minimumRateKey, "0"),
      (ReceiverSetting.backpressureKey, "yes"), (ReceiverSetting.rateEstimatorKey, "magic"),
      (ReceiverSetting.integralKey, "-0.1"), (ReceiverSetting.initialRateKey, "0"),
    ])
  func `a wrong setting is refused by name`(key: String, value: String) throws {
    let conf = MartletConf().set(ReceiverSetting.backpressureKey, "true").set(key, value)
    let test = TestStreamingContext(conf: conf.setMaster("local[2]"))
    _ = test.output(of: test.context.receiverStream(HandReceiver<Int>()))
    let error = #expect(throws: MartletError.self) { try test.start() }
    #expect(error?.message.contains(key) == true)
  }
}

extension RateLimiter {
  /// True if no record must wait now.
  fileprivate var isFree: Bool { secondsOwed <= 0 }
}
