import MartletTorture
package import TortureVerifier

/// The way in which a process of a round ends.
package enum Ending: Sendable, CustomStringConvertible {
  /// It kills itself at the `count`th occurrence of this step.
  case killsItself(step: String, count: Int)
  /// It is killed `after` milliseconds after it was ready; if `insideBatch`, as soon as a batch is in progress then.
  case killed(after: Int, insideBatch: Bool)
  /// It is killed `after` milliseconds after its start: usually before it is ready.
  case killedEarly(after: Int)
  /// It is asked to stop `after` milliseconds after it was ready.
  case stopped(after: Int)
  /// Like `stopped`, but while a record is computed, where records take time; `then` milliseconds later it receives a
  /// second signal.
  case stoppedTwice(after: Int, then: Int, signal: Int32)
  /// The `count`th call of a closure throws: `computing`, before the outputs, or `committing`, in an output.
  case fails(step: String, count: Int)

  package var description: String {
    switch self {
    case .killsItself(let step, let count): "kills itself at \(step) number \(count)"
    case .killed(let after, let insideBatch): "killed after \(after) ms\(insideBatch ? ", inside a batch" : "")"
    case .killedEarly(let after): "killed \(after) ms after its start"
    case .stopped(let after): "SIGTERM after \(after) ms"
    case .fails(let step, let count): "fails at \(step) number \(count)"
    case .stoppedTwice(let after, let then, let signal): "SIGTERM after \(after) ms, signal \(signal) \(then) ms later"
    }
  }
}

/// The actions of a round: everything except their durations.
package struct RoundPlan: Sendable, CustomStringConvertible {
  package var workload: Workload
  /// Milliseconds between batches.
  package var interval: Int
  /// The processes, one after the other, with the number of threads of each.
  package var lives: [(threads: Int, ending: Ending)]
  /// The number of threads of the last process, which runs until all records have come out and is then stopped.
  package var lastThreads: Int
  /// The seed for the sizes of inputs.
  package var seed: UInt64
  /// The milliseconds that each record takes, in all processes but the last.
  package var pause = 0
  /// False to check that the verifier notices it.
  package var hasCheckpoint = true

  package init(
    _ workload: Workload, interval: Int = 15, lives: [(threads: Int, ending: Ending)], lastThreads: Int = 2,
    seed: UInt64 = 1
  ) {
    self.workload = workload
    self.interval = interval
    self.lives = lives
    self.lastThreads = lastThreads
    self.seed = seed
  }

  /// The plan of the round with this number, in the run with this seed. Workloads take turns.
  package static func random(seed: UInt64, round: Int, workload: Workload? = nil) -> RoundPlan {
    var mixed = SeededGenerator(seed: seed)
    var random = SeededGenerator(seed: mixed.next() ^ UInt64(truncatingIfNeeded: round) &* 0xD6E8_FEB8_6659_FD93)
    let workloads = Workload.allCases
    let lives = (0..<Int.random(in: 2...5, using: &random)).map { _ in
      (threads: Int.random(in: 1...4, using: &random), ending: Ending.random(using: &random))
    }
    return RoundPlan(
      workload ?? workloads[round % workloads.count], interval: Int.random(in: 10...20, using: &random), lives: lives,
      lastThreads: Int.random(in: 1...4, using: &random), seed: random.next())
  }

  package var description: String {
    let story = lives.map { "\($0.threads) threads, \($0.ending)" } + ["\(lastThreads) threads, to the end"]
    return "\(workload.rawValue), a batch every \(interval) ms: \(story.joined(separator: "; "))"
  }
}

extension Ending {
  /// Mostly kills inside a batch; one in ten fails inside a step instead; the other kinds are for completeness.
  fileprivate static func random(using random: inout SeededGenerator) -> Ending {
    let after = Int.random(in: 0...120, using: &random)
    switch Int.random(in: 0..<100, using: &random) {
    case ..<58: return .killed(after: after, insideBatch: true)
    case ..<67: return .killed(after: after, insideBatch: false)
    case ..<76: return .killedEarly(after: Int.random(in: 0...60, using: &random))
    case ..<82: return .stopped(after: after)
    case ..<92:
      let step = Bool.random(using: &random) ? "computing" : "committing"
      return .fails(step: step, count: Int.random(in: 1...60, using: &random))
    default:
      let signal: Int32 = Bool.random(using: &random) ? 9 : 15
      return .stoppedTwice(after: after, then: Int.random(in: 0...20, using: &random), signal: signal)
    }
  }
}
