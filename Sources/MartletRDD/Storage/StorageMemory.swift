import Synchronization

/// Whoever keeps partitions that may have to make room.
package protocol EvictableStorage: AnyObject, Sendable {
  /// Takes the partition out of memory, to disk or altogether. Its bytes have been given back already.
  ///
  /// A storage whose partition has to stay in memory takes the bytes back with `keepAnyway`.
  func evict(_ partition: Int)
}

/// The memory that cached partitions of a context share, and what streams keep of earlier batches.
package final class StorageMemory: Sendable {
  package let limit: Int
  private let state = Mutex(State())

  fileprivate struct State {
    var used = 0
    var clock = 0
    var kept: [Place: Kept] = [:]
  }

  fileprivate struct Place: Hashable {
    var storage: ObjectIdentifier
    var partition: Int
  }

  fileprivate struct Kept {
    var storage: WeakStorage
    var bytes: Int
    var lastUse: Int
    /// Whether it can make room for others.
    var isEvictable = true
  }

  /// An object of its own, since weak references are slow to copy.
  fileprivate final class WeakStorage: Sendable {
    // Set once.
    nonisolated(unsafe) weak var storage: (any EvictableStorage)?
    init(_ storage: any EvictableStorage) { self.storage = storage }
  }

  package init(limit: Int) { self.limit = limit }

  /// Bytes that are taken.
  package var used: Int { state.withLock { $0.used } }

  /// Takes `bytes` if there is room, or can be made by evicting partitions of other RDDs, those used longest ago first.
  ///
  /// Partitions of the same RDD are spared: they would evict each other all through every pass.
  package func take(_ bytes: Int, for storage: any EvictableStorage) -> Bool {
    let victims: [(Place, Kept)]? = state.withLock { state in
      let victims = state.makeRoom(bytes, limit, for: ObjectIdentifier(storage))
      if victims != nil { state.used += bytes }
      return victims
    }
    guard let victims else { return false }
    if victims.isEmpty { return true }
    for (place, kept) in victims { kept.storage.storage?.evict(place.partition) }
    // Some may have had to stay.
    return state.withLock { state in
      if state.used > limit {
        state.used -= bytes
        return false
      }
      return true
    }
  }

  /// Gives back bytes that were taken and not kept.
  package func give(_ bytes: Int) { state.withLock { $0.used -= bytes } }

  /// The bytes taken are those of this partition from now on.
  package func keep(_ bytes: Int, _ storage: any EvictableStorage, _ partition: Int) {
    state.withLock { $0.keep(bytes, storage, partition) }
  }

  /// Counts bytes, for which there may be no room, of a partition that has to stay in memory.
  ///
  /// - Parameter isEvictable: whether it may be asked again to make room.
  package func keepAnyway(_ bytes: Int, _ storage: any EvictableStorage, _ partition: Int, isEvictable: Bool) {
    state.withLock { state in
      state.used += bytes
      state.keep(bytes, storage, partition, isEvictable: isEvictable)
    }
  }

  /// The partition is being read.
  package func touch(_ storage: any EvictableStorage, _ partition: Int) {
    state.withLock { state in
      state.clock += 1
      state.kept[Place(storage: ObjectIdentifier(storage), partition: partition)]?.lastUse = state.clock
    }
  }

  /// Gives back what the partitions of `storage` take.
  package func release(_ storage: ObjectIdentifier, _ partitions: some Sequence<Int>) {
    state.withLock { state in
      for partition in partitions {
        if let kept = state.kept.removeValue(forKey: Place(storage: storage, partition: partition)) {
          state.used -= kept.bytes
        }
      }
    }
  }
}

extension StorageMemory.State {
  /// Takes away the partitions of others that make room for `bytes`, those used longest ago first; `nil`, and none, if
  /// all of them would not do.
  fileprivate mutating func makeRoom(
    _ bytes: Int, _ limit: Int, for storage: ObjectIdentifier
  ) -> [(StorageMemory.Place, StorageMemory.Kept)]? {
    var victims: [(StorageMemory.Place, StorageMemory.Kept)] = []
    while used + bytes > limit {
      let oldest = kept.lazy.filter { $0.value.isEvictable && $0.key.storage != storage }
        .min { $0.value.lastUse < $1.value.lastUse }
      guard let (place, oldest) = oldest else {
        for (place, victim) in victims {
          kept[place] = victim
          used += victim.bytes
        }
        return nil
      }
      victims.append((place, oldest))
      kept[place] = nil
      used -= oldest.bytes
    }
    return victims
  }

  fileprivate mutating func keep(
    _ bytes: Int, _ storage: any EvictableStorage, _ partition: Int, isEvictable: Bool = true
  ) {
    clock += 1
    kept[StorageMemory.Place(storage: ObjectIdentifier(storage), partition: partition)] =
      StorageMemory.Kept(storage: .init(storage), bytes: bytes, lastUse: clock, isEvictable: isEvictable)
  }
}
