import MartletCore
import MartletRDD
import MartletStreaming
import Synchronization

/// The rate limits of receivers in the settings.
struct RateSettings: Sendable {
  /// `nil` without back-pressure.
  var backpressure: PIDRateEstimator.Parameters?
  var initialRate: Double?
  var maximumRate: Double?

  init(_ conf: MartletConf) throws {
    maximumRate = try conf.number(ReceiverSetting.maxRateKey).flatMap { $0 > 0 ? $0 : nil }
    guard try conf.flag(ReceiverSetting.backpressureKey, default: false) else { return }
    var parameters = PIDRateEstimator.Parameters()
    func set(_ field: WritableKeyPath<PIDRateEstimator.Parameters, Double>, _ key: String) throws {
      if let value = try conf.number(key) { parameters[keyPath: field] = value }
    }
    try set(\.proportional, ReceiverSetting.proportionalKey)
    try set(\.integral, ReceiverSetting.integralKey)
    try set(\.derived, ReceiverSetting.derivedKey)
    try set(\.minimumRate, ReceiverSetting.minimumRateKey)
    backpressure = parameters
    initialRate = try conf.number(ReceiverSetting.initialRateKey)
  }
}

/// Sets the rate limit of one receiver after each batch.
final class RateControl: Sendable {
  let limiter: RateLimiter
  private let estimator: Mutex<PIDRateEstimator?>

  /// Fails if there is nothing to limit.
  ///
  /// - Parameter known: the rate of an earlier run.
  init?(_ settings: RateSettings, clock: any BatchClock, batchInterval: Duration, known: Double?) {
    guard settings.backpressure != nil || settings.maximumRate != nil else { return nil }
    let known = settings.backpressure == nil ? nil : known
    limiter = RateLimiter(
      clock, rate: known ?? settings.initialRate, maximum: settings.maximumRate, interval: batchInterval)
    let now = clock.now
    estimator = Mutex(
      settings.backpressure.map {
        PIDRateEstimator(batchInterval: batchInterval, $0, resuming: known.map { ($0, at: now) })
      })
  }

  /// Processes a completed batch; returns the new rate, if it changes.
  func batchCompleted(_ info: BatchInfo, records: Int) -> Double? {
    guard let end = info.processingEndTime, let processing = info.processingDelay, let waited = info.schedulingDelay
    else { return nil }
    let rate = estimator.withLock {
      $0?.estimate(at: end, records: records, processingDelay: processing, schedulingDelay: waited)
    }
    if let rate { limiter.update(rate) }
    return rate
  }
}
