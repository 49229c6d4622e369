public import MartletCore

/// Merges pairs into a table.
public typealias CombineKernel<Key: Hashable, Value, Combined> =
  @Sendable (UnsafeMutablePointer<(Key, Value)>, Int, inout AggregationTable<Key, Combined>) throws -> Void

/// The values of each key of a partition, combined into one. Keys come out in the order in which they first came.
package final class CombinedRDD<Key: Hashable & Sendable, Value: Sendable, Combined: Sendable>:
  NarrowRDD<(Key, Value), (Key, Combined)>, @unchecked Sendable
{
  private let kernel: CombineKernel<Key, Value, Combined>

  init(_ parent: RDD<(Key, Value)>, _ kernel: @escaping CombineKernel<Key, Value, Combined>, _ site: OperatorSite) {
    self.kernel = kernel
    super.init(parent, site, keepsPartitioner: true)
  }

  package override func compute(partition: Int) throws -> ChunkReader<(Key, Combined)> {
    CombineReader(try parent.reader(partition), kernel, site)
  }
}

/// Reads its parent to the end, then hands out the table's entries.
private final class CombineReader<Key: Hashable, Value, Combined>: ChunkReader<(Key, Combined)> {
  private let parent: ChunkReader<(Key, Value)>
  private let kernel: CombineKernel<Key, Value, Combined>
  private let site: OperatorSite
  private var table = AggregationTable<Key, Combined>()
  private var entries: Chunk<(Key, Combined)>?

  init(
    _ parent: ChunkReader<(Key, Value)>, _ kernel: @escaping CombineKernel<Key, Value, Combined>, _ site: OperatorSite
  ) {
    self.parent = parent
    self.kernel = kernel
    self.site = site
  }

  deinit { entries?.discard() }

  override func next() throws -> Chunk<(Key, Combined)>? {
    if entries == nil {
      while let chunk = try parent.next() {
        do { try kernel(chunk.base, chunk.count, &table) } catch { throw site.failure(error) }
      }
      entries = table.takeAll()
    }
    guard let left = entries, left.count > 0 else { return nil }
    let size = min(left.count, chunkCapacity)
    entries = left.dropFirst(size)
    return Chunk(left.base, size)
  }
}

/// The loops of one aggregation by key: within the partitions of the input, on the way, and behind the shuffle.
public struct CombineKernels<Key: Hashable & Sendable, Value: Sendable, Combined: Sendable>: Sendable {
  @usableFromInline let combine: CombineKernel<Key, Value, Combined>
  @usableFromInline let scatter: ScatterKernel<Key, Combined>
  @usableFromInline let merge: CombineKernel<Key, Combined, Combined>

  @inlinable
  package init(
    combine: @escaping CombineKernel<Key, Value, Combined>, scatter: @escaping ScatterKernel<Key, Combined>,
    merge: @escaping CombineKernel<Key, Combined, Combined>
  ) {
    self.combine = combine
    self.scatter = scatter
    self.merge = merge
  }
}

@inlinable @inline(__always)
package func combineKernel<Key: Hashable & Sendable, Value: Sendable, Combined: Sendable>(
  create: @escaping @Sendable (Value) throws -> Combined,
  update: @escaping @Sendable (inout Combined, Value) throws -> Void
) -> CombineKernel<Key, Value, Combined> {
  { source, count, table in try table.merge(source, count, create: create, update: update) }
}

extension RDD {
  /// Combines within the partitions, shuffles, and merges: the primitive of all aggregations by key.
  @usableFromInline
  package func combined<Key: Hashable, Value, Combined: Sendable>(
    _ kernels: CombineKernels<Key, Value, Combined>, _ partitioner: Partitioner<Key>?, _ site: OperatorSite
  ) -> RDD<(Key, Combined)> where Element == (Key, Value) {
    let target = partitioner ?? HashPartitioner(numPartitions: context.defaultParallelism)
    let local = CombinedRDD(self, kernels.combine, site)
    if let current = self.partitioner, current.isEquivalent(to: target) { return local }
    return CombinedRDD(PartitionedRDD(local, target, kernels.scatter, site), kernels.merge, site)
  }
}
