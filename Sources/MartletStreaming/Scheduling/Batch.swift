import MartletCore
import MartletRDD

/// The work of one batch.
struct Batch {
  let time: Time
  let jobs: [OutputJob]
  var info: BatchInfo
}

/// The work of one output operation for one batch.
struct OutputJob {
  let id: Int
  let site: OperatorSite
  let run: @Sendable () throws -> Void
}

/// A batch failed.
public struct BatchFailure: Error, CustomStringConvertible {
  /// The time of the batch.
  public let batchTime: Time
  /// The output operation whose work failed, as `pprint at Program/main.swift:12`; `nil` if the batch could not be set up.
  public let outputOperation: String?
  /// What went wrong: an `OperatorFailure` if a closure of the program threw.
  public let underlying: any Error

  public var description: String {
    let place = outputOperation.map { ", output operation \($0)" } ?? ""
    return "The batch of \(batchTime.localDescription) (\(batchTime))\(place) failed: \(underlying)"
  }
}
