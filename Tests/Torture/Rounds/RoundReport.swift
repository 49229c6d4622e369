package import TortureVerifier

/// The report of a round, or of many.
package struct RoundReport: Sendable {
  package var rounds = 0
  /// Processes that were ended without being asked to stop, or while they were stopping.
  package var kills = 0
  /// The number of these that were ended inside a batch, and before they were ready.
  package var killsInsideBatch = 0
  package var killsInRecovery = 0
  /// Processes that ended because one of their closures threw within a batch.
  package var failures = 0
  /// Processes that have stopped gracefully, without the last one of a round.
  package var stops = 0
  package var records = 0
  /// Records that were sent more than once.
  package var sentAgain = 0
  package var verdict = Verdict()

  package init() {}

  package mutating func add(_ other: RoundReport) {
    rounds += other.rounds
    kills += other.kills
    killsInsideBatch += other.killsInsideBatch
    killsInRecovery += other.killsInRecovery
    failures += other.failures
    stops += other.stops
    records += other.records
    sentAgain += other.sentAgain
    verdict.add(other.verdict)
  }

  /// The last line of a run.
  package var line: String {
    """
    rounds=\(rounds) kills=\(kills) failures=\(failures) records=\(records) lost=\(verdict.lost) duplicated=\(verdict.duplicated) \
    out-of-order=\(verdict.outOfOrder)
    """
  }

  /// The distribution of the moments of the kills.
  package var shares: String {
    func percent(_ count: Int) -> Int { kills == 0 ? 0 : (100 * count + kills / 2) / kills }
    return """
      kills: \(percent(killsInsideBatch)) % inside a batch, \(percent(killsInRecovery)) % before the program was ready; \
      graceful stops in between: \(stops); records that had to be sent again: \(sentAgain)
      """
  }
}
