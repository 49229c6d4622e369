/// The settings of receivers.
public enum ReceiverSetting {
  /// Determines whether a context with a checkpoint writes received records to a log before they are processed: `true`, the
  /// default, or `false`. Without the log, records that were received but not processed are lost with the process.
  public static let writeAheadLogKey = "martlet.streaming.receiver.writeAheadLog.enable"
  /// The longest time that received records wait before they are written to the log: `200ms`, the default; `1s`; or a
  /// number of milliseconds. Making a batch writes all records at once.
  public static let blockIntervalKey = "martlet.streaming.blockInterval"
  /// The number of bytes that all receivers of a context together may hold in memory, in addition to the bound for each
  /// one (`StreamingContext.receiverBufferKey`). One half is divided evenly, so that each receiver can always continue;
  /// the other half is assigned on demand. Default: half of `martlet.memory.bytes`, at least 67,108,864 (64 MiB), and
  /// at least the bound for each one if that is set.
  public static let memoryKey = "martlet.streaming.receivers.memory.bytes"
  /// The time for which a receiver that was asked to stop may continue without storing anything: `5s`, the default;
  /// `500ms`; or a number of milliseconds. Then the context stops without it, and the log says so: a graceful stop
  /// processes the records that it has stored, and discards those that it stores later. The context waits for a
  /// receiver that still stores records for as long as `StreamingContext.gracefulStopTimeoutKey` permits, unless it
  /// stores more than there is room for.
  public static let stopTimeoutKey = "martlet.streaming.receiver.stopTimeout"
  /// The maximum number of records per second of each receiver. Default: no limit, also with 0.
  public static let maxRateKey = "martlet.streaming.receiver.maxRate"
  /// Determines whether receivers are slowed down to the rate that the batches can process: `true` or `false`, the default.
  /// Without it, a receiver stores as much as its buffer can hold.
  public static let backpressureKey = "martlet.streaming.backpressure.enabled"
  /// The number of records per second of each receiver, with back-pressure, until the first batches are done. Default:
  /// that of `maxRateKey`.
  public static let initialRateKey = "martlet.streaming.backpressure.initialRate"
  /// The estimator of rates: `pid`.
  public static let rateEstimatorKey = "martlet.streaming.backpressure.rateEstimator"
  /// The weight of the last batch's error. Default: 1.
  public static let proportionalKey = "martlet.streaming.backpressure.pid.proportional"
  /// The weight of waiting records. Default: 0.2.
  public static let integralKey = "martlet.streaming.backpressure.pid.integral"
  /// The weight of the change of the error. Default: 0.
  public static let derivedKey = "martlet.streaming.backpressure.pid.derived"
  /// The minimum rate, in records per second. Default: 100.
  public static let minimumRateKey = "martlet.streaming.backpressure.pid.minRate"
}
