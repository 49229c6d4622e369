import MartletCore
public import MartletRDD
import Synchronization

/// Receives records from outside into a stream: Spark's form, for code that waits in system calls and has its own
/// threads. ``StreamReceiver`` is the form for Swift's concurrency, and needs no `@unchecked Sendable`.
///
/// For your own receiver, write a subclass:
/// ```swift
/// final class Ticker: Receiver<Int>, @unchecked Sendable {
///   override func onStart() throws {
///     var n = 0
///     while !isStopped { store(n); n += 1 }
///   }
/// }
/// let numbers = ssc.receiverStream(Ticker())
/// ```
/// A receiver has a thread of its own, on which `onStart()` is called. The method may stay there until `isStopped`, or
/// start its own threads or tasks and return. `store` waits while the receiver's memory is full, and while the rate
/// limit is exceeded (`ReceiverSetting`): a slow batch slows the sender down and does not fill the memory. While the
/// context stops, a receiver may store its remaining records; beyond its share of the memory, `store` waits too.
///
/// Guarantee: stored records are in exactly one batch while the process runs. In a context with a checkpoint, they are
/// written to the receiver's log on disk, within the block interval and before they are assigned to a batch, and stay
/// in exactly one batch across restarts; single records that were stored after the last write are lost with the
/// process. Without a checkpoint, or with the log turned off (`ReceiverSetting.writeAheadLogKey`), all records that
/// were stored but not processed are lost with the process.
///
/// A *reliable* receiver acknowledges records to its source, which sends unacknowledged ones again: it stores records
/// together with `store(contentsOf:)`, which returns when they are on disk, and acknowledges them if the result is
/// `true`. A record can then be received twice, if the process ends between the two steps, but is never lost.
///
/// Logged elements need a binary form: `Text`, `String`, numbers, tuples and arrays of these, or `Codable` types.
open class Receiver<Element: Sendable>: @unchecked Sendable {
  // Sendable: a constant and a mutex, here and in all of Martlet's subclasses.
  /// The requested storage level. Records are always stored in memory, within a bound: another level than `.memoryOnly`
  /// is accepted, so that programs written for Spark need no change, and is logged.
  public let storageLevel: StorageLevel
  private let attachment = Mutex<ReceiverSupervisor<Element>?>(nil)

  public init(storageLevel: StorageLevel = .memoryOnly) { self.storageLevel = storageLevel }

  // MARK: Implemented by a receiver

  /// Begins to receive. An error is reported, and the receiver is restarted after a delay.
  open func onStart() throws {}

  /// Ends the work of `onStart()`. Called on a separate thread while `onStart()` still runs, and otherwise on the
  /// receiver's thread.
  ///
  /// A thread that waits in a system call, such as `read`, does not notice that `isStopped` has become `true`. End that
  /// wait here: shut the connection down (`shutdown(2)`), write to a pipe that is polled as well, or cancel the
  /// request. The context stops without a receiver that does not end and stores nothing for
  /// `ReceiverSetting.stopTimeoutKey` (5 s).
  ///
  /// It may wait for threads that `onStart()` has started: records stored before both methods have returned are
  /// processed.
  open func onStop() {}

  /// The name of the receiver in messages. A checkpoint also identifies the receiver by it: do not change it.
  open var name: String { "\(type(of: self))" }

  /// The name of the receiver in checkpoints.
  package var nameInCheckpoints: String { name }

  // MARK: Called by a receiver

  /// Stores one record. Waits while the receiver's memory is full; does nothing once the receiver has ended, or the
  /// context has stopped without it.
  public final func store(_ element: Element) { supervisor?.store(element) }

  /// Stores records that belong together: all of them are in the same batch. If the receiver has a log, waits until
  /// they are on disk.
  ///
  /// - Returns: true if they are permanently stored, and may be acknowledged; `false` once the receiver has ended, or
  ///   if it ends while the disk cannot be written.
  @discardableResult
  public final func store(contentsOf elements: some Sequence<Element>) -> Bool {
    supervisor?.store(contentsOf: Array(elements)) ?? false
  }

  /// Reports an error to listeners and the log, and continues.
  public final func reportError(_ message: String, _ error: (any Error)? = nil) {
    supervisor?.reportError(message, error)
  }

  /// Stops the receiver and restarts it.
  ///
  /// - Parameter delay: the time in between. By default 100 ms, doubled each time, up to 10 s; reset by a run that has
  ///   stored a record and has lasted longer than the next delay.
  public final func restart(_ message: String, _ error: (any Error)? = nil, delay: Duration? = nil) {
    supervisor?.restart(message, error, delay: delay)
  }

  /// Stops the receiver permanently. The stream continues without it.
  public final func stop(_ message: String, _ error: (any Error)? = nil) { supervisor?.stop(message, error) }

  /// A Boolean value that indicates whether the receiver is running.
  public final var isStarted: Bool { supervisor?.isRunning ?? false }

  /// A Boolean value that indicates whether the receiver should end.
  public final var isStopped: Bool { !isStarted }

  /// The number of the receiver's input, from 0 in the order of the program; -1 before it belongs to one.
  public final var streamID: Int { supervisor?.streamID ?? -1 }

  package final var supervisor: ReceiverSupervisor<Element>? { attachment.withLock { $0 } }

  final func attach(_ supervisor: ReceiverSupervisor<Element>?) { attachment.withLock { $0 = supervisor } }
}
