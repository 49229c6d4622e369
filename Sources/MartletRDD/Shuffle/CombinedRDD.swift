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

/// The loops that bring the values of each key together behind a shuffle, without combining any before it.
public struct GroupKernels<Key: Hashable & Sendable, Value: Sendable, Combined: Sendable>: Sendable {
  @usableFromInline let scatter: ScatterKernel<Key, Value>
  @usableFromInline let merge: CombineKernel<Key, Value, Combined>

  @inlinable
  package init(
    scatter: @escaping ScatterKernel<Key, Value>, merge: @escaping CombineKernel<Key, Value, Combined>
  ) {
    self.scatter = scatter
    self.merge = merge
  }
}

extension RDD {
  /// Combines within the partitions, shuffles, and merges: the primitive of all aggregations by key.
  @usableFromInline
  package func combined<Key: Hashable, Value, Combined: Sendable>(
    _ kernels: CombineKernels<Key, Value, Combined>, _ partitioner: Partitioner<Key>?, _ site: OperatorSite
  ) -> RDD<(Key, Combined)> where Element == (Key, Value) {
    let target = partitioner ?? defaultPartitioner(context, [self.partitioner])
    if let refusal: RDD<(Key, Combined)> = refusal(of: target, site) { return refusal }
    let local = CombinedRDD(self, kernels.combine, site)
    if let current = self.partitioner, current.isEquivalent(to: target) { return local }
    return CombinedRDD(PartitionedRDD(local, target, kernels.scatter, site), kernels.merge, site)
  }

  /// Shuffles, and brings the values of each key together: for results as large as the values themselves.
  @usableFromInline
  package func grouped<Key: Hashable, Value, Combined: Sendable>(
    _ kernels: GroupKernels<Key, Value, Combined>, _ partitioner: Partitioner<Key>?, _ site: OperatorSite
  ) -> RDD<(Key, Combined)> where Element == (Key, Value) {
    let target = partitioner ?? defaultPartitioner(context, [self.partitioner])
    if let refusal: RDD<(Key, Combined)> = refusal(of: target, site) { return refusal }
    return CombinedRDD(partitioned(target, kernels.scatter, site), kernels.merge, site)
  }

  /// What stands for the result if `partitioner` has no partitions.
  func refusal<Output>(of partitioner: AnyPartitioner, _ site: OperatorSite) -> RDD<Output>? {
    partitioner.requestedPartitions < 1 ? refusal(ofPartitions: partitioner.requestedPartitions, site) : nil
  }
}

/// The partitioner of an operation by key for which none is asked: the largest that one of the inputs has already,
/// unless it has less than a tenth of the default parallelism; otherwise by the keys' hashes.
func defaultPartitioner<Key: Hashable & Sendable>(
  _ context: MartletContext, _ existing: [AnyPartitioner?]
) -> Partitioner<Key> {
  let largest = existing.compactMap { $0 as? Partitioner<Key> }.max { $0.numPartitions < $1.numPartitions }
  if let largest, largest.numPartitions * 10 > context.defaultParallelism { return largest }
  return HashPartitioner(numPartitions: context.defaultParallelism)
}

/// A hash partitioner of the size that was asked for, if one was.
@usableFromInline
package func hashPartitioner<Key: Hashable & Sendable>(_ numPartitions: Int?) -> Partitioner<Key>? {
  numPartitions.map { HashPartitioner(numPartitions: $0) }
}
