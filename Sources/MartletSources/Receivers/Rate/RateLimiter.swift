import MartletCore
package import MartletStreaming

/// Lets a number of records per second pass, on average exactly so many.
///
/// Records that come together pass together, and what follows waits until they are paid for. Time in which nothing came
/// counts for a second at most.
package final class RateLimiter: @unchecked Sendable {
  // Sendable: `condition` guards the variables.
  private let clock: any BatchClock
  /// No rate goes beyond this one.
  private let maximum: Double?
  private let savings: Duration
  private let condition = Condition()
  private var rate: Double?
  /// When everything that has passed is paid for.
  private var paidAt: Time
  private var hasEnded = false

  /// - Parameters:
  ///   - rate: records per second; `nil` if there is no limit.
  ///   - maximum: what no rate goes beyond.
  ///   - interval: of the batches: time without records counts that long, if that is more than a second.
  package init(_ clock: any BatchClock, rate: Double?, maximum: Double?, interval: Duration) {
    self.clock = clock
    self.maximum = maximum
    savings = max(.seconds(1), interval)
    paidAt = clock.now
    self.rate = Self.lower(rate, maximum)
  }

  /// Records per second; `nil` if there is no limit.
  package var currentRate: Double? { condition.withLock { rate } }

  /// How long it takes until everything that has passed is paid for, in seconds; not above zero if nobody has to wait.
  package var secondsOwed: Double {
    condition.withLock { rate == nil || hasEnded ? 0 : (paidAt - clock.now).inMilliseconds / 1000 }
  }

  /// Sets another rate, which goes for those who wait, too.
  package func update(_ newRate: Double) {
    condition.withLock {
      let new = Self.lower(newRate, maximum)
      // What is not paid for yet is paid for at the new rate.
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

  /// Waits until everything before is paid for, and lets `count` records pass.
  package func pass(_ count: Int) {
    condition.withLock {
      guard count > 0, waitUntilPaid(), let rate else { return }
      owe(Double(count) / rate)
    }
  }

  /// Takes note of records that have passed already: what follows waits for them.
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

  /// A year at most: who has to wait longer waits for another rate.
  private func limited(_ seconds: Double) -> Duration {
    let year = 31_536_000.0
    return .seconds(seconds < year ? seconds : year)
  }

  /// Waits until everything that has passed is paid for.
  package func waitUntilFree() { condition.withLock { _ = waitUntilPaid() } }

  /// False if there is nothing to wait for any more: the receiver ends.
  private func waitUntilPaid() -> Bool {
    while !hasEnded && rate != nil {
      let left = paidAt - clock.now
      guard left > .zero else { return true }
      // Another clock is looked at once in a while: it moves as it likes.
      let step = clock is SystemClock ? left : min(left, .milliseconds(2))
      _ = condition.wait(until: MonotonicTime.now + min(step, .seconds(60)))
    }
    return !hasEnded
  }

  /// Lets everybody pass from now on.
  package func end() {
    condition.withLock {
      hasEnded = true
      condition.broadcast()
    }
  }
}
