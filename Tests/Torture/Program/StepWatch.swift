import FaultHarness
import MartletTorture
import Martlet
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Shows the steps of batches to an observer, and ends the process at one of them on request.
final class StepWatch: StreamingListener, Sendable {
  /// The name of the step within a user's closure.
  static let computing = "computing"
  /// The name of the step within an output's closure, for each of its rows.
  static let committing = "committing"

  private let status: ProgramStatus
  private let step: String?
  private let left: Atomic<Int>
  private let failingStep: String?
  private let leftToFail: Atomic<Int>
  private let hasCheckpoint: Bool

  init(_ status: ProgramStatus, _ options: Options) {
    self.status = status
    hasCheckpoint = options.hasCheckpoint
    step = options.killAt?.step
    left = Atomic(options.killAt?.count ?? 0)
    failingStep = options.failAt?.step
    leftToFail = Atomic(options.failAt?.count ?? 0)
  }

  func note(_ step: BatchStep) {
    switch step {
    case .planWritten: status.count(.planned)
    case .committed: status.count(.committed)
    default: break
    }
    note(step.rawValue)
  }

  func note(_ name: String) {
    status.count(.steps)
    guard name == step, left.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 else { return }
    kill(getpid(), SIGKILL)
    // The signal may take a moment to end this thread too.
    while true { pause() }
  }

  /// Notes a step within a closure. It throws once if the closure is to fail there.
  func noteInClosure(_ name: String) throws {
    note(name)
    guard name == failingStep, leftToFail.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 else { return }
    throw TortureError("failing at \(name)")
  }

  /// From now on, records are either processed or found again after a restart.
  func onStreamingStarted(time: Time) { status[.started] = 1 }

  func onBatchCompleted(_ info: BatchInfo) {
    status[.completedTime] = Int(info.batchTime.milliseconds)
    if !hasCheckpoint { status.count(.committed) }
  }
}
