// Unsafe code. Invariant: the mutex and the condition variable live in separately allocated memory, which does not move
// during the lifetime of this object.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A lock on which threads can wait for a change.
@usableFromInline package final class Condition: @unchecked Sendable {
  // Sendable: the two pointers never change, and their targets are designed for many threads.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let variable = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() {
    pthread_mutex_init(mutex, nil)
    #if canImport(Darwin)
      pthread_cond_init(variable, nil)
    #else
      var attributes = pthread_condattr_t()
      pthread_condattr_init(&attributes)
      pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
      pthread_cond_init(variable, &attributes)
      pthread_condattr_destroy(&attributes)
    #endif
  }

  deinit {
    pthread_cond_destroy(variable)
    pthread_mutex_destroy(mutex)
    variable.deallocate()
    mutex.deallocate()
  }

  @usableFromInline package func lock() { pthread_mutex_lock(mutex) }
  @usableFromInline package func unlock() { pthread_mutex_unlock(mutex) }

  /// Runs `body` with the lock held.
  @inlinable package func withLock<Result: ~Copyable>(_ body: () throws -> Result) rethrows -> Result {
    lock()
    defer { unlock() }
    return try body()
  }

  /// Waits, with the lock held, until another thread signals. May also return spuriously: check in a loop.
  package func wait() { pthread_cond_wait(variable, mutex) }

  /// Waits as `wait()` does, at most until `deadline` of the monotonic clock; returns `false` after that.
  package func wait(until deadline: MonotonicTime) -> Bool {
    #if canImport(Darwin)
      let left = Swift.max(0, deadline.nanoseconds - MonotonicTime.now.nanoseconds)
      var time = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
      return pthread_cond_timedwait_relative_np(variable, mutex, &time) == 0
    #else
      var time = timespec(
        tv_sec: Int(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
      return pthread_cond_timedwait(variable, mutex, &time) == 0
    #endif
  }

  package func signal() { pthread_cond_signal(variable) }
  package func broadcast() { pthread_cond_broadcast(variable) }
}

/// A point in time of the clock that never jumps.
package struct MonotonicTime: Sendable, Comparable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package static var now: MonotonicTime {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  package static func + (time: MonotonicTime, interval: Duration) -> MonotonicTime {
    MonotonicTime(nanoseconds: time.nanoseconds.addingSaturated(interval.nanoseconds))
  }

  package static func < (a: MonotonicTime, b: MonotonicTime) -> Bool { a.nanoseconds < b.nanoseconds }
  // The compiler cannot see those of `Comparable` in other modules.
  package static func >= (a: MonotonicTime, b: MonotonicTime) -> Bool { a.nanoseconds >= b.nanoseconds }
}

extension Duration {
  /// The number of whole nanoseconds, rounded down. Saturates after some 292 years.
  package var nanoseconds: Int64 {
    // `components` traps for the longest durations.
    if self >= .nanoseconds(Int64.max) { return .max }
    if self <= .nanoseconds(Int64.min) { return .min }
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}

extension Int64 {
  /// The sum, saturated at the greatest or least number.
  package func addingSaturated(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  /// The difference, saturated at the greatest or least number.
  package func subtractingSaturated(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : difference
  }
}
