public import MartletCore
public import MartletRDD

/// A streaming context has started.
public struct StreamingStarted: MartletEvent {
  public let time: Time
  let batchIntervalNanoseconds: Int64

  /// The time between two batches.
  public var batchInterval: Duration { .nanoseconds(batchIntervalNanoseconds) }
}

/// A receiver has been started, for the first time or again.
public struct ReceiverStarted: MartletEvent {
  public let time: Time
  public let info: ReceiverInfo

  package init(time: Time, info: ReceiverInfo) {
    self.time = time
    self.info = info
  }
}

/// A receiver has reported trouble.
public struct ReceiverError: MartletEvent {
  public let time: Time
  public let info: ReceiverInfo

  package init(time: Time, info: ReceiverInfo) {
    self.time = time
    self.info = info
  }
}

/// A receiver has ended, and is not started again.
public struct ReceiverStopped: MartletEvent {
  public let time: Time
  public let info: ReceiverInfo

  package init(time: Time, info: ReceiverInfo) {
    self.time = time
    self.info = info
  }
}

/// A batch has its records, and waits to be run.
public struct BatchSubmitted: MartletEvent {
  public let info: BatchInfo
  public var time: Time { info.submissionTime }
}

/// A batch has begun to run.
public struct BatchStarted: MartletEvent {
  public let info: BatchInfo
  public var time: Time { info.processingStartTime ?? info.submissionTime }
}

/// A batch has been run. If it has failed, an output operation of `info` says why, or ``failureReason`` does.
public struct BatchCompleted: MartletEvent {
  public let info: BatchInfo
  /// Why the batch failed, if it did.
  public let failureReason: String?
  public var time: Time { info.processingEndTime ?? info.submissionTime }
}

/// An output operation of a batch has begun.
public struct OutputOperationStarted: MartletEvent {
  public let info: OutputOperationInfo
  public var time: Time { info.startTime ?? info.batchTime }
}

/// An output operation of a batch has ended.
public struct OutputOperationCompleted: MartletEvent {
  public let info: OutputOperationInfo
  public var time: Time { info.endTime ?? info.batchTime }
}

/// The state of an operator after a batch.
public struct StateUpdated: MartletEvent {
  public let time: Time
  public let batchTime: Time
  /// The operator, its line, and the name that the program gave it.
  public let name: String
  public let callSite: CallSite
  /// How many keys have a state.
  public let keys: Int
  /// Bytes that keys and states take themselves, without what they point to.
  public let bytes: Int
}

/// A batch is done, and its changes are in the log of the checkpoint.
public struct CheckpointWritten: MartletEvent {
  public let time: Time
  public let batchTime: Time
  /// Bytes that have been appended since the batch before.
  public let bytes: Int
  /// The bytes of the segment that is written.
  public let segmentBytes: Int

  package init(time: Time, batchTime: Time, bytes: Int, segmentBytes: Int) {
    self.time = time
    self.batchTime = batchTime
    self.bytes = bytes
    self.segmentBytes = segmentBytes
  }
}

/// The log of the checkpoint has been cut: a new segment has begun that holds, with the one before it, all state.
public struct CheckpointCut: MartletEvent {
  public let time: Time
  /// The file name of the new segment.
  public let segment: String
  /// The file names of segments that nobody needs any more, and that are removed.
  public let obsolete: [String]

  package init(time: Time, segment: String, obsolete: [String]) {
    self.time = time
    self.segment = segment
    self.obsolete = obsolete
  }
}

extension EventKinds {
  /// All events of Martlet: those of streams, and ``jobs``.
  public static let streaming: EventKinds =
    .jobs
    + EventKinds(
      StreamingStarted.self, ReceiverStarted.self, ReceiverError.self, ReceiverStopped.self, BatchSubmitted.self,
      BatchStarted.self, BatchCompleted.self, OutputOperationStarted.self, OutputOperationCompleted.self,
      StateUpdated.self, CheckpointWritten.self, CheckpointCut.self)
}

extension StreamingListener {
  /// Calls the method that belongs to an event, if there is one: for events that are replayed from an ``EventLog``.
  public func receive(_ event: any MartletEvent) {
    switch event {
    case let event as BatchSubmitted: onBatchSubmitted(event.info)
    case let event as BatchStarted: onBatchStarted(event.info)
    case let event as BatchCompleted: onBatchCompleted(event.info)
    case let event as OutputOperationStarted: onOutputOperationStarted(event.info)
    case let event as OutputOperationCompleted: onOutputOperationCompleted(event.info)
    case let event as ReceiverStarted: onReceiverStarted(event.info)
    case let event as ReceiverError: onReceiverError(event.info)
    case let event as ReceiverStopped: onReceiverStopped(event.info)
    case let event as StreamingStarted: onStreamingStarted(time: event.time)
    default: break
    }
  }
}
