import MartletCore
import Synchronization

/// A value that the driver shares with tasks.
///
/// ```swift
/// let names = sc.broadcast(loadNames())
/// let named = orders.map { order in (try names.value[order.customer], order) }
/// ```
/// In one process all threads read the same value, so a captured constant does as well; programs that are written with
/// broadcasts work unchanged.
public final class Broadcast<Value: Sendable>: Sendable {
  /// A number that no other broadcast of the context has.
  public let id: Int
  private let stored: Value
  private let isDestroyed = Atomic<Bool>(false)

  init(_ value: Value, id: Int) {
    stored = value
    self.id = id
  }

  /// The value.
  ///
  /// - Throws: `MartletError` of the code `invalidState` after `destroy()`.
  public var value: Value {
    get throws {
      guard !isDestroyed.load(ordering: .relaxed) else {
        throw MartletError(.invalidState, "The broadcast \(id) was used after it was destroyed.")
      }
      return stored
    }
  }

  /// Drops copies of the value that can be made again. In one process there are none.
  public func unpersist() {}

  /// Refuses any further use of the value. Its memory is freed when nothing refers to the broadcast any more.
  public func destroy() { isDestroyed.store(true, ordering: .relaxed) }
}

extension MartletContext {
  /// Shares a value with tasks.
  public func broadcast<Value: Sendable>(_ value: Value) -> Broadcast<Value> {
    Broadcast(value, id: nextBroadcastID())
  }
}
