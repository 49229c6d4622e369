package import MartletCore
import Synchronization

/// The elements of its parent, all computed by the first job that needs any of them, and stored for the lifetime of
/// this RDD.
///
/// Once they are computed, it releases its parent, and thus the whole lineage: a chain of results, each derived from
/// the previous one, does not grow with time, and stored elements do not keep their input alive. Data that exceeds the
/// memory of a task, or of all of them together, is on disk.
package final class KeptRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let space: SpillSpace<Element>
  private let unwritable: UnwritableElements
  private let keyPartitioner: AnyPartitioner?
  private let state: Mutex<State>

  private enum State {
    case wanted(RDD<Element>)
    case kept([KeptPartition<Element>])
  }

  /// - Parameter unwritable: shared by the RDDs of one stream.
  package init(_ parent: RDD<Element>, _ unwritable: UnwritableElements, _ site: OperatorSite) {
    space = SpillSpace(parent.context)
    self.unwritable = unwritable
    keyPartitioner = parent.partitioner
    state = Mutex(.wanted(parent))
    super.init(context: parent.context, site: site)
  }

  private var parent: RDD<Element>? { state.withLock { if case .wanted(let parent) = $0 { parent } else { nil } } }

  /// True if the elements have been computed, and the parent is released.
  package var isKept: Bool { parent == nil }

  package override var readsItsOwn: Bool { true }
  package override var holdsItsElements: Bool { true }
  package override var parents: [any Lineage] { parent.map { [$0] } ?? [] }
  package override var partitioner: AnyPartitioner? { keyPartitioner }

  package override var partitionCount: Int {
    switch state.withLock({ $0 }) {
    case .wanted(let parent): parent.knownPartitionCount
    case .kept(let partitions): partitions.count
    }
  }

  package override var isKnownEmpty: Bool {
    switch state.withLock({ $0 }) {
    case .wanted(let parent): parent.isSurelyEmpty
    case .kept(let partitions): partitions.allSatisfy { $0.isEmpty }
    }
  }

  package override var ownStageOutputs: [Stage.Output] { parent == nil ? [] : [.retained] }

  package override func runStages(on executor: LocalExecutor) throws {
    guard let parent else { return }
    let partitions =
      parent.isSurelyEmpty
      ? Array(repeating: KeptPartition<Element>(), count: parent.knownPartitionCount)
      : try executor.run(0..<parent.knownPartitionCount, site, depth: parent.readerDepth) { [self] in
        try keep(parent.reader($0))
      }
    state.withLock { $0 = .kept(partitions) }
  }

  private func keep(_ reader: ChunkReader<Element>) throws -> KeptPartition<Element> {
    var kept = KeptPartition<Element>(buffer: ElementBuffer())
    var meter = MemoryMeter(space)
    try reader.forEachChunk { chunk in
      let isFull = meter.add(chunk)
      kept.buffer.append(chunk)
      if isFull {
        try kept.spill(to: space)
        meter.reset()
      }
    }
    kept.buffer = compactedTexts(kept.buffer, space)
    kept.lease = context.shuffleMemory.lease(meter.bytes)
    if kept.lease == nil {
      if space.codec != nil {
        try kept.spill(to: space)
      } else {
        unwritable.report(Element.self, site, bound: MartletConf.Key.taskMemoryBytes, context)
      }
    }
    return kept
  }

  /// One partition; valid once `prepare()` has run.
  private func partition(_ number: Int) -> KeptPartition<Element>? {
    state.withLock { if case .kept(let partitions) = $0, number < partitions.count { partitions[number] } else { nil } }
  }

  package override func compute(partition: Int) throws -> ChunkReader<Element> {
    guard let kept = self.partition(partition) else { return ChunkReader() }
    if kept.run.count == 0 { return BufferReader([kept.buffer]) }
    return ConcatenatedReader(0..<2) { [space] in $0 == 0 ? try space.reader(kept.run) : BufferReader([kept.buffer]) }
  }

  /// The number of elements in a partition.
  func count(_ partition: Int) -> Int { self.partition(partition).map { $0.run.count + $0.buffer.count } ?? 0 }

  /// A pass over a partition that leaves the elements in place.
  func sharedPass(_ partition: Int) throws -> SharedPass<Element> {
    guard let kept = self.partition(partition) else { return SharedPass(ChunkReader(), ElementBuffer()) }
    return SharedPass(try space.reader(kept.run), kept.buffer)
  }
}

/// Access to elements that others will read again.
final class SharedPass<Element> {
  private let spilled: ChunkReader<Element>
  private let buffer: ElementBuffer<Element>
  private var position = 0

  init(_ spilled: ChunkReader<Element>, _ buffer: ElementBuffer<Element>) {
    self.spilled = spilled
    self.buffer = buffer
  }

  /// Calls `body` with the next elements, which it must not take; returns `false` if there are no more.
  func next(_ body: (UnsafeMutablePointer<Element>, Int) throws -> Void) throws -> Bool {
    if let chunk = try spilled.next() {
      defer { chunk.discard() }
      try body(chunk.base, chunk.count)
      return true
    }
    let size = min(chunkCapacity, buffer.count - position)
    guard size > 0 else { return false }
    try body(buffer.base + position, size)
    position += size
    return true
  }
}

/// The elements of one partition: those on disk precede those in memory.
private struct KeptPartition<Element: Sendable>: Sendable {
  var run = SpillRun()
  var buffer = ElementBuffer<Element>()
  var lease: KeptMemory.Lease?

  var isEmpty: Bool { run.count == 0 && buffer.count == 0 }

  mutating func spill(to space: SpillSpace<Element>) throws {
    try space.write(buffer.base, buffer.count, to: &run)
    buffer.takeAll().discard()
    buffer = ElementBuffer()
  }
}
