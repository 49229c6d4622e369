/// A value that the driver shares with tasks.
///
/// ```swift
/// let names = sc.broadcast(loadNames())
/// let named = orders.map { order in (names.value[order.customer], order) }
/// ```
/// Within one process all threads read the same value, so a captured constant is equivalent; programs that use
/// broadcasts work unchanged.
public final class Broadcast<Value: Sendable>: Sendable {
  /// The id of the broadcast, unique in its context.
  public let id: Int

  init(_ value: Value, id: Int) {
    self.value = value
    self.id = id
  }

  /// The value.
  public let value: Value

  /// Drops copies of the value that can be created again. Within one process there are none.
  public func unpersist() {}

  /// States that the value is no longer needed. Within one process there are no copies to destroy: the value can still
  /// be read, and its memory is freed with the last reference to the broadcast.
  public func destroy() {}
}

extension MartletContext {
  /// Shares a value with tasks.
  public func broadcast<Value: Sendable>(_ value: Value) -> Broadcast<Value> {
    Broadcast(value, id: nextBroadcastID())
  }
}
