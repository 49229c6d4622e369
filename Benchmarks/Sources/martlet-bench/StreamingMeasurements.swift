import Martlet
import Measuring
import Synchronization

/// The completion times of batches and their delays. The driver's closures write it; it is read at the end of the run.
final class BatchLog: Sendable {
  private let lateness = Mutex<[Double]>([])

  /// Notes that the batch of this time is complete now.
  func completed(_ time: Time) {
    let late = Double(Readings.microsecondsSince1970 - time.microseconds) / 1e3
    lateness.withLock { $0.append(late) }
  }

  var count: Int { lateness.withLock { $0.count } }

  /// Prints the delays of the batches of the later half. An interval is sustained if the median of the last tenth is
  /// below two intervals: a growing backlog exceeds that.
  func printBatches(intervalMilliseconds interval: Double) {
    let late = lateness.withLock { $0.laterHalf }
    let last = late.suffix(max(1, late.count / 10)).median
    printResult(
      "batches",
      [
        "interval_ms": interval, "batches": late.count, "late_p50_ms": Decimal(late.median, places: 3),
        "late_p99_ms": Decimal(late.quantile(0.99), places: 3), "late_max_ms": Decimal(late.quantile(1), places: 3),
        "last_late_ms": Decimal(last, places: 3), "stable": last < 2 * interval ? "yes" : "no",
      ])
  }
}
