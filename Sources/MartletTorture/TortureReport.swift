import Synchronization

/// The result of a torture: what was done to the program, and the records that were lost or came out too often.
public struct TortureReport: Sendable, CustomStringConvertible {
  /// The seed that repeats the disruptions.
  public var seed: UInt64
  public var rounds = 0
  /// Processes that were killed, at a time or at a call.
  public var kills = 0
  /// Calls on files that failed.
  public var failures = 0
  public var powerCuts = 0
  /// Processes that were stopped gracefully amid their work.
  public var stops = 0
  /// Records that were fed.
  public var records = 0
  /// Records that did not come out.
  public var lost = 0
  /// Records that came out too often, or were never fed.
  public var duplicated = 0
  /// The first losses and duplicates of each round, and everything else that went wrong: a program that does not start
  /// again, that hangs, or that does not stop.
  public var findings: [String] = []

  init(seed: UInt64) { self.seed = seed }

  /// Whether the promise held in every round.
  public var isClean: Bool { lost == 0 && duplicated == 0 && findings.isEmpty }

  /// One line of figures, then the findings.
  public var description: String {
    let line = """
      seed=\(seed) rounds=\(rounds) kills=\(kills) failures=\(failures) power-cuts=\(powerCuts) stops=\(stops) \
      records=\(records) lost=\(lost) duplicated=\(duplicated)
      """
    return ([line] + findings).joined(separator: "\n")
  }

  mutating func add(_ other: TortureReport) {
    rounds += other.rounds
    kills += other.kills
    failures += other.failures
    powerCuts += other.powerCuts
    stops += other.stops
    records += other.records
    lost += other.lost
    duplicated += other.duplicated
    // One that fails in every round fills no memory.
    findings += other.findings.prefix(max(0, 100 - findings.count))
  }
}

/// The last time at which something was done.
final class Moment: Sendable {
  private let last = Mutex(ContinuousClock.now)

  /// Whether so much time has passed since this was last true.
  func hasPassed(_ duration: Duration) -> Bool {
    last.withLock { last in
      guard ContinuousClock.now - last >= duration else { return false }
      last = .now
      return true
    }
  }
}
