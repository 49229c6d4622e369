public import MartletCore
import Synchronization

/// The pairs of its parent, moved to the partitions of their keys: the only operator that cuts a job into stages.
///
/// The stage before it runs once; its output is kept for as long as this RDD lives.
package final class PartitionedRDD<Key: Hashable & Sendable, Value: Sendable>: RDD<(Key, Value)>, @unchecked Sendable {
  private let parent: RDD<(Key, Value)>
  private let target: Partitioner<Key>
  private let kernel: ScatterKernel<Key, Value>
  /// By partition of the parent, then by partition of this RDD.
  private let output = Mutex<[[ElementBuffer<(Key, Value)>]]?>(nil)

  init(
    _ parent: RDD<(Key, Value)>, _ target: Partitioner<Key>, _ kernel: @escaping ScatterKernel<Key, Value>,
    _ site: OperatorSite
  ) {
    self.parent = parent
    self.target = target
    self.kernel = kernel
    super.init(context: parent.context, site: site)
  }

  package override var parents: [any Lineage] { output.withLock { $0 == nil } ? [parent] : [] }
  package override var partitionCount: Int { target.numPartitions }
  package override var partitioner: AnyPartitioner? { target }

  package override func prepare() throws {
    guard output.withLock({ $0 == nil }) else { return }
    let written = try context.runTasks(0..<parent.partitionCount, site) { [parent, target, kernel] partition in
      let writer = ShuffleWriter<Key, Value>(target)
      try parent.reader(partition).forEachChunk { chunk in
        if target.numPartitions == 1 {
          writer.appendToOnly(chunk)
        } else {
          try kernel(chunk.base, chunk.count, writer)
        }
      }
      return writer.finish()
    }
    output.withLock { $0 = written }
  }

  package override func compute(partition: Int) throws -> ChunkReader<(Key, Value)> {
    let written = output.withLock { $0 } ?? []
    return BufferReader(written.map { $0[partition] }.filter { $0.count > 0 })
  }
}

extension RDD {
  /// The pairs in the partitions that `target` gives them; this RDD itself if they are there already.
  @usableFromInline
  package func partitioned<Key: Hashable, Value>(
    _ target: Partitioner<Key>, _ kernel: @escaping ScatterKernel<Key, Value>, _ site: OperatorSite
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    if let refusal: RDD<(Key, Value)> = refusal(of: target, site) { return refusal }
    if let partitioner, partitioner.isEquivalent(to: target) { return self }
    return PartitionedRDD(self, target, kernel, site)
  }
}
