import CMartlet
import MartletCore

/// Wakes a thread at a time that can be postponed without waking it.
///
/// On Linux it is a kernel timer: postponing it takes less than a microsecond. Elsewhere, and if there are no
/// descriptors left, the waiting thread is woken to check the new time.
final class Alarm: @unchecked Sendable {
  // Sendable: `condition` guards `deadline`; the descriptor never changes.
  /// The descriptor of the timer; negative if there is none.
  private let timer = martlet_timer_open()
  private let condition = Condition()
  /// The time of the alarm; `nil` if there is none.
  private var deadline: MonotonicTime?

  deinit { martlet_timer_close(timer) }

  /// Sets the alarm to `time`, at once if that has passed, in place of the previous time.
  func ring(at time: MonotonicTime = MonotonicTime(nanoseconds: 1)) {
    if timer >= 0 { return martlet_timer_set(timer, max(1, time.nanoseconds)) }
    condition.withLock {
      deadline = time
      condition.broadcast()
    }
  }

  /// Blocks the calling thread until the alarm. It wakes one thread. May also return spuriously: check in a loop.
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
