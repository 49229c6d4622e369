import MartletCore
import Testing

@testable import MartletSources
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct PIDRateEstimatorTests {
  private func estimator(
    interval: Duration = .milliseconds(20), _ proportional: Double = 1, _ integral: Double = 1, _ derived: Double = 0,
    minimum: Double = 10
  ) -> PIDRateEstimator {
    var parameters = PIDRateEstimator.Parameters()
    parameters.proportional = proportional
    parameters.integral = integral
    parameters.derived = derived
    parameters.minimumRate = minimum
    return PIDRateEstimator(batchInterval: interval, parameters)
  }

  /// The estimates for batches `(time, records, processing, scheduling)`, with times in milliseconds.
  private func estimates(
    _ estimator: PIDRateEstimator, _ batches: [(Int, Int, Int, Int)]
  ) -> [Double?] {
    var estimator = estimator
    return batches.map { time, records, processing, scheduling in
      estimator.estimate(
        at: Time(milliseconds: time), records: records, processingDelay: .milliseconds(processing),
        schedulingDelay: .milliseconds(scheduling))
    }
  }

  private let defaults = PIDRateEstimator(batchInterval: .milliseconds(20), PIDRateEstimator.Parameters())

  @Test func `Spark's weights are the defaults`() {
    let parameters = PIDRateEstimator.Parameters()
    #expect(parameters.proportional == 1 && parameters.integral == 0.2 && parameters.derived == 0)
    #expect(parameters.minimumRate == 100)
  }

  @Test func `extreme weights do not make an invalid rate`() {
    let batches = [(0, 10, 10, 10), (10, 10, 10, 10), (20, 1000, 10, 10), (30, 10, 10, 10), (40, 10, 10, 10)]
    for weights in [(1e308, 0, 0), (0, 1e308, 0), (0, 0, 1e308), (1e308, 1e308, 1e308)] {
      let rates = estimates(estimator(weights.0, weights.1, weights.2), batches).compactMap { $0 }
      #expect(!rates.isEmpty, "\(weights)")
      for rate in rates { #expect(rate.isFinite && rate >= 10, "\(weights)") }
    }
  }

  @Test func `the first batch makes no estimate, the second does`() {
    #expect(estimates(defaults, [(0, 10, 10, 0), (10, 10, 10, 0)]) == [nil, 1000])
  }

  @Test func `batches without information make no estimate`() {
    #expect(estimates(defaults, [(10, 10, 10, 0), (10, 10, 10, 0)]) == [nil, nil], "no time between")
    #expect(estimates(defaults, [(0, 0, 10, 0), (10, -10, 10, 0), (20, 10, 10, 0)]) == [nil, nil, nil], "no records")
    #expect(estimates(defaults, [(0, 10, 0, 0), (10, 10, -10, 0), (20, 10, 10, 0)]) == [nil, nil, nil], "no delay")
  }

  @Test(arguments: [5.0, 10, 100]) func `no estimate is below the minimum rate`(minimum: Double) {
    let batches = (0..<50).map { ($0 * 20, 1, 20, 100 + $0 * 20) }
    let found = estimates(estimator(1, 1, 1, minimum: minimum), batches)
    #expect(found.dropFirst().allSatisfy { $0 ?? 0 >= minimum })
    #expect(found.contains(minimum))
  }

  @Test func `when processing speeds up, the rate follows`() {
    let found = estimates(estimator(), (0..<50).map { ($0 * 20, $0 * 20, 20, 0) })
    // The first batch without records yields no information.
    #expect(found.dropFirst(2).elementsEqual((2..<50).map { Double($0) * 1000 }))
  }

  @Test func `when processing slows down, the rate follows`() {
    let found = estimates(estimator(), (0..<50).map { ($0 * 20, (50 - $0) * 20, 20, 0) })
    #expect(found.dropFirst().elementsEqual((1..<50).map { Double(50 - $0) * 1000 }))
  }

  @Test func `while batches wait, the rate stays below the speed of processing`() {
    let found = estimates(estimator(1, 0.01), (0..<50).map { ($0 * 20, (50 - $0) * 20, 20, 20) })
    for (i, rate) in found.enumerated().dropFirst() {
      let speed = Double(50 - i) * 1000
      #expect(rate ?? .infinity < speed || rate == 10)
    }
  }

  @Test func `a resumed estimator corrects from the first batch on`() {
    var resumed = PIDRateEstimator(
      batchInterval: .seconds(1), PIDRateEstimator.Parameters(), resuming: (5000, at: Time(milliseconds: 0)))
    let rate = resumed.estimate(
      at: Time(milliseconds: 1000), records: 1000, processingDelay: .seconds(1), schedulingDelay: .zero)
    #expect(rate == 1000)
  }

  @Test func `a source that could be ten times faster than the sink is slowed to the sink's speed`() {
    // A sink of 1,000 records a second, a source that accepts every rate up to 10,000, for 10 minutes.
    var estimator = PIDRateEstimator(batchInterval: .seconds(1), PIDRateEstimator.Parameters())
    var rate = 10_000.0
    var free = 0.0
    var longestWait = 0.0
    var records: [Double] = []
    for batch in 1...600 {
      let cut = Double(batch)
      let count = min(rate, 10_000)
      let begin = max(cut, free)
      let processing = count / 1000
      free = begin + processing
      records.append(count)
      if batch > 100 { longestWait = max(longestWait, begin - cut) }
      let new = estimator.estimate(
        at: Time(milliseconds: Int(free * 1000)), records: Int(count),
        processingDelay: .milliseconds(Int(processing * 1000)),
        schedulingDelay: .milliseconds(Int((begin - cut) * 1000)))
      rate = new ?? rate
    }
    #expect(longestWait < 1)
    let late = records.suffix(300).reduce(0, +) / 300
    #expect((900...1010).contains(late), "\(late)")
  }
}
