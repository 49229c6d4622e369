import MartletCore
import MartletRDD

/// The settings of receivers.
public enum ReceiverSetting {
  /// Whether a context with a checkpoint writes what receivers store to a log before it is processed: `true`, the
  /// default, or `false`. Without the log, what was received and not processed is lost with the process.
  public static let writeAheadLogKey = "martlet.streaming.receiver.writeAheadLog.enable"
  /// How long what was received may wait until it is written to the log: `200ms`, the default; `1s`; or a number of
  /// milliseconds. A batch that is cut has everything written at once.
  public static let blockIntervalKey = "martlet.streaming.blockInterval"
  /// Bytes that all receivers of a context together may hold in memory, in addition to the bound for each one
  /// (`StreamingContext.receiverBufferKey`). One half is dealt out evenly, so that each receiver can always go on; the
  /// other half goes to those that need it first. Default: half of `martlet.memory.bytes`, at least 67,108,864 (64 MiB),
  /// and at least the bound for each one if that is set.
  public static let memoryKey = "martlet.streaming.receivers.memory.bytes"
  /// How long a receiver that is to stop may go on without storing anything: `5s`, the default; `500ms`; or a number of
  /// milliseconds. Then it is left to itself, and the log says so: the records that it has stored are processed, and those
  /// that it stores later are dropped. One that still stores something is waited for as long as
  /// `StreamingContext.gracefulStopTimeoutKey` allows.
  public static let stopTimeoutKey = "martlet.streaming.receiver.stopTimeout"
  /// Records per second that each receiver takes at most. Default: no limit; 0 is none either.
  public static let maxRateKey = "martlet.streaming.receiver.maxRate"
  /// Whether receivers are slowed down to what the batches can process: `true` or `false`, the default. Without it, a
  /// receiver takes what its buffer holds.
  public static let backpressureKey = "martlet.streaming.backpressure.enabled"
  /// Records per second that each receiver takes, with back-pressure, until the first batches are done. Default: that of
  /// `maxRateKey`.
  public static let initialRateKey = "martlet.streaming.backpressure.initialRate"
  /// How rates are estimated: `pid`.
  public static let rateEstimatorKey = "martlet.streaming.backpressure.rateEstimator"
  /// The weight of the last batch's error. Default: 1.
  public static let proportionalKey = "martlet.streaming.backpressure.pid.proportional"
  /// The weight of what waits. Default: 0.2.
  public static let integralKey = "martlet.streaming.backpressure.pid.integral"
  /// The weight of the error's change. Default: 0.
  public static let derivedKey = "martlet.streaming.backpressure.pid.derived"
  /// Records per second below which no rate is set. Default: 100.
  public static let minimumRateKey = "martlet.streaming.backpressure.pid.minRate"
}

extension MartletConf {
  /// `key` as `true` or `false`.
  func flag(_ key: String, default defaultValue: Bool) throws -> Bool {
    guard let text = get(key) else { return defaultValue }
    guard let value = Bool(text) else {
      throw MartletError(.invalidConfiguration, "The setting \(key) is '\(text)'; it must be 'true' or 'false'.")
    }
    return value
  }

  /// `key` as a length of time of at least a millisecond: `200ms`, `2s`, or a number of milliseconds.
  func duration(_ key: String, default defaultValue: Duration) throws -> Duration {
    guard let text = get(key) else { return defaultValue }
    let units: [(String, Int)] = [("ms", 1), ("s", 1000), ("", 1)]
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      guard let number = Int(text.dropLast(suffix.count)), (1...86_400_000).contains(number) else { break }
      return .milliseconds(number * factor)
    }
    throw MartletError(
      .invalidConfiguration, "The setting \(key) is '\(text)'; it must be a time such as 200ms or 2s.")
  }
}
