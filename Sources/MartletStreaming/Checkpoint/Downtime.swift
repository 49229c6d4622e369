import MartletCore
import MartletRDD

/// The time between the last batch of a checkpoint and the clock of the program that goes on with it.
struct Downtime {
  /// So many batches at most are made up for. If more seem to have been missed, a clock was wrong more likely than not, and
  /// batches of a wrong time in the log could not be taken back.
  static let maximumMadeUp = 1_000_000
  /// From so many on, it is worth a warning that batches are made up for.
  static let many = 1000

  /// The time of the last batch that was planned.
  let last: Time
  let now: Time
  let interval: Duration
  let policy: CheckpointOptions.MissedBatches

  /// How many batches' time has come meanwhile.
  var missed: Int { max(0, Int((now - last).nanoseconds / interval.nanoseconds)) }

  /// - Parameter path: the checkpoint's folder.
  /// - Throws: `MartletError(.invalidState)` if too many batches would have to be made up for.
  func refuseTooLong(_ path: String) throws {
    guard policy == .makeUp && missed > Self.maximumMadeUp else { return }
    throw MartletError(
      .invalidState,
      """
      \(times(path)): \(missed) batches were missed, and at most \(Self.maximumMadeUp) can run afterwards. If the \
      clock is wrong, set it; otherwise skip the batches with CheckpointOptions(missedBatches: .skip).
      """)
  }

  /// What is worth telling.
  ///
  /// - Parameter path: the checkpoint's folder.
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
    case .skip: return "\(times(path)): \(missed) batches were missed, and are left out."
    }
  }

  private func times(_ path: String) -> String {
    """
    The last batch of the checkpoint '\(path)' is that of \(last.localDescription) (\(last)), and the clock shows \
    \(now.localDescription) (\(now))
    """
  }
}
