import MartletCore

/// Where a streaming context stands.
public enum StreamingContextState: String, Sendable, Codable {
  /// Streams can be set up.
  case initialized
  /// Batches run.
  case active
  /// Over, for good.
  case stopped
}

/// What a context has processed.
public struct StreamingReport: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Batches that are done.
  public let batches: Int
  /// Records in them, as far as their inputs count.
  public let records: Int
  /// What the context had not done when it stopped; `nil` if nothing is left, and while the context runs.
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

/// What a context had not done when it stopped: because it was told not to, because a batch failed, or because there was no
/// time left.
public struct UnfinishedWork: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The batch that was running, if there was one.
  public internal(set) var runningBatch: Time?
  /// The output operation that had not returned, as `foreachRDD at Program/main.swift:12`.
  public internal(set) var runningOutputOperation: String?
  /// Batches that waited to be run.
  public internal(set) var waitingBatches = 0
  /// Whether a batch was being made.
  public internal(set) var isMakingBatch = false
  /// Records in the batches that were running or waited, as far as they were known. Those of files are not: they are
  /// counted when they are read.
  public internal(set) var records = 0
  /// Whether receivers had stored something that was in no batch yet.
  public internal(set) var hasUnassignedInput = false
  /// Records that receivers had stored and that could not be written to their logs. They are lost, whatever a checkpoint
  /// keeps.
  public internal(set) var unloggedRecords = 0
  /// Receivers that had not ended. What they store afterwards is dropped.
  public internal(set) var runningReceivers: [String] = []
  /// Whether a checkpoint keeps the batches and what is in none: the next start of the program goes on with them. It does
  /// not keep `unloggedRecords`.
  public internal(set) var isKept = false

  /// Batches that are not done.
  public var batches: Int { (runningBatch == nil ? 0 : 1) + (isMakingBatch ? 1 : 0) + waitingBatches }

  /// Whether records are lost, in batches or out of them. Those that a checkpoint keeps are not.
  public var isLost: Bool { unloggedRecords > 0 || !isKept && hasLeftRecords }

  /// Whether there is something that a checkpoint would keep.
  var hasLeftRecords: Bool { batches > 0 || hasUnassignedInput }

  /// Whether nothing is left undone.
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
    if hasLeftRecords { sentences.append(isKept ? "The checkpoint keeps it for the next start" : "It is lost") }
    if unloggedRecords > 0 { sentences.append(unloggedSentence) }
    return sentences.joined(separator: ". ")
  }

  /// What has become of the records that are in no log.
  fileprivate var unloggedSentence: String {
    let records = "\(counted(unloggedRecords, "received record")) could not be written to the receiver's log"
    return "\(records) and \(unloggedRecords == 1 ? "is" : "are") lost"
  }
}

/// A context was told to stop gracefully, and could not process everything in time, or could not write what receivers had
/// stored to their logs: records are lost.
public struct IncompleteStop: Error, CustomStringConvertible {
  /// What has been processed, and what has not.
  public let report: StreamingReport
  /// How long the context was given.
  public let timeout: Duration

  public var description: String {
    let unfinished = report.unfinished ?? UnfinishedWork()
    var text = ""
    if unfinished.hasLeftRecords || unfinished.unloggedRecords == 0 {
      text = """
        The context was asked to stop gracefully and could not process everything within \(timeout.text) \
        (martlet.streaming.gracefulStopTimeout). Not processed: \(unfinished).
        """
      if !unfinished.isKept {
        text += " Give it more time, or work with a checkpoint, which keeps what is left for the next start."
      }
    } else {
      text = "The context was asked to stop gracefully and has lost records: \(unfinished)."
    }
    if unfinished.unloggedRecords > 0 {
      text += " The log says why it could not be written: make sure that the disk of the checkpoint has room and works."
    }
    return text
  }
}

private func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String {
  "\(number) \(number == 1 ? one : many ?? one + "s")"
}
