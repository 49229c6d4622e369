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
