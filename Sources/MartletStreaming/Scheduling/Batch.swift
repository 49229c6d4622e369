public import MartletCore
import MartletRDD

/// The work of one batch.
final class Batch {
  let time: Time
  /// The work of each output operation that has some; `info` identifies the operations. Removed when it is done, with
  /// the data that it has read.
  var jobs: [@Sendable () throws -> Void]
  /// Updated if there are listeners.
  var info: BatchInfo

  init(time: Time, jobs: [@Sendable () throws -> Void], info: BatchInfo) {
    self.time = time
    self.jobs = jobs
    self.info = info
  }
}

/// How far the batches of a context are.
struct BatchMark: Sendable {
  /// The time of the last batch that has been made.
  var made: Time
  /// The time of the last batch that is done.
  var done: Time
}

/// The failure of a batch.
public struct BatchFailure: Error, CustomStringConvertible {
  /// The time of the batch.
  public let batchTime: Time
  /// The output operation whose work failed, such as `pprint at Program/main.swift:12`; `nil` if the batch could not be
  /// set up.
  public let outputOperation: String?
  /// The error: an `OperatorFailure` if a closure of the program threw.
  public let underlying: any Error
  /// The failures of other output operations of the batch, in the order of the program.
  public internal(set) var others: [BatchFailure] = []

  init(batchTime: Time, outputOperation: String?, underlying: any Error) {
    self.batchTime = batchTime
    self.outputOperation = outputOperation
    self.underlying = underlying
  }

  public var description: String {
    let place = outputOperation.map { ", output operation \($0)" } ?? ""
    let others = others.map { "; \($0.outputOperation ?? "another") also failed: \($0.underlying)" }.joined()
    return "The batch of \(batchTime.localDescription) (\(batchTime))\(place) failed: \(underlying)\(others)"
  }
}
