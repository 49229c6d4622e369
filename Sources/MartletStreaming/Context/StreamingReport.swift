/// Where a streaming context stands.
public enum StreamingContextState: String, Sendable {
  /// Streams can be set up.
  case initialized
  /// Batches run.
  case active
  /// Over, for good.
  case stopped
}

/// What a context has processed.
public struct StreamingReport: Sendable, Equatable, CustomStringConvertible {
  /// Batches that are done.
  public let batches: Int
  /// Records in them, as far as their inputs count.
  public let records: Int

  init(_ progress: (batches: Int, records: Int) = (0, 0)) {
    batches = progress.batches
    records = progress.records
  }

  public var description: String {
    "\(records) record\(records == 1 ? "" : "s") in \(batches) batch\(batches == 1 ? "" : "es")"
  }
}
