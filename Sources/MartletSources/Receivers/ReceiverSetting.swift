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
  /// milliseconds. Then the context stops without it, and the log says so: a graceful stop processes the records that it has
  /// stored, and those that it stores later are discarded. One that still stores something is waited for as long as
  /// `StreamingContext.gracefulStopTimeoutKey` allows, unless it stores more than there is room for.
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
