/// A value that the driver shares with tasks.
///
/// ```swift
/// let names = sc.broadcast(loadNames())
/// let named = orders.map { order in (names.value[order.customer], order) }
/// ```
/// In one process all threads read the same value, so a captured constant does as well; programs that are written with
/// broadcasts work unchanged.
public final class Broadcast<Value: Sendable>: Sendable {
  /// A number that no other broadcast of the context has.
  public let id: Int

  init(_ value: Value, id: Int) {
    self.value = value
    self.id = id
  }

  /// The value.
  public let value: Value

  /// Drops copies of the value that can be made again. In one process there are none.
  public func unpersist() {}

  /// Says that the value is not needed any more. In one process there is one value and no copy to be destroyed: it can
  /// still be read, and its memory is freed when nothing refers to the broadcast any more.
  public func destroy() {}
}

extension MartletContext {
  /// Shares a value with tasks.
  public func broadcast<Value: Sendable>(_ value: Value) -> Broadcast<Value> {
    Broadcast(value, id: nextBroadcastID())
  }
}
