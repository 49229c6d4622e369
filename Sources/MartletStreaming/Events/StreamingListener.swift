public import MartletCore

/// The input of a batch from one stream.
public struct StreamInputInfo: Sendable, Hashable, Codable {
  /// The input's number, from 0 in the order of the program.
  public let inputStreamID: Int
  /// The number of records. Records of files are counted as they are read, so the number is 0 until the batch is
  /// completed, and excludes records that no output operation has requested.
  public internal(set) var numRecords: Int
  /// A description for display: the files that were read, and those that were skipped, with the reason.
  public let metadataDescription: String?
  /// The rate limit of the receiver in records per second when the batch was made; `nil` if there was none.
  public let rateLimit: Double?

  public init(
    inputStreamID: Int, numRecords: Int, metadataDescription: String? = nil, rateLimit: Double? = nil
  ) {
    self.inputStreamID = inputStreamID
    self.numRecords = numRecords
    self.metadataDescription = metadataDescription
    self.rateLimit = rateLimit
  }
}

/// Information about one output operation of a batch.
public struct OutputOperationInfo: Sendable, Hashable, Codable {
  public let batchTime: Time
  /// The operation's number, from 0 in the order of the program.
  public let id: Int
  /// The operation and its call site: `pprint at Program/main.swift:12`.
  public let name: String
  public internal(set) var startTime: Time?
  public internal(set) var endTime: Time?
  /// The reason for its failure, if it failed.
  public internal(set) var failureReason: String?

  /// The duration of the operation, once it has ended.
  public var duration: Duration? {
    guard let startTime, let endTime else { return nil }
    return endTime - startTime
  }
}

/// Information about a batch. A delay is available once both of its times are known.
public struct BatchInfo: Sendable, Hashable, Codable {
  public let batchTime: Time
  public internal(set) var streamIDToInputInfo: [Int: StreamInputInfo]
  public let submissionTime: Time
  public internal(set) var processingStartTime: Time?
  public internal(set) var processingEndTime: Time?
  public internal(set) var outputOperationInfos: [OutputOperationInfo]

  /// From the submission of the batch to the start of its first job.
  public var schedulingDelay: Duration? { processingStartTime.map { $0 - submissionTime } }
  /// From the start of the first job to the end of the last.
  public var processingDelay: Duration? {
    guard let processingStartTime, let processingEndTime else { return nil }
    return processingEndTime - processingStartTime
  }
  /// From the submission of the batch to the end of its last job.
  public var totalDelay: Duration? { processingEndTime.map { $0 - submissionTime } }
  /// The number of records of all inputs.
  public var numRecords: Int {
    var records = 0
    for input in streamIDToInputInfo.values { records += input.numRecords }
    return records
  }
}

/// Information about a receiver.
public struct ReceiverInfo: Sendable, Hashable, Codable {
  /// The number of the receiver's input.
  public let streamID: Int
  /// The type of the receiver, or the name that it has chosen.
  public let name: String
  public let isActive: Bool
  /// The description of the last error; empty if there was none.
  public let lastErrorMessage: String
  /// The last error.
  public let lastError: String?
  public let lastErrorTime: Time?
  /// The rate limit of the receiver in records per second; `nil` if there is none.
  public let rateLimit: Double?

  package init(
    streamID: Int, name: String, isActive: Bool, lastErrorMessage: String, lastError: String?, lastErrorTime: Time?,
    rateLimit: Double?
  ) {
    self.streamID = streamID
    self.name = name
    self.isActive = isActive
    self.lastErrorMessage = lastErrorMessage
    self.lastError = lastError
    self.lastErrorTime = lastErrorTime
    self.rateLimit = rateLimit
  }
}

/// Gets the events of a streaming context. Every method has an empty default.
///
/// Events are delivered in the order in which they happen, one at a time, on a separate thread: a slow listener does
/// not delay batches. At most 10,000 events wait; further ones are dropped, and their number is logged. `stop` waits
/// until all events have been delivered. A listener may stop the context with `requestStop`.
public protocol StreamingListener: AnyObject, Sendable {
  func onStreamingStarted(time: Time)
  func onReceiverStarted(_ info: ReceiverInfo)
  func onReceiverError(_ info: ReceiverInfo)
  func onReceiverStopped(_ info: ReceiverInfo)
  func onBatchSubmitted(_ info: BatchInfo)
  func onBatchStarted(_ info: BatchInfo)
  func onBatchCompleted(_ info: BatchInfo)
  func onOutputOperationStarted(_ info: OutputOperationInfo)
  func onOutputOperationCompleted(_ info: OutputOperationInfo)
}

extension StreamingListener {
  public func onStreamingStarted(time: Time) {}
  public func onReceiverStarted(_ info: ReceiverInfo) {}
  public func onReceiverError(_ info: ReceiverInfo) {}
  public func onReceiverStopped(_ info: ReceiverInfo) {}
  public func onBatchSubmitted(_ info: BatchInfo) {}
  public func onBatchStarted(_ info: BatchInfo) {}
  public func onBatchCompleted(_ info: BatchInfo) {}
  public func onOutputOperationStarted(_ info: OutputOperationInfo) {}
  public func onOutputOperationCompleted(_ info: OutputOperationInfo) {}
}
