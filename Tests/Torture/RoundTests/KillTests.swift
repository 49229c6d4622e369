import MartletTorture
import Foundation
import MartletStreaming
import Testing
import TortureRounds
import TortureVerifier

/// Programs that are killed, as processes on the real clock: no record is lost, duplicated, or out of order.
@Suite(.serialized) struct KillTests {
  /// Runs a round, and records its failures.
  @discardableResult
  private func attempt(_ plan: RoundPlan, _ name: String) async -> RoundReport {
    let kept = "\(FileManager.default.temporaryDirectory.path)/martlet-torture"
    let (report, failure) = await plan.attempt(name, keptIn: kept)
    if let failure { Issue.record("\(failure)") }
    #expect(report.records > 0, "\(name) received no records")
    return report
  }

  /// The steps that batches of a workload go through.
  private func steps(_ workload: Workload) -> [BatchStep] {
    let ofState: Set<BatchStep> = [.stateWritten, .snapshotWritten]
    let hasState = [.update, .history, .map].contains(workload)
    return BatchStep.allCases.filter { step in
      step == .resultsWritten ? workload == .history : hasState || !ofState.contains(step)
    }
  }

  @Test(arguments: Workload.allCases)
  func `killed at any step, and again when the batch runs again, a program loses and duplicates nothing`(
    _ workload: Workload
  ) async throws {
    // Also within a user's closure.
    let steps = steps(workload).map(\.rawValue).filter { !$0.hasPrefix("recovery") } + ["computing"]
    try await concurrently(steps) { step in
      let ending = { Ending.killsItself(step: step, count: $0) }
      // The log of programs without state is truncated seldom.
      let first = step == "computing" ? 20 : step.hasPrefix("segment") ? 1 : 3
      let plan = RoundPlan(workload, lives: [(2, ending(first)), (3, ending(1))])
      #expect(await attempt(plan, "\(workload)-\(step)").kills == 2)
    }
  }

  @Test(arguments: Workload.allCases)
  func `a closure that throws once, before the outputs or in one, loses and duplicates nothing`(
    _ workload: Workload
  ) async throws {
    try await concurrently([("computing", 1), ("computing", 20), ("committing", 1), ("committing", 15)]) {
      step, count in
      let plan = RoundPlan(workload, lives: [(2, .fails(step: step, count: count)), (3, .fails(step: step, count: 1))])
      let report = await attempt(plan, "\(workload)-fails-\(step)-\(count)")
      #expect(report.failures == 2 && report.kills == 0)
    }
  }

  @Test(arguments: Workload.allCases)
  func `killed at any step of its recovery, a program recovers the next time`(_ workload: Workload) async throws {
    try await concurrently(BatchStep.allCases.map(\.rawValue).filter { $0.hasPrefix("recovery") }) { step in
      // In the middle of an output, so that there is something to recover.
      let lives: [(Int, Ending)] = [
        (2, .killsItself(step: BatchStep.outputFileWritten.rawValue, count: 5)),
        (1, .killsItself(step: step, count: 1)),
        (2, .killsItself(step: step, count: 1)),
      ]
      #expect(await attempt(RoundPlan(workload, lives: lives), "\(workload)-\(step)").kills == 3)
    }
  }

  @Test func `killed at random times, programs lose and duplicate nothing, and keep the order`() async throws {
    let seed = UInt64.random(in: 1...999_999)
    let kept = "\(FileManager.default.temporaryDirectory.path)/martlet-torture"
    let outcome = await ManyRounds(seed: seed, rounds: 0..<50, parallel: 8, keptIn: kept).run()
    for failure in outcome.failures { Issue.record("\(failure)") }
    let report = outcome.report
    #expect(report.rounds == 50 && report.verdict.isClean, "\(report.line)")
    #expect(report.kills > 0 && report.records > 0, "\(report.line)")
    #expect(2 * report.killsInsideBatch >= report.kills, "\(report.shares)")
  }

  @Test(arguments: Workload.allCases)
  func `a program that is asked to stop ends in good order with all acknowledged records`(_ workload: Workload) async {
    // Slow records: many are waiting when the signal comes.
    var plan = RoundPlan(workload, lives: [(1, .stopped(after: 100)), (3, .stopped(after: 100))])
    plan.pause = 1
    #expect(await attempt(plan, "\(workload)-stopped").stops == 2)
  }

  @Test func `two simultaneous signals, as timeout sends them, count as one`() async {
    var plan = RoundPlan(
      .map,
      lives: [
        (1, .stoppedTwice(after: 100, then: 0, signal: SIGTERM)),
        (2, .stoppedTwice(after: 50, then: 20, signal: SIGTERM)),
      ])
    plan.pause = 1
    let report = await attempt(plan, "receiver-stopped-at-once")
    #expect(report.stops == 2 && report.kills == 0)
  }

  @Test(arguments: Workload.allCases)
  func `a second signal ends a program at once, and it later continues as if it had been killed`(
    _ workload: Workload
  ) async {
    var plan = RoundPlan(
      workload,
      lives: [
        (1, .stoppedTwice(after: 100, then: 600, signal: SIGTERM)),
        (2, .stoppedTwice(after: 100, then: 5, signal: SIGKILL)),
      ])
    // A stop that would take long: both signals come while a record is computed.
    plan.pause = 2000
    let began = ContinuousClock.now
    #expect(await attempt(plan, "\(workload)-stopped-twice").kills == 2)
    #expect(ContinuousClock.now - began < .seconds(60))
  }

  @Test func `a program without a checkpoint is detected`() async throws {
    let folder = try TestFolder()
    var plan = RoundPlan(.files, lives: [(2, .killsItself(step: "computing", count: 20))])
    plan.hasCheckpoint = false
    let report = try await Round(plan, in: folder.path).run()
    #expect(report.verdict.lost > 0, "\(report.verdict.findings)")
  }

  @Test func `the plan of a round is the same for the same seed`() {
    #expect("\(RoundPlan.random(seed: 7, round: 3))" == "\(RoundPlan.random(seed: 7, round: 3))")
    #expect("\(RoundPlan.random(seed: 7, round: 3))" != "\(RoundPlan.random(seed: 8, round: 3))")
    #expect(Set((0..<8).map { RoundPlan.random(seed: 7, round: $0).workload }).count == Workload.allCases.count)
  }
}
