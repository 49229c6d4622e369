import Synchronization

/// A value that the first action creates for itself and later ones.
final class Once<Value: Sendable>: Sendable {
  private let storage = Mutex<Value?>(nil)

  /// The value, once it has been created.
  var value: Value? { storage.withLock { $0 } }

  /// Creates the value, unless it exists. Called while the RDD is made ready, by one thread at a time.
  func make(_ make: () throws -> Value) throws {
    guard value == nil else { return }
    let made = try make()
    storage.withLock { $0 = made }
  }
}
