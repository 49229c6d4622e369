import MartletCore
import Synchronization

/// The memory that cached partitions of a context share.
package final class StorageMemory: Sendable {
  private let limit: Int
  private let used = Mutex(0)

  package init(limit: Int) { self.limit = limit }

  /// Takes `bytes`, if there are as many left.
  func take(_ bytes: Int) -> Bool {
    used.withLock { used in
      guard used + bytes <= limit else { return false }
      used += bytes
      return true
    }
  }

  func give(_ bytes: Int) { used.withLock { $0 -= bytes } }
}

/// The kept partitions of one RDD.
final class PartitionStorage<Element: Sendable>: Sendable {
  let level: StorageLevel
  private let memory: StorageMemory
  private let partitions = Mutex<[Int: ElementBuffer<Element>]>([:])

  init(level: StorageLevel, context: MartletContext) {
    self.level = level
    memory = context.storageMemory
  }

  deinit { removeAll() }

  func isComplete(partitionCount: Int) -> Bool {
    partitions.withLock { $0.count == partitionCount && partitionCount > 0 }
  }

  /// A pass over the partition, which is computed and kept if it is not there yet.
  func reader(_ partition: Int, compute: () throws -> ChunkReader<Element>) throws -> ChunkReader<Element> {
    if let kept = partitions.withLock({ $0[partition] }) { return BufferReader([kept]) }
    let computed = try compute().readAll()
    let bytes = Self.size(computed)
    if memory.take(bytes) {
      let isNew = partitions.withLock { partitions in
        guard partitions[partition] == nil else { return false }
        partitions[partition] = computed
        return true
      }
      if !isNew { memory.give(bytes) }
    }
    return BufferReader([computed])
  }

  func removeAll() {
    let removed = partitions.withLock { partitions in
      defer { partitions = [:] }
      return partitions
    }
    memory.give(removed.values.reduce(0) { $0 + Self.size($1) })
  }

  /// What the elements take themselves; what they point to is not counted.
  private static func size(_ buffer: ElementBuffer<Element>) -> Int { buffer.count * MemoryLayout<Element>.stride }
}
