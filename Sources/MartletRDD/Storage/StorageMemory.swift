import Synchronization

/// A storage of partitions that may be evicted.
package protocol EvictableStorage: AnyObject, Sendable {
  /// Removes the partition from memory, to disk or altogether. Its bytes have already been released.
  ///
  /// If the partition must stay in memory, the storage takes the bytes back with `keepAnyway`.
  func evict(_ partition: Int)
}

/// The memory shared by the cached partitions of a context and data of earlier batches that streams retain.
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
    /// True if it can be evicted.
    var isEvictable = true
  }

  /// A separate object, because weak references are slow to copy.
  fileprivate final class WeakStorage: Sendable {
    // Set once.
    nonisolated(unsafe) weak var storage: (any EvictableStorage)?
    init(_ storage: any EvictableStorage) { self.storage = storage }
  }

  package init(limit: Int) { self.limit = limit }

  /// The number of bytes in use.
  package var used: Int { state.withLock { $0.used } }

  /// Takes `bytes` if there is room, or if there is after evicting the least recently used partitions of other RDDs.
  ///
  /// Partitions of the same RDD are not evicted: they would evict each other throughout every pass.
  package func take(_ bytes: Int, for storage: any EvictableStorage) -> Bool {
    let victims: [(Place, Kept)]? = state.withLock { state in
      let victims = state.makeRoom(bytes, limit, for: ObjectIdentifier(storage))
      if victims != nil { state.used += bytes }
      return victims
    }
    guard let victims else { return false }
    if victims.isEmpty { return true }
    for (place, kept) in victims { kept.storage.storage?.evict(place.partition) }
    // Some partitions may have had to stay.
    return state.withLock { state in
      if state.used > limit {
        state.used -= bytes
        return false
      }
      return true
    }
  }

  /// Releases bytes that were taken but not used.
  package func give(_ bytes: Int) { state.withLock { $0.used -= bytes } }

  /// Assigns the bytes taken to this partition.
  package func keep(_ bytes: Int, _ storage: any EvictableStorage, _ partition: Int) {
    state.withLock { $0.keep(bytes, storage, partition) }
  }

  /// Counts the bytes of a partition that has to stay in memory, even if there is no room.
  ///
  /// - Parameter isEvictable: true if it may be asked again to make room.
  package func keepAnyway(_ bytes: Int, _ storage: any EvictableStorage, _ partition: Int, isEvictable: Bool) {
    state.withLock { state in
      state.used += bytes
      state.keep(bytes, storage, partition, isEvictable: isEvictable)
    }
  }

  /// Records that the partition is being read.
  package func touch(_ storage: any EvictableStorage, _ partition: Int) {
    state.withLock { state in
      state.clock += 1
      state.kept[Place(storage: ObjectIdentifier(storage), partition: partition)]?.lastUse = state.clock
    }
  }

  /// Releases the bytes of the partitions of `storage`.
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
  /// Removes the least recently used partitions of others to make room for `bytes`; returns `nil`, and removes none, if
  /// all of them would not be enough.
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
