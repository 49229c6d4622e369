import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One folder, and the processes that work in it one after the other.
final class TortureRound {
  /// How a run takes place that nothing disturbs.
  struct Usual: Sendable {
    var duration: Duration
    var calls: Int
  }

  /// The end that a process comes to.
  private enum Ending {
    case last
    case killed(after: Duration)
    case stopped(after: Duration)
    case disturbed(Fault, isPowerCut: Bool, longest: Duration)
  }

  private let torture: Torture
  private var random: SeededGenerator
  private var root: TestFolder?
  private var ledger: [String: Int] = [:]
  private var portion = 0
  private var lastFed = ContinuousClock.now
  /// The folder, as the calls that were traced have changed it; `nil` if something else has changed it.
  private var model: DiskModel?
  var report = TortureReport(seed: 0)
  /// What was done, for a report.
  private(set) var story: [String] = []

  init(_ torture: Torture, seed: UInt64) {
    self.torture = torture
    random = SeededGenerator(seed: seed)
  }

  private var folder: String { (root?.path ?? "") + "/folder" }
  private var input: String { (root?.path ?? "") + "/input" }

  private func prepare() throws {
    let root = try TestFolder()
    _ = try root.folder("folder")
    _ = try root.folder("input")
    self.root = root
    model = try? DiskModel(of: folder)
  }

  // MARK: Rounds

  /// Runs the program without disruptions.
  ///
  /// - Throws: if not all records come out.
  func runUndisturbed() async throws -> Usual {
    try prepare()
    let begin = ContinuousClock.now
    let calls = try await live(.last)
    let usual = Usual(duration: ContinuousClock.now - begin, calls: max(1, calls))
    try verify()
    guard report.isClean else {
      throw TortureError(
        "The program does not keep its promise even if nothing disturbs it. \(report.findings.joined(separator: "\n"))")
    }
    return usual
  }

  func run(_ usual: Usual) async throws {
    try prepare()
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      try feed()
      try await live(ending(usual))
    }
    try await live(.last)
    try verify()
  }

  private func ending(_ usual: Usual) -> Ending {
    let time = usual.duration * Double.random(in: 0...1, using: &random)
    let call = Int.random(in: 1...usual.calls, using: &random)
    switch torture.disruptions.randomElement(using: &random) ?? .kill {
    case .kill: return .killed(after: time)
    case .stop: return .stopped(after: time)
    case .killAtCall:
      let faults = [Fault.killBefore(.number(call)), .killAfter(.number(call)), .tear(.number(call), bytes: 9)]
      return .disturbed(faults[Int.random(in: 0..<3, using: &random)], isPowerCut: false, longest: usual.duration * 2)
    case .failedCall:
      let error = Bool.random(using: &random) ? ENOSPC : EIO
      return .disturbed(.fail(.number(call), errno: error), isPowerCut: false, longest: usual.duration)
    case .powerCut:
      return .disturbed(.killAfter(.number(call)), isPowerCut: true, longest: usual.duration * 2)
    }
  }

  // MARK: Processes

  /// Starts the program and brings it to this end.
  ///
  /// - Returns: the number of its calls on files of the folder.
  @discardableResult
  private func live(_ ending: Ending) async throws -> Int {
    var program = torture.program
    program.arguments = program.arguments.map { $0.replacingOccurrences(of: "INPUT", with: input) }
    program.environment["SWIFT_BACKTRACE"] = program.environment["SWIFT_BACKTRACE"] ?? "enable=no"
    var faults: [Fault] = []
    if case .disturbed(let fault, _, _) = ending { faults = [fault] }
    let running = try program.start(in: folder, faults)
    let process = running.process
    var mayFail = false
    var isKilled = false
    var isStopped = false
    switch ending {
    case .last:
      story.append("to the end")
      try await finish(process)
      isStopped = true
      try await terminate(process)
    case .stopped(let time):
      story.append("SIGTERM after \(time)")
      try await pause(time, process)
      report.stops += 1
      isStopped = true
      try await terminate(process)
    case .killed(let time):
      story.append("killed after \(time)")
      try await pause(time, process)
      report.kills += 1
      isKilled = true
      process.signal(SIGKILL)
    case .disturbed(let fault, let isPowerCut, let longest):
      story.append("\(isPowerCut ? "power cut" : "disturbed"): \(fault.rule)")
      try await pause(longest, process)
      if case .fail = fault {
        report.failures += 1
        mayFail = true
      } else if isPowerCut {
        report.powerCuts += 1
      } else {
        report.kills += 1
      }
      isKilled = true
      process.signal(SIGKILL)
    }
    let seconds = Double(torture.patience.components.seconds) + 1
    let run = try await running.end(seconds: seconds)
    if case .disturbed(let fault, _, _) = ending,
      let call = run.trace.calls.first(where: { fault.numbers.contains($0.number) })
    {
      story[story.count - 1] += " (\(call))"
    }
    switch run.ending {
    case .exited(0): break
    case .killed(SIGKILL) where isKilled, .killed(SIGTERM) where isStopped: break
    case .exited where mayFail: break
    case .killed where mayFail && run.errors.contains("Error raised at top level"): break
    default: throw failure("ended with \(run.ending)", run.output + run.errors)
    }
    follow(run.trace)
    if case .disturbed(_, true, _) = ending { try cutPower() }
    return run.trace.calls.count
  }

  /// Sends SIGTERM when the program handles it, or after some time if it does not: then the signal kills it.
  private func terminate(_ process: ChildProcess) async throws {
    let deadline = ContinuousClock.now + torture.startTime
    while process.handles(SIGTERM) != true, process.ended() == nil, ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(1))
    }
    process.signal(SIGTERM)
  }

  /// Waits until everything that was fed has come out, or the program has ended.
  private func finish(_ process: ChildProcess) async throws {
    var best = -1
    var lastProgress = ContinuousClock.now
    while process.ended() == nil {
      try feedIfDue()
      if portion == torture.portions {
        // An output that cannot be read yet is read again.
        let left = (try? torture.output(folder)).map { missing(in: $0) }
        if left == 0 { return }
        let found = left.map { report.records - $0 } ?? best
        if found > best { (best, lastProgress) = (found, .now) }
        if ContinuousClock.now - lastProgress > torture.patience { return }
        try await Task.sleep(for: .milliseconds(20))
      }
      try await Task.sleep(for: .milliseconds(1))
    }
    while portion < torture.portions { try feed() }
  }

  private func pause(_ time: Duration, _ process: ChildProcess) async throws {
    let deadline = ContinuousClock.now + time
    while ContinuousClock.now < deadline, process.ended() == nil {
      try feedIfDue()
      try await Task.sleep(for: .milliseconds(1))
    }
  }

  private func failure(_ problem: String, _ output: String) -> TortureError {
    TortureError("The program \(problem), after: \(story.joined(separator: "; ")).\n\(output.suffix(3000))")
  }

  // MARK: The disk

  private func follow(_ trace: Trace) {
    do { for call in trace.calls { try model?.apply(call) } } catch {
      // A call was made and not recorded, since the process was killed in between: all that is there counts as certain.
      model = try? DiskModel(of: folder)
    }
  }

  private func cutPower() throws {
    guard let (tree, found) = model?.randomImage(&random) else { return }
    story.append(found)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
    try tree.write(to: folder)
    model = try? DiskModel(of: folder)
  }

  func keep(as name: String, in parent: String) -> String {
    guard let root else { return "nowhere" }
    let path = "\(parent)/\(name)"
    do {
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
      try? FileManager.default.removeItem(atPath: path)
      try FileManager.default.copyItem(atPath: root.path, toPath: path)
      return path
    } catch { return "not kept, \(error)" }
  }

  // MARK: Records

  private func feedIfDue() throws {
    if portion < torture.portions, ContinuousClock.now - lastFed > torture.feedingPause { try feed() }
  }

  private func feed() throws {
    guard portion < torture.portions else { return }
    for record in try torture.feed(input, portion) {
      ledger[record, default: 0] += 1
      report.records += 1
    }
    portion += 1
    lastFed = .now
  }

  private func missing(in records: [String]) -> Int {
    let found = records.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    return ledger.reduce(0) { $0 + max(0, $1.value - (found[$1.key] ?? 0)) }
  }

  private func verify() throws {
    let records: [String]
    do { records = try torture.output(folder) } catch {
      throw TortureError("The output cannot be read, after: \(story.joined(separator: "; ")). \(error)")
    }
    let found = records.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    func note(_ finding: String) { if report.findings.count < 10 { report.findings.append(finding) } }
    for (record, count) in ledger.sorted(by: { $0.key < $1.key }) where torture.guarantee != .atMostOnce {
      let lost = count - (found[record] ?? 0)
      guard lost > 0 else { continue }
      report.lost += lost
      note("lost: '\(record)'\(count > 1 ? ", \(lost) of \(count) times" : "")")
    }
    for (record, count) in found.sorted(by: { $0.key < $1.key }) {
      let fed = ledger[record] ?? 0
      guard count > fed, fed == 0 || torture.guarantee != .atLeastOnce else { continue }
      report.duplicated += count - fed
      note(fed == 0 ? "never fed: '\(record)'" : "duplicated: '\(record)', \(count) times instead of \(fed)")
    }
  }
}
