import FaultHarness
import MartletTorture
import Foundation
import TortureVerifier

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs a program, kills it according to the plan, starts it again, and has all its outputs verified.
package final class Round {
  private let plan: RoundPlan
  private let folder: String
  private let feeder: any Feeder
  private let port: Int
  private var report = RoundReport()
  private var lifeCount = 0

  // The process that is running.
  private var process: ChildProcess?
  private var status: ProgramStatus?
  private var mayFeed = false
  /// True if no more records are fed in this round.
  private var isFed = false
  private var lastGiven = ContinuousClock.now
  private var committedAtLastGift = 0

  /// The timeout of any wait. Busy machines are slow.
  private static let patience = Duration.seconds(300)
  /// The time after which more records are fed although no batch has ended.
  private static let feedingPause = Duration.milliseconds(30)

  /// - Parameter folder: an empty folder, which remains after the end.
  package init(_ plan: RoundPlan, in folder: String) throws {
    self.plan = plan
    self.folder = folder
    if plan.workload == .map {
      let feeder = try SocketFeeder(seed: plan.seed)
      self.feeder = feeder
      port = feeder.port
    } else {
      feeder = try FileFeeder(folder, seed: plan.seed)
      port = 0
    }
  }

  /// - Throws: if the program fails in a way other than losing or duplicating records: if it refuses to start again,
  ///   hangs, or does not stop in good order.
  package func run() async throws -> RoundReport {
    report.rounds = 1
    for life in plan.lives { try await run(threads: life.threads, life.ending) }
    try await runToEnd()
    let ledger = feeder.ledger
    try ledger.write(to: "\(folder)/ledger")
    let counts = ledger.counts
    report.records = counts.count
    report.sentAgain = counts.values.count { $0 > 1 }
    report.verdict.add(try verifier.verify(ledger))
    return report
  }

  private var verifier: Verifier { Verifier(plan.workload, in: folder, interval: plan.interval) }

  // MARK: Lives

  private func start(threads: Int, _ ending: Ending?) throws -> (ChildProcess, ProgramStatus) {
    lifeCount += 1
    let scratch = "\(folder)/life-\(lifeCount)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    let status = try ProgramStatus("\(scratch)/status")
    var arguments = [
      plan.workload.rawValue, folder, "\(scratch)/status", "\(threads)", "\(plan.interval)", "\(port)",
    ]
    if case .killsItself(let step, let count) = ending { arguments += ["--kill-at", "\(step):\(count)"] }
    if case .fails(let step, let count) = ending { arguments += ["--fail-at", "\(step):\(count)"] }
    if ending != nil && plan.pause > 0 { arguments += ["--pause", "\(plan.pause)"] }
    if !plan.hasCheckpoint { arguments.append("--without-checkpoint") }
    let process = try ChildProcess(try built("torture-program"), arguments, scratch: scratch)
    self.status = status
    self.process = process
    committedAtLastGift = 0
    return (process, status)
  }

  /// Runs a process other than the last one.
  private func run(threads: Int, _ ending: Ending) async throws {
    let (process, status) = try start(threads: threads, ending)
    var hasToStop = false
    switch ending {
    case .killsItself, .fails: break
    case .killed(let after, let insideBatch):
      try await waitUntilStarted(status)
      try await pause(milliseconds: after)
      if insideBatch { try await wait(upTo: .milliseconds(200)) { status.isInsideBatch } }
      process.signal(SIGKILL)
    case .killedEarly(let after):
      try await pause(milliseconds: after)
      process.signal(SIGKILL)
    case .stopped(let after):
      try await waitUntilStarted(status)
      try await pause(milliseconds: after)
      process.signal(SIGTERM)
      hasToStop = true
    case .stoppedTwice(let after, let then, let signal):
      try await waitUntilStarted(status)
      try await pause(milliseconds: after)
      if plan.pause > 0 { try await wait(for: "a slow record") { status[.computing] > 0 } }
      process.signal(SIGTERM)
      try await pause(milliseconds: then)
      try await wait(for: "the first signal") { !process.isPending(SIGTERM) }
      process.signal(signal)
    }
    let end = try await waitForEnd(process)
    if case .fails(let step, _) = ending {
      guard end == .exited(1), process.output.contains("failing at \(step)") else {
        throw failure("ended with \(end) although a closure was to throw", process)
      }
      report.failures += 1
      return
    }
    if end == .exited(0) {
      if case .killsItself = ending { throw failure("did not reach the step at which it was to end", process) }
      report.stops += 1
      return try checkStop(process)
    }
    guard case .killed(let signal) = end, !hasToStop, [SIGKILL, SIGTERM].contains(signal) else {
      throw failure("ended with \(end)", process)
    }
    report.kills += 1
    if status[.started] == 0 {
      report.killsInRecovery += 1
    } else if status.isInsideBatch {
      report.killsInsideBatch += 1
    }
  }

  /// Runs the last process, until all records have come out.
  private func runToEnd() async throws {
    let (process, status) = try start(threads: plan.lastThreads, nil)
    try await waitUntilStarted(status)
    // A few more batches, of which the last ones are empty.
    let more = status[.committed] + 4
    try await wait(for: "batches") { status[.committed] >= more }
    (mayFeed, isFed) = (false, true)
    try await wait(for: "acknowledgements") { [feeder] in feeder.isThrough }
    let now = Int(Date().timeIntervalSince1970 * 1000)
    try await wait(for: "the last batch") { status[.completedTime] > now + 2 }
    process.signal(SIGTERM)
    let end = try await waitForEnd(process)
    guard end == .exited(0) else { throw failure("ended with \(end) when it was to stop", process) }
    try checkStop(process)
  }

  /// A process that has stopped gracefully has reported so, and left its files in good order.
  private func checkStop(_ process: ChildProcess) throws {
    guard process.output.contains("stopped: ") else { throw failure("did not report its stop", process) }
    guard plan.hasCheckpoint else { return }
    // Acknowledgements sent during the stop are read first.
    try feeder.step()
    if let problem = try StoppedLog.problem(in: "\(folder)/checkpoint") {
      throw failure("has stopped, and left this: \(problem)", process)
    }
    let hidden = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out").filter { $0.hasPrefix(".") }
    guard hidden.isEmpty else { throw failure("has stopped, and left this in 'out': \(hidden)", process) }
    report.verdict.add(try verifier.missing(feeder.acknowledged))
  }

  // MARK: Waiting

  private func waitUntilStarted(_ status: ProgramStatus) async throws {
    try await wait(for: "the start") { status[.started] == 1 }
    mayFeed = true
  }

  private func waitForEnd(_ process: ChildProcess) async throws -> ChildProcess.Ending {
    let deadline = ContinuousClock.now + Self.patience
    while true {
      if let ending = process.ended() {
        self.process = nil
        return ending
      }
      if status?[.started] == 1 && !isFed { mayFeed = true }
      guard ContinuousClock.now < deadline else { throw failure("does not end", process) }
      try await breathe()
    }
  }

  private func wait(for what: String, _ condition: () -> Bool) async throws {
    guard let process else { return }
    if try await wait(upTo: Self.patience, condition) { return }
    if let ending = process.ended() { throw failure("ended with \(ending) before \(what)", process) }
    throw failure("exceeded the time for \(what)", process)
  }

  /// Feeds until `condition` holds. Returns false on a timeout, or if the process has ended.
  @discardableResult
  private func wait(upTo time: Duration, _ condition: () -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + time
    while !condition() {
      if ContinuousClock.now >= deadline || process?.ended() != nil { return condition() }
      try await breathe()
    }
    return true
  }

  private func pause(milliseconds: Int) async throws {
    try await wait(upTo: .milliseconds(milliseconds)) { false }
  }

  /// Feeds the records that are due, and waits for a moment.
  private func breathe() async throws {
    let committed = status?[.committed] ?? 0
    if mayFeed, committed != committedAtLastGift || ContinuousClock.now - lastGiven > Self.feedingPause {
      committedAtLastGift = committed
      lastGiven = .now
      try feeder.give()
    }
    try feeder.step()
    try await Task.sleep(for: .microseconds(300))
  }

  private func failure(_ problem: String, _ process: ChildProcess) -> TortureError {
    process.signal(SIGKILL)
    return TortureError(
      "Process \(lifeCount) of the round \(problem).\n\(process.output)\(process.errors.suffix(3000))")
  }
}
