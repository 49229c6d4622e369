import MartletCheckpoint
import MartletLog

/// A check that a program can continue from a checkpoint, made without changing the checkpoint.
package struct RestartCheck: Sendable, Equatable {
  package enum Verdict: Sendable {
    case accepted
    case refused
    /// The program has not answered, or the checkpoint cannot be read.
    case unknown
  }

  package var verdict: Verdict
  package var refusals: [String] = []
  package var notices: [String] = []

  /// Compares the answer of a program, if there is one, with the checkpoint.
  package init(_ reply: ProgramReply, _ checkpoint: CheckpointReader) {
    verdict = .unknown
    switch reply {
    case .program(let program, let directory): compare(program, directory, checkpoint)
    case .noCheckpoint:
      verdict = .refused
      refusals = [
        """
        The program starts its context without a checkpoint: call checkpoint(_:) or getOrCreate(_:) in it.
        """
      ]
    case .cannotStart(let reason):
      verdict = .refused
      refusals = [reason]
    case .ended(let how):
      refusals = [
        "The program was ended \(how), before it started a StreamingContext. Run it directly to see its messages."
      ]
    case .timedOut(let time):
      refusals = [
        """
        The program had not started a StreamingContext after \(time.components.seconds) s and was killed. If it \
        needs more time, use --timeout.
        """
      ]
    }
  }

  private mutating func compare(_ program: RestartingProgram, _ directory: String, _ checkpoint: CheckpointReader) {
    guard checkpoint.problems.isEmpty else {
      refusals = checkpoint.problems
      return
    }
    let comparison = program.compare(with: checkpoint.log)
    verdict = comparison.refusals.isEmpty ? .accepted : .refused
    refusals = comparison.refusals
    notices = comparison.warnings + comparison.notices
    if !isSameFolder(directory, checkpoint.path) {
      notices.append("The program itself keeps its checkpoint in '\(directory)', which is another folder.")
    }
    if LogFolder.isLocked(checkpoint.path) {
      notices.append("A process works with the checkpoint now: stop it before the program is started.")
    }
    let files = checkpoint.missingFiles
    notices += files.prefix(5).map { "The program will read the file '\($0)' again, but it no longer exists." }
    switch files.count - 5 {
    case ...0: break
    case 1: notices.append("The program will read 1 more file again that no longer exists.")
    case let more: notices.append("The program will read \(more) more files again that no longer exist.")
    }
  }

  /// The result as text, for a terminal.
  package var text: String {
    var lines: [String] = []
    switch verdict {
    case .accepted: lines = ["accepted: the program will continue from this checkpoint"]
    case .refused: lines = ["refused: the program cannot continue from this checkpoint"]
    case .unknown: lines = ["unknown: it is not known whether the program will continue from this checkpoint"]
    }
    lines += refusals.map { "- \($0)" } + notices.map { "  note: \($0)" }
    return lines.joined(separator: "\n")
  }

  /// The exit status of the command: 0 accepted, 1 refused, 2 unknown.
  package var exitStatus: Int32 {
    switch verdict {
    case .accepted: 0
    case .refused: 1
    case .unknown: 2
    }
  }
}
