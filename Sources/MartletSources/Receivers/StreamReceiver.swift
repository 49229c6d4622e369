import MartletCore
import MartletRDD
public import MartletStreaming
import Synchronization

/// Receives records from outside into a stream, with Swift's concurrency.
///
/// ```swift
/// struct Ticker: StreamReceiver {
///   let interval: Duration
///
///   func receive(into stream: StreamInput<Int>) async throws {
///     var n = 0
///     while !Task.isCancelled {
///       await stream.store(n)
///       n += 1
///       try await Task.sleep(for: interval)
///     }
///   }
/// }
/// let numbers = ssc.receiverStream(Ticker(interval: .milliseconds(10)))
/// ```
/// For an `AsyncSequence` of records, use `StreamingContext.stream(of:)`, which needs no receiver type. The class
/// ``Receiver`` is Spark's form, for a thread that waits in system calls.
///
/// Guarantee: that of ``Receiver``. Records stored by `store(_:)` are in exactly one batch while the process runs;
/// store records that the source sends again until they are acknowledged with `store(contentsOf:)`.
public protocol StreamReceiver<Element>: Sendable {
  associatedtype Element: Sendable

  /// Receives until the task is canceled, which happens when the context stops.
  ///
  /// If it throws, listeners and the log get the error, and it is called again after 100 ms, then after twice as long each
  /// time, up to 10 s. If it returns, the receiver has ended for good, and the stream continues without it.
  ///
  /// It has a thread of its own, one of the master's, on which it may also block; a call that blocks needs a
  /// `withTaskCancellationHandler` that ends it. When it is canceled, it may store what it still has, and has to return:
  /// the context stops without a receiver that stores nothing for `MartletConf.Setting.receiverStopTimeout` (5 s).
  func receive(into stream: StreamInput<Element>) async throws

  /// The name of the receiver in messages. A checkpoint also identifies the receiver by it: do not change it.
  var name: String { get }
}

extension StreamReceiver {
  /// The name of the type.
  public var name: String { "\(Self.self)" }
}

/// The stream into which a ``StreamReceiver`` stores records.
public struct StreamInput<Element: Sendable>: Sendable {
  fileprivate let receiver: Receiver<Element>
  /// The receiver's thread, which may block.
  fileprivate let executor: any TaskExecutor

  /// Stores one record.
  ///
  /// Waits while the receiver's memory is full, and while the rate limit is exceeded: a slow batch slows the sender
  /// down and does not fill the memory. Does nothing once the receiver has ended.
  @concurrent
  public func store(_ element: Element) async {
    await withTaskExecutorPreference(executor) { [receiver] in receiver.store(element) }
  }

  /// Stores records that belong together: all of them are in the same batch. If the receiver has a log, waits until
  /// they are on disk.
  ///
  /// - Returns: true if they are permanently stored, and may be acknowledged; `false` once the receiver has ended, or
  ///   if it ends while the disk cannot be written.
  @concurrent @discardableResult
  public func store(contentsOf elements: [Element]) async -> Bool {
    await withTaskExecutorPreference(executor) { [receiver] in receiver.store(contentsOf: elements) }
  }

  /// Reports an error to listeners and the log, and continues.
  public func reportError(_ message: String, _ error: (any Error)? = nil) { receiver.reportError(message, error) }
}

/// Runs a `StreamReceiver` on the thread of a receiver.
final class AsyncReceiver<Source: StreamReceiver>: Receiver<Source.Element>, @unchecked Sendable {
  private let source: Source
  private let running = Mutex<BlockingTask?>(nil)

  init(_ source: Source) {
    self.source = source
    super.init()
  }

  override var name: String { source.name }

  override func onStart() {
    let task = BlockingTask()
    running.withLock { $0 = task }
    // `onStop()` may have been called before there was a task.
    if isStopped { task.cancel() }
    do {
      try task.run { [self] in try await source.receive(into: StreamInput(receiver: self, executor: task.executor)) }
      stop("\(name) has ended.")
    } catch {
      restart("\(error)", error)
    }
  }

  override func onStop() { running.withLock { $0 }?.cancel() }
}

/// Stores the elements of a sequence.
private struct SequenceReceiver<Elements: AsyncSequence>: StreamReceiver where Elements.Element: Sendable {
  /// True if `make` returns a new sequence after an error.
  let beginsAgain: Bool
  let make: @Sendable () async throws -> Elements

  var name: String { "\(Elements.self)" }

  func receive(into stream: StreamInput<Elements.Element>) async throws {
    do {
      for try await element in try await make() {
        // This runs on the receiver's thread, which may wait for space.
        stream.receiver.store(element)
        // Not every sequence ends when it is canceled, and the task is canceled a moment after the receiver should
        // stop.
        if Task.isCancelled || stream.receiver.isStopped { return }
      }
    } catch  where !beginsAgain && !Task.isCancelled {
      stream.receiver.stop("The sequence has ended with an error: \(error)", error)
    }
  }
}

extension StreamingContext {
  /// The elements of an asynchronous sequence, such as that of a broker's client.
  ///
  /// ```swift
  /// let (orders, continuation) = AsyncStream.makeStream(of: Order.self, bufferingPolicy: .bufferingOldest(1000))
  /// ssc.stream(of: orders).count().pprint()
  /// ```
  /// The next element is taken when there is space for it, so a slow batch slows the sequence down. This does not bound
  /// elements that wait within the sequence: an `AsyncStream` buffers all elements unless it is made with another
  /// policy.
  ///
  /// When the context stops, the task that takes the elements is canceled; a graceful stop processes the elements
  /// taken. When the sequence ends, the stream continues without it. It also does after an error, which listeners and
  /// the log get, because a sequence cannot begin again; `stream(_:)` makes a new one.
  ///
  /// Guarantee: at most once, as for ``Receiver`` with `store(_:)`. Elements that were taken but not processed are lost
  /// with the process; in a context with a checkpoint they are in the receiver's log within the block interval, and are
  /// processed after a restart. The sequence occupies one of the master's threads.
  public func stream<Elements: AsyncSequence & Sendable>(
    of elements: Elements, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Elements.Element> where Elements.Element: Sendable {
    let receiver = SequenceReceiver(beginsAgain: false) { elements }
    return ReceiverInput(AsyncReceiver(receiver), self, OperatorSite("stream", file, line))
  }

  /// The elements of the asynchronous sequences that the closure creates: one at the start, and a new one after each
  /// error.
  ///
  /// ```swift
  /// let prices = ssc.stream { try await client.subscribe("prices") }
  /// ```
  /// Errors of the closure or of its sequence are reported to listeners and the log. The closure is called again after
  /// 100 ms, then after twice as long each time, up to 10 s; the delay is reset by a sequence that has returned an
  /// element and has lasted longer than the next delay. A sequence that ends without an error has ended permanently.
  /// Everything else, including the guarantee, is as for `stream(of:)`.
  public func stream<Elements: AsyncSequence>(
    _ makeElements: @escaping @Sendable () async throws -> Elements, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Elements.Element> where Elements.Element: Sendable {
    let receiver = SequenceReceiver(beginsAgain: true, make: makeElements)
    return ReceiverInput(AsyncReceiver(receiver), self, OperatorSite("stream", file, line))
  }

  /// The records of your own receiver.
  public func receiverStream<Source: StreamReceiver>(
    _ receiver: Source, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Source.Element> {
    ReceiverInput(AsyncReceiver(receiver), self, OperatorSite("receiverStream", file, line))
  }
}
