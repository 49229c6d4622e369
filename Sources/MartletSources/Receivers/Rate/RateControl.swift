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
    maximumRate = try conf.get(.maximumRate).flatMap { $0 > 0 ? $0 : nil }
    guard try conf.get(.backpressure) ?? false else { return }
    var parameters = PIDRateEstimator.Parameters()
    parameters.proportional = try conf.get(.pidProportional) ?? parameters.proportional
    parameters.integral = try conf.get(.pidIntegral) ?? parameters.integral
    parameters.derived = try conf.get(.pidDerived) ?? parameters.derived
    parameters.minimumRate = try conf.get(.pidMinimumRate) ?? parameters.minimumRate
    backpressure = parameters
    initialRate = try conf.get(.initialRate)
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
