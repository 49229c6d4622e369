public import MartletCore
public import MartletStreaming

/// An event of a listener.
public enum StreamingEvent: Sendable {
  case streamingStarted(Time)
  case receiverStarted(ReceiverInfo)
  case receiverError(ReceiverInfo)
  case receiverStopped(ReceiverInfo)
  case batchSubmitted(BatchInfo)
  case batchStarted(BatchInfo)
  case batchCompleted(BatchInfo)
  case outputOperationStarted(OutputOperationInfo)
  case outputOperationCompleted(OutputOperationInfo)

  /// The name of the event.
  public var name: String {
    switch self {
    case .streamingStarted: "streamingStarted"
    case .receiverStarted: "receiverStarted"
    case .receiverError: "receiverError"
    case .receiverStopped: "receiverStopped"
    case .batchSubmitted: "batchSubmitted"
    case .batchStarted: "batchStarted"
    case .batchCompleted: "batchCompleted"
    case .outputOperationStarted: "outputOperationStarted"
    case .outputOperationCompleted: "outputOperationCompleted"
    }
  }
}

/// A listener that records all events, and on which a test can wait for one.
public final class StreamingEventRecorder: StreamingListener, @unchecked Sendable {
  // Sendable: `condition` guards `recorded`.
  private let condition = Condition()
  private var recorded: [StreamingEvent] = []

  public init() {}

  /// All events so far, in order.
  public var events: [StreamingEvent] { condition.withLock { recorded } }

  /// The completed batches so far.
  public var completedBatches: [BatchInfo] {
    events.compactMap { if case .batchCompleted(let info) = $0 { info } else { nil } }
  }

  /// The errors that receivers have reported so far.
  public var receiverErrors: [ReceiverInfo] {
    events.compactMap { if case .receiverError(let info) = $0 { info } else { nil } }
  }

  /// Blocks until the events satisfy the condition; returns `false` if they do not within `timeout`.
  public func wait(timeout: Duration = .seconds(60), until isSatisfied: ([StreamingEvent]) -> Bool) -> Bool {
    let deadline = MonotonicTime.now + timeout
    return condition.withLock {
      while !isSatisfied(recorded) {
        if MonotonicTime.now >= deadline { return false }
        _ = condition.wait(until: deadline)
      }
      return true
    }
  }

  private func add(_ event: StreamingEvent) {
    condition.withLock {
      recorded.append(event)
      condition.broadcast()
    }
  }

  public func onStreamingStarted(time: Time) { add(.streamingStarted(time)) }
  public func onReceiverStarted(_ info: ReceiverInfo) { add(.receiverStarted(info)) }
  public func onReceiverError(_ info: ReceiverInfo) { add(.receiverError(info)) }
  public func onReceiverStopped(_ info: ReceiverInfo) { add(.receiverStopped(info)) }
  public func onBatchSubmitted(_ info: BatchInfo) { add(.batchSubmitted(info)) }
  public func onBatchStarted(_ info: BatchInfo) { add(.batchStarted(info)) }
  public func onBatchCompleted(_ info: BatchInfo) { add(.batchCompleted(info)) }
  public func onOutputOperationStarted(_ info: OutputOperationInfo) { add(.outputOperationStarted(info)) }
  public func onOutputOperationCompleted(_ info: OutputOperationInfo) { add(.outputOperationCompleted(info)) }
}
