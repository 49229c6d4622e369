public import MartletCore
import Synchronization

/// The pairs of its parent, moved to the partitions of their keys: the only operator that divides a job into stages.
///
/// The previous stage runs once; its output is stored for the lifetime of this RDD. Data that exceeds the memory of a
/// task, or of all of them together, is on disk; the order of the pairs is the same either way.
package final class PartitionedRDD<Key: Hashable & Sendable, Value: Sendable>: RDD<(Key, Value)>, @unchecked Sendable {
  private let heldParent: Parent
  private let target: Partitioner<Key>
  private let kernel: ScatterKernel<Key, Value>
  private let space: SpillSpace<(Key, Value)>
  private let output = Mutex<Written?>(nil)

  /// The output of the previous stage. The facts are computed once, because they are needed for every partition.
  private struct Written {
    /// By partition of the parent.
    let parts: [ShuffleOutput<Key, Value>]
    let hasRuns: Bool
    let isEmpty: Bool

    init(_ parts: [ShuffleOutput<Key, Value>]) {
      self.parts = parts
      // Closures, because a key path of a generic type is created again each time.
      hasRuns = !parts.allSatisfy { $0.runs.isEmpty }
      isEmpty = !hasRuns && parts.allSatisfy { $0.buffers.allSatisfy { $0.count == 0 } }
    }
  }

  init(
    _ parent: RDD<(Key, Value)>, _ target: Partitioner<Key>, _ kernel: @escaping ScatterKernel<Key, Value>,
    _ site: OperatorSite
  ) {
    heldParent = Parent(parent)
    self.target = target
    self.kernel = kernel
    space = SpillSpace(parent.context)
    super.init(context: parent.context, site: site)
  }

  private var parent: RDD<(Key, Value)> { heldParent.rdd(of: (Key, Value).self) }

  package override var readsItsOwn: Bool { true }
  package override var parents: [any Lineage] {
    output.withLock { $0 == nil } && !parent.isCut ? [parent] : []
  }
  package override func visitParents(_ body: (any Lineage) throws -> Void) rethrows {
    guard output.withLock({ $0 == nil }) else { return }
    let parent = parent
    if !parent.isCut { try body(parent) }
  }
  package override func cutParents() {
    heldParent.cut((Key, Value).self)
    output.withLock { $0 = nil }
  }
  package override var partitionCount: Int { target.numPartitions }
  package override func countOwnPartitions(depth: Int) -> Int? { target.numPartitions }
  package override var partitioner: AnyPartitioner? { target }

  package override var isKnownEmpty: Bool { output.withLock { $0?.isEmpty } ?? parent.isSurelyEmpty }

  package override var ownStageOutputs: [Stage.Output] { [.shuffle] }

  package override func runStages(on executor: LocalExecutor) throws {
    guard output.withLock({ $0 == nil }), !parent.isSurelyEmpty else { return }
    let written = Written(
      try executor.run(0..<parent.knownPartitionCount, site, depth: parent.readerDepth) { [self] in try write($0) })
    output.withLock { $0 = written }
  }

  private func write(_ partition: Int) throws -> ShuffleOutput<Key, Value> {
    let writer = ShuffleWriter<Key, Value>(target, site)
    var meter = MemoryMeter(space)
    /// Bytes that have been written to disk.
    var shuffled = 0
    try parent.reader(partition).forEachChunk { chunk in
      let isFull = meter.add(chunk)
      if target.numPartitions == 1 {
        writer.appendToOnly(chunk)
      } else {
        try kernel(chunk.base, chunk.count, writer)
      }
      if isFull {
        try writer.spill(to: space)
        shuffled += meter.bytes
        meter.reset()
      }
    }
    let lease = context.shuffleMemory.lease(meter.bytes)
    if lease == nil && space.codec != nil { try writer.spill(to: space) }
    var output = writer.finish()
    output.lease = lease
    if let task = TaskContext.current?.taskRun {
      let records = output.buffers.reduce(0) { $0 + $1.count } + output.runs.reduce(0) { $0 + $1.count }
      task.addShuffled(bytes: shuffled + meter.bytes, records: records)
    }
    return output
  }

  package override func compute(partition: Int) throws -> ChunkReader<(Key, Value)> {
    guard let written = output.withLock({ $0 }) else {
      if parent.isCut { throw LineageWasCut() }
      return ChunkReader()
    }
    if !written.hasRuns {
      return BufferReader(written.parts.map { $0.buffers[partition] }.filter { $0.count > 0 })
    }
    // The data that a task wrote to disk precedes the data that it kept in memory.
    return ConcatenatedReader(0..<written.parts.count * 2) { [space] number in
      let output = written.parts[number / 2]
      if number % 2 == 1 { return BufferReader([output.buffers[partition]]) }
      return output.runs.isEmpty ? ChunkReader() : try space.reader(output.runs[partition])
    }
  }
}

extension RDD {
  /// The pairs, moved to the partitions that `target` assigns them; this RDD itself if they are already there.
  @usableFromInline
  package func partitioned<Key: Hashable, Value>(
    _ target: Partitioner<Key>, _ kernel: @escaping ScatterKernel<Key, Value>, _ site: OperatorSite
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    if let refusal: RDD<(Key, Value)> = refusal(of: target, site) { return refusal }
    if let partitioner, partitioner.isEquivalent(to: target) { return self }
    return PartitionedRDD(self, target, kernel, site)
  }
}
