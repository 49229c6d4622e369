import MartletCore
package import MartletStreaming

/// Lets a given average number of records per second pass.
///
/// Records that arrive together pass together, and later ones wait until their time has been paid for. Idle time counts
/// for at most a second.
package final class RateLimiter: @unchecked Sendable {
  // Sendable: `condition` guards the variables.
  private let clock: any BatchClock
  /// The maximum rate.
  private let maximum: Double?
  private let savings: Duration
  private let condition = Condition()
  private var rate: Double?
  /// The time when everything that has passed is paid for.
  private var paidAt: Time
  private var hasEnded = false

  /// - Parameters:
  ///   - rate: the number of records per second; `nil` if there is no limit.
  ///   - maximum: the maximum rate.
  ///   - interval: the batch interval: idle time counts for as much, if it is more than a second.
  package init(_ clock: any BatchClock, rate: Double?, maximum: Double?, interval: Duration) {
    self.clock = clock
    self.maximum = maximum
    savings = max(.seconds(1), interval)
    paidAt = clock.now
    self.rate = Self.lower(rate, maximum)
  }

  /// The number of records per second; `nil` if there is no limit.
  package var currentRate: Double? { condition.withLock { rate } }

  /// The number of seconds until everything that has passed is paid for; not positive if there is no wait.
  package var secondsOwed: Double {
    condition.withLock { rate == nil || hasEnded ? 0 : (paidAt - clock.now).inMilliseconds / 1000 }
  }

  /// Sets another rate, which also applies to waiting threads.
  package func update(_ newRate: Double) {
    condition.withLock {
      let new = Self.lower(newRate, maximum)
      // Time that has not been paid for yet is converted to the new rate.
      let now = clock.now
      if let old = rate, let new, paidAt > now {
        paidAt = now + limited((paidAt - now).inMilliseconds / 1000 * (old / new))
      }
      rate = new
      condition.broadcast()
    }
  }

  private static func lower(_ a: Double?, _ b: Double?) -> Double? {
    guard let a, let b else { return a ?? b }
    return min(a, b)
  }

  /// Waits until all previous records are paid for, and lets `count` records pass.
  package func pass(_ count: Int) {
    condition.withLock {
      guard count > 0, waitUntilPaid(), let rate else { return }
      owe(Double(count) / rate)
    }
  }

  /// Records that `count` records have already passed: later ones wait for them.
  package func note(_ count: Int) {
    condition.withLock {
      guard count > 0, let rate else { return }
      owe(Double(count) / rate)
    }
  }

  private func owe(_ seconds: Double) {
    let now = clock.now
    paidAt = min(max(paidAt, now - savings) + limited(seconds), now + limited(.infinity))
  }

  /// At most a year: longer waits will get another rate.
  private func limited(_ seconds: Double) -> Duration {
    let year = 31_536_000.0
    return .seconds(seconds < year ? seconds : year)
  }

  /// Waits until everything that has passed is paid for.
  package func waitUntilFree() { condition.withLock { _ = waitUntilPaid() } }

  /// Returns `false` if there is nothing to wait for because the receiver is ending.
  private func waitUntilPaid() -> Bool {
    while !hasEnded && rate != nil {
      let left = paidAt - clock.now
      guard left > .zero else { return true }
      // Another clock is checked repeatedly, because it may be moved at any time.
      let step = clock is SystemClock ? left : min(left, .milliseconds(2))
      _ = condition.wait(until: MonotonicTime.now + min(step, .seconds(60)))
    }
    return !hasEnded
  }

  /// Lets everything pass from now on.
  package func end() {
    condition.withLock {
      hasEnded = true
      condition.broadcast()
    }
  }
}
