import Synchronization

/// Whoever keeps partitions that may have to make room.
protocol EvictableStorage: AnyObject, Sendable {
  /// Takes the partition out of memory, to disk or altogether. Its bytes have been given back already.
  func evict(_ partition: Int)
}

/// The memory that cached partitions of a context share.
package final class StorageMemory: Sendable {
  package let limit: Int
  private let state = Mutex(State())

  private struct State {
    var used = 0
    var clock = 0
    var kept: [Place: Kept] = [:]
  }

  private struct Place: Hashable {
    var storage: ObjectIdentifier
    var partition: Int
  }

  private struct Kept {
    weak var storage: (any EvictableStorage)?
    var bytes: Int
    var lastUse: Int
  }

  package init(limit: Int) { self.limit = limit }

  /// Bytes that are taken.
  package var used: Int { state.withLock { $0.used } }

  /// Takes `bytes` if there is room, or can be made by evicting partitions of other RDDs, those used longest ago first.
  ///
  /// Partitions of the same RDD are spared: they would evict each other all through every pass.
  func take(_ bytes: Int, for storage: any EvictableStorage) -> Bool {
    let victims: [(Place, Kept)]? = state.withLock { state in
      var victims: [(Place, Kept)] = []
      var free = limit - state.used
      if free < bytes {
        let others = state.kept.filter { $0.key.storage != ObjectIdentifier(storage) }
        for (place, kept) in others.sorted(by: { $0.value.lastUse < $1.value.lastUse }) where free < bytes {
          victims.append((place, kept))
          free += kept.bytes
        }
      }
      guard free >= bytes else { return nil }
      for (place, kept) in victims {
        state.kept[place] = nil
        state.used -= kept.bytes
      }
      state.used += bytes
      return victims
    }
    guard let victims else { return false }
    for (place, kept) in victims { kept.storage?.evict(place.partition) }
    return true
  }

  /// Gives back bytes that were taken and not kept.
  func give(_ bytes: Int) { state.withLock { $0.used -= bytes } }

  /// The bytes taken are those of this partition from now on.
  func keep(_ bytes: Int, _ storage: any EvictableStorage, _ partition: Int) {
    state.withLock { state in
      state.clock += 1
      state.kept[Place(storage: ObjectIdentifier(storage), partition: partition)] =
        Kept(storage: storage, bytes: bytes, lastUse: state.clock)
    }
  }

  /// The partition is being read.
  func touch(_ storage: any EvictableStorage, _ partition: Int) {
    state.withLock { state in
      state.clock += 1
      state.kept[Place(storage: ObjectIdentifier(storage), partition: partition)]?.lastUse = state.clock
    }
  }

  /// Gives back what the partitions of `storage` take.
  func release(_ storage: ObjectIdentifier, _ partitions: some Sequence<Int>) {
    state.withLock { state in
      for partition in partitions {
        if let kept = state.kept.removeValue(forKey: Place(storage: storage, partition: partition)) {
          state.used -= kept.bytes
        }
      }
    }
  }
}
