import MartletTorture
import Foundation
package import TortureVerifier

/// Random rounds, several at a time.
package struct ManyRounds: Sendable {
  package var seed: UInt64
  /// Their numbers.
  package var rounds: Range<Int>
  /// The only workload; if it is nil, all workloads take turns.
  package var workload: Workload?
  /// The number of rounds that run at the same time.
  package var parallel: Int
  /// The path for the folders of failed rounds.
  package var keptIn: String

  package init(seed: UInt64, rounds: Range<Int>, workload: Workload? = nil, parallel: Int, keptIn: String) {
    self.seed = seed
    self.rounds = rounds
    self.workload = workload
    self.parallel = parallel
    self.keptIn = keptIn
  }

  /// The combined report of all rounds, and descriptions of the failed ones.
  package struct Outcome: Sendable {
    package var report = RoundReport()
    package var failures: [String] = []
  }

  /// - Parameter progress: called after each round with the outcome so far.
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
  /// Runs the round in a new folder, which is removed if the round succeeded.
  ///
  /// - Parameters:
  ///   - name: the name of the folder if it is retained.
  ///   - parent: the folder in which it is retained.
  /// - Returns: the report, and on failure, a description with its place and plan.
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
