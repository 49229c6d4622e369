import Foundation

/// Runs a program again and again, kills it, fails its disk and cuts its power at random, and compares the records that
/// come out with those that went in.
///
/// ```swift
/// var torture = Torture(FaultyProgram("my-program", ["INPUT", "FOLDER/checkpoint", "FOLDER/out"])) { input, portion in
///   let records = (0..<10).map { "record-\(portion)-\($0)" }
///   try add(records, to: input)          // moves a file into the folder that the program watches
///   return records
/// } output: { folder in
///   try lines(of: "\(folder)/out")       // all records that have come out
/// }
/// let report = try await torture.run(rounds: 100)
/// print(report)
/// precondition(report.isClean)
/// ```
///
/// Each round has a new folder. The program is started in it several times, and each time but the last is disturbed at
/// random; see ``Disruption``. Records are fed whether it runs or not. The last process is left alone until all records
/// have come out; then it gets SIGTERM and must exit with status 0. A program that ends by itself may do so.
///
/// `FOLDER` in the program's arguments is the folder of its checkpoint, its output and all else that it writes: its calls
/// there are numbered, fail, and lose what was not synchronized when the power fails. `INPUT` is a folder for the records
/// that are fed; it survives everything.
public struct Torture: Sendable {
  /// The promise that is verified.
  public enum Guarantee: Sendable {
    /// Each record comes out once.
    case exactlyOnce
    /// Each record comes out, and may come out several times.
    case atLeastOnce
    /// No record comes out twice; some may be lost.
    case atMostOnce
  }

  /// A way in which a process ends that is not the last of its round.
  public enum Disruption: String, Sendable, CaseIterable {
    /// SIGKILL at a random time.
    case kill
    /// SIGKILL before, after or within one of its calls that change the folder.
    case killAtCall
    /// One of these calls fails with ENOSPC or EIO. The program may end with an error or continue.
    case failedCall
    /// SIGKILL after one of these calls; the folder then holds what a disk may have retained if its power failed.
    case powerCut
    /// SIGTERM at a random time: a program that handles the signal must exit with status 0.
    case stop

    /// All that work on this system: on Linux, all; elsewhere, those that need no library in the program.
    public static var available: [Disruption] {
      FaultyProgram.isAvailable ? allCases : [.kill, .stop]
    }
  }

  /// The program.
  public var program: FaultyProgram
  /// The promise that is verified; exactly once if it is not set.
  public var guarantee = Guarantee.exactlyOnce
  /// The ways in which processes end; all that work on this system if it is not set.
  public var disruptions = Disruption.available
  /// How many portions of records are fed in a round.
  public var portions = 20
  /// The time between two portions while the program runs.
  public var feedingPause = Duration.milliseconds(30)
  /// How long a process may take until it handles SIGTERM. One that does not is killed by the signal.
  public var startTime = Duration.seconds(10)
  /// How long the last process may make no progress, and how long it may take to stop.
  public var patience = Duration.seconds(60)
  /// The folder in which the folders of failed rounds are kept.
  public var keptIn = ".build/torture"

  let feed: @Sendable (_ input: String, _ portion: Int) throws -> [String]
  let output: @Sendable (_ folder: String) throws -> [String]

  /// Creates a torture of a program; nothing runs yet.
  ///
  /// - Parameters:
  ///   - program: `FOLDER` and `INPUT` in its arguments stand for the folders of a round.
  ///   - feed: adds the portion of this number, counted from 0, to the source, and returns its records. A source that
  ///     has all its records from the start returns them for portion 0.
  ///   - output: returns all records that have come out, in any order. It is called while the program runs too; an error
  ///     then means that the output is not complete yet.
  public init(
    _ program: FaultyProgram, feed: @escaping @Sendable (_ input: String, _ portion: Int) throws -> [String],
    output: @escaping @Sendable (_ folder: String) throws -> [String]
  ) {
    self.program = program
    self.feed = feed
    self.output = output
  }

  /// Runs the program undisturbed once, then `rounds` times with disruptions, several rounds at a time.
  ///
  /// The seed decides the disruptions, but not how long things take: the same seed does the same at another moment.
  ///
  /// - Parameters:
  ///   - seed: a random one if it is not given; the report names it.
  ///   - first: the number of the first round, to repeat one that has failed.
  ///   - parallel: how many rounds run at a time; as many as there are processors if it is not given.
  ///   - progress: called after each round with the report so far; by default, prints it to standard error every five
  ///     seconds.
  /// - Throws: `TortureError` if the undisturbed run does not put out all records. Failed rounds are in the report.
  public func run(
    rounds: Int = 100, seed: UInt64? = nil, first: Int = 0,
    parallel: Int? = nil,
    progress: (@Sendable (TortureReport) -> Void)? = nil
  ) async throws -> TortureReport {
    let seed = seed ?? UInt64.random(in: 1...999_999)
    let undisturbed = TortureRound(self, seed: 0)
    let usual = try await undisturbed.runUndisturbed()
    let show = progress ?? Self.printer()
    let parallel = max(1, parallel ?? ProcessInfo.processInfo.activeProcessorCount)
    return await withTaskGroup(of: TortureReport.self) { group in
      var report = TortureReport(seed: seed)
      func takeOne() async {
        guard let one = await group.next() else { return }
        report.add(one)
        show(report)
      }
      for (begun, number) in (first..<first + rounds).enumerated() {
        if begun >= parallel { await takeOne() }
        group.addTask { await self.attempt(number, seed: seed, usual) }
      }
      for _ in 0..<min(parallel, rounds) { await takeOne() }
      return report
    }
  }

  private func attempt(_ number: Int, seed: UInt64, _ usual: TortureRound.Usual) async -> TortureReport {
    var mixed = SeededGenerator(seed: seed)
    let round = TortureRound(self, seed: mixed.next() ^ UInt64(truncatingIfNeeded: number) &* 0xD6E8_FEB8_6659_FD93)
    do { try await round.run(usual) } catch { round.report.findings.append("\(error)") }
    var report = round.report
    report.rounds = 1
    if !report.isClean {
      let kept = round.keep(as: "seed-\(seed)-round-\(number)", in: keptIn)
      report.findings = report.findings.map { "round \(number): \($0)" }
      report.findings.append(
        "round \(number): \(round.story.joined(separator: "; ")). Its folder: \(kept). To repeat it: run(rounds: 1, seed: \(seed), first: \(number))"
      )
    }
    return report
  }

  private static func printer() -> @Sendable (TortureReport) -> Void {
    let last = Moment()
    return { report in
      guard last.hasPassed(.seconds(5)) else { return }
      FileHandle.standardError.write(Data("\(report)\n".utf8))
    }
  }
}
