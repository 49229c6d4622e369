// Kills programs at random, on the real clock, and reports records that were lost, duplicated, or out of order.

import MartletTorture
import Foundation
import Synchronization
import TortureRounds
import TortureVerifier

/// The options that `make torture` passes on.
struct Options {
  var rounds = 0..<2000
  var seed = UInt64.random(in: 1...999_999)
  var workload: Workload?
  var parallel = 2 * ProcessInfo.processInfo.activeProcessorCount
  var keptIn = "."

  static let usage = """
    Usage: torture [--rounds COUNT] [--seed NUMBER] [--round NUMBER] [--workload NAME] [--parallel COUNT] [--keep FOLDER]
    """

  init(_ arguments: [String]) throws {
    var rest = arguments.dropFirst()
    while let option = rest.popFirst() {
      guard let value = rest.popFirst() else { throw TortureError(Self.usage) }
      let number = Int(value) ?? -1
      switch option {
      case "--rounds" where number > 0: rounds = 0..<number
      case "--round" where number >= 0: rounds = number..<number + 1
      case "--seed" where number >= 0: seed = UInt64(number)
      case "--parallel" where number > 0: parallel = number
      case "--workload" where Workload(rawValue: value) != nil: workload = Workload(rawValue: value)
      case "--keep": keptIn = value
      default: throw TortureError("\(option) \(value) cannot be. \(Self.usage)")
      }
    }
  }
}

/// Prints a line at once.
func say(_ line: String) {
  print(line)
  fflush(nil)
}

do {
  let options = try Options(CommandLine.arguments)
  let many = ManyRounds(
    seed: options.seed, rounds: options.rounds, workload: options.workload, parallel: options.parallel,
    keptIn: options.keptIn)
  say("\(options.rounds.count) rounds, \(options.parallel) at a time, seed \(options.seed)")
  let began = ContinuousClock.now
  let told = Mutex((failures: 0, at: began))
  let outcome = await many.run { outcome in
    told.withLock { told in
      for failure in outcome.failures[told.failures...] { say("\n\(failure)\n") }
      told.failures = outcome.failures.count
      guard ContinuousClock.now - told.at > .seconds(5) else { return }
      told.at = .now
      let seconds = (ContinuousClock.now - began).components.seconds
      say(
        """
        \(seconds) s: \(outcome.report.rounds) of \(options.rounds.count) rounds, \(outcome.report.kills) kills, \
        \(outcome.failures.count) failed rounds
        """)
    }
  }
  say(outcome.report.shares)
  if !outcome.failures.isEmpty { say("\(outcome.failures.count) rounds have failed; see above.") }
  say(outcome.report.line)
  exit(outcome.failures.isEmpty ? 0 : 1)
} catch {
  say("\(error)")
  exit(2)
}
