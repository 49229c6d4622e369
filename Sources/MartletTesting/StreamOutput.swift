public import MartletCore
import Synchronization

/// The output of a stream, batch by batch.
///
/// A batch for which the stream has no RDD, such as one between two slides of a window, is not included.
public final class StreamOutput<Element: Sendable>: Sendable {
  private let produced = Mutex<[(time: Time, elements: [Element])]>([])

  /// The elements of each batch so far, in the order of the partitions.
  public var batches: [[Element]] { produced.withLock { $0.map(\.elements) } }

  /// The times of these batches.
  public var times: [Time] { produced.withLock { $0.map(\.time) } }

  /// The elements of the batch at `time`; `nil` if there are none yet.
  public func batch(at time: Time) -> [Element]? {
    produced.withLock { $0.first { $0.time == time }?.elements }
  }

  func add(_ elements: [Element], _ time: Time) { produced.withLock { $0.append((time, elements)) } }
}
