import MartletCore
import Synchronization

/// The stored partitions of one RDD.
final class PartitionStorage<Element: Sendable>: EvictableStorage {
  let level: StorageLevel
  private let memory: StorageMemory
  private let context: MartletContext
  private let state: Mutex<State>

  private struct State {
    var partitions: [Int: Kept] = [:]
    /// The space for partitions on disk; replaced by `removeAll`, so that the old file disappears with its last reader.
    var space: SpillSpace<Element>
  }

  private enum Kept {
    case memory(ElementBuffer<Element>)
    case disk(SpillRun, SpillSpace<Element>)
  }

  init(level: StorageLevel, context: MartletContext) {
    self.level = level
    self.context = context
    memory = context.storageMemory
    state = Mutex(State(space: SpillSpace(context)))
  }

  deinit { removeAll() }

  func isComplete(partitionCount: Int) -> Bool {
    state.withLock { $0.partitions.count == partitionCount && partitionCount > 0 }
  }

  /// A pass over the partition, which is computed and stored if it is not stored yet.
  func reader(_ partition: Int, compute: () throws -> ChunkReader<Element>) throws -> ChunkReader<Element> {
    let (kept, space) = state.withLock { ($0.partitions[partition], $0.space) }
    switch kept {
    case .memory(let buffer):
      memory.touch(self, partition)
      return BufferReader([buffer])
    case .disk(let run, let space): return try space.reader(run)
    case nil: break
    }
    if level == .diskOnly && space.codec != nil {
      if let run = try write(try compute(), to: space) {
        keep(.disk(run, space), partition)
        return try space.reader(run)
      }
      return try compute()
    }
    let computed = compactedTexts(try compute().readAll(), space)
    let bytes = memorySize(computed, space)
    if memory.take(bytes, for: self) {
      if !keep(.memory(computed), partition, bytes: bytes) { memory.give(bytes) }
    } else if level == .memoryAndDisk, let run = write(computed, to: space) {
      keep(.disk(run, space), partition)
    }
    return BufferReader([computed])
  }

  /// Returns `false` if the partition is already stored.
  @discardableResult
  private func keep(_ kept: Kept, _ partition: Int, bytes: Int = 0) -> Bool {
    state.withLock { state in
      guard state.partitions[partition] == nil else { return false }
      state.partitions[partition] = kept
      if case .memory = kept { memory.keep(bytes, self, partition) }
      return true
    }
  }

  package func evict(_ partition: Int) {
    let (kept, space) = state.withLock { ($0.partitions[partition], $0.space) }
    guard case .memory(let buffer)? = kept else { return }
    let run = level == .memoryOnly ? nil : write(buffer, to: space)
    state.withLock { state in
      guard case .memory(let current)? = state.partitions[partition], current === buffer else { return }
      state.partitions[partition] = run.map { .disk($0, space) }
    }
  }

  func removeAll() {
    state.withLock { state in
      memory.release(ObjectIdentifier(self), state.partitions.keys)
      state.partitions = [:]
      state.space = SpillSpace(context)
    }
  }

  // MARK: On disk

  /// Writes a partition; returns `nil` if that fails: it is computed again when needed.
  private func write(_ buffer: ElementBuffer<Element>, to space: SpillSpace<Element>) -> SpillRun? {
    guard space.codec != nil else { return nil }
    var run = SpillRun()
    guard (try? space.write(buffer.base, buffer.count, to: &run)) != nil else { return nil }
    return run
  }

  /// Writes the elements of `reader`; returns `nil` if the disk is full.
  private func write(_ reader: ChunkReader<Element>, to space: SpillSpace<Element>) throws -> SpillRun? {
    var run = SpillRun()
    while let chunk = try reader.next() {
      defer { chunk.discard() }
      guard (try? space.write(chunk.base, chunk.count, to: &run)) != nil else { return nil }
    }
    return run
  }
}

/// The memory of the elements, including an estimate of the memory that they point to.
func memorySize<Element>(_ buffer: ElementBuffer<Element>, _ space: SpillSpace<Element>) -> Int {
  let own = buffer.count * MemoryLayout<Element>.stride
  return own + (space.codec?.pointedBytes(buffer.base, buffer.count, samples: 64) ?? 0)
}

/// The elements, with their texts copied into separate blocks if they keep alive more than twice what they need.
func compactedTexts<Element>(_ buffer: ElementBuffer<Element>, _ space: SpillSpace<Element>) -> ElementBuffer<Element> {
  guard buffer.count > 0, !_isPOD(Element.self), let codec = space.codec,
    codec.pinnedBytes(buffer.base, buffer.count) > 2 * memorySize(buffer, space)
  else { return buffer }
  // Elements that cannot be copied stay unchanged.
  return (try? codec.copies(of: buffer)) ?? buffer
}
