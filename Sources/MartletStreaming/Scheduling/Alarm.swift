import CMartlet
import MartletCore

/// Wakes a thread at a time that can be put off without waking it.
///
/// On Linux it is a timer of the kernel: to put it off takes less than a microsecond. Elsewhere, and where there are no
/// descriptors left, the waiting thread is woken to look at the new time.
final class Alarm: @unchecked Sendable {
  // Sendable: `condition` guards `deadline`; the descriptor never changes.
  /// The timer's descriptor; less than 0 if there is none.
  private let timer = martlet_timer_open()
  private let condition = Condition()
  /// When the alarm rings; nil if it does not.
  private var deadline: MonotonicTime?

  deinit { martlet_timer_close(timer) }

  /// Rings at `time`, at once if that has passed, and not at the time that was set before.
  func ring(at time: MonotonicTime = MonotonicTime(nanoseconds: 1)) {
    if timer >= 0 { return martlet_timer_set(timer, max(1, time.nanoseconds)) }
    condition.withLock {
      deadline = time
      condition.broadcast()
    }
  }

  /// Blocks the calling thread until the alarm rings. One thread hears it. May also return without a reason: check in a
  /// loop.
  func wait() {
    if timer >= 0 { return martlet_timer_wait(timer) }
    condition.withLock {
      while true {
        guard let time = deadline else {
          condition.wait()
          continue
        }
        if MonotonicTime.now >= time { break }
        _ = condition.wait(until: time)
      }
      deadline = nil
    }
  }
}
