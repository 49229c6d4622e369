import Synchronization

/// A value that the first action makes and later ones find.
final class Once<Value: Sendable>: Sendable {
  private let storage = Mutex<Value?>(nil)

  /// The value, once it has been made.
  var value: Value? { storage.withLock { $0 } }

  /// Makes the value, unless it is there. Called while the RDD is made ready, which one thread at a time is in.
  func make(_ make: () throws -> Value) throws {
    guard value == nil else { return }
    let made = try make()
    storage.withLock { $0 = made }
  }
}
