import FaultHarness
import MartletTorture
import TortureVerifier

/// The options of the program.
struct Options: Sendable {
  var workload = Workload.files
  /// The folder with `in`, `out` and `checkpoint`.
  var folder = ""
  var threads = 1
  /// The milliseconds between batches.
  var interval = 15
  /// The port of the sender of `map`.
  var port = 0
  /// The file of the `ProgramStatus`.
  var status = ""
  /// The step at which the program kills itself, if any: its name, and the number of its occurrence.
  var killAt: (step: String, count: Int)?
  /// The step at which a closure throws, if any: its name, and the number of its occurrence.
  var failAt: (step: String, count: Int)?
  /// The milliseconds that each record takes.
  var pause = 0
  /// False to check that the harness notices it.
  var hasCheckpoint = true

  static let usage = """
    Usage: torture-program WORKLOAD FOLDER STATUS-FILE THREADS INTERVAL-MS PORT [--kill-at STEP:COUNT]
    [--fail-at STEP:COUNT] [--pause MS] [--without-checkpoint]
    """

  init(_ arguments: [String]) throws {
    guard arguments.count >= 7, let workload = Workload(rawValue: arguments[1]), let threads = Int(arguments[4]),
      let interval = Int(arguments[5]), let port = Int(arguments[6])
    else { throw TortureError(Self.usage) }
    self.workload = workload
    folder = arguments[2]
    status = arguments[3]
    self.threads = threads
    self.interval = interval
    self.port = port
    var rest = arguments.dropFirst(7)
    while let option = rest.popFirst() {
      switch option {
      case "--kill-at": killAt = try Self.moment(rest.popFirst())
      case "--fail-at": failAt = try Self.moment(rest.popFirst())
      case "--pause": pause = Int(rest.popFirst() ?? "") ?? 0
      case "--without-checkpoint": hasCheckpoint = false
      default: throw TortureError(Self.usage)
      }
    }
  }

  /// Reads `STEP:COUNT`.
  private static func moment(_ text: String?) throws -> (step: String, count: Int) {
    let parts = (text ?? "").split(separator: ":")
    guard parts.count == 2, let count = Int(parts[1]) else { throw TortureError(usage) }
    return (String(parts[0]), count)
  }
}
