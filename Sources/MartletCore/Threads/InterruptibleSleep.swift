// Unsafe code. Invariant: the flag lives in separately allocated memory, which does not move during the lifetime of
// this object.

import CMartlet

/// Lets threads sleep until a time or an interruption, which is permanent.
package final class InterruptibleSleep: @unchecked Sendable {
  // Sendable: the flag is read and written only by atomic operations, those of CMartlet.
  #if os(Linux)
    private let flag = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)

    package init() { flag.initialize(to: 0) }

    deinit { flag.deallocate() }

    /// Blocks the calling thread; returns `true` at the deadline, `false` if the sleep was interrupted.
    package func sleep(until deadline: MonotonicTime) -> Bool { martlet_wait_until(flag, deadline.nanoseconds) != 0 }

    /// Ends the current and all later sleeps.
    package func interrupt() { martlet_end_waits(flag) }
  #else
    private let condition = Condition()
    private var isInterrupted = false

    package init() {}

    /// Blocks the calling thread; returns `true` at the deadline, `false` if the sleep was interrupted.
    package func sleep(until deadline: MonotonicTime) -> Bool {
      condition.withLock {
        while !isInterrupted {
          if MonotonicTime.now >= deadline { return true }
          _ = condition.wait(until: deadline)
        }
        return false
      }
    }

    /// Ends the current and all later sleeps.
    package func interrupt() {
      condition.withLock {
        isInterrupted = true
        condition.broadcast()
      }
    }
  #endif
}
