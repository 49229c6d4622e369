import Synchronization

/// The memory of shuffle outputs between their stages, for a whole context.
package final class KeptMemory: Sendable {
  private let limit: Int
  private let used = Mutex(0)

  init(limit: Int) { self.limit = limit }

  /// Reserves `bytes` for the lifetime of the lease; returns `nil` if there is not enough left.
  func lease(_ bytes: Int) -> Lease? {
    used.withLock { used in
      guard used + bytes <= limit else { return nil }
      used += bytes
      return Lease(self, bytes)
    }
  }

  /// Reserved bytes, which are released with this object.
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
