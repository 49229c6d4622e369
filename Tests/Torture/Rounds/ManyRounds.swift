import FaultHarness
import Foundation
package import TortureVerifier

/// Rounds at random, several at a time.
package struct ManyRounds: Sendable {
  package var seed: UInt64
  /// Their numbers.
  package var rounds: Range<Int>
  /// The only workload; all of them, in turn, if none is given.
  package var workload: Workload?
  /// How many run at the same time.
  package var parallel: Int
  /// Where the folders of rounds go that have failed.
  package var keptIn: String

  package init(seed: UInt64, rounds: Range<Int>, workload: Workload? = nil, parallel: Int, keptIn: String) {
    self.seed = seed
    self.rounds = rounds
    self.workload = workload
    self.parallel = parallel
    self.keptIn = keptIn
  }

  /// What came of all, and of those that have failed, what to tell about them.
  package struct Outcome: Sendable {
    package var report = RoundReport()
    package var failures: [String] = []
  }

  /// - Parameter progress: called after each round with what came of all so far.
  package func run(_ progress: @Sendable (Outcome) -> Void = { _ in }) async -> Outcome {
    await withTaskGroup(of: (RoundReport, failure: String?).self) { group in
      var outcome = Outcome()
      func takeOne() async {
        guard let (report, failure) = await group.next() else { return }
        outcome.report.add(report)
        if let failure { outcome.failures.append(failure) }
        progress(outcome)
      }
      for (begun, round) in rounds.enumerated() {
        if begun >= parallel { await takeOne() }
        group.addTask { await runOne(round) }
      }
      for _ in 0..<Swift.min(parallel, rounds.count) { await takeOne() }
      return outcome
    }
  }

  private func runOne(_ round: Int) async -> (RoundReport, failure: String?) {
    let plan = RoundPlan.random(seed: seed, round: round, workload: workload)
    var report = RoundReport()
    var problem = ""
    var kept = "nowhere"
    do {
      let folder = try TestFolder()
      do {
        report = try await Round(plan, in: folder.path).run()
        problem = report.verdict.findings.joined(separator: "\n")
      } catch {
        report.rounds = 1
        problem = "\(error)"
      }
      if problem.isEmpty { return (report, nil) }
      kept = "\(keptIn)/seed-\(seed)-round-\(round)"
      try FileManager.default.createDirectory(atPath: keptIn, withIntermediateDirectories: true)
      try? FileManager.default.removeItem(atPath: kept)
      try FileManager.default.copyItem(atPath: folder.path, toPath: kept)
    } catch {
      report.rounds = 1
      problem += "\n\(error)"
    }
    return (
      report,
      """
      Round \(round) has failed: \(plan)
      \(problem)
      Its folder: \(kept)
      To repeat it: make torture SEED=\(seed) ROUND=\(round)\(workload.map { " WORKLOAD=\($0.rawValue)" } ?? "")
      """
    )
  }
}
