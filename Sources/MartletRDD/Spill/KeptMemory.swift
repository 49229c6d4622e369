import Synchronization

/// The memory that the outputs of shuffles take between their stages, all of a context's together.
package final class KeptMemory: Sendable {
  private let limit: Int
  private let used = Mutex(0)

  init(limit: Int) { self.limit = limit }

  /// Takes `bytes` until the lease is let go; `nil` if there are not as many left.
  func lease(_ bytes: Int) -> Lease? {
    used.withLock { used in
      guard used + bytes <= limit else { return nil }
      used += bytes
      return Lease(self, bytes)
    }
  }

  /// Bytes that are given back with this object.
  final class Lease: Sendable {
    private let memory: KeptMemory
    private let bytes: Int

    fileprivate init(_ memory: KeptMemory, _ bytes: Int) {
      self.memory = memory
      self.bytes = bytes
    }

    deinit { memory.used.withLock { $0 -= bytes } }
  }
}
