public import MartletCore

/// The clock that determines when batches are made.
public protocol BatchClock: AnyObject, Sendable {
  /// The current time.
  var now: Time { get }
  /// Blocks the calling thread until `time` or until `interrupt` is called; returns `true` if the time has come.
  func wait(until time: Time) -> Bool
  /// Ends the current and all later waits.
  func interrupt()
}

/// The clock of the machine: the wall clock at the time of its creation, and the steady clock from then on. Setting the
/// wall clock forward or back neither stops the batches nor makes them run in a rush. While the machine sleeps, the
/// clock stands still on Linux.
public final class SystemClock: BatchClock {
  private let sleep = InterruptibleSleep()
  private let offset: Int64

  public convenience init() { self.init { Time.now } }

  /// Creates a clock with another wall clock, for tests.
  package init(wallClock: () -> Time) { offset = wallClock().nanoseconds - MonotonicTime.now.nanoseconds }

  public var now: Time { Time(nanoseconds: MonotonicTime.now.nanoseconds + offset) }

  /// The same point in time on the steady clock.
  func monotonic(_ time: Time) -> MonotonicTime { MonotonicTime(nanoseconds: time.nanoseconds - offset) }

  public func wait(until time: Time) -> Bool { sleep.sleep(until: monotonic(time)) }

  public func interrupt() { sleep.interrupt() }
}

/// A clock that only a test moves. Each context needs its own, because a context that stops interrupts its clock
/// permanently.
public final class ManualClock: BatchClock, @unchecked Sendable {
  // Sendable: `condition` guards the variables.
  private let condition = Condition()
  private var time: Time
  private var interrupted = false

  /// Creates a clock that shows `start`.
  public init(_ start: Time = Time(milliseconds: 0)) { time = start }

  public var now: Time { condition.withLock { time } }

  /// Moves the clock forward, or back if `interval` is negative.
  public func advance(by interval: Duration) {
    condition.withLock {
      time = time + interval
      condition.broadcast()
    }
  }

  /// Sets the clock to `time`.
  public func set(_ newTime: Time) {
    condition.withLock {
      time = newTime
      condition.broadcast()
    }
  }

  public func wait(until target: Time) -> Bool {
    condition.withLock {
      while !interrupted {
        if time >= target { return true }
        condition.wait()
      }
      return false
    }
  }

  public func interrupt() {
    condition.withLock {
      interrupted = true
      condition.broadcast()
    }
  }
}
