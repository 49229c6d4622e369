import MartletCore
import MartletRDD
import MartletStreaming

/// The time between the last batch of a checkpoint and the clock of the program that continues from it.
struct Downtime {
  /// The maximum number of missed batches that run afterwards. If more seem to have been missed, a clock was probably
  /// wrong, and batches with a wrong time in the log could not be undone.
  static let maximumMadeUp = 1_000_000
  /// The number of missed batches from which there is a warning.
  static let many = 1000

  /// The time of the last planned batch.
  let last: Time
  let now: Time
  let interval: Duration
  let policy: CheckpointOptions.MissedBatches

  /// The number of batches whose time has passed meanwhile.
  var missed: Int { max(0, Int((now - last).nanoseconds / interval.nanoseconds)) }

  /// - Parameter path: the folder of the checkpoint.
  /// - Throws: `MartletError(.invalidState)` if too many batches were missed.
  func refuseTooLong(_ path: String) throws {
    guard policy == .makeUp && missed > Self.maximumMadeUp else { return }
    throw MartletError(
      .invalidState,
      """
      \(times(path)): \(missed) batches were missed, and at most \(Self.maximumMadeUp) can run afterwards. If the \
      clock is wrong, set it; otherwise skip the batches with CheckpointOptions(missedBatches: .skip).
      """)
  }

  /// The warning to log, if any.
  ///
  /// - Parameter path: the folder of the checkpoint.
  func warning(_ path: String) -> String? {
    // A graceful stop ends with a batch whose time has not come yet.
    if last - now > interval {
      return """
        \(times(path)): the clock is \((last - now).text) behind. No batch is made before the clock shows \
        \((last + interval).localDescription); records received until then belong to that batch. If the clock is \
        wrong, set it and restart the program: a running program does not follow the clock.
        """
    }
    guard missed >= Self.many else { return nil }
    switch policy {
    case .makeUp:
      return """
        \(times(path)): \(missed) batches were missed. They run before any new batch; to skip them, use \
        CheckpointOptions(missedBatches: .skip).
        """
    case .skip: return "\(times(path)): \(missed) batches were missed and are skipped."
    }
  }

  private func times(_ path: String) -> String {
    """
    The last batch of the checkpoint '\(path)' is that of \(last.localDescription) (\(last)), and the clock shows \
    \(now.localDescription) (\(now))
    """
  }
}
