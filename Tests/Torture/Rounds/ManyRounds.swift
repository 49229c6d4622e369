import MartletTorture
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
    let (report, failure) = await plan.attempt("seed-\(seed)-round-\(round)", keptIn: keptIn)
    let again = "make torture SEED=\(seed) ROUND=\(round)\(workload.map { " WORKLOAD=\($0.rawValue)" } ?? "")"
    return (report, failure.map { "Round \(round) has failed: \($0)\nTo repeat it: \(again)" })
  }
}

extension RoundPlan {
  /// Runs the round in a new folder, which is removed if nothing was found.
  ///
  /// - Parameters:
  ///   - name: what the folder is called if it is kept.
  ///   - parent: the folder in which it is kept.
  /// - Returns: what came of it, and if something is wrong, what, where, and with which plan.
  package func attempt(_ name: String, keptIn parent: String) async -> (report: RoundReport, failure: String?) {
    var report = RoundReport()
    report.rounds = 1
    var problem = ""
    var kept = "nowhere"
    do {
      let folder = try TestFolder()
      do {
        report = try await Round(self, in: folder.path).run()
        problem = report.verdict.findings.joined(separator: "\n")
      } catch {
        problem = "\(error)"
      }
      if problem.isEmpty { return (report, nil) }
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
      try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
      try FileManager.default.copyItem(atPath: folder.path, toPath: "\(parent)/\(name)")
      kept = "\(parent)/\(name)"
    } catch {
      problem += "\n\(error)"
    }
    return (report, "\(self)\n\(problem)\nIts folder: \(kept)")
  }
}
