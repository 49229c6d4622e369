/// What one input gave to a batch.
public struct StreamInputInfo: Sendable, Hashable, Codable {
  /// The input's number, from 0 in the order of the program.
  public let inputStreamID: Int
  /// How many records. Those of files are counted as they are read, so they are 0 until the batch is completed, and
  /// without what no output operation has asked for.
  public internal(set) var numRecords: Int
  /// What the records are, for people: the files that were read, and those that were left out with the reason.
  public let metadataDescription: String?
  /// Records per second that a receiver was allowed when the batch was made; `nil` if there was no limit.
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

/// How one output operation of a batch went.
public struct OutputOperationInfo: Sendable, Hashable, Codable {
  public let batchTime: Time
  /// The operation's number, from 0 in the order of the program.
  public let id: Int
  /// The operation and where it was called: `pprint at Program/main.swift:12`.
  public let name: String
  public internal(set) var startTime: Time?
  public internal(set) var endTime: Time?
  /// Why it failed, if it did.
  public internal(set) var failureReason: String?

  /// How long it took, once it has ended.
  public var duration: Duration? {
    guard let startTime, let endTime else { return nil }
    return endTime - startTime
  }
}

/// What is known about a batch. Delays are there once the times are that they lie between.
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
  /// Records of all inputs together.
  public var numRecords: Int {
    var records = 0
    for input in streamIDToInputInfo.values { records += input.numRecords }
    return records
  }
}

/// What is known about a receiver.
public struct ReceiverInfo: Sendable, Hashable, Codable {
  /// The number of the receiver's input.
  public let streamID: Int
  /// The receiver's type, or what it calls itself.
  public let name: String
  public let isActive: Bool
  /// The last trouble, in words; empty if there was none.
  public let lastErrorMessage: String
  /// The error behind it.
  public let lastError: String?
  public let lastErrorTime: Time?
  /// Records per second that the receiver is allowed; `nil` if there is no limit.
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

/// Told what happens in a streaming context. Every method has an empty default.
///
/// Events come one at a time, in the order in which they happen, on a thread of their own: a slow listener delays no batch.
/// At most 10,000 wait; what comes then is dropped, and the log is told how many. `stop` waits until all have been
/// delivered. A listener may stop the context with `requestStop`.
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
