package import MartletCore
import Synchronization

/// The elements of its parent, with each partition computed by the first job that needs it, and stored for the lifetime
/// of this RDD.
///
/// Once all partitions are computed, it releases its parent, and thus the whole lineage: nothing can be computed again,
/// so nothing is ever dropped. Data that does not fit in memory is on disk (`LastingPartitions`). Unlike a `KeptRDD` it
/// only computes what a job needs, until `complete()` computes the rest.
package final class LastingRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let partitions: LastingPartitions<Element>
  private let keyPartitioner: AnyPartitioner?
  private let source: Mutex<Source>

  private enum Source {
    case wanted(RDD<Element>)
    /// All partitions are stored; their number.
    case gone(partitionCount: Int, isEmpty: Bool)
  }

  /// - Parameters:
  ///   - space: the disk space for partitions that do not fit in memory; RDDs of one stream share it.
  ///   - isOnDisk: true if all partitions are written there.
  package init(_ parent: RDD<Element>, _ space: LastingSpace<Element>, isOnDisk: Bool = false) {
    partitions = LastingPartitions(parent.context, space, isOnDisk: isOnDisk, parent.site)
    keyPartitioner = parent.partitioner
    source = Mutex(.wanted(parent))
    super.init(context: parent.context, site: parent.site)
  }

  private var parent: RDD<Element>? { source.withLock { if case .wanted(let parent) = $0 { parent } else { nil } } }

  /// True if all elements are stored, and the parent is released.
  package var isComplete: Bool { parent == nil }

  /// The number of partitions on disk.
  package var partitionsOnDisk: Int { partitions.onDisk }

  package override var holdsItsElements: Bool { true }
  package override var parents: [any Lineage] { parent.map { [$0] } ?? [] }
  package override var partitioner: AnyPartitioner? { keyPartitioner }

  package override var partitionCount: Int {
    switch source.withLock({ $0 }) {
    case .wanted(let parent): parent.knownPartitionCount
    case .gone(let count, _): count
    }
  }

  package override var isKnownEmpty: Bool {
    switch source.withLock({ $0 }) {
    case .wanted(let parent): parent.isSurelyEmpty
    case .gone(_, let isEmpty): isEmpty
    }
  }

  package override func compute(partition: Int) throws -> ChunkReader<Element> {
    if let reader = try partitions.reader(partition) { return reader }
    if let parent {
      try partitions.keep(partition, parent.reader(partition))
      letGo(of: parent)
    }
    // If the parent has been released meanwhile, another thread has computed the partition.
    return try partitions.reader(partition) ?? ChunkReader()
  }

  /// Computes the partitions that no job has requested. Called on the driver.
  package func complete() throws {
    guard let parent else { return }
    try makeReady()
    if !parent.isSurelyEmpty {
      let missing = (0..<parent.knownPartitionCount).filter { !partitions.has($0) }
      if let first = missing.first, let last = missing.last {
        _ = try context.runTasks(first..<last + 1, site, depth: parent.readerDepth) { [partitions] number in
          if !partitions.has(number) { try partitions.keep(number, parent.reader(number)) }
        }
      }
    }
    letGo(of: parent)
  }

  private func letGo(of parent: RDD<Element>) {
    let count = parent.knownPartitionCount
    let isEmpty = parent.isSurelyEmpty
    guard isEmpty || partitions.count == count else { return }
    let old = source.withLock { source in
      defer { source = .gone(partitionCount: count, isEmpty: isEmpty || partitions.elements == 0) }
      return source
    }
    // The resources of the parent are released outside of the lock.
    withExtendedLifetime(old) {}
  }
}

/// Disk space for data that a series of RDDs stores, such as those of a stream. Each file disappears with the last RDD
/// that uses it, so that space is freed while new RDDs are added.
package final class LastingSpace<Element: Sendable>: Sendable {
  private let context: MartletContext
  private let current: Mutex<SpillSpace<Element>>
  /// The size at which a file is full. Each file uses a descriptor, so it should not be small.
  private let fileSize: Int
  let unwritable = UnwritableElements()

  package init(_ context: MartletContext, fileSize: Int = 256 << 20) {
    self.context = context
    self.fileSize = fileSize
    current = Mutex(SpillSpace(context))
  }

  /// The space to write to next.
  var space: SpillSpace<Element> {
    current.withLock { current in
      if current.size >= fileSize { current = SpillSpace(context) }
      return current
    }
  }
}

/// Partitions that cannot be computed again: in memory if there is room, otherwise on disk.
final class LastingPartitions<Element: Sendable>: EvictableStorage {
  private let memory: StorageMemory
  private let space: LastingSpace<Element>
  private let isOnDisk: Bool
  private let context: MartletContext
  private let site: OperatorSite
  private let state = Mutex(State())

  private struct State {
    var partitions: [Int: Kept] = [:]
    /// The number of elements in all partitions.
    var elements = 0
  }

  private enum Kept {
    case memory(ElementBuffer<Element>, bytes: Int)
    case disk(SpillRun, SpillSpace<Element>)
  }

  init(_ context: MartletContext, _ space: LastingSpace<Element>, isOnDisk: Bool, _ site: OperatorSite) {
    self.context = context
    self.site = site
    memory = context.storageMemory
    self.space = space
    self.isOnDisk = isOnDisk
  }

  deinit { memory.release(ObjectIdentifier(self), state.withLock { $0.partitions.keys }) }

  /// The number of stored partitions.
  var count: Int { state.withLock { $0.partitions.count } }
  var elements: Int { state.withLock { $0.elements } }
  func has(_ partition: Int) -> Bool { state.withLock { $0.partitions[partition] != nil } }

  var onDisk: Int {
    state.withLock { $0.partitions.values.count { if case .disk = $0 { true } else { false } } }
  }

  /// A pass over the partition; `nil` if it is not stored.
  func reader(_ partition: Int) throws -> ChunkReader<Element>? {
    switch state.withLock({ $0.partitions[partition] }) {
    case .memory(let buffer, _):
      memory.touch(self, partition)
      return BufferReader([buffer])
    case .disk(let run, let space): return try space.reader(run)
    case nil: return nil
    }
  }

  /// Stores the elements of `reader`.
  ///
  /// - Throws: an error if there is no room in memory or on disk.
  func keep(_ partition: Int, _ reader: ChunkReader<Element>) throws {
    let space = self.space.space
    let buffer = ElementBuffer<Element>()
    var run = SpillRun()
    var meter = MemoryMeter(space)
    let isOnDisk = self.isOnDisk && space.codec != nil
    try reader.forEachChunk { chunk in
      if isOnDisk || run.count > 0 {
        defer { chunk.discard() }
        return try space.write(chunk.base, chunk.count, to: &run)
      }
      let isFull = meter.add(chunk)
      buffer.append(chunk)
      if isFull {
        try space.write(buffer.base, buffer.count, to: &run)
        buffer.takeAll().discard()
      }
    }
    if isOnDisk || run.count > 0 { return keep(.disk(run, space), partition, run.count) }
    let elements = compactedTexts(buffer, space)
    let bytes = memorySize(elements, space)
    if memory.take(bytes, for: self) {
      return keep(.memory(elements, bytes: bytes), partition, elements.count)
    }
    do {
      guard space.codec != nil else { throw NotWritable() }
      try space.write(elements.base, elements.count, to: &run)
      keep(.disk(run, space), partition, run.count)
    } catch  where !(error is MartletError) {
      // A disk would not help: the elements cannot be written.
      reportUnwritable()
      keep(.memory(elements, bytes: bytes), partition, elements.count, isForced: true)
    }
  }

  private struct NotWritable: Error {}

  private func reportUnwritable() {
    space.unwritable.report(Element.self, site, bound: MartletConf.Key.memoryBytes, context)
  }

  private func keep(_ kept: Kept, _ partition: Int, _ elements: Int, isForced: Bool = false) {
    state.withLock { state in
      guard state.partitions[partition] == nil else {
        if case .memory(_, let bytes) = kept, !isForced { memory.give(bytes) }
        return
      }
      state.partitions[partition] = kept
      state.elements += elements
      guard case .memory(_, let bytes) = kept else { return }
      if isForced {
        memory.keepAnyway(bytes, self, partition, isEvictable: false)
      } else {
        memory.keep(bytes, self, partition)
      }
    }
  }

  package func evict(_ partition: Int) {
    guard case .memory(let buffer, let bytes)? = state.withLock({ $0.partitions[partition] }) else { return }
    let space = self.space.space
    let canBeWritten = space.codec != nil
    var run = SpillRun()
    if !canBeWritten { reportUnwritable() }
    let isWritten = canBeWritten && (try? space.write(buffer.base, buffer.count, to: &run)) != nil
    state.withLock { state in
      guard case .memory(let current, _)? = state.partitions[partition], current === buffer else { return }
      if isWritten {
        state.partitions[partition] = .disk(run, space)
      } else {
        memory.keepAnyway(bytes, self, partition, isEvictable: canBeWritten)
      }
    }
  }
}
