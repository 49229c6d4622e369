import MartletCore
import MartletRDD
import Synchronization

/// Brings records from outside into a stream, with Swift's concurrency.
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
/// Where the records are an `AsyncSequence`, use `StreamingContext.stream(of:)`, which needs no type of its own. The class
/// ``Receiver`` is Spark's form, for a thread that waits in system calls.
///
/// Guarantee: that of ``Receiver``. What `store(_:)` has stored comes into exactly one batch as long as the process lives;
/// records that the source sends again until they are acknowledged are stored with `store(contentsOf:)`.
public protocol StreamReceiver<Element>: Sendable {
  associatedtype Element: Sendable

  /// Receives until the task is cancelled, which happens when the context stops.
  ///
  /// If it throws, listeners and the log get the error, and it is called again after 100 ms, then after twice as long each
  /// time, up to 10 s. If it returns, the receiver has ended for good, and the stream continues without it.
  ///
  /// It has a thread of its own, one of the master's, on which it may also block; a call that blocks needs a
  /// `withTaskCancellationHandler` that ends it. When it is cancelled, it may store what it still has, and has to return:
  /// the context stops without a receiver that stores nothing for `MartletConf.Setting.receiverStopTimeout` (5 s).
  func receive(into stream: StreamInput<Element>) async throws

  /// The receiver's name in messages. A checkpoint knows the receiver by it, too: keep it the same.
  var name: String { get }
}

extension StreamReceiver {
  /// The name of the type.
  public var name: String { "\(Self.self)" }
}

/// The stream into which a ``StreamReceiver`` stores what it receives.
public struct StreamInput<Element: Sendable>: Sendable {
  fileprivate let receiver: Receiver<Element>
  /// The receiver's thread, which may block.
  fileprivate let executor: any TaskExecutor

  /// Stores one record.
  ///
  /// Waits while more is stored than the engine can take, and while more would come than the rate allows: a slow batch
  /// slows the sender down and does not fill the memory. Does nothing once the receiver has ended.
  @concurrent
  public func store(_ element: Element) async {
    await withTaskExecutorPreference(executor) { [receiver] in receiver.store(element) }
  }

  /// Stores records that belong together: all of them come into the same batch. If the receiver has a log, waits until
  /// they are on the disk.
  ///
  /// - Returns: whether they are stored for good, and may be acknowledged. False once the receiver has ended, or if it
  ///   ends while the disk cannot be written.
  @concurrent @discardableResult
  public func store(contentsOf elements: [Element]) async -> Bool {
    await withTaskExecutorPreference(executor) { [receiver] in receiver.store(contentsOf: elements) }
  }

  /// Reports trouble to listeners and the log, and continues.
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
  /// Whether `make` gives a sequence that begins again.
  let beginsAgain: Bool
  let make: @Sendable () async throws -> Elements

  var name: String { "\(Elements.self)" }

  func receive(into stream: StreamInput<Elements.Element>) async throws {
    do {
      for try await element in try await make() {
        // This runs on the receiver's thread, which may wait for room.
        stream.receiver.store(element)
        // Not every sequence ends when it is cancelled, and the task is cancelled a moment after the receiver is to stop.
        if Task.isCancelled || stream.receiver.isStopped { return }
      }
    } catch  where !beginsAgain && !Task.isCancelled {
      stream.receiver.stop("The sequence has ended with an error: \(error)", error)
    }
  }
}

extension StreamingContext {
  /// The elements of an asynchronous sequence, such as those that a client of a broker gives.
  ///
  /// ```swift
  /// let (orders, continuation) = AsyncStream.makeStream(of: Order.self, bufferingPolicy: .bufferingOldest(1000))
  /// ssc.stream(of: orders).count().pprint()
  /// ```
  /// The next element is taken when there is room for it, so a slow batch slows the sequence down. Elements that wait within
  /// the sequence are not bounded by that: an `AsyncStream` keeps all of them unless it is made with another policy.
  ///
  /// When the context stops, the task that takes the elements is cancelled; a graceful stop processes what has been taken.
  /// When the sequence ends, the stream continues without it. So it does after an error, which listeners and the log get: a
  /// sequence cannot begin again. `stream(_:)` makes another one.
  ///
  /// Guarantee: at most once, as for ``Receiver`` with `store(_:)`. What was taken and not processed is lost with the
  /// process; in a context with a checkpoint it is in the receiver's log within the block interval, and processed after a
  /// restart. The sequence takes one of the master's threads.
  public func stream<Elements: AsyncSequence & Sendable>(
    of elements: Elements, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Elements.Element> where Elements.Element: Sendable {
    let receiver = SequenceReceiver(beginsAgain: false) { elements }
    return ReceiverInput(AsyncReceiver(receiver), self, OperatorSite("stream", file, line))
  }

  /// The elements of the asynchronous sequences that the closure makes: one at the start, and another one after each error.
  ///
  /// ```swift
  /// let prices = ssc.stream { try await client.subscribe("prices") }
  /// ```
  /// An error of the closure or of its sequence is reported to listeners and the log. The closure is called again after
  /// 100 ms, then after twice as long each time, up to 10 s; a sequence that has given something and has lasted longer than
  /// the next wait would be sets this back to 100 ms. A sequence that ends without an error has ended for good. All else,
  /// and the guarantee, is as in `stream(of:)`.
  public func stream<Elements: AsyncSequence>(
    _ makeElements: @escaping @Sendable () async throws -> Elements, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Elements.Element> where Elements.Element: Sendable {
    let receiver = SequenceReceiver(beginsAgain: true, make: makeElements)
    return ReceiverInput(AsyncReceiver(receiver), self, OperatorSite("stream", file, line))
  }

  /// The records that a receiver of your own stores.
  public func receiverStream<Source: StreamReceiver>(
    _ receiver: Source, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Source.Element> {
    ReceiverInput(AsyncReceiver(receiver), self, OperatorSite("receiverStream", file, line))
  }
}
