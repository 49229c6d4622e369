import MartletCore
package import MartletStreaming

/// Estimates how many records per second an input can be given, from how past batches went: a PID controller with
/// Spark's terms and defaults.
///
/// The error is by how much the rate is above what was processed per second of processing; the accumulated error is what
/// waits, spread over a batch interval. The first batch sets the rate that the others correct.
package struct PIDRateEstimator: Sendable {
  /// The weights of the controller.
  package struct Parameters: Sendable, Equatable {
    /// Of the error of the last batch.
    package var proportional = 1.0
    /// Of the accumulated error: of the records that wait.
    package var integral = 0.2
    /// Of the change of the error.
    package var derived = 0.0
    /// No estimate is lower, in records per second.
    package var minimumRate = 100.0

    package init() {}
  }

  private let interval: Double
  private let parameters: Parameters
  private var latest: (time: Time, rate: Double, error: Double)?

  /// - Parameters:
  ///   - batchInterval: more than zero.
  ///   - rate: an estimate of an earlier run, which the first batch corrects, and the time of the start.
  package init(batchInterval: Duration, _ parameters: Parameters, resuming rate: (Double, at: Time)? = nil) {
    interval = batchInterval.inMilliseconds
    self.parameters = parameters
    if let rate { latest = (rate.at, rate.0, 0) }
  }

  /// The rate to go on with, once a batch is done; `nil` if the batch tells nothing.
  ///
  /// - Parameters:
  ///   - time: when the batch was done; batches that were not done later than the one before tell nothing.
  ///   - records: of this input.
  ///   - processingDelay: how long the batch was processed.
  ///   - schedulingDelay: how long it waited before.
  package mutating func estimate(
    at time: Time, records: Int, processingDelay: Duration, schedulingDelay: Duration
  ) -> Double? {
    let processing = processingDelay.inMilliseconds
    guard records > 0, processing > 0 else { return nil }
    let processingRate = Double(records) / processing * 1000
    guard let before = latest else {
      latest = (time, processingRate, 0)
      return nil
    }
    guard time > before.time else { return nil }
    let seconds = (time - before.time).inMilliseconds / 1000
    let error = before.rate - processingRate
    let waiting = schedulingDelay.inMilliseconds * processingRate / interval
    let change = (error - before.error) / seconds
    let correction =
      parameters.proportional * error + parameters.integral * waiting + parameters.derived * change
    let wanted = before.rate - correction
    // With very great weights the sum may be no number.
    let rate = wanted.isFinite ? max(wanted, parameters.minimumRate) : parameters.minimumRate
    latest = (time, rate, error)
    return rate
  }
}
