public import MartletCore

/// The state of a streaming context.
public enum StreamingContextState: String, Sendable, Codable {
  /// Streams can be set up.
  case initialized
  /// Batches run.
  case active
  /// Stopped, permanently.
  case stopped
}

/// The batches and records that a context has processed.
public struct StreamingReport: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The number of completed batches.
  public let batches: Int
  /// The number of records in them, as far as their inputs count them.
  public let records: Int
  /// The unfinished work when the context stopped; `nil` if there is none, and while the context runs.
  public let unfinished: UnfinishedWork?

  init(_ progress: (batches: Int, records: Int) = (0, 0), unfinished: UnfinishedWork? = nil) {
    batches = progress.batches
    records = progress.records
    self.unfinished = unfinished
  }

  public var description: String {
    let rest = unfinished.map { "; not processed: \($0)" } ?? ""
    return "\(counted(records, "record")) in \(counted(batches, "batch", "batches"))\(rest)"
  }
}

/// The unfinished work of a context when it stopped: because the stop was not graceful, because a batch failed, or
/// because there was no time left.
public struct UnfinishedWork: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The batch that was running, if any.
  public internal(set) var runningBatch: Time?
  /// The output operation that had not returned, such as `foreachRDD at Program/main.swift:12`.
  public internal(set) var runningOutputOperation: String?
  /// The number of batches that were waiting.
  public internal(set) var waitingBatches = 0
  /// A Boolean value that indicates whether a batch was being made.
  public internal(set) var isMakingBatch = false
  /// The number of records in running and waiting batches, as far as it is known. Records of files are not included,
  /// because they are counted when they are read.
  public internal(set) var records = 0
  /// A Boolean value that indicates whether receivers had stored records that were not in a batch yet.
  public internal(set) var hasUnassignedInput = false
  /// The number of records that receivers had stored but that could not be written to their logs. They are lost, even
  /// with a checkpoint.
  public internal(set) var unloggedRecords = 0
  /// The receivers that had not ended. Records that they store afterwards are dropped.
  public internal(set) var runningReceivers: [String] = []
  /// A Boolean value that indicates whether a checkpoint stores the batches and unassigned records: the next start of
  /// the program continues with them. It does not store `unloggedRecords`.
  public internal(set) var isKept = false

  /// The number of batches that are not done.
  public var batches: Int { (runningBatch == nil ? 0 : 1) + (isMakingBatch ? 1 : 0) + waitingBatches }

  /// A Boolean value that indicates whether records are lost, in batches or outside of them. Records stored by a
  /// checkpoint are not.
  public var isLost: Bool { unloggedRecords > 0 || !isKept && hasLeftRecords }

  /// True if there is work that a checkpoint would store.
  var hasLeftRecords: Bool { batches > 0 || hasUnassignedInput }

  /// True if there is no unfinished work.
  var isEmpty: Bool { batches == 0 && !hasUnassignedInput && unloggedRecords == 0 && runningReceivers.isEmpty }

  public var description: String {
    var parts: [String] = []
    if let runningBatch {
      let operation = runningOutputOperation.map { " in \($0)" } ?? ""
      parts.append("the batch of \(runningBatch.localDescription), which still runs\(operation)")
    }
    if waitingBatches > 0 { parts.append("\(counted(waitingBatches, "batch", "batches")) that waited") }
    if isMakingBatch { parts.append("a batch that is being made") }
    if records > 0 { parts.append("with at least \(counted(records, "record"))") }
    if hasUnassignedInput { parts.append("received records that are in no batch yet") }
    parts += runningReceivers.map { "the receiver \($0), which has not ended" }
    var sentences = parts.isEmpty ? [] : [parts.joined(separator: ", ")]
    if hasLeftRecords { sentences.append(isKept ? "The checkpoint stores this for the next start" : "It is lost") }
    if unloggedRecords > 0 { sentences.append(unloggedSentence) }
    return sentences.joined(separator: ". ")
  }

  /// A sentence about records that are in no log.
  fileprivate var unloggedSentence: String {
    let records = "\(counted(unloggedRecords, "received record")) could not be written to the receiver's log"
    return "\(records) and \(unloggedRecords == 1 ? "is" : "are") lost"
  }
}

/// An error: a graceful stop could not process everything in time, or could not write received records to their logs,
/// so that records are lost.
public struct IncompleteStop: Error, CustomStringConvertible {
  /// The report of the context.
  public let report: StreamingReport
  /// The time limit of the stop.
  public let timeout: Duration

  public var description: String {
    let unfinished = report.unfinished ?? UnfinishedWork()
    var text = ""
    if unfinished.hasLeftRecords || unfinished.unloggedRecords == 0 {
      text = """
        The context stopped gracefully, but could not process everything within \(timeout.text) \
        (\(StreamingContext.gracefulStopTimeoutKey)). Not processed: \(unfinished).
        """
      if !unfinished.isKept {
        text += " Give it more time, or use a checkpoint, which stores the rest for the next start."
      }
    } else {
      text = "The context stopped gracefully, but has lost records: \(unfinished)."
    }
    if unfinished.unloggedRecords > 0 {
      text += " The log gives the reason. Make sure that the disk of the checkpoint has room and works."
    }
    return text
  }
}

private func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String {
  "\(number) \(number == 1 ? one : many ?? one + "s")"
}
