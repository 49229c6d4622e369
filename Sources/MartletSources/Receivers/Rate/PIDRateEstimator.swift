package import MartletCore
import MartletStreaming

/// Estimates the number of records per second that an input can process from the durations of past batches: a PID
/// controller with Spark's terms and defaults.
///
/// The error is the difference between the rate and the records processed per second of processing; the accumulated
/// error is the number of waiting records, spread over a batch interval. The first batch sets the rate that the others
/// correct.
package struct PIDRateEstimator: Sendable {
  /// The weights of the controller.
  package struct Parameters: Sendable, Equatable {
    /// The weight of the error of the last batch.
    package var proportional = 1.0
    /// The weight of the accumulated error: of the records that wait.
    package var integral = 0.2
    /// The weight of the change of the error.
    package var derived = 0.0
    /// The minimum estimate, in records per second.
    package var minimumRate = 100.0

    package init() {}
  }

  private let interval: Double
  private let parameters: Parameters
  private var latest: (time: Time, rate: Double, error: Double)?

  /// - Parameters:
  ///   - batchInterval: a positive duration.
  ///   - rate: the estimate of an earlier run, which the first batch corrects, and the time of the start.
  package init(batchInterval: Duration, _ parameters: Parameters, resuming rate: (Double, at: Time)? = nil) {
    interval = batchInterval.inMilliseconds
    self.parameters = parameters
    if let rate { latest = (rate.at, rate.0, 0) }
  }

  /// The new rate after a batch; `nil` if the batch does not change it.
  ///
  /// - Parameters:
  ///   - time: the end of the batch; it must be later than that of the previous batch to change the rate.
  ///   - records: the number of records of this input.
  ///   - processingDelay: the time that the batch was processed.
  ///   - schedulingDelay: the time that it waited before.
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
    // With very large weights, the sum may not be finite.
    let rate = wanted.isFinite ? max(wanted, parameters.minimumRate) : parameters.minimumRate
    latest = (time, rate, error)
    return rate
  }
}
